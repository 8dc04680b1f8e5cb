"""restic: how it is called, where its repository is, and which snapshots are there.

It is asked for what 0.12 knows already (Ubuntu 22.04; Debian 12 has 0.14, Ubuntu 24.04 0.16, Debian 13 0.18).
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .._common import atomic
from .._common.errors import StairwayError
from .._common.run import Finished, run
from .model import Settings
from .places import Host

RUN_SECONDS = 6 * 3600
# restic tries a place that does not answer again and again; whoever asks what there is waits for an answer.
LIST_SECONDS = 120
# What restic says when it cannot open one: its exit status tells so from 0.17 on only.
NO_REPOSITORY = "Is there a repository at the following location?"
# It says that too where the place does not answer. These are what it finds where there is really none yet.
NONE_YET = ("no such file or directory", "The specified key does not exist", "repository does not exist")
TAG, DOUBTFUL = "stairway", "stairway-doubtful"


@dataclass(frozen=True)
class Snapshot:
    """One backup of the files. ``bytes`` and ``files`` are known where restic writes them down: from 0.17 on."""

    id: str
    made: float
    good: bool
    bytes: int | None = None
    files: int | None = None

    @property
    def name(self) -> str:
        """As restic and the lists show it."""
        return self.id[:8]


def repository(settings: Settings) -> str:
    """The address of the app's own, as restic takes it."""
    parts = urlsplit(settings.place.to)
    if parts.scheme == "file":
        return f"{parts.path}/{settings.app}/files"
    base = settings.place.endpoint or f"https://s3.{settings.place.region}.amazonaws.com"
    prefix = "/".join(part for part in (parts.netloc, parts.path.strip("/"), settings.app, "files") if part)
    return f"s3:{base.rstrip('/')}/{prefix}"


def made(host: Host, settings: Settings) -> None:
    """The repository, where there is none yet.

    :raises StairwayError: when it cannot be read, or not be made.
    """
    there = call(host, settings, ["cat", "config"])
    if there.ok:
        return
    if NO_REPOSITORY not in there.stdout + there.stderr:
        raise _unreadable(settings, there)
    created = call(host, settings, ["init"])
    if not created.ok:
        raise StairwayError("The place for the files cannot be made.", where=repository(settings), log=created.tail(8))


def unlock(host: Host, settings: Settings) -> None:
    """Take away the locks of a restic that was killed, else every run from then on is refused. Those of one that still
    runs stay. Where there is no repository yet, or it cannot be reached, the next call says so.
    https://restic.readthedocs.io/en/stable/100_references.html#locks
    """
    call(host, settings, ["unlock"])


def snapshots(host: Host, settings: Settings) -> list[Snapshot]:
    """All of the app's, oldest first; none where there is no repository yet. Locks nothing, so that it answers while a
    backup runs.

    :raises StairwayError: when the place cannot be read.
    """
    words = ["snapshots", "--json", "--no-lock", "--host", settings.app]
    done = call(host, settings, words, timeout=LIST_SECONDS)
    said = done.stdout + done.stderr
    if not done.ok and NO_REPOSITORY in said and any(one in said for one in NONE_YET):
        return []
    if not done.ok:
        raise _unreadable(settings, done)
    return read(done.stdout)


def read(text: str) -> list[Snapshot]:
    """What ``restic snapshots --json`` says, oldest first. Pure.

    :raises StairwayError: when it is something else.
    """
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, list) or found is None:  # 0.12 says null for none
            return sorted((_snapshot(one) for one in found or ()), key=lambda one: one.made)
    raise StairwayError("restic does not say which backups of the files there are.", found=text[:200] or "nothing")


def _snapshot(one: dict[str, Any]) -> Snapshot:
    summary = one.get("summary") or {}
    return Snapshot(
        id=str(one["id"]),
        made=moment(str(one["time"])),
        good=DOUBTFUL not in (one.get("tags") or ()),
        bytes=summary.get("total_bytes_processed"),
        files=summary.get("total_files_processed"),
    )


def moment(text: str) -> float:
    """Seconds since 1970 of a time such as ``2026-11-22T20:11:24.222322447Z``, which Python 3.10 cannot read. Pure.

    :raises ValueError: when it is none.
    """
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", text)
    if found is None:
        raise ValueError(f"no time: {text}")
    whole = datetime.fromisoformat(found[1] + found[3].replace("Z", "+00:00"))
    return whole.timestamp() + float(found[2] or 0)


def restored_size(host: Host, settings: Settings, snapshot: Snapshot) -> tuple[int, int]:
    """How many bytes it takes when it is restored, and how many files and folders it has.

    :raises StairwayError: when restic fails.
    """
    words = ["stats", "--json", "--mode", "restore-size", snapshot.id]
    said = restic(host, settings, words, what="Asking how large the files are")
    for one in lines(said.stdout):
        if "total_size" in one:
            return int(one["total_size"]), int(one.get("total_file_count", 0))
    raise StairwayError("restic does not say how large the files are.", where=repository(settings), log=said.tail(8))


def restic(host: Host, settings: Settings, words: Sequence[str], *, what: str) -> Finished:
    """:raises StairwayError: when it fails; ``what`` says at what."""
    done = call(host, settings, words)
    if not done.ok:
        raise StairwayError(f"{what} failed: restic ended with {done.returncode}.", where=repository(settings),
                            log=done.tail(8))  # fmt: skip
    return done


def call(host: Host, settings: Settings, words: Sequence[str], *, timeout: float = RUN_SECONDS) -> Finished:
    """Its secrets go by files of root's, in memory, and not by its environment. Each call has its own: who lists the
    backups must not take away the password of a backup that runs.

    :raises StairwayError: when restic is not there, or the files cannot be written.
    """
    host.run.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=host.run, prefix=secrets_prefix(host)) as folder:
        quiet = [] if "--json" in words else ["--quiet"]
        return run(["restic", *quiet, *words], timeout=timeout, env=_environment(settings, Path(folder)))


def secrets_prefix(host: Host) -> str:
    """How the folders of calls begin; the dot is in no app's name, so that they are no other app's."""
    return f"{host.secrets.name}.restic-"


def _environment(settings: Settings, folder: Path) -> dict[str, str]:
    password = folder / "password"
    atomic.write(password, (settings.files_password or "") + "\n", mode=0o600)
    env = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": "/root",
        "RESTIC_REPOSITORY": repository(settings),
        "RESTIC_PASSWORD_FILE": str(password),
        "RESTIC_CACHE_DIR": "/var/cache/stairway/restic",
        "AWS_DEFAULT_REGION": settings.place.region,
    }
    place = settings.place
    if place.access_key and place.secret_key:
        keys = folder / "aws"
        text = ["[default]", f"aws_access_key_id={place.access_key}", f"aws_secret_access_key={place.secret_key}", ""]
        atomic.write(keys, "\n".join(text), mode=0o600)
        env["AWS_SHARED_CREDENTIALS_FILE"] = str(keys)
    return env


def lines(text: str) -> list[dict[str, Any]]:
    """The objects among the lines that restic prints with ``--json``. Pure."""
    found = []
    for line in text.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if isinstance(one, dict):
            found.append(one)
    return found


def _unreadable(settings: Settings, done: Finished) -> StairwayError:
    return StairwayError("The place for the files cannot be read.", where=repository(settings), log=done.tail(8))
