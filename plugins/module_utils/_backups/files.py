"""The app's files, incrementally, by restic.

restic and not code of ours, and not rclone: files need what a dump does not, namely parts that are stored once however
often they occur, snapshots that each look whole, a check of what is stored, and a format that others can read. rclone
copies the files of today; what was deleted or encrypted by somebody else yesterday it copies too. The price: restic has
one key for writing and reading, which stands on the host in a file of root's.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .._common import atomic
from .._common.errors import StairwayError
from .._common.run import Finished, run
from .model import Settings
from .places import Host

RUN_SECONDS = 6 * 3600
# How much of what is stored a drill reads again.
READ_AGAIN = "10%"
# What restic says when it finds none: its exit status tells so from 0.17 on only.
NO_REPOSITORY = "Is there a repository at the following location?"


def backup(host: Host, settings: Settings) -> dict[str, Any]:
    """A snapshot of every volume. What is new since the last one is stored.

    :raises StairwayError: when restic is not there, or fails.
    """
    began = time.monotonic()
    _unlock(host, settings)
    _made(host, settings)
    paths = [volume.path for volume in settings.volumes if os.path.isdir(volume.path)]
    if not paths:
        raise StairwayError(
            "The app's volumes are not on this host.", found=", ".join(v.path for v in settings.volumes)
        )
    words = ["backup", "--json", "--host", settings.app, "--tag", "stairway", "--", *paths]
    said = _restic(host, settings, words, what="The backup of the files")
    summary = next((one for one in _lines(said.stdout) if one.get("message_type") == "summary"), {})
    keep = ["--keep-last", str(settings.keep_least), "--keep-within", f"{settings.keep_days}d"]
    _restic(host, settings, ["forget", "--host", settings.app, *keep, "--prune"], what="Letting old files go")
    return {
        "name": "files",
        "id": str(summary.get("snapshot_id", ""))[:8],
        "made": time.time(),
        "bytes": int(summary.get("total_bytes_processed", 0)),
        "added": int(summary.get("data_added", 0)),
        "rows": int(summary.get("total_files_processed", 0)),
        "seconds": round(time.monotonic() - began, 2),
        "sealed": "restic",
        "where": repository(settings),
    }


def drill(host: Host, settings: Settings) -> dict[str, Any]:
    """Restore the newest snapshot into a folder, compare it with what restic wrote down, and take it away.

    :raises StairwayError: when anything of it is not as it was.
    """
    began = time.monotonic()
    folder = host.var / settings.app / "backups" / "drill"
    _unlock(host, settings)
    _restic(host, settings, ["check", "--read-data-subset", READ_AGAIN], what="Reading the stored files again")
    try:
        _restic(host, settings, ["restore", "latest", "--host", settings.app, "--verify", "--target", str(folder)],
                what="Restoring the files")  # fmt: skip
        count = sum(len(names) for _folder, _folders, names in os.walk(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    now = time.time()
    return {"id": "latest", "made": now, "at": now, "seconds": round(time.monotonic() - began, 1), "rows": count}


def restore(host: Host, settings: Settings, wanted: str) -> dict[str, Any]:
    """Bring a snapshot into a folder beside the volumes; they are not touched.

    :raises StairwayError: when there is none of that name, or it is damaged.
    """
    folder = host.var / settings.app / "backups" / f"files-{wanted}"
    shutil.rmtree(folder, ignore_errors=True)
    _unlock(host, settings)
    words = ["restore", wanted, "--host", settings.app, "--verify", "--target", str(folder)]
    _restic(host, settings, words, what="Restoring the files")
    return {"folder": str(folder), "volumes": {v.name: f"{folder}{v.path}" for v in settings.volumes}}


def repository(settings: Settings) -> str:
    parts = urlsplit(settings.place.to)
    if parts.scheme == "file":
        return f"{parts.path}/{settings.app}/files"
    base = settings.place.endpoint or f"https://s3.{settings.place.region}.amazonaws.com"
    prefix = "/".join(part for part in (parts.netloc, parts.path.strip("/"), settings.app, "files") if part)
    return f"s3:{base.rstrip('/')}/{prefix}"


def _made(host: Host, settings: Settings) -> None:
    """The repository, where there is none yet."""
    there = _call(host, settings, ["cat", "config"])
    if there.ok:
        return
    if NO_REPOSITORY not in there.stdout + there.stderr:
        raise StairwayError("The place for the files cannot be read.", where=repository(settings), log=there.tail(8))
    made = _call(host, settings, ["init"])
    if not made.ok:
        raise StairwayError("The place for the files cannot be made.", where=repository(settings), log=made.tail(8))


def _unlock(host: Host, settings: Settings) -> None:
    """Take away the locks of a restic that was killed, else every run from then on is refused. Those of one that still
    runs stay. Where there is no repository yet, or it cannot be reached, the next call says so.
    https://restic.readthedocs.io/en/stable/100_references.html#locks
    """
    _call(host, settings, ["unlock"])


def _restic(host: Host, settings: Settings, words: list[str], *, what: str) -> Finished:
    done = _call(host, settings, words)
    if not done.ok:
        raise StairwayError(f"{what} failed: restic ended with {done.returncode}.", where=repository(settings),
                            log=done.tail(8))  # fmt: skip
    return done


def _call(host: Host, settings: Settings, words: list[str]) -> Finished:
    """Its secrets go by files of root's, in memory, and not by its environment."""
    password = host.secrets / "restic"
    atomic.write(password, (settings.files_password or "") + "\n", mode=0o600)
    cache = Path("/var/cache/stairway/restic")
    env = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": "/root",
        "RESTIC_REPOSITORY": repository(settings),
        "RESTIC_PASSWORD_FILE": str(password),
        "RESTIC_CACHE_DIR": str(cache),
        "AWS_DEFAULT_REGION": settings.place.region,
    }
    place = settings.place
    if place.access_key and place.secret_key:
        keys = host.secrets / "aws"
        lines = ["[default]", f"aws_access_key_id={place.access_key}", f"aws_secret_access_key={place.secret_key}", ""]
        atomic.write(keys, "\n".join(lines), mode=0o600)
        env["AWS_SHARED_CREDENTIALS_FILE"] = str(keys)
    try:
        return run(
            ["restic", "--quiet", *words] if "--json" not in words else ["restic", *words], timeout=RUN_SECONDS, env=env
        )
    finally:
        password.unlink(missing_ok=True)


def _lines(text: str) -> list[dict[str, Any]]:
    found = []
    for line in text.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if isinstance(one, dict):
            found.append(one)
    return found
