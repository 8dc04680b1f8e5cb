"""What a caller asks for and what stands on the disk, as data; the parser of the module's parameters. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._common.errors import StairwayError

KINDS = ("file", "link", "directory", "absent")


@dataclass(frozen=True)
class Entry:
    """One path as it should be. ``None`` leaves a property alone; ``text`` is set for files only."""

    path: str
    kind: str
    text: str | None = None
    link: str | None = None
    mode: int | None = None
    owner: str | None = None
    group: str | None = None
    validate: tuple[str, ...] = ()
    label: str | None = None
    secret: bool = False
    create_only: bool = False


@dataclass(frozen=True)
class Found:
    """What stands at a path now: ``kind`` is one of ``KINDS`` or ``other``; ``data`` is a file's content."""

    kind: str
    data: bytes | None = None
    link: str | None = None
    mode: int = 0
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True)
class Change:
    """One difference: the entry, what was there, and the ownership (numbers) that it should have."""

    entry: Entry
    found: Found
    uid: int | None
    gid: int | None

    @property
    def replaces(self) -> bool:
        """Whether the content changes (and not just mode or owner)."""
        entry, found = self.entry, self.found
        if entry.kind != found.kind:
            return True
        if entry.kind == "file":
            return entry.text is not None and found.data != entry.text.encode()
        return entry.kind == "link" and found.link != entry.link


def parse_entries(raw: list[dict[str, Any]]) -> tuple[Entry, ...]:
    """The entries of the module's parameter ``entries``.

    :raises StairwayError: naming the entry, when its options contradict each other or a path comes twice.
    """
    entries = tuple(_entry(item) for item in raw)
    seen: set[str] = set()
    for entry in entries:
        if entry.path in seen:
            raise StairwayError(f"{entry.path} is named twice.", expected="one entry for each path", where="entries")
        seen.add(entry.path)
    return entries


def _entry(raw: Mapping[str, Any]) -> Entry:
    path = str(raw["path"])
    if not path.startswith("/") or "//" in path or (path.endswith("/") and path != "/") or "/../" in f"{path}/":
        raise StairwayError(
            f"{path!r} is not a path that can be managed.",
            expected="an absolute path without //, .. or a slash at its end",
            where="entries",
        )
    secret = raw.get("secret_content") is not None
    text = raw.get("secret_content") if secret else raw.get("content")
    kind = _kind(path, raw, text)
    validate = tuple(str(part) for part in raw.get("validate") or ())
    if validate and not any("%s" in part for part in validate):
        raise StairwayError(
            f"The validate command of {path} does not name the file.", expected="%s in it", where=f"entries: {path}"
        )
    return Entry(
        path=path,
        kind=kind,
        text=text,
        link=raw.get("link"),
        mode=parse_mode(path, raw.get("mode")),
        owner=raw.get("owner"),
        group=raw.get("group"),
        validate=validate,
        label=raw.get("label"),
        secret=secret,
        create_only=bool(raw.get("create_only")),
    )


def _kind(path: str, raw: Mapping[str, Any], text: str | None) -> str:
    """``state`` where it is given, else what ``content`` or ``link`` say."""
    given = [name for name in ("content", "secret_content", "link") if raw.get(name) is not None]
    if len(given) > 1:
        raise StairwayError(f"{path} has {' and '.join(given)}.", expected="one of them", where=f"entries: {path}")
    implied = "link" if given == ["link"] else "file" if text is not None else None
    kind = raw.get("state") or implied
    if kind is None:
        raise StairwayError(
            f"Nothing says what {path} should be.",
            expected="one of content, secret_content, link and state",
            where=f"entries: {path}",
        )
    needs = {"file": "file", "link": "link"}.get(kind)
    if needs != implied and not (kind == "file" and implied is None):
        raise StairwayError(
            f"{path} has state {kind}, which does not go with {given[0] if given else 'no link'}.",
            expected="content with state file, link with state link, neither with directory and absent",
            where=f"entries: {path}",
        )
    return str(kind)


def parse_mode(path: str, mode: Any) -> int | None:
    """``"0644"`` as a number; ``None`` stays ``None``.

    :raises StairwayError: when it is not three or four octal digits in a string.
    """
    if mode is None:
        return None
    text = str(mode)
    if len(text) not in (3, 4) or any(digit not in "01234567" for digit in text):
        raise StairwayError(
            f"The mode of {path} is {text!r}.",
            expected='three or four octal digits in quotes, such as "0644"',
            where=f"entries: {path}",
        )
    return int(text, 8)
