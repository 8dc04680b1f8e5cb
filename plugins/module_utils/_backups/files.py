"""The app's files, incrementally, by restic.

restic and not code of ours, and not rclone: files need what a dump does not, namely parts that are stored once however
often they occur, snapshots that each look whole, a check of what is stored, and a format that others can read. rclone
copies the files of today; what was deleted or encrypted by somebody else yesterday it copies too. The price: restic has
one key for writing and reading, which stands on the host in a file of root's.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .._common.errors import StairwayError
from . import restic, words
from .model import Settings
from .places import Host
from .plausible import NOTABLE_BYTES, SHRUNK
from .restic import DOUBTFUL, TAG, Snapshot

# How much of what is stored a drill reads again.
READ_AGAIN = "10%"
# A file takes whole blocks of the disk.
BLOCK = 4096
# What stays free of the disk beside a copy of the files, so that the stores can go on writing while it grows.
SPARE, SPARE_LEAST = 0.05, 1 << 30
LIST = "ansible-playbook playbooks/backup.yml -e list=true"
DAY = 86_400


def wanted(settings: Settings) -> bool:
    """Whether the app's files are backed up at all."""
    return bool(settings.volumes and settings.files_password)


def backup(host: Host, settings: Settings, *, accept: bool = False) -> dict[str, Any]:
    """A snapshot of every volume. What is new since the last one is stored. With ``accept`` its size is believed
    whatever it is.

    :raises StairwayError: when restic is not there, or fails, or the snapshot is not what it should be: it is then kept
        and marked, and no older one is let go.
    """
    began = time.monotonic()
    restic.unlock(host, settings)
    restic.made(host, settings)
    before = restic.snapshots(host, settings)
    missing = [volume.name for volume in settings.volumes if not os.path.isdir(volume.path)]
    paths = [volume.path for volume in settings.volumes if volume.name not in missing]
    if not paths:
        raise StairwayError(
            "The app's volumes are not on this host.", found=", ".join(v.path for v in settings.volumes)
        )
    command = ["backup", "--json", "--host", settings.app, "--tag", TAG, "--", *paths]
    said = restic.restic(host, settings, command, what="The backup of the files")
    summary = next((one for one in restic.lines(said.stdout) if one.get("snapshot_id")), None)
    if summary is None:
        where = restic.repository(settings)
        raise StairwayError("restic does not say what it has stored.", where=where, log=said.tail(8))
    told = {
        "name": "files",
        "id": str(summary["snapshot_id"])[:8],
        "made": time.time(),
        "bytes": int(summary.get("total_bytes_processed", 0)),
        "added": int(summary.get("data_added", 0)),
        "rows": int(summary.get("total_files_processed", 0)),
        "sealed": "restic",
        "where": restic.repository(settings),
    }
    if not accept:
        _believed(host, settings, told, before, missing)
    _let_go(host, settings, before)
    return {**told, "seconds": round(time.monotonic() - began, 2)}


def doubt(size: int, files: int, before: int) -> str | None:
    """Why a snapshot of ``size`` bytes is not believed, or None. ``before`` are the bytes of the last good one; few say
    nothing, as with stores. Pure.
    """
    if before and not files:
        return f"it has no files at all, and the last good one had {before} bytes"
    if before >= NOTABLE_BYTES and size < before * SHRUNK:
        return f"it has {size} bytes, and the last good one had {before}"
    return None


def _believed(
    host: Host, settings: Settings, told: dict[str, Any], before: Sequence[Snapshot], missing: Sequence[str]
) -> None:
    """:raises StairwayError: when the snapshot is not what it should be; it is marked so."""
    if missing:
        why: str | None = f"the folder of {', '.join(missing)} is not on this host"
    else:
        why = doubt(told["bytes"], told["rows"], _last_bytes(host, settings, before))
    if why is None:
        return
    what = f"The backup of the files is implausible: {why}"
    # Instead of the other mark, and not beside it: what lets old ones go looks at those of the other mark alone.
    restic.restic(host, settings, ["tag", "--set", DOUBTFUL, told["id"]], what=f"{what}. Marking it so")
    raise StairwayError(
        f"{what}.",
        where=restic.repository(settings),
        expected="every volume, and a size like the one before",
        fix=f"{'run the stage again, which makes the folder; ' if missing else ''}see whether files were lost: "
        "ansible-playbook playbooks/restore.yml -e store=files brings the last good ones. When it is as it should be: "
        "ansible-playbook playbooks/backup.yml -e store=files -e accept_size=true",
    )


def _last_bytes(host: Host, settings: Settings, before: Sequence[Snapshot]) -> int:
    """Of the last good one, by what stands at its place: a new host remembers nothing."""
    last = next((one for one in reversed(before) if one.good), None)
    if last is None:
        return 0
    return restic.restored_size(host, settings, last)[0] if last.bytes is None else last.bytes


