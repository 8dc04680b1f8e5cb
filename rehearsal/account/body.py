"""What a kind of body is: the one interface between the reconciler and whatever gives things a body.

To add a kind: write ``bodies/<kind>.py`` with a frozen dataclass (the spec: all that decides how the body has to be)
and a class that follows ``Kind``; name the class in ``bodies/__init__.py``. Then

1. ``wanted`` reads moto and returns a spec for each thing that should have a body. It is called in every round (twice
   a second or oftener), so it starts nothing and asks nobody. A key that is no longer returned is a body to remove.
2. ``make``, ``change`` and ``remove`` run in a pool of threads, never two at a time for one key. They return when it is
   done: ``make`` when the body really serves. They may be called again after a failure or a crash, so they first
   look at what is there. ``raise NotYet("why")`` when something else has to come first; any other exception is logged,
   shown by ``account status`` and tried again a little later.
3. ``state`` writes back into moto what bodies are (``creating`` -> ``available``), in every round; it starts nothing.
4. ``interfaces`` says under which private address a body stands, in which groups and under which names. From these
   alone come the packet filter, public addresses and DNS: a kind never touches those itself.
   A private address of its own comes from ``account.lease(subnet, owner)``.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from .account import Account

Spec = TypeVar("Spec")
Phase = Literal["making", "standing", "changing", "removing", "broken"]


class NotYet(Exception):
    """Something else has to come first; tried again in the next rounds without a word in the log."""


@dataclass(frozen=True)
class Interface:
    """One network interface of a body. ``public`` is the address that leads to it from outside its VPC."""

    owner: str
    address: str
    vpc: str
    subnet: str
    zone: str
    groups: tuple[str, ...]  # none: nothing is filtered
    public: str | None = None
    names: tuple[str, ...] = ()  # DNS: who asks for one of these gets ``address``
    public_names: tuple[str, ...] = ()  # DNS: who asks for one of these gets ``public``
    hops: int = 64  # how far an answer of the metadata service gets
    service: str = ""  # AWS carries data between the bodies of one service by ways that no security group filters


@dataclass
class Standing(Generic[Spec]):
    """What the reconciler knows about one body. ``spec`` is what it was last made or changed to."""

    phase: Phase
    spec: Spec
    error: str = ""
    tries: int = 0
    since: float = field(default_factory=time.monotonic)

    @property
    def serves(self) -> bool:
        return self.phase in ("standing", "changing")


class Kind(Protocol[Spec]):
    """One kind of body; ``name`` is a word for the log and for labels. Keys are unique in their kind."""

    name: str

    def wanted(self, account: Account) -> dict[str, Spec]: ...

    def make(self, account: Account, key: str, spec: Spec) -> None: ...

    def change(self, account: Account, key: str, old: Spec, new: Spec) -> None: ...

    def remove(self, account: Account, key: str, old: Spec) -> None: ...

    def state(self, account: Account, bodies: Mapping[str, Standing[Spec]]) -> None: ...

    def interfaces(self, account: Account) -> Iterable[Interface]: ...


class Plain(Generic[Spec]):
    """A kind that writes nothing back and stands in no network; a base for the others."""

    def state(self, account: Account, bodies: Mapping[str, Standing[Spec]]) -> None:
        """Nothing to tell."""

    def interfaces(self, account: Account) -> Iterable[Interface]:
        return ()


class Watcher(Plain[None]):
    """A kind without bodies, which only looks at moto and acts there: in ``state``."""

    def wanted(self, account: Account) -> dict[str, None]:
        return {}

    def make(self, account: Account, key: str, spec: None) -> None:
        """Nothing: there is none."""

    def change(self, account: Account, key: str, old: None, new: None) -> None:
        """Nothing."""

    def remove(self, account: Account, key: str, old: None) -> None:
        """Nothing."""
