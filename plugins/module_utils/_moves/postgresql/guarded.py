"""Who may write at either end of a move of PostgreSQL, and when."""

from __future__ import annotations

from collections.abc import Callable

from ..engine import Facts
from ..model import Wish
from ..session import time_to_go_back
from . import rights
from .compared import Compared


class Guarded(Compared):
    """Both ends of ``wish``; ``facts`` has who could write there before (``writers`` at the target,
    ``source_writers``), so that whoever comes next can give it back.
    """

    def __init__(self, wish: Wish) -> None:
        super().__init__(wish)
        self.facts: Facts = {}
        self.remember: Callable[[], None] = lambda: None

    def retired(self) -> bool:
        return self.source.one(rights.READ_ONLY) == "t"

    def _guard(self, *, on: bool) -> None:
        """Until the switch only we write to the target, where anyone could tell us from the app."""
        if self.wish.target.admin.user == self.wish.target.app.user:
            return
        user, found = self.wish.target.admin.user, self.facts["writers"]
        ours = [] if self.target.one("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "t" else found
        statements = rights.taken(found) if on else rights.given(found)
        statements += rights.for_us(ours, user, give=on)
        if statements:
            self.target.run(";\n".join(["BEGIN", *statements, "COMMIT"]))

    def _note_the_time(self) -> None:
        """By the source's clock, before anything makes it read-only; the journal has it with the step after."""
        self.facts["fenced"] = self.source.one("SELECT clock_timestamp()")

    def _source_closed(self) -> list[str]:
        """Statements that let nobody write to the source any more."""
        taken = rights.taken(self.facts["source_writers"])
        return [*taken, rights.read_only(self.wish.source.admin.database, on=True)]

    def _source_given_back(self) -> None:
        """What those took, however far they came. A session that began meanwhile would stay read-only for as long as a
        pool keeps it: it ends. Those of before only lacked their rights, and have them again.
        """
        time_to_go_back(self.sessions.values())
        if "source_writers" not in self.facts:
            return
        if self.retired():
            self.facts["misled"] = True
            self.remember()  # the next run would not see it any more
        given = rights.given(self.facts["source_writers"])
        given.append(rights.read_only(self.wish.source.admin.database, on=False))
        self.source.run(";\n".join(["BEGIN", *given, "COMMIT"]))
        if self.facts.get("misled"):
            self.source.run(rights.dismissed(self.wish.source.app.user, since=self.facts.get("fenced")))
            del self.facts["misled"]
