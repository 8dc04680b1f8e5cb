"""What is asked of every engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from ..._common.errors import StairwayError
from ..._common.run import Finished, run
from ..._docker.argv import DOCKER
from ..model import Manifest, Store

ADMIN = '"$(cat /stairway/admin/password)"'
ASK_SECONDS = 3600


@dataclass(frozen=True)
class Facts:
    """What a dump holds, counted in the moment that it shows; see ``Manifest``."""

    counts: Mapping[str, int]
    objects: Mapping[str, int] = field(default_factory=dict)
    loose: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    server: str = ""
    database_bytes: int = 0


@dataclass(frozen=True)
class Dump:
    """A dump that is about to begin. ``command`` writes it to its output; ``begun`` is called once that runs, with
    what tells whether it is over;
    ``facts`` is called with what the commands have said when all of it was read, and may look at ``head``, the first
    bytes.
    """

    command: list[str]
    facts: Callable[[str, bytes], Facts]
    begun: Callable[[Callable[[], bool]], None] = lambda _over: None
    head_bytes: int = 0


class Engine(Protocol):
    """``suffix`` names a dump. ``cold`` engines are given their file before their server starts."""

    suffix: str
    cold: bool

    def dump(self, store: Store) -> AbstractContextManager[Dump]: ...

    def server(self, store: Store) -> list[str]:
        """The shell words that start a server which only restores: it may be careless about power cuts."""

    def ready(self, store: Store) -> str:
        """A script that succeeds once the server answers over TCP."""

    def load(self, store: Store, manifest: Manifest) -> str:
        """The script that reads a dump from its input."""

    def facts(self, container: str, store: Store, said: str) -> Facts:
        """What a restored store holds. ``said`` is what ``load`` printed."""

    def settle(self, container: str, store: Store) -> None:
        """Bring it into the form in which the app's own server starts from it."""

    def ask(self, store: Store) -> str:
        """The script that reads a question from its input and prints the answer."""


def inside(container: str, script: str) -> list[str]:
    """A script in a container."""
    return [DOCKER, "exec", "--interactive", "--", container, "sh", "-c", script]


def told(container: str, script: str, question: str = "", *, what: str) -> str:
    """What a script in a container prints.

    :raises StairwayError: when it fails.
    """
    done: Finished = run(inside(container, script), timeout=ASK_SECONDS, stdin=question)
    if not done.ok:
        raise StairwayError(f"{what} failed with exit status {done.returncode}.", where=container, log=done.tail(10))
    return done.stdout


def number_lines(text: str, word: str) -> dict[str, int]:
    """``{name: number}`` of the lines ``word<tab>number<tab>name``."""
    parts = [line.split("\t", 2) for line in text.splitlines()]
    return {part[2]: int(part[1]) for part in parts if len(part) == 3 and part[0] == word}