def _let_go(host: Host, settings: Settings, before: Sequence[Snapshot]) -> None:
    """Old ones, whatever folders they are of. Good ones by restic's rule, of which doubtful ones are no part: however
    many of those there are, they must not push out the last good one.
    """
    old = [one.id for one in before if not one.good and time.time() - one.made > settings.keep_days * DAY]
    if old:
        restic.restic(host, settings, ["forget", *old], what="Letting doubtful files go")
    keep = ["--keep-last", str(settings.keep_least), "--keep-within", f"{settings.keep_days}d"]
    command = ["forget", "--host", settings.app, "--tag", TAG, "--group-by", "host", *keep, "--prune"]
    restic.restic(host, settings, command, what="Letting old files go")


def drill_folder(host: Host) -> Path:
    """Where a drill restores to, for as long as it lasts."""
    return host.var / host.app / "backups" / "drill"


def drill(host: Host, settings: Settings) -> dict[str, Any]:
    """Restore the newest good snapshot into a folder, compare it with what restic wrote down, and take it away. Where
    the disk has no room for that, read all that is stored in place of it, and say so in a ``note``.

    :raises StairwayError: when there is none, or anything of it is not as it was.
    """
    began = time.monotonic()
    folder = drill_folder(host)
    shutil.rmtree(folder, ignore_errors=True)  # of a drill that was killed
    restic.unlock(host, settings)
    one = find(host, settings, "latest")
    lacking = _lacking(host, settings, one, folder)
    if lacking is None:
        count, note = _restored(host, settings, one, folder), {}
    else:
        restic.restic(host, settings, ["check", "--read-data"], what="Reading all the stored files again")
        count = one.files or 0
        note = {"note": f"the drill has read all that is stored, and restored nothing for lack of room: {lacking}"}
    seconds = round(time.monotonic() - began, 1)
    return {"id": one.name, "made": one.made, "at": time.time(), "seconds": seconds, "rows": count, **note}


def _restored(host: Host, settings: Settings, one: Snapshot, folder: Path) -> int:
    """How many files came back."""
    subset = ["check", "--read-data-subset", READ_AGAIN]
    restic.restic(host, settings, subset, what="Reading the stored files again")
    try:
        _bring(host, settings, one, folder)
        return sum(len(names) for _folder, _folders, names in os.walk(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def restore(host: Host, settings: Settings, wanted: str) -> dict[str, Any]:
    """Bring a snapshot into a folder beside the volumes; they are not touched.

    :raises StairwayError: when there is none of that name, or no room for it, or it is damaged.
    """
    restic.unlock(host, settings)
    one = find(host, settings, wanted)
    folder = host.var / host.app / "backups" / f"files-{one.name}"
    shutil.rmtree(folder, ignore_errors=True)
    lacking = _lacking(host, settings, one, folder)
    if lacking is not None:
        raise StairwayError(
            "There is no room to bring the files back.",
            where=str(folder),
            found=lacking,
            fix=f"make room: df -h {folder.parent}; or bring back a part of them, or all of them on another machine: "
            "docs/backups.md, «By hand»",
        )
    try:
        _bring(host, settings, one, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    volumes = {volume.name: f"{folder}{volume.path}" for volume in settings.volumes}
    return {"folder": str(folder), "id": one.name, "made": one.made, "volumes": volumes}


def find(host: Host, settings: Settings, wanted: str) -> Snapshot:
    """The snapshot called ``wanted``, or the newest good one for ``latest``. restic is given no word that it has not
    said itself.

    :raises StairwayError: when there is none.
    """
    found = restic.snapshots(host, settings)
    if wanted == "latest":
        chosen = [one for one in found if one.good][-1:]
        message, instead = "There is no good backup of the files.", "doubtful ones alone" if found else "none at all"
    else:
        chosen = [one for one in found if len(wanted) >= len(one.name) and one.id.startswith(wanted)]
        message, instead = "There is no backup of the files of this name.", wanted
    if chosen:
        return chosen[0]
    raise StairwayError(
        message,
        where=restic.repository(settings),
        expected=f"latest, or one of: {', '.join(one.name for one in found[-10:]) or 'there is none'}",
        found=instead,
        fix=LIST if found else "ansible-playbook playbooks/backup.yml",
    )


def standing(one: Snapshot) -> str:
    """Whether it is believed, and when it was made. Pure."""
    at = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(one.made))
    return f"{'good' if one.good else 'doubtful'}, made {at}"


def _bring(host: Host, settings: Settings, one: Snapshot, folder: Path) -> None:
    said = ["restore", one.id, "--verify", "--target", str(folder)]
    restic.restic(host, settings, said, what="Restoring the files")


def _lacking(host: Host, settings: Settings, one: Snapshot, folder: Path) -> str | None:
    """What is missing for a copy of the files on the disk that the stores write to as well, or None."""
    size, count = restic.restored_size(host, settings, one)
    folder.parent.mkdir(parents=True, exist_ok=True)
    disk = shutil.disk_usage(folder.parent)
    needed, spare = size + count * BLOCK, max(int(disk.total * SPARE), SPARE_LEAST)
    if disk.free >= needed + spare:
        return None
    return f"{words.size(needed)} and {words.size(spare)} to spare are wanted, {words.size(disk.free)} are free"
