"""Rows that an app keeps in tables of an extension: jobs of pg_cron, tables of pg_partman, places of PostGIS.

An extension makes its tables itself, and no move copies them; it marks those whose rows are the app's own, and says
which it has brought itself: https://www.postgresql.org/docs/current/extend-extensions.html, configuration tables.
"""

from __future__ import annotations

from ..model import REFUSE, SAY, Finding, Wish
from .wire import Connection

_MARKED = """SELECT format('%I.%I', n.nspname, c.relname), coalesce(e.extcondition[x.at], '')
FROM pg_extension e CROSS JOIN LATERAL unnest(e.extconfig) WITH ORDINALITY AS x(oid, at)
JOIN pg_class c ON c.oid = x.oid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1"""
_SUM = """SELECT count(*), coalesce(sum(hashtextextended(ROW(stairway_row.*)::text COLLATE "C", 0)), 0)
FROM {} stairway_row {}"""


def kept(connection: Connection) -> dict[str, str]:
    """What is in each such table that has any: how many rows, and their checksum."""
    found = {}
    for table, condition in connection.rows(_MARKED):
        count, checksum = connection.rows(_SUM.format(table, condition))[0]
        if count != "0":
            found[table or ""] = f"{count} rows, checksum {checksum}"
    return found


def findings(wish: Wish, source: Connection, target: Connection, *, replaced: bool) -> list[Finding]:
    """What a preflight says of them: they have to be at the target already. ``replaced`` says that what stands there
    goes before the copy.
    """
    here, there = kept(source), {} if replaced else kept(target)
    found = []
    for table in sorted(here.keys() | there.keys()):
        if here.get(table) == there.get(table):
            what = f"{table}, an extension's table, has the same rows on both sides; leave them alone until the switch"
            found.append(Finding(SAY, what))
            continue
        fix = (
            "on the target, as its administrator: CREATE EXTENSION; then let it have the same rows (pg_dump "
            f"--data-only --table={table}); or delete them on the source, where the app can do without"
        )
        if replaced:
            fix = f"make the target's database anew (DROP DATABASE, CREATE DATABASE) instead of replacing it; {fix}"
        what = f"{table} belongs to an extension and has rows of the app's own, which no move copies"
        found.append(Finding(REFUSE, f"{what}: {here.get(table, 'none')}", wish.source.words, fix))
    return found
