"""A store of its own, made from a backup: in a container that nobody reaches, on a volume that nobody uses.

A restore and a drill are the same until here. What differs is what becomes of the volume.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass

from .._common import wait
from .._common.errors import StairwayError
from .._common.pipe import Pipe
from .._common.run import check, run
from .._docker.argv import DOCKER
from .compare import agree
from .engines.registry import ENGINES
from .engines.words import Facts, inside
from .keys import Ring
from .model import Manifest, Store
from .target import Target

READY_SECONDS = 300
LABEL = "stairway.backups"
# What a restored database takes on the disk, beside what it took before: its indexes are new, its log is long.
ROOM = 1.5


@dataclass(frozen=True)
class Restored:
    """A store that stands, and is what its manifest says."""

    container: str
    volume: str
    facts: Facts
    seconds: float


@contextlib.contextmanager
def restored(
    app: str, store: Store, manifest: Manifest, target: Target, ring: Ring, *, name: str, volume: str
) -> Iterator[Restored]:
    """The backup as a running store in the container ``name`` on the new ``volume``. The container is gone afterwards;
    the volume stays when the block ends well, and is gone when anything fails.

    :raises StairwayError: when the backup is damaged, cannot be opened or loaded, or does not hold what it should.
    """
    began = time.time()
    _refuse(store, manifest)
    room(manifest)
    engine = ENGINES[store.engine]
    remove(name, volume)
    if there(volume):  # Docker takes away no volume that something stands on
        raise StairwayError("The volume to restore into is in use.", where=volume, expected="a new volume")
    labels = ["--label", f"{LABEL}={app}"]
    check([DOCKER, "volume", "create", *labels, "--", volume], what="Making a volume")
    try:
        if engine.cold:
            _load(_cold(name, store, volume, labels, engine.load(store, manifest)), manifest, target, ring)
        check(_server(name, store, volume, labels, engine.server(store)), what=f"Starting {store.image}", timeout=600)
        _wait(name, store)
        said = "" if engine.cold else _load(inside(name, engine.load(store, manifest)), manifest, target, ring)
        facts = engine.facts(name, store, said)
        agree(manifest, facts)
        yield Restored(name, volume, facts, time.time() - began)
    except BaseException:
        remove(name, volume)
        raise
    remove(name)


def settled(store: Store, found: Restored) -> None:
    """Stop it well, with all of it on the disk, so that the app's own server can start from the volume.

    :raises StairwayError: when it does not end as it should.
    """
    ENGINES[store.engine].settle(found.container, store)
    check([DOCKER, "stop", "--time", "300", "--", found.container], what="Stopping the restored store", timeout=360)
    code = check([DOCKER, "inspect", "--format", "{{.State.ExitCode}}", "--", found.container], what="Asking Docker")
    if code.strip() not in ("0", "143"):
        raise StairwayError(
            "The restored store did not stop well.", where=found.container, found=f"exit {code.strip()}"
        )
    os.sync()  # the server was told not to


def remove(name: str, volume: str | None = None) -> None:
    """Take away what may be left of it."""
    run([DOCKER, "rm", "--force", "--volumes", "--", name], timeout=120)
    if volume is not None:
        run([DOCKER, "volume", "rm", "--force", "--", volume], timeout=120)


def there(volume: str) -> bool:
    """Whether there is a volume of that name."""
    return run([DOCKER, "volume", "inspect", "--", volume]).ok


def room(manifest: Manifest) -> None:
    """:raises StairwayError: when the restored store would not fit beside the one that is there."""
    found = run([DOCKER, "info", "--format", "{{.DockerRootDir}}"])
    folder = found.stdout.strip()
    if not found.ok or not os.path.isdir(folder):
        return
    needed = int(max(manifest.database_bytes, manifest.bytes) * ROOM)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StairwayError(
            "There is no room to restore into.",
            where=folder,
            expected=f"{needed} bytes beside the store that is there",
            found=f"{free} bytes",
            fix=f"make room: df -h {folder}; docker system df",
        )


def _refuse(store: Store, manifest: Manifest) -> None:
    family = {"mysql": "mysql", "mariadb": "mysql"}
    if family.get(store.engine, store.engine) != family.get(manifest.engine, manifest.engine):
        raise StairwayError(
            "This backup is of another engine.", expected=store.engine, found=manifest.engine, where=manifest.id
        )
    if store.database != manifest.database:
        raise StairwayError(
            "This backup is of another database.",
            expected=store.database,
            found=manifest.database,
            where=manifest.id,
            fix="restore under the name that it had, and rename the database then",
        )
    ours, theirs = _major(store.image), _major(manifest.image)
    if ours and theirs and ours < theirs:
        raise StairwayError(
            "This backup is of a newer server than the store has.",
            expected=store.image,
            found=manifest.image,
            where=manifest.id,
            fix="give the store that version in app.yml first",
        )


def _major(image: str) -> int | None:
    found = re.match(r"\d+", image.rpartition(":")[2])
    return int(found[0]) if found else None


def _mounts(store: Store, volume: str) -> list[str]:
    words = ["--mount", f"type=volume,source={volume},target={store.folder}"]
    for mount in store.mounts:
        read_only = "" if mount.writable else ",readonly"
        words += ["--mount", f"type=bind,source={mount.source},target={mount.target}{read_only}"]
    return words


def _server(name: str, store: Store, volume: str, labels: list[str], words: list[str]) -> list[str]:
    cold = ENGINES[store.engine].cold
    entry, rest = (words[0], words[1:]) if cold else ("/bin/sh", ["/stairway/start.sh", *words])
    given = [part for key, value in sorted(store.environment.items()) for part in ("--env", f"{key}={value}")]
    return [
        *(DOCKER, "run", "--detach", "--name", name, *labels, "--network", "none"),
        *("--memory", store.memory, "--shm-size", "128m", "--cpu-shares", "256"),
        *given,
        *_mounts(store, volume),
        *("--entrypoint", entry, "--", store.image, *rest),
    ]


def _cold(name: str, store: Store, volume: str, labels: list[str], script: str) -> list[str]:
    words = [DOCKER, "run", "--rm", "--interactive", "--name", name, *labels, "--network", "none"]
    return [*words, *_mounts(store, volume), "--entrypoint", "sh", "--", store.image, "-c", script]


def _wait(name: str, store: Store) -> None:
    script = inside(name, ENGINES[store.engine].ready(store))

    def ready() -> bool | None:
        if run(script, timeout=30).ok:
            return True
        state = run([DOCKER, "inspect", "--format", "{{.State.Running}}", "--", name]).stdout.strip()
        return None if state == "true" else False

    if not wait.until(ready, seconds=READY_SECONDS, every=0.5):
        raise StairwayError(
            "The restored store does not start.",
            where=name,
            log=run([DOCKER, "logs", "--tail", "20", "--", name]).tail(),
        )


def _load(command: list[str], manifest: Manifest, target: Target, ring: Ring) -> str:
    """Bring the backup into what ``command`` starts; what that said.

    The checksum is of all that was stored, so it is known at the end only: by then nothing was written to but a volume
    that nobody uses.
    """
    name = f"{manifest.store}/{manifest.id}/{manifest.file}"
    digest, size = hashlib.sha256(), 0
    programs = [*ring.opening(manifest.sealed), command]
    with Pipe(programs, what=f"Restoring {manifest.id} of {manifest.store}", fed=True, output=False) as pipe:
        takes = True
        for block in target.blocks(name):
            digest.update(block)
            size += len(block)
            takes = takes and pipe.write(block)
        if (size, digest.hexdigest()) != (manifest.bytes, manifest.sha256):
            raise StairwayError(
                "This backup is damaged: it is not what was written.",
                where=f"{target.where}/{name}",
                expected=f"{manifest.bytes} bytes with SHA-256 {manifest.sha256[:16]}...",
                found=f"{size} bytes with {digest.hexdigest()[:16]}...",
                fix="take the backup before it: ansible-playbook playbooks/backup.yml -e list=true",
            )
        return pipe.finish()
