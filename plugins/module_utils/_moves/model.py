"""The words of a move, as frozen data. Pure.

A move carries one store from its *source* to its *target*. Until the *switch* the app is on the source; whatever fails
before it leaves the app there. ``how`` is ``follow`` (copy, then carry every change until the fence) or ``dump`` (the
app cannot write for as long as the copy takes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .._stores.model import Login, Server

# In their order. A step may be done again: a run that was cut off goes on with the last one that was begun.
STEPS = (
    "preflight",
    "prepare",
    "copy",
    "check",
    "follow",
    "fence",
    "catch_up",
    "verify",
    "switch",
    "unfence",
    "keep",
)
# What a run that was cut off in one of these has made is taken away, and made again: the snapshot died with the run.
BEFORE_FOLLOWING = STEPS[: STEPS.index("follow")]
# From here on the source takes no more writes until the run has said that it does again.
SWITCHING = STEPS[STEPS.index("switch") :]

FOLLOW, DUMP = "follow", "dump"
# The way back: the target keeps what is written there since the switch; or the move goes by what was kept.
KEEP, USE = "keep", "use"
REFUSE, SAY = "refuse", "say"


@dataclass(frozen=True)
class Side:
    """One end of a move: ``place`` is ``container``, ``managed`` or ``external``, ``container`` its name where it is in
    one on this host. ``app`` is the app's own login, ``admin`` who may do more; they may be the same. ``url`` is the
    whole address of a store that somebody else runs.
    """

    place: str
    server: Server
    app: Login
    admin: Login
    container: str | None = None
    url: str = field(default="", repr=False)

    @property
    def words(self) -> str:
        """For people: where that is."""
        if self.container:
            return f"in the container {self.container}"
        return f"at {self.server.host}:{self.server.port}"


@dataclass(frozen=True)
class Limits:
    """What a move may take. ``fence_seconds`` is the longest time without writes; after it the app goes on with the
    source. ``jobs`` is how many tables are read at once.
    """

    fence_seconds: float = 5.0
    jobs: int = 2
    keep_source_days: int = 7


@dataclass(frozen=True)
class Wish:
    """What is asked for. ``how`` is ``auto``, ``follow`` or ``dump``; ``replace_target`` lets go of what an earlier
    move away from the target has left there. ``way_back`` is ``keep``, ``use`` or empty.
    """

    app: str
    store: str
    engine: str
    source: Side
    target: Side
    how: str = "auto"
    limits: Limits = field(default_factory=Limits)
    replace_target: bool = False
    way_back: str = ""


@dataclass(frozen=True)
class Finding:
    """Something that a preflight has to say; ``weight`` is ``refuse`` (the move does not begin), or ``say``. One that
    ``hinders`` ``follow`` refuses only that way.
    """

    weight: str
    what: str
    where: str = ""
    fix: str = ""
    hinders: str = ""


@dataclass(frozen=True)
class Survey:
    """What a preflight found out, before anything is touched. Sizes in bytes."""

    source_version: str
    target_version: str
    size: int
    tables: int
    rows: int
    how: str
    minutes: float
    fence_seconds: float
    target_free: int | None
    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(
        cls,
        wish: Wish,
        versions: tuple[str, str],
        findings: Sequence[Finding],
        *,
        size: int,
        tables: int,
        rows: int,
        seconds: float,
        target_free: int | None,
    ) -> Survey:
        """One of a move of about ``seconds``: where nothing can be followed, the app is held for as long. Who goes
        the way back follows what was kept.
        """
        how = wish.how if wish.how != "auto" and wish.way_back != USE else FOLLOW
        found = tuple(findings)
        minutes = seconds / 60
        if wish.how == "auto" and wish.way_back != USE and any(one.hinders == FOLLOW for one in found):
            what = f"as it is, it can only be moved with the app held for about {max(minutes, 1):.0f} minute(s)"
            found += (Finding(SAY, what, fix="-e move_how=dump allows that"),)
        held = wish.limits.fence_seconds if how == FOLLOW else round(seconds)
        return cls(*versions, size, tables, rows, how, round(minutes, 1), held, target_free, found)

    @property
    def refusals(self) -> list[Finding]:
        return [one for one in self.findings if one.weight == REFUSE and one.hinders in ("", self.how)]

    def plain(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same on both sides. ``kind`` is ``rows``, ``sequence``, ``index``, ..."""

    kind: str
    name: str
    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.source} at the source, {self.target} at the target"


@dataclass
class Verification:
    """What was compared and what it gave. ``tables`` has for each table (or collection) its figures on both sides."""

    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    objects: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    seconds: float = 0.0

    def plain(self) -> dict[str, Any]:
        return asdict(self)
