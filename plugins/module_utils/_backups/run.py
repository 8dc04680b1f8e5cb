"""A run over everything: one at a time, each store by itself, so that one that fails stops no other."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from .._common.errors import StairwayError, for_people
from .._rollout import lock, notice
from . import catalogue, files, keep, restic, state, throwaway, words
from .catalogue import Catalogue
from .drill import drill, due, overdue
from .keys import Ring, ring
from .make import make
from .model import Settings, Store
from .places import Host, settings, target
from .target import Target

# After this a run is believed to hang: the next one ends it.
LONGEST_SECONDS = 12 * 3600
PATIENCE_SECONDS = 5
TIMER_SECONDS = 6 * 3600
TIMER = "timer"


@dataclass
class Report:
    """What a run did: ``done`` are the good ones, ``failed`` the reasons by name."""

    what: str
    done: list[dict[str, Any]] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Wish:
    """What is asked of a run: ``only`` these stores (all when empty)."""

    only: tuple[str, ...] = ()
    accept: bool = False
    actor: str = TIMER


def backup(host: Host, wish: Wish) -> Report:
    """A backup of each store, and of the files.

    :raises StairwayError: when it cannot begin at all; what happens to one store stands in the report.
    """
    given = settings(host)
    report = Report("backup")
    try:
        with locked(host, wish.actor, "a backup"), ring(host, given) as keys:
            place = target(given.app, given.place)
            known = state.read(host)
            for store in _chosen(given, wish.only):
                part = state.of_store(known, store.name)
                _each(report, store.name, part, partial(_one, given, store, place, keys, wish, part))
                state.write(host, known)
            if files.wanted(given) and _wanted(wish.only, "files"):
                part = known.setdefault("files", {})
                _each(report, "files", part, partial(files.backup, host, given, accept=wish.accept))
                state.write(host, known)
            _alarm(given, known, report)
    except Exception as caught:  # whatever it is, people are told
        error = for_people(caught)
        report.failed["run"] = str(error)
        _tell(given, report)
        raise error from error.__cause__
    _tell(given, report)
    return report


def drills(host: Host, wish: Wish, *, forced: bool, identity: str | None = None) -> Report:
    """A drill of each store for which it is time.

    :raises StairwayError: when it cannot begin at all.
    """
    given = settings(host)
    report = Report("restore drill")
    if given.drill is None and not forced:
        return report
    with locked(host, wish.actor, "a drill"), ring(host, given, identity) as keys:
        place = target(given.app, given.place)
        known = state.read(host)
        for store in _chosen(given, wish.only):
            part = state.of_store(known, store.name)
            last = (part.get("drill") or {}).get("at")
            if forced or (given.drill is not None and due(given.drill, last, time.time())):
                _prove(report, store.name, part, partial(drill, given, store, place, keys))
                state.write(host, known)
        if files.wanted(given) and _wanted(wish.only, "files"):
            part = known.setdefault("files", {})
            last = (part.get("drill") or {}).get("at")
            if forced or (given.drill is not None and due(given.drill, last, time.time())):
                _prove(report, "files", part, partial(files.drill, host, given))
                report.notes += [one["note"] for one in report.done if "note" in one]
                state.write(host, known)
    if report.done or report.failed:
        _tell(given, report)
    return report


def _one(given: Settings, store: Store, place: Target, keys: Ring, wish: Wish, part: dict[str, Any]) -> dict[str, Any]:
    """Make one backup, then let the old ones go."""
    known = catalogue.read(place, store.name)
    began = time.monotonic()
    made = make(given.app, store, keys.closed, place, known, accept=wish.accept)
    told = {
        "name": store.name,
        "id": made.id,
        "made": made.made,
        "bytes": made.bytes,
        "rows": made.rows,
        "seconds": round(time.monotonic() - began, 2),
        "sealed": made.sealed,
        "where": f"{place.where}/{store.name}/{made.id}",
    }
    told["gone"] = [one.id for one in retire(given, catalogue.read(place, store.name), place, part)]
    catalogue.sweep(place, store.name, time.time())
    return told


def retire(given: Settings, known: Catalogue, place: Target, part: Mapping[str, Any]) -> list[Any]:
    """Delete what may go; see ``keep``."""
    proven = {part["drill"]["id"]} if part.get("drill") else set()
    gone = keep.may_go(known.whole, now=time.time(), days=given.keep_days, least=given.keep_least, proven=proven)
    for one in gone:
        catalogue.remove(place, one)
    return gone


def _each(report: Report, name: str, part: dict[str, Any], work: Callable[[], dict[str, Any]]) -> None:
    now = time.time()
    part.setdefault("first", now)
    part["tried"] = now
    try:
        told = work()
    except Exception as caught:  # whatever it is, it stops no other store
        error = for_people(caught)
        part["error"] = error.message
        report.failed[name] = str(error)
        return
    part["error"] = None
    part["good"] = {key: value for key, value in told.items() if key != "gone"}
    part["times"] = [*part.get("times", []), told["made"]][-state.REMEMBERED :]
    report.done.append(told)


def _prove(report: Report, name: str, part: dict[str, Any], work: Callable[[], dict[str, Any]]) -> None:
    try:
        told = work()
    except Exception as caught:  # whatever it is, it stops no other store
        error = for_people(caught)
        part["drill_error"] = error.message
        report.failed[name] = str(error)
        return
    part["drill"], part["drill_error"] = told, None
    report.done.append({"name": name, "bytes": part.get("good", {}).get("bytes", 0), **told})


def _alarm(given: Settings, known: Mapping[str, Any], report: Report) -> None:
    """A drill that nobody has made for too long is as bad as a backup that failed: nobody would hear of either."""
    if given.drill is None:
        return
    for name, part in sorted(known["stores"].items()):
        if given.store(name) is None:
            continue
        days = overdue(given.drill, (part.get("drill") or {}).get("at"), part.get("first"), time.time())
        if days is not None:
            why = part.get("drill_error") or "it did not run"
            report.failed[f"drill of {name}"] = f"no good restore drill for {days} days: {why}"


def _chosen(given: Settings, only: tuple[str, ...]) -> list[Store]:
    names = {store.name for store in given.stores} | {"files"}
    unknown = [name for name in only if name not in names]
    if unknown:
        raise StairwayError(
            "There is no such store in a container on this host.",
            expected=", ".join(sorted(names)),
            found=", ".join(unknown),
            fix="stores that AWS runs have snapshots: ansible-playbook playbooks/status.yml",
        )
    return [store for store in given.stores if _wanted(only, store.name)]


def _wanted(only: tuple[str, ...], name: str) -> bool:
    return not only or name in only


def locked(host: Host, actor: str, what: str) -> AbstractContextManager[None]:
    """One run at a time. A timer waits for the other one; a person is told of it.

    :raises StairwayError: when somebody else holds it.
    """
    patience = TIMER_SECONDS if actor == TIMER else PATIENCE_SECONDS
    return lock.held(host.lock, actor=actor, what=what, expires=LONGEST_SECONDS, patience=patience)


def _tell(given: Settings, report: Report) -> None:
    """To Slack: what failed always, what went well by choice."""
    if given.slack is None or not (report.failed or given.slack_success):
        return
    first = {name: text.splitlines()[0] if "\n" not in text else text for name, text in report.failed.items()}
    problem = notice.send(given.slack, words.notice(given.app, _me(), report.what, report.done, first))
    if problem:
        report.notes.append(f"Slack was not told: {problem}")


def ended(host: Host, result: str) -> None:
    """Called by systemd when a run has ended in whatever way. One that was killed could tell nobody, and take nothing
    away.
    """
    given = settings(host)
    if result in ("success", "exit-code"):
        return
    with contextlib.suppress(StairwayError), lock.held(host.lock, actor=TIMER, what="tidying", expires=600, patience=0):
        for folder in (host.secrets, files.drill_folder(host), *host.run.glob(f"{restic.secrets_prefix(host)}*")):
            shutil.rmtree(folder, ignore_errors=True)
        for store in given.stores:
            throwaway.remove(f"{store.container}-drill", f"{store.container}-drill")
            throwaway.remove(f"{store.container}-restore")
    if given.slack is None:
        return
    text = f":x: *{given.app}* backup on {_me()} was ended from outside: {result}. The last good ones are still there."
    notice.send(given.slack, text)


def _me() -> str:
    return os.environ.get("STAIRWAY_HOST") or socket.gethostname()
