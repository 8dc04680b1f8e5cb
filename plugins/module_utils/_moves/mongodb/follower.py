"""Carries what has changed, here and now or in the background."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..._common.errors import StairwayError
from ..following import Background
from . import documents, shape, verify
from .feeds import Key, Listener, grouped
from .shape import COLLECTION, Shapes
from .verify import Different
from .wire import Connection, End

AT_ONCE, ROUNDS = 5000, 20


@dataclass(frozen=True)
class Ends:
    """Both ends, and how each tells of its changes (``""`` where it does not)."""

    source: End
    target: End
    source_way: str
    target_way: str


class Follower(Background):
    """``touched`` has what has to be compared again: what has changed at the source, and whatever anyone has changed at
    the target since :meth:`watch`. Of capped collections the order counts: ``whole`` has those that are carried as a
    whole, ``ordered`` those that somebody has touched at the target.
    """

    def __init__(self, ends: Ends, position: str = "") -> None:
        super().__init__()
        self.ends = ends
        self.listener = Listener(ends.source_way, ends.source, position)
        self.watcher: Listener | None = None
        self.source, self.target = Connection(ends.source), Connection(ends.target)
        self.shapes: Shapes = {}
        self.touched: set[Key] = set()
        self.whole: set[str] = set()
        self.ordered: set[str] = set()
        self.carried = 0
        self._carrying = True
        self._refused: set[Key] = set()

    @property
    def sessions(self) -> list[Connection]:
        watching = self.watcher.sessions if self.watcher else []
        return [*self.listener.sessions, *watching, self.source, self.target]

    def within(self, until: float | None) -> None:
        """What is heard from now on has to be heard until then."""
        for one in (self.listener, self.watcher):
            if one is not None:
                one.until = until

    def watch(self, position: str = "") -> None:
        """Hear of whatever anyone changes at the target from here on (or from ``position`` on)."""
        if self.ends.target_way:
            self.watcher = Listener(self.ends.target_way, self.ends.target, position)
            self.watcher.feed.strict = False
            if not position:
                self.watcher.all()
                self.watcher.taken()

    def hear(self, seconds: float) -> None:
        """Only listen: a feed that nobody reads is closed."""
        self.listener.listen(seconds)
        if self.watcher is not None:
            self.watcher.listen(0)
            self._watched(self.watcher.taken())

    def _watched(self, found: set[Key]) -> None:
        self.ordered |= {
            name for name in {one for one, _key in found} if name in self.shapes and self.shapes[name].capped
        }
        self.touched |= found

    def step(self, seconds: float) -> None:
        """Carry what was heard of; wait ``seconds`` at most where nothing was."""
        self.hear(seconds)
        self._carry(self.listener.taken())

    def reach(self) -> None:
        """Carry everything that was written by now.

        :raises StairwayError: when something cannot be written.
        """
        self.listener.all()
        self._carry(self.listener.taken())
        for _round in range(ROUNDS):
            if not self._refused:
                break
            self.listener.all()
            self._carry(self.listener.taken())
        if self.watcher is not None:
            self.watcher.all()
            self._watched(self.watcher.taken())

    def _carry(self, dirty: set[Key]) -> None:
        dirty |= self._refused
        self._refused = set()
        self.touched |= dirty
        for collection, keys in grouped(dirty).items():
            known = self._shape(collection)
            if known is None or known.kind != COLLECTION:
                continue
            if known.capped:
                self.whole.add(collection)
                continue
            for at in range(0, len(keys), AT_ONCE):
                part = keys[at : at + AT_ONCE]
                refused = documents.carry(self.source, self.target, collection, part, known.writing)
                self._refused |= {(collection, key) for key in refused}
                self.carried += len(part)

    def carry_whole(self) -> None:
        """Collections whose order counts, anew."""
        for one in (self.shapes[name] for name in sorted(self.whole)):
            self.target.call({"drop": one.name})
            shape.create(self.target, one)
            documents.copy(self.source, self.target, one.name, {}, one.writing)
            shape.create_indexes(self.target, one, {})

    def _shape(self, collection: str) -> shape.Shape | None:
        """Of a collection that is new since, too."""
        if collection not in self.shapes:
            self.shapes = shape.bring(self.source, self.target)
            known = self.shapes.get(collection)
            if known is not None:
                shape.create_indexes(self.target, known, shape.indexes(self.target, collection))
        return self.shapes.get(collection)

    def different(self, keys: set[Key]) -> Different:
        """Those of the documents that are not the same now, as both sides have them."""
        return verify.different(self.source, self.target, keys)

    def tidy(self) -> None:
        """Forget some that are the same already, so that little is left for the fence."""
        part = set(list(self.touched)[: documents.AT_ONCE])
        if len(part) == documents.AT_ONCE:
            self.touched -= part - self.different(part).keys()

    # --- in the background -----------------------------------------------------------------------------------------

    def start(self, *, carry: bool = True) -> None:
        """Without ``carry`` it only hears of what has changed."""
        self._carrying = carry
        super().start()

    def portion(self) -> None:
        if self._carrying:
            self.step(0.2)
            self.tidy()
        else:
            self.hear(0.2)

    def pause(self, until: float | None = None) -> None:
        """As always; a server that does not answer until then is left.

        :raises StairwayError: what had stopped it, or that it was left.
        """
        self._halt(None if until is None else max(0.0, until - time.monotonic()))
        if self._thread is not None:
            raise self._left()
        super().pause()

    def _left(self) -> StairwayError:
        for one in self.sessions:
            one.cut()
        self._halt(None)
        return StairwayError(
            "A server did not answer in time, while its changes were followed.",
            where=f"{self.ends.source.server.host}, {self.ends.target.server.host}",
            fix="see what it is busy with, then run the same command again",
        )

    def close(self) -> None:
        self._halt()
        for one in self.sessions:
            one.close()
