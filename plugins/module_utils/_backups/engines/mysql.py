"""MySQL and MariaDB: a dump in one transaction, and the rows counted in another that began in the same moment.

No two sessions of these servers can share a snapshot. So all writes wait, for some tenths of a second, until both
transactions have begun: https://dev.mysql.com/doc/refman/8.4/en/flush.html#flush-tables-with-read-lock
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..._common import wait
from ..._common.errors import StairwayError
from ..._common.pipe import Pipe
from ..model import Manifest, Store
from .words import ADMIN, Dump, Facts, inside, number_lines, told

# How long writes may have to wait for the lock, when a long query is in its way.
LOCK_SECONDS = 3
BEGUN_SECONDS = 20
# The most that there can be. A byte takes two digits in a dump, so what the server took by its own limit of 16 or 64 MB
# can be more than it takes again.
PACKET = "1G"
# Events that end by themselves are not counted: a server drops one whose time is over when it is restored.
_OBJECTS = """SELECT 'server', 0, VERSION();
SELECT 'bytes', COALESCE(SUM(data_length + index_length), 0), 'database' FROM information_schema.tables
  WHERE table_schema = DATABASE();
SELECT 'loose', 0, table_name FROM information_schema.tables
  WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND engine <> 'InnoDB';
SELECT 'object', COUNT(*), 'indexes' FROM (SELECT DISTINCT table_name, index_name FROM information_schema.statistics
  WHERE table_schema = DATABASE()) AS i;
SELECT 'object', COUNT(*), 'constraints' FROM information_schema.table_constraints WHERE table_schema = DATABASE();
SELECT 'object', COUNT(*), 'triggers' FROM information_schema.triggers WHERE trigger_schema = DATABASE();
SELECT 'object', COUNT(*), 'routines' FROM information_schema.routines WHERE routine_schema = DATABASE();
SELECT 'object', COUNT(*), 'events' FROM information_schema.events
  WHERE event_schema = DATABASE() AND event_type = 'RECURRING' AND ends IS NULL;
SELECT 'object', COUNT(*), 'views' FROM information_schema.views WHERE table_schema = DATABASE();
"""
_TABLES = """SELECT table_name FROM information_schema.tables
  WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY 1;
"""
_SNAPSHOT = """SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
START TRANSACTION WITH CONSISTENT SNAPSHOT;
SELECT 'snapshot', CONNECTION_ID();
"""
_LOCK = f"SET lock_wait_timeout = {LOCK_SECONDS};\nFLUSH TABLES WITH READ LOCK;\nSELECT 'locked';\n"
# Connections are numbered, so what began after ours and is in a transaction is the dump.
_BEGUN = """SELECT 'begun', COUNT(*) FROM information_schema.innodb_trx t
  JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.user = 'root' AND p.id > {after};
"""


class MySQL:
    suffix = "sql"
    cold = False

    def __init__(self, engine: str) -> None:
        self._client = "mysql" if engine == "mysql" else "mariadb"
        self._dump = "mysqldump" if engine == "mysql" else "mariadb-dump"
        self._daemon = "mysqld" if engine == "mysql" else "mariadbd"

    @contextmanager
    def dump(self, store: Store) -> Iterator[Dump]:
        """:raises StairwayError: when the server does not answer, or the dump fails."""
        tables = told(store.container, self.ask(store), _TABLES, what="Listing the tables").splitlines()
        counting = [inside(store.container, self.ask(store))]
        with (
            Pipe(counting, what=f"Locking {store.name}", fed=True) as lock,
            Pipe(counting, what=f"Counting the rows of {store.name}", fed=True) as session,
        ):
            locked = _locked(lock)
            session.write(_SNAPSHOT.encode())
            after = (session.line() or "").partition("\t")[2]
            if not after.isdigit():
                session.finish()
                raise StairwayError("The server begins no transaction.", where=store.container)

            def begun(over: Callable[[], bool]) -> None:
                if locked:
                    _wait_for_dump(lock, after, over)
                    lock.write(b"UNLOCK TABLES;\n")
                    lock.finish()
                session.write((_count(tables) + _OBJECTS + "SELECT 'done';\n").encode())

            def facts(_said: str, _head: bytes) -> Facts:
                lines = []
                while (line := session.line()) not in (None, "done"):
                    lines.append(str(line))
                if line is None:
                    session.finish()
                return _facts("\n".join(lines), all_loose=not locked)

            words = "--single-transaction --quick --routines --triggers --events --hex-blob --no-autocommit"
            words += f" --max-allowed-packet={PACKET}"
            words += " --default-character-set=utf8mb4 --loose-set-gtid-purged=OFF --add-drop-database"
            login = f"MYSQL_PWD={ADMIN} exec {self._dump} --no-defaults -u root"
            yield Dump(inside(store.container, f"{login} {words} --databases '{store.database}'"), facts, begun)

    def server(self, store: Store) -> list[str]:
        careless = ["--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--event-scheduler=OFF"]
        return [self._daemon, *careless, f"--max-allowed-packet={PACKET}"]

    def ready(self, store: Store) -> str:
        admin = "mysqladmin" if self._client == "mysql" else "mariadb-admin"
        return f"MYSQL_PWD={ADMIN} {admin} --no-defaults ping --silent -h 127.0.0.1 -u root"

    def load(self, store: Store, manifest: Manifest) -> str:
        return f"MYSQL_PWD={ADMIN} exec {self._client} --no-defaults -u root --max-allowed-packet={PACKET}"

    def facts(self, container: str, store: Store, said: str) -> Facts:
        tables = told(container, self.ask(store), _TABLES, what="Listing the tables").splitlines()
        return _facts(told(container, self.ask(store), _count(tables) + _OBJECTS, what="Counting the rows"))

    def settle(self, container: str, store: Store) -> None:
        """Nothing is left to do."""

    def ask(self, store: Store) -> str:
        words = "-N -B -r --unbuffered --default-character-set=utf8mb4"
        return f"MYSQL_PWD={ADMIN} exec {self._client} --no-defaults -u root {words} '{store.database}'"


def _locked(lock: Pipe) -> bool:
    """Whether writes wait now. Where a long query is in the way, a dump without exact counts is better than none."""
    lock.write(_LOCK.encode())
    return lock.line() == "locked"


def _wait_for_dump(lock: Pipe, after: str, over: Callable[[], bool]) -> None:
    """Until its transaction is there, or a small dump has come and gone between two questions."""

    def asked() -> bool | None:
        if over():
            return True
        lock.write(_BEGUN.format(after=after).encode())
        return True if (lock.line() or "begun\t1").partition("\t")[2] != "0" else None

    wait.until(asked, seconds=BEGUN_SECONDS, every=0.02)


def _count(tables: list[str]) -> str:
    quoted = [(name.replace("`", "``"), name.replace("\\", "\\\\").replace("'", "\\'")) for name in tables]
    return "".join(f"SELECT 'count', COUNT(*), '{text}' FROM `{name}`;\n" for name, text in quoted)  # noqa: S608 quoted


def _facts(text: str, *, all_loose: bool = False) -> Facts:
    counts = number_lines(text, "count")
    loose = tuple(counts) if all_loose else tuple(number_lines(text, "loose"))
    return Facts(
        counts=counts,
        objects=number_lines(text, "object"),
        loose=loose,
        server=next(iter(number_lines(text, "server")), ""),
        database_bytes=number_lines(text, "bytes").get("database", 0),
    )
