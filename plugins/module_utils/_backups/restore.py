"""A restore in two steps: first a store of its own beside the one in use, then, when somebody says so, a switch.

Until the switch nothing of the app was touched, and after it the old volume is still there.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .._common import atomic, wait
from .._common.errors import StairwayError
from .._common.run import run
from .._docker import compose
from .._docker.argv import DOCKER
from .._docker.engine import Docker
from .._edge import gates
from .._edge.switch import EdgeState
from .._rollout.layout import Layout
from .._rollout.record import Records
from .._rollout.recovery import Standing
from .._rollout.rollout import Host as AppHost
from . import catalogue, state
from .keys import Ring
from .model import Settings, Store
from .places import Host
from .target import Target
from .throwaway import remove, restored, settled, there

HOLD_SECONDS = 240
# How long users wait at most for an app that has lost its store to find it again: clients try anew with growing pauses.
FOUND_SECONDS = 15.0


def prepare(host: Host, settings: Settings, target: Target, ring: Ring, name: str, wanted: str) -> dict[str, Any]:
    """Restore ``wanted`` beside the store in use. What was restored, with the counts that were compared. ``again`` says
    that an earlier call has restored it, and ``standing`` that the store stands on it already.

    :raises StairwayError: when there is no such store or backup, the backup is not good, or an earlier restore has not
        come to its end.
    """
    store = store_of(settings, name)
    manifest = catalogue.read(target, name).find(wanted)
    known = state.read(host)
    part = state.of_store(known, name)
    used = _standing(host, store, part)
    made = part.get("restored", {})
    if made.get("id") == manifest.id and there(made["volume"]) and _untouched(part, used):
        return {**made, "again": True, "standing": made["volume"] == used}
    _ended(settings, store, part, used)
    container = f"{store.container}-restore"
    if made and made["volume"] != used:  # nobody has switched to it
        remove(container, made["volume"])
    # never a name that was used before: the app may stand on an earlier restore of the same backup
    volume = f"{store.volume}-{manifest.id.lower()}-{int(time.time()):x}"
    # first, so that the next call takes away what one that is killed has loaded
    part["restored"] = {"volume": volume}
    state.write(host, known)
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
    part["restored"] = told
    state.write(host, known)
    return {**told, "again": False, "standing": False}


def _untouched(part: Mapping[str, Any], used: str) -> bool:
    """Whether what was restored can be taken as it is: the app stands on it, is on its way to it, or never was."""
    made = part["restored"]
    return made["volume"] == used or _cut_off(part) or not made.get("used")


def _ended(settings: Settings, store: Store, part: Mapping[str, Any], used: str) -> None:
    """
    :raises StairwayError: when a switch was cut off, or a switch before has left a volume: one more, and nobody would
        know any longer which of them holds what was written last.
    """
    if _cut_off(part):
        raise _was_cut_off(settings.app, store.name, part)
    kept = part.get("before")
    if kept and kept != used and there(kept):
        again = f"ansible-playbook playbooks/restore.yml -e store={store.name} -e confirm={settings.app}"
        raise StairwayError(
            f"An earlier restore of the store {store.name} has not come to its end.",
            expected="one volume",
            found=f"{used}, which is in use, and {kept}, where it stood before",
            fix=f"throw away the one that is not in use: {again} -e discard=true; or go back first, and throw away the "
            f"other then: {again} -e undo=true",
        )


def switch(host: Host, settings: Settings, name: str, volume: str, *, back: bool = False) -> dict[str, Any]:
    """Let the app's store stand on ``volume``. Requests wait meanwhile. Should the store not start on it, it stands on
    the volume before again. A switch that was cut off is gone on with, or undone.

    :raises StairwayError: when it did not start.
    """
    store = store_of(settings, name)
    if not there(volume):
        raise StairwayError("There is no such volume.", found=volume, fix=f"docker volume ls | grep {store.volume}")
    known = state.read(host)
    part = state.of_store(known, name)
    before, again = _standing(host, store, part), _cut_off(part)
    if before == volume and not again:
        return {"changed": False, "volume": volume, "before": part.get("before")}
    began = time.monotonic()
    if part.get("restored", {}).get("volume") == volume:  # from here on the app may write to it
        part["restored"] = {**part["restored"], "used": True}
    earlier = dict(part)
    if before != volume:  # written down first: whoever is cut off must find the way back
        part.update(before=before, switched={"volume": volume, "back": back})
        state.write(host, known)
    try:
        with _held(settings.app):
            _stand(host, settings, store, volume, before)
    except StairwayError:
        known["stores"][name] = earlier
        state.write(host, known)
        raise
    left = before if before != volume else part["switched"]["volume"]
    seconds = round(time.monotonic() - began, 1)
    part.update(before=left, switched={"volume": volume, "at": time.time(), "seconds": seconds})
    state.write(host, known)
    return {"changed": True, "volume": volume, "before": left, "seconds": seconds}


def _cut_off(part: Mapping[str, Any]) -> bool:
    """Whether the last switch has begun and not ended."""
    return "switched" in part and "at" not in part["switched"]


def _was_cut_off(app: str, name: str, part: Mapping[str, Any]) -> StairwayError:
    return StairwayError(
        f"The last switch of the store {name} was cut off.",
        found=f"on its way from {part['before']} to {part['switched']['volume']}",
        fix="run that restore again, or undo it: ansible-playbook playbooks/restore.yml "
        f"-e store={name} -e undo=true -e confirm={app}",
    )


def _standing(host: Host, store: Store, part: Mapping[str, Any]) -> str:
    """The volume that the store stands on, or stood on when a switch was cut off."""
    return str(part["before"]) if _cut_off(part) else in_use(host, store)


def back(host: Host, settings: Settings, name: str) -> dict[str, Any]:
    """To the volume that the last switch left.

    :raises StairwayError: when there is none.
    """
    part = state.of_store(state.read(host), name)
    volume = part.get("before")
    if _cut_off(part) and part["switched"]["back"]:  # it is this way back that was cut off
        volume = part["switched"]["volume"]
    if not volume:
        raise StairwayError(f"The store {name} stands where it always stood.", fix="there is nothing to go back to")
    return switch(host, settings, name, volume, back=True)


def discard(host: Host, settings: Settings, name: str) -> dict[str, Any]:
    """Throw away the restored store, or the one before, whichever is not in use.

    :raises StairwayError: when a switch was cut off: either of the two may be the one that is wanted.
    """
    store = store_of(settings, name)
    known = state.read(host)
    part = state.of_store(known, name)
    if _cut_off(part):
        raise _was_cut_off(settings.app, name, part)
    used = in_use(host, store)
    gone = []
    for volume in {part.get("restored", {}).get("volume"), part.get("before")} - {used, None}:
        if there(volume):
            remove(f"{store.container}-restore", volume)
            gone.append(volume)
    part.pop("before", None)
    part.pop("restored", None)  # also where the store stands on it: whoever asks for that backup now wants it anew
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


def _stand(host: Host, settings: Settings, store: Store, volume: str, before: str) -> None:
    project = compose.Project(f"{settings.app}-stores", host.compose)
    services = {one.name for one in settings.stores}
    # The old container goes first: Compose would carry its volumes over to the new one.
    run([DOCKER, "stop", "--time", "60", "--", store.container], timeout=120)
    run([DOCKER, "rm", "--force", "--", store.container], timeout=60)
    _choose(host, store, volume)
    try:
        compose.converge(project, services)
    except BaseException as first:
        run([DOCKER, "rm", "--force", "--", store.container], timeout=60)
        _choose(host, store, before)
        try:
            compose.converge(project, services)
        except StairwayError as second:
            raise StairwayError(
                f"The store {store.name} starts neither on the restored volume nor on the one before.",
                found=f"{first}\n{second}",
                where=before,
                fix=f"See what it says: docker logs {store.container}; nothing of either volume was taken away.",
            ) from first
        raise


@contextmanager
def _held(app: str) -> Iterator[None]:
    """Let users wait rather than fail, where there is an edge that can."""
    if not EdgeState.of(app).routes_file.exists() or os.geteuid() != 0:
        yield
        return
    with gates.held(app, HOLD_SECONDS):
        try:
            yield
        finally:
            _until_found(app)


def _until_found(app: str) -> None:
    """Until the app is well by its own word; what keeps us from asking keeps nobody waiting."""
    layout = Layout(app)
    standing = Standing(AppHost(Docker(), EdgeState.of(app), layout), Records(layout))
    with contextlib.suppress(StairwayError):
        wait.until(lambda: standing.answers() or None, seconds=FOUND_SECONDS)
