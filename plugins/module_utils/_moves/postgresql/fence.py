"""No write, without ending anyone's session: a lock on every table that lets readers pass.

Writers wait at it; they fail only after the switch, and go on as if nothing had been where the move is given up. The
locks belong to one session of ours: when this process dies, or the network goes, the server takes them away by itself.

That lock waits for autovacuum too, and a large store always has one somewhere. The server ends an autovacuum that
somebody has waited for longer than deadlock_timeout, and the fence may not wait that long at one table. So a weaker
lock comes first, with the time that this needs: writers pass it. It is taken right before users are held and no sooner,
because a migration would wait for it, and writers behind the migration.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..pulse import IDLE_SECONDS, Pulse
from ..session import BACK_SECONDS
from .catalogue import Table
from .quote import literal
from .wire import Connection, SqlError

# Below the server's deadlock_timeout of a second: our wait ends before the server ends someone else's transaction.
WAIT_MILLISECONDS = 400
# Above it, for each table where autovacuum is, and for all together: who vacuums by hand is not ended.
VACUUM_MILLISECONDS, ALL_MILLISECONDS = 3000, 8000
# As long as requests that are under way may take to end, and more.
HELD_SECONDS = 30
# What is free is had first, so that an autovacuum which is ended does not go on there.
_WHAT_IS_FREE = """DO $free$ DECLARE named text; BEGIN
FOREACH named IN ARRAY ARRAY[{}] LOOP
  BEGIN EXECUTE 'LOCK TABLE ONLY ' || named || ' IN SHARE UPDATE EXCLUSIVE MODE NOWAIT';
  EXCEPTION WHEN lock_not_available THEN NULL; END;
END LOOP; END $free$"""
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
        self._begun = False
        self._until = 0.0

    def make_way(self, tables: Sequence[Table]) -> None:
        """Keep autovacuum away until the fence ends; a second for each that is at work, of which a server has few."""
        self._begun = True
        self.connection.run(
            f"BEGIN; SET LOCAL idle_in_transaction_session_timeout = '{HELD_SECONDS}s'; SAVEPOINT alone"
        )
        if not tables:
            return
        try:
            self.connection.run(_WHAT_IS_FREE.format(", ".join(literal(table.sql) for table in tables)))
            self._lock(tables, "SHARE UPDATE EXCLUSIVE", VACUUM_MILLISECONDS)
        except SqlError as error:
            self.connection.run("ROLLBACK TO SAVEPOINT alone")
            if error.state not in (NOT_AVAILABLE, CANCELED):
                raise

    @property
    def stands(self) -> bool:
        """Whether the server has not ended its session."""
        try:
            self.connection.run("SELECT 1")
        except StairwayError:
            self.connection.close()
            return False
        return True

    def close_off(self, tables: Sequence[Table], until: float) -> None:
        """Wait for transactions that write, then let none begin to.

        :raises StairwayError: when one writes on until then, and which.
        """
        self._until = until
        if not tables:
            return
        if not self._begun:
            self.make_way(tables)
        self.connection.run(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
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
        before = f"SET LOCAL lock_timeout = {milliseconds}; SET LOCAL statement_timeout = {ALL_MILLISECONDS}"
        after = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0"
        self.connection.run(f"{before}; LOCK TABLE {listed} IN {mode} MODE; {after}")

    def for_good(self, statements: Sequence[str]) -> None:
        """End the fence with ``statements``, in one moment: no write comes between.

        :raises StairwayError: when it was gone before.
        """
        self.pulse.end(self._until)
        self.connection.within(time.monotonic() + BACK_SECONDS)
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
