"""The difference between the entries and the disk, and how it is shown. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from .._common.errors import StairwayError
from .model import Change, Entry, Found

HIDDEN = "(secret, not shown)\n"
HIDDEN_NEW = "(secret, changed, not shown)\n"


class Ids(NamedTuple):
    """The numbers of a user and a group; ``None`` leaves alone, ``-1`` is a name that does not exist yet."""

    uid: int | None = None
    gid: int | None = None


def plan(entries: Iterable[Entry], look: Callable[[str], Found], ids: Callable[[Entry], Ids]) -> tuple[Change, ...]:
    """The changes that are needed, in the order of ``entries``.

    ``look`` tells what stands at a path; ``ids`` turns an entry's owner and group into numbers (``None``: leave alone,
    ``-1``: that name does not exist yet, which only check mode may answer).

    :raises StairwayError: when something stands in the way that is never replaced.
    """
    changes = []
    for entry in entries:
        found = look(entry.path)
        uid, gid = ids(entry)
        change = Change(entry, found, uid, gid)
        if _differs(change):
            _refuse(entry, found)
            changes.append(change)
    return tuple(changes)


def _differs(change: Change) -> bool:
    entry, found = change.entry, change.found
    if entry.create_only and found.kind != "absent":
        return False
    if entry.kind == "absent":
        return found.kind != "absent"
    if entry.kind == "file" and entry.text is None:
        # no content given: an existing file is kept, only its mode and owner count
        _need_file(entry, found)
        return _attributes_differ(change)
    return change.replaces or _attributes_differ(change)


def _need_file(entry: Entry, found: Found) -> None:
    if found.kind != "file":
        raise StairwayError(
            f"{entry.path} is not there and has no content.",
            expected="a file, or content in the entry",
            found=found.kind,
            where=entry.path,
        )


def _attributes_differ(change: Change) -> bool:
    entry, found = change.entry, change.found
    if change.uid is not None and change.uid != found.uid:
        return True
    if change.gid is not None and change.gid != found.gid:
        return True
    return entry.kind != "link" and entry.mode is not None and entry.mode != found.mode


def _refuse(entry: Entry, found: Found) -> None:
    """Folders and devices are never replaced by something else: too much can hang on them."""
    if found.kind in (entry.kind, "absent", "file", "link") and not (
        entry.kind == "directory" and found.kind in ("file", "link")
    ):
        return
    if entry.kind == "absent" and found.kind == "directory":
        return  # rmdir refuses by itself when it is not empty
    raise StairwayError(
        f"{entry.path} is a {found.kind} and is not replaced by a {entry.kind}.",
        expected=entry.kind,
        found=found.kind,
        where=entry.path,
        fix=f"Look at it and move it away: ls -ld {entry.path}",
    )


def diff(change: Change) -> dict[str, str]:
    """One element of Ansible's ``diff`` list; never the content of a secret."""
    entry, found = change.entry, change.found
    before, after = _describe_found(found), _describe_entry(change)
    if change.replaces and "file" in (entry.kind, found.kind):
        if entry.secret:
            before, after = before + (HIDDEN if before else ""), after + HIDDEN_NEW
        else:
            before, after = before + _text(found.data), after + (entry.text or "")
    return {"before_header": entry.path, "after_header": entry.path, "before": before, "after": after}


def _describe_found(found: Found) -> str:
    if found.kind == "absent":
        return ""
    if found.kind == "link":
        return f"link to {found.link}\n"
    return f"{found.kind} {found.mode:04o} {found.uid}:{found.gid}\n"


def _describe_entry(change: Change) -> str:
    entry, found = change.entry, change.found
    if entry.kind == "absent":
        return ""
    if entry.kind == "link":
        return f"link to {entry.link}\n"
    mode = target_mode(entry, found)
    uid = found.uid if change.uid is None else change.uid
    gid = found.gid if change.gid is None else change.gid
    owner = entry.owner if uid == -1 else uid
    group = entry.group if gid == -1 else gid
    return f"{entry.kind} {mode:04o} {owner}:{group}\n"


def target_mode(entry: Entry, found: Found) -> int:
    """The mode to write: as asked, else as it was, else 0600 for a secret, 0755 for a folder, 0644 for a file."""
    if entry.mode is not None:
        return entry.mode
    if found.kind == entry.kind:
        return found.mode
    if entry.kind == "directory":
        return 0o755
    return 0o600 if entry.secret else 0o644


def _text(data: bytes | None) -> str:
    if data is None:
        return ""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return f"(binary, {len(data)} bytes)\n"


def labels(changes: Iterable[Change]) -> tuple[str, ...]:
    """The labels of the entries that change, each once, in order."""
    return tuple(dict.fromkeys(change.entry.label for change in changes if change.entry.label))
