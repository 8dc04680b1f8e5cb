"""A restore in two steps: first a store of its own beside the one in use, then, when somebody says so, a switch.

Until the switch nothing of the app was touched, and after it the old volume is still there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .._common import atomic
from .._common.errors import StairwayError
from .._common.run import run
from .._docker import compose
from .._docker.argv import DOCKER
from .._edge import gates
from .._edge.switch import EdgeState
from . import catalogue, state
from .keys import Ring
from .model import Settings, Store
from .places import Host
from .target import Target
from .throwaway import remove, restored, settled, there

HOLD_SECONDS = 240


def prepare(host: Host, settings: Settings, target: Target, ring: Ring, name: str, wanted: str) -> dict[str, Any]:
    """Restore ``wanted`` beside the store in use. What was restored, with the counts that were compared. What an
    earlier call has restored is taken as it is.

    :raises StairwayError: when there is no such store or backup, or the backup is not good.
    """
    store = store_of(settings, name)
    manifest = catalogue.read(target, name).find(wanted)
    known = state.read(host)
    before = state.of_store(known, name).get("restored", {})
    used = in_use(host, store)
    if before.get("id") == manifest.id and before["volume"] != used and there(before["volume"]):
        return {**before, "again": True}
    # never a name that was used before: the app may stand on an earlier restore of the same backup
    volume = f"{store.volume}-{manifest.id.lower()}-{int(time.time()):x}"
    container = f"{store.container}-restore"
    with restored(settings.app, store, manifest, target, ring, name=container, volume=volume) as found:
        settled(store, found)
    told = {
        "id": manifest.id,
        "volume": volume,
        "made": manifest.made,
        "rows": found.facts.counts,
        "seconds": round(found.seconds, 1),
        "at": time.time(),
    }
    state.of_store(known, name)["restored"] = told
    state.write(host, known)
    return {**told, "again": False}


def switch(host: Host, settings: Settings, name: str, volume: str) -> dict[str, Any]:
    """Let the app's store stand on ``volume``. Requests wait meanwhile. Should the store not start on it, it stands on
    the volume before again.

    :raises StairwayError: when it did not start.
    """
    store = store_of(settings, name)
    if not there(volume):
        raise StairwayError("There is no such volume.", found=volume, fix=f"docker volume ls | grep {store.volume}")
    before = in_use(host, store)
    if before == volume:
        return {"changed": False, "volume": volume, "before": before}
    began = time.monotonic()
    with _held(settings.app):
        _stand(host, settings, store, volume)
    known = state.read(host)
    part = state.of_store(known, name)
    part["before"] = before
    part["switched"] = {"volume": volume, "at": time.time(), "seconds": round(time.monotonic() - began, 1)}
    state.write(host, known)
    return {"changed": True, "volume": volume, "before": before, "seconds": part["switched"]["seconds"]}


def back(host: Host, settings: Settings, name: str) -> dict[str, Any]:
    """To the volume that the last switch left.

    :raises StairwayError: when there is none.
    """
    volume = state.of_store(state.read(host), name).get("before")
    if not volume:
        raise StairwayError(f"The store {name} stands where it always stood.", fix="there is nothing to go back to")
    return switch(host, settings, name, volume)


def discard(host: Host, settings: Settings, name: str) -> dict[str, Any]:
    """Throw away the restored store, or the one before, whichever is not in use."""
    store = store_of(settings, name)
    known = state.read(host)
    part = state.of_store(known, name)
    used = in_use(host, store)
    gone = []
    for volume in {part.get("restored", {}).get("volume"), part.get("before")} - {used, None}:
        if there(volume):
            remove(f"{store.container}-restore", volume)
            gone.append(volume)
    part.pop("before", None)
    if part.get("restored", {}).get("volume") != used:
        part.pop("restored", None)
    state.write(host, known)
    return {"changed": bool(gone), "gone": sorted(gone), "volume": used}


def store_of(settings: Settings, name: str) -> Store:
    """:raises StairwayError: when there is no such store in a container."""
    store = settings.store(name)
    if store is None:
        names = ", ".join(one.name for one in settings.stores) or "none"
        raise StairwayError(
            f"No store {name} is in a container on this host.",
            expected=names,
            found=name,
            fix="for a store that AWS runs: -e at=<time>",
        )
    return store


def variable(store: str) -> str:
    """What Compose reads a store's volume from. The same as in the compose file of the stores."""
    return f"STAIRWAY_VOLUME_{store.upper().replace('-', '_')}"


def in_use(host: Host, store: Store) -> str:
    return _chosen(host.volumes).get(variable(store.name), store.volume)


def _chosen(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _choose(host: Host, store: Store, volume: str) -> None:
    chosen = {**_chosen(host.volumes), variable(store.name): volume}
    if volume == store.volume:
        chosen.pop(variable(store.name))
    text = "# Written by a restore: which volume each store stands on.\n"
    atomic.write(host.volumes, text + "".join(f"{key}={value}\n" for key, value in sorted(chosen.items())), mode=0o600)


def _stand(host: Host, settings: Settings, store: Store, volume: str) -> None:
    before = in_use(host, store)
    project = compose.Project(f"{settings.app}-stores", host.compose)
    services = {one.name for one in settings.stores}
    # The old container goes first: Compose would carry its volumes over to the new one.
    run([DOCKER, "stop", "--time", "60", "--", store.container], timeout=120)
    run([DOCKER, "rm", "--force", "--", store.container], timeout=60)
    _choose(host, store, volume)
    try:
        compose.converge(project, services)
    except BaseException:
        run([DOCKER, "rm", "--force", "--", store.container], timeout=60)
        _choose(host, store, before)
        compose.converge(project, services)
        raise


@contextmanager
def _held(app: str) -> Iterator[None]:
    """Let users wait rather than fail, where there is an edge that can."""
    if not EdgeState.of(app).routes_file.exists() or os.geteuid() != 0:
        yield
        return
    with gates.held(app, HOLD_SECONDS):
        yield
