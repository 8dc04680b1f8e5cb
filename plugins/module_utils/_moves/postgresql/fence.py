"""No write, without ending anyone's session: a lock on every table that lets readers pass.

Writers wait at it; they fail only after the switch, and go on as if nothing had been where the move is given up. The
locks belong to one session of ours: when this process dies, or the network goes, the server takes them away by itself.

That lock waits for autovacuum too, and a large store always has one somewhere. The server ends an autovacuum that
somebody has waited for longer than deadlock_timeout, and the fence may not wait that long at one table. So a weaker
lock comes first, with the time that this needs: writers pass it. It is held no longer than the fence, because a
migration would wait for it, and writers behind the migration.
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
# Above it, for each table; and for all, where somebody vacuums by hand, who is not ended.
VACUUM_MILLISECONDS, ALL_MILLISECONDS = 1500, 5000
NOT_AVAILABLE, CANCELED = "55P03", "57014"
_HOLDING = """SELECT a.pid, coalesce(a.usename, a.backend_type, 'somebody'),
  coalesce(nullif(a.application_name, ''), nullif(a.backend_type, 'client backend'), 'unnamed'),
  coalesce(max(extract(epoch FROM clock_timestamp() - a.xact_start))::int, 0)
FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_database d ON d.oid = l.database
WHERE d.datname = current_database() AND l.relation IN ({}) AND l.granted AND a.pid <> pg_backend_pid()
  AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'ShareLock')
GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 3"""


class Fence:
    """One fence; also the transaction that makes it a lasting one."""

    def __init__(self, server: Server, admin: Login) -> None:
        self.connection = Connection(server, admin)
        self.pulse = Pulse(self.connection, lambda: self.connection.run("SELECT 1"))

    def make_way(self, tables: Sequence[Table]) -> None:
        """Let autovacuum leave the tables; it comes back, but seldom in the seconds until the fence."""
        self.connection.run("BEGIN")
        self._alone(tables)
        self.connection.run("ROLLBACK")

    def _alone(self, tables: Sequence[Table]) -> None:
        """Without autovacuum until the transaction ends; where somebody vacuums by hand, it cannot be had."""
        self.connection.run("SAVEPOINT alone")
        try:
            self._lock(tables, "SHARE UPDATE EXCLUSIVE", VACUUM_MILLISECONDS)
        except SqlError as error:
            self.connection.run("ROLLBACK TO SAVEPOINT alone")
            if error.state not in (NOT_AVAILABLE, CANCELED):
                raise

    def close_off(self, tables: Sequence[Table], until: float) -> None:
        """Wait for transactions that write, then let none begin to.

        :raises StairwayError: when one writes on until then, and which.
        """
        if not tables:
            return
        self.connection.run(f"BEGIN; SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
        self._alone(tables)
        self.connection.run("SAVEPOINT fence")
        while True:
            try:
                self._lock(tables, "SHARE", WAIT_MILLISECONDS)
                break
            except SqlError as error:
                self.connection.run("ROLLBACK TO SAVEPOINT fence")
                if error.state not in (NOT_AVAILABLE, CANCELED):
                    raise
                if time.monotonic() > until:
                    raise busy(self.connection, tables) from None
        self.pulse.start()

    def _lock(self, tables: Sequence[Table], mode: str, milliseconds: int) -> None:
        listed = ", ".join(f"ONLY {table.sql}" for table in tables)
        if listed:
            before = f"SET LOCAL lock_timeout = {milliseconds}; SET LOCAL statement_timeout = {ALL_MILLISECONDS}"
            after = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0"
            self.connection.run(f"{before}; LOCK TABLE {listed} IN {mode} MODE; {after}")

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


def busy(connection: Connection, tables: Sequence[Table]) -> StairwayError:
    """Who is at these tables, so that nobody gets a lock on them."""
    rows = connection.rows(_HOLDING.format(", ".join(str(table.oid) for table in tables)))
    who = "; ".join(f"process {row[0]} of {row[1]} ({row[2]}), for {row[3]} s" for row in rows)
    return StairwayError(
        "A transaction on the source did not end in time; the app goes on there.",
        where=connection.where,
        found=who or "writers that come and go",
        expected="no transaction that writes, and no VACUUM by hand",
        fix="let it end, or end it (SELECT pg_terminate_backend(<process>)), then run the same command again",
    )
