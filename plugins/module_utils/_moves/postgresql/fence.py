"""No write, without ending anyone's session: a lock on every table that lets readers pass.

Writers wait at it; they fail only after the switch, and go on as if nothing had been where the move is given up. The
locks belong to one session of ours: when this process dies, or the network goes, the server takes them away by itself.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..pulse import IDLE_SECONDS, Pulse
from .catalogue import Table
from .wire import Connection, SqlError

# Below the server's deadlock_timeout of a second: our wait ends before the server ends someone else's transaction.
WAIT_MILLISECONDS = 400
_NOT_AVAILABLE = "55P03"


class Fence:
    """One fence; also the transaction that makes it a lasting one."""

    def __init__(self, server: Server, admin: Login) -> None:
        self.connection = Connection(server, admin)
        self.pulse = Pulse(self.connection, lambda: self.connection.run("SELECT 1"))

    def close_off(self, tables: Sequence[Table], until: float) -> None:
        """Wait for transactions that write, then let none begin to.

        :raises StairwayError: when one writes on until then, and which.
        """
        listed = ", ".join(f"ONLY {table.sql}" for table in tables)
        if not listed:
            return
        while True:
            try:
                self.connection.run(
                    f"BEGIN; SET LOCAL lock_timeout = {WAIT_MILLISECONDS}; LOCK TABLE {listed} IN SHARE MODE; "
                    f"SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'"
                )
                break
            except SqlError as error:
                self.connection.run("ROLLBACK")
                if error.state != _NOT_AVAILABLE:
                    raise
                if time.monotonic() > until:
                    raise self._busy() from None
        self.pulse.start()

    def for_good(self, statements: Sequence[str]) -> None:
        """End the fence with ``statements``, in one moment: no write comes between.

        :raises StairwayError: when it was gone before.
        """
        self.pulse.end()
        self.connection.run(";\n".join([*statements, "COMMIT"]))

    def open(self) -> None:
        """Let writers go on."""
        self.pulse.end()
        self.connection.close()

    def _busy(self) -> StairwayError:
        rows = self.connection.rows(
            "SELECT pid, usename, coalesce(application_name, ''), extract(epoch FROM now() - xact_start)::int "
            "FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL "
            "ORDER BY 4 DESC LIMIT 3"
        )
        who = "; ".join(f"process {row[0]} of {row[1]} ({row[2] or 'unnamed'}), for {row[3]} s" for row in rows)
        return StairwayError(
            "A transaction on the source did not end in time; the app goes on there.",
            where=self.connection.where,
            found=who or "writers that come and go",
            expected="no transaction that writes",
            fix="let it end, or end it (SELECT pg_terminate_backend(<process>)), then run the same command again",
        )
