"""Whether both ends of a move of MySQL are the same, from end to end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..ends import Ends
from ..model import Verification, Wish
from . import catalogue, checksum, rights, verify
from .catalogue import Table
from .copy import Reader
from .wire import Connection


class Compared(Ends[Connection]):
    """The source and the target of ``wish``, and how they differ."""

    def __init__(self, wish: Wish) -> None:
        super().__init__(wish, Connection)
        self._tables: list[Table] | None = None

    @property
    def tables(self) -> list[Table]:
        if self._tables is None:
            self._tables = catalogue.tables(self.source)
        return self._tables

    def forget_tables(self) -> None:
        """They are looked up again."""
        self._tables = None

    def dismiss(self, name: str, found: Sequence[rights.Writer]) -> None:
        """End the sessions of everyone who may write, also the one that we have in the app's name."""
        ours = self.sessions.pop(f"{name} app", None)
        if ours is not None:
            ours.close()
        names = {who.split("@")[0].strip("'") for who, *_rest in found}
        rights.dismiss(self.session(name), sorted(names | {self.wish.source.app.user, self.wish.target.app.user}))

    def sums(self, found: Verification, tables: Sequence[Table], readers: Mapping[str, Reader] | None = None) -> None:
        """Compare tables from end to end; of the source what ``readers`` see, or what is there."""
        summer = checksum.Summer(self.end("source"), self.end("target"), readers)
        figures, differences = summer.compared(tables, self.wish.limits.jobs * 2)
        found.tables.update({name: dict(one) for name, one in figures.items()})
        found.differences += differences

    def definitions(self, found: Verification, *, acting: bool) -> None:
        """Compare what was made, with triggers and events where they are ``acting``, and the rights of others."""
        user = self.wish.source.app.user
        counts, differences = verify.definitions(self.source, self.target, user, acting=acting)
        found.objects.update(counts)
        found.differences += differences

    def positions(self, found: Verification) -> None:
        """Compare sequences and AUTO_INCREMENT."""
        counts, differences = verify.positions(self.source, self.target)
        found.objects.update(counts)
        found.differences += differences
