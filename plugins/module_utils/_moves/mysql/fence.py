"""No write, without ending anyone's session: a lock on every table that lets readers pass.

Writers wait at it, and go on as if nothing had been where the move is given up. The locks belong to one session of
ours: when this process dies, or the network goes, the server takes them away by itself.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

from ..._common import wait
from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..pulse import IDLE_SECONDS, Pulse
from ..session import BACK_SECONDS
from .quote import identifier, literal
from .wire import Connection, SqlError

# For so long we only try: whoever waits for a lock can make the server end somebody else's transaction as a deadlock.
TRYING_SECONDS = 1.5
_TIMED_OUT = 1205


class Fence:
    """One fence."""

    def __init__(self, server: Server, admin: Login) -> None:
        self.connection = Connection(server, admin)
        self.connection.run(f"SET SESSION wait_timeout = {IDLE_SECONDS}")
        self.pulse = Pulse(self.connection, lambda: self.connection.run("SELECT 1"))
        self.user = admin.user
        self._until = 0.0

    def close_off(self, tables: Sequence[str], until: float) -> None:
        """Wait for transactions that write, then let none begin to.

        :raises StairwayError: when one writes on until then, and which.
        """
        self._until = until
        if tables:
            self._lock(tables, until)
        self.pulse.start()

    def _lock(self, tables: Sequence[str], until: float) -> None:
        mariadb = "MariaDB" in (self.connection.one("SELECT VERSION()") or "")
        statement = "LOCK TABLES " + ", ".join(f"{identifier(name)} READ" for name in tables)
        waiting = time.monotonic() + TRYING_SECONDS

        def locked() -> bool | None:
            patience = 0 if mariadb and time.monotonic() < waiting else 1
            try:
                self.connection.run(f"SET lock_wait_timeout = {patience}; {statement}")
            except SqlError as error:
                if error.number != _TIMED_OUT:
                    raise
                return None
            return True

        if wait.until(locked, seconds=until - time.monotonic(), every=0.01) is None:
            raise self._busy()

    def stood(self) -> None:
        """:raises StairwayError: when the fence was gone before now: somebody may have written since."""
        self.pulse.end(self._until)
        self.connection.within(time.monotonic() + BACK_SECONDS)
        self.connection.run("SELECT 1")

    def open(self) -> None:
        """Let writers go on."""
        self.pulse.end()
        with contextlib.suppress(StairwayError):
            if self.connection.open:
                self.connection.within(time.monotonic() + BACK_SECONDS)
                self.connection.run("UNLOCK TABLES")
        self.connection.close()

    def _busy(self) -> StairwayError:
        rows = self.connection.rows(
            "SELECT p.id, p.user, t.trx_started FROM information_schema.innodb_trx t JOIN "
            "information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.id <> CONNECTION_ID() "
            f"AND p.user <> {literal(self.user)} ORDER BY t.trx_started LIMIT 3"
        )
        who = "; ".join(f"connection {row[0]} of {row[1]}, since {row[2]} UTC" for row in rows)
        return StairwayError(
            "A transaction on the source did not end in time; the app goes on there.",
            where=self.connection.where,
            found=who or "writers that come and go",
            expected="no transaction that writes",
            fix="let it end, or end it (KILL <connection>; on RDS CALL mysql.rds_kill(<connection>)), then run the "
            "same command again",
        )
