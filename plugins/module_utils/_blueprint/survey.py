"""What an account has of an app: every kind described, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from .._resource.kind import Entry, Found, Kind, Scope

World = dict[str, tuple[Found, ...]]  # by kind
PARALLEL = 24


def aws_name(kind: Kind, app: str, entry: Entry) -> str:
    """What AWS calls it; empty where AWS gives ids only."""
    return kind.aws_name(app, entry.name, entry.attrs) if kind.aws_name else ""


def survey(aws: Any, app: str, entries: Sequence[Entry], kinds: Mapping[str, Kind], which: Iterable[str]) -> World:
    """Describe the kinds ``which``, each as soon as those are there that its describe needs.

    :raises StairwayError: the first one that a describe raised.
    """
    pending = _closure(which, kinds)
    world: World = {}
    with ThreadPoolExecutor(PARALLEL) as pool:
        running: dict[Future[tuple[Found, ...]], str] = {}
        while pending or running:
            for name in [n for n in pending if all(before in world for before in kinds[n].describe_after)]:
                pending.remove(name)
                running[pool.submit(_describe, aws, kinds[name], _scope(app, entries, kinds, name, world))] = name
            done, _rest = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                world[running.pop(future)] = future.result()
    return world


def _describe(aws: Any, kind: Kind, scope: Scope) -> tuple[Found, ...]:
    return tuple(kind.describe(aws, scope))


def _closure(which: Iterable[str], kinds: Mapping[str, Kind]) -> list[str]:
    """``which`` and every kind that the describe of one of them needs."""
    result: dict[str, None] = {}
    stack = list(which)
    while stack:
        name = stack.pop()
        if name not in result:
            result[name] = None
            stack += kinds[name].describe_after
    return list(result)


def _scope(app: str, entries: Sequence[Entry], kinds: Mapping[str, Kind], name: str, world: World) -> Scope:
    mine = [entry for entry in entries if entry.kind == name]
    return Scope(
        app,
        names=frozenset(aws_name(kinds[name], app, entry) for entry in mine) - {""},
        ids=frozenset(entry.adopt for entry in mine if entry.adopt),
        parents={parent: world[parent] for parent in kinds[name].describe_after},
    )
