"""Whether anybody but us has written to the target: its own binary log says so, at the price of reading heads only.

Every transaction of ours writes down how far we are, in the database that is ours; one that touches a table of the app
and not that was somebody else's.
"""

from __future__ import annotations

import time

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from .binlog import Event, Position, Stream


class Auditor:
    """Reads the target's log behind us. ``strangers`` has the tables that others have written to; ``*`` for what was
    said in words.
    """

    def __init__(self, target: tuple[Server, Login], database: str, own: str, start: Position, reader: int) -> None:
        self.database, self.own = database, own
        self.stream = Stream(*target, start, reader)
        self.strangers: set[str] = set()
        self._touched: set[str] = set()
        self._ours = False

    def reach(self, place: Position, until: float | None = None) -> None:
        """Look at everything before ``place``.

        :raises StairwayError: when that is not done at ``until`` (``time.monotonic``).
        """
        while self.stream.received < place:
            if until is not None and time.monotonic() > until:
                raise StairwayError("The target's log could not be read in time.", where=self.stream.connection.where)
            for event in self.stream.events(0.05):
                self._take(event)

    def _take(self, event: Event) -> None:
        if event.kind == "begin":
            self._touched, self._ours = set(), False
        elif event.kind == "table" and event.table is not None:
            self._ours = self._ours or event.table.database == self.own
            if event.table.database == self.database:
                self._touched.add(event.table.name)
        elif event.kind == "commit":
            if not self._ours:
                self.strangers |= self._touched
            self._touched = set()
        elif event.kind == "statement" and event.table is not None and event.table.database == self.database:
            self._word(event.text)

    def _word(self, text: str) -> None:
        """Definitions are compared anyway; what changes rows without saying which is the rest."""
        if text.split(" ")[0].upper() in ("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE", "LOAD"):
            self.strangers.add("*")

    def close(self) -> None:
        self.stream.close()
