"""Both ends of a move of MySQL: their sessions, opened when they are needed, and what compares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..._stores.model import Login, Server
from ..model import Verification, Wish
from . import catalogue, checksum, rights, verify
from .catalogue import Table
from .copy import Reader
from .wire import Connection


class Ends:
    """The source and the target of ``wish``. A session's name is ``source`` or ``target``, with `` app`` behind it in
    the app's name, and with any other word for another session of the administrator.
    """

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.sessions: dict[str, Connection] = {}
        self._tables: list[Table] | None = None

    def end(self, name: str) -> tuple[Server, Login]:
        side = self.wish.source if name.startswith("source") else self.wish.target
        return side.server, side.app if name.endswith("app") else side.admin

    def session(self, name: str) -> Connection:
        found = self.sessions.get(name)
        if found is None or not found.open:
            found = self.sessions[name] = Connection(*self.end(name))
        return found

    @property
    def source(self) -> Connection:
        return self.session("source")

    @property
    def target(self) -> Connection:
        return self.session("target")

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

    def close(self) -> None:
        for session in self.sessions.values():
            session.close()

    # --- compared ----------------------------------------------------------------------------------------------------

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
