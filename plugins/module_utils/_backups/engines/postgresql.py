"""PostgreSQL: ``pg_dump`` and the rows counted in one and the same snapshot, so that both have to agree to the row."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from ..._common.errors import StairwayError
from ..._common.pipe import Pipe
from ..model import Manifest, Store
from .words import ADMIN, Dump, Facts, inside, number_lines, told

_LOGIN = f"PGPASSWORD={ADMIN} exec"
_AS = "-h 127.0.0.1 -U postgres -w"
_PSQL = f"psql -XAtq -v ON_ERROR_STOP=1 {_AS}"
# Indexes that are not valid, as CREATE INDEX CONCURRENTLY leaves them, or is making them, are in no dump.
# Tables, partitions each by itself, never an inherited row twice. query_to_xml runs a statement for each row:
# https://www.postgresql.org/docs/current/functions-xml.html
_FACTS = """SELECT E'server\\t0\\t' || current_setting('server_version');
SELECT E'bytes\\t' || pg_database_size(current_database()) || E'\\tdatabase';
SELECT E'role\\t0\\t' || rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres';
SELECT E'count\\t' || (xpath('/row/c/text()', query_to_xml(
    format('SELECT count(*) AS c FROM ONLY %I.%I', n.nspname, c.relname), false, true, '')))[1]::text
    || E'\\t' || n.nspname || '.' || c.relname
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1;
SELECT E'object\\t' || count(*) || E'\\t' || CASE relkind WHEN 'i' THEN 'indexes' WHEN 'S' THEN 'sequences'
    WHEN 'v' THEN 'views' WHEN 'm' THEN 'materialized views' ELSE 'tables' END
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_index i ON i.indexrelid = c.oid
  WHERE relkind IN ('r', 'i', 'S', 'v', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    AND coalesce(i.indisvalid AND i.indisready, true)
  GROUP BY relkind;
SELECT E'object\\t' || count(*) || E'\\tconstraints' FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
  WHERE contype <> 'n' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema';
SELECT E'object\\t' || count(*) || E'\\ttriggers' FROM pg_trigger WHERE NOT tgisinternal;
"""
_ROLE = "SELECT format('CREATE ROLE %I', {0}) WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {0}) \\gexec\n"
_BEGIN = """SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = 0;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT E'snapshot\\t0\\t' || pg_export_snapshot();
"""


class PostgreSQL:
    suffix = "pgdump"
    cold = False

    @contextmanager
    def dump(self, store: Store) -> Iterator[Dump]:
        """:raises StairwayError: when the server does not answer, or ``pg_dump`` fails."""
        script = f"{_LOGIN} {_PSQL} -d '{store.database}'"
        with Pipe([inside(store.container, script)], what=f"Counting the rows of {store.name}", fed=True) as session:
            session.write((_BEGIN + _FACTS + "\\echo done\n").encode())
            first = session.line()
            if first is None or not first.startswith("snapshot\t"):
                session.finish()
                raise StairwayError("PostgreSQL gives no snapshot.", where=store.container, found=first or "nothing")
            words = f"--format=custom --compress=0 --snapshot={first.split(chr(9))[2]}"
            dump = f"{_LOGIN} pg_dump {_AS} {words} -d '{store.database}'"

            def facts(_said: str, _head: bytes) -> Facts:
                lines = []
                while (line := session.line()) not in (None, "done"):
                    lines.append(str(line))
                if line is None:
                    session.finish()
                return _facts("\n".join(lines))

            yield Dump(inside(store.container, dump), facts)

    def server(self, store: Store) -> list[str]:
        # https://www.postgresql.org/docs/current/non-durability.html; what it wrote is brought to the disk afterwards
        careless = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal")
        sizes = ("max_wal_senders=0", "max_wal_size=4GB", "autovacuum=off")
        return ["postgres", *(word for one in (*careless, *sizes) for word in ("-c", one))]

    def ready(self, store: Store) -> str:
        return "pg_isready --quiet --host 127.0.0.1 --username postgres"

    def load(self, store: Store, manifest: Manifest) -> str:
        """The roles that own things have to be there; they log in with no password until somebody gives them one."""
        roles = "".join(_ROLE.format(_literal(role)) for role in manifest.roles)
        make = f"printf %s {shlex.quote(roles)} | PGPASSWORD={ADMIN} {_PSQL} -d postgres >/dev/null\n" if roles else ""
        return f"set -e\n{make}{_LOGIN} pg_restore {_AS} --clean --if-exists --create --exit-on-error -d postgres"

    def facts(self, container: str, store: Store, said: str) -> Facts:
        return _facts(told(container, f"{_LOGIN} {_PSQL} -d '{store.database}'", _FACTS, what="Counting the rows"))

    def settle(self, container: str, store: Store) -> None:
        # a planner without figures is slow on the first morning
        told(container, f"{_LOGIN} {_PSQL} -d '{store.database}'", "ANALYZE;", what="ANALYZE")

    def ask(self, store: Store) -> str:
        return f"{_LOGIN} {_PSQL} -d '{store.database}'"


def _literal(text: str) -> str:
    """As psql reads it: a backslash or a colon in quotes means nothing, and a name has no line end in our format."""
    return "'" + text.replace("'", "''") + "'"


def _facts(text: str) -> Facts:
    names = {word: [line.split("\t", 2)[2] for line in text.splitlines() if line.startswith(f"{word}\t")] for word in
             ("server", "role")}  # fmt: skip
    return Facts(
        counts=number_lines(text, "count"),
        objects=number_lines(text, "object"),
        roles=tuple(sorted(names["role"])),
        server=(names["server"] or [""])[0],
        database_bytes=number_lines(text, "bytes").get("database", 0),
    )
