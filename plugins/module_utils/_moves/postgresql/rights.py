"""Who may write, taken away and given back: on the target until the switch, on the source after it.

Rights count at once in every session, also in those that a pool keeps open; a default such as
``default_transaction_read_only`` counts in new ones only, and a session may change it.
"""

from __future__ import annotations

from ..ends import ended
from .catalogue import OWN_SCHEMA
from .quote import identifier, literal
from .wire import OURS, Connection

# A server that undoes millions of rows takes a while over it.
ENDING_SECONDS = 120.0

# [table as SQL, its owner, who ("" for everyone), which rights, those of them that he may pass on]
Writer = list[str]
_ANYONE = f"""c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
  AND n.nspname NOT IN ('information_schema', '{OWN_SCHEMA}')
  AND NOT EXISTS (SELECT FROM pg_depend e
    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')"""
# REVOKE of a right to a table takes the same right to its columns too, so those are given back as well.
_WRITERS = f"""SELECT format('%I.%I', n.nspname, c.relname), pg_get_userbyid(c.relowner),
  CASE x.grantee WHEN 0 THEN '' ELSE pg_get_userbyid(x.grantee) END,
  coalesce(string_agg(x.privilege_type, ', ') FILTER (WHERE NOT x.is_grantable OR x.grantee = c.relowner), ''),
  coalesce(string_agg(x.privilege_type, ', ') FILTER (WHERE x.is_grantable AND x.grantee <> c.relowner), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x
WHERE {_ANYONE} AND x.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
GROUP BY 1, 2, 3
UNION ALL SELECT format('%I.%I', n.nspname, c.relname), pg_get_userbyid(c.relowner),
  CASE x.grantee WHEN 0 THEN '' ELSE pg_get_userbyid(x.grantee) END,
  coalesce(string_agg(format('%s (%I)', x.privilege_type, a.attname), ', ') FILTER (WHERE NOT x.is_grantable), ''),
  coalesce(string_agg(format('%s (%I)', x.privilege_type, a.attname), ', ') FILTER (WHERE x.is_grantable), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped CROSS JOIN LATERAL aclexplode(a.attacl) x
WHERE {_ANYONE} AND x.privilege_type IN ('INSERT', 'UPDATE')
GROUP BY 1, 2, 3 ORDER BY 1, 3"""


def writers(connection: Connection) -> list[Writer]:
    """Everyone who may write to a table, or to some of its columns."""
    return [[value or "" for value in row] for row in connection.rows(_WRITERS)]


def taken(found: list[Writer]) -> list[str]:
    """Statements that leave them only reading."""
    pairs = dict.fromkeys((table, who) for table, _owner, who, _plain, _more in found)
    return [f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM {_who(who)} CASCADE" for table, who in pairs]


def given(found: list[Writer]) -> list[str]:
    """Statements that give back what they had."""
    statements = []
    for table, _owner, who, plain, more in found:
        if plain:
            statements.append(f"GRANT {plain} ON {table} TO {_who(who)}")
        if more:
            statements.append(f"GRANT {more} ON {table} TO {_who(who)} WITH GRANT OPTION")
    return statements


def for_us(found: list[Writer], user: str, *, give: bool) -> list[str]:
    """The administrator's own, for as long as he carries changes; a superuser needs none."""
    tables = sorted({one[0] for one in found if user not in (one[1], one[2])})
    words = ("GRANT", "TO") if give else ("REVOKE", "FROM")
    rights = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE"
    return [f"{words[0]} {rights} ON {table} {words[1]} {identifier(user)}" for table in tables]


READ_ONLY = """SELECT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
WHERE d.datname = current_database() AND s.setrole = 0 AND 'default_transaction_read_only=on' = ANY (s.setconfig))"""


def read_only(database: str, *, on: bool) -> str:
    """What new sessions begin with; it tells a client in words what the rights then enforce."""
    how = "SET default_transaction_read_only = on" if on else "RESET default_transaction_read_only"
    return f"ALTER DATABASE {identifier(database)} {how}"


def dismissed(user: str, since: str | None = None) -> str:
    """End every other session of a user in this database; with ``since`` those that began then or later."""
    return (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        f"AND usename = {literal(user)} AND pid <> pg_backend_pid() AND application_name <> {literal(OURS)}"
        + (f" AND backend_start >= {literal(since)}" if since else "")
    )


def dismiss_earlier(connection: Connection) -> None:
    """End every session of ours in this database but this one; the server undoes what they have not committed.

    :raises StairwayError: when they do not end.
    """
    ours = f"""SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user
      AND application_name = {literal(OURS)} AND pid <> pg_backend_pid()"""

    def going() -> set[int]:
        return {int(row[0] or 0) for row in connection.rows(ours)}

    def end(session: int) -> None:
        connection.run(f"SELECT pg_terminate_backend({session})")

    ended(connection.where, going, end, ENDING_SECONDS, "an earlier run")


def _who(name: str) -> str:
    return identifier(name) if name else "PUBLIC"
