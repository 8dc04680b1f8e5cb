"""Who may write to a database, taken away and given back.

Rights of a table count at once, those of a database at the next ``USE`` and in new sessions: whoever takes them away
ends the sessions of before.
"""

from __future__ import annotations

import re

from ..._common import wait
from ..._common.errors import StairwayError
from ..ends import ended
from .quote import identifier, literal
from .wire import OURS, Connection, SqlError

# What changes rows, or the tables that hold them.
WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "INDEX", "DELETE HISTORY")
# [who, on what, the rights, "" or what makes them his to pass on]
Writer = list[str]
# One that undoes millions of rows takes a while over it.
ENDING_SECONDS, UNDOING_SECONDS = 2.0, 120.0
# A server that waits for room on its disk looks once a minute whether there is some.
ROOM_SECONDS = 65.0
_NOT_OWNER, _DENIED, _NO_THREAD = 1095, 1227, 1094


def writers(connection: Connection) -> list[Writer]:
    """Everyone who may write to this database or a table of it, but for those who may write everywhere."""
    listed = ", ".join(literal(one) for one in WRITES)
    found = []
    schema = "SELECT grantee, table_schema, privilege_type, is_grantable FROM information_schema.schema_privileges"
    rights: dict[tuple[str, str, str], list[str]] = {}
    database = connection.one("SELECT DATABASE()") or ""
    for who, pattern, right, more in connection.rows(f"{schema} WHERE privilege_type IN ({listed})"):
        if _matches(pattern or "", database):
            rights.setdefault((who or "", f"{identifier(pattern or '')}.*", more or ""), []).append(right or "")
    table = "SELECT grantee, table_name, privilege_type, is_grantable FROM information_schema.table_privileges"
    for who, name, right, more in connection.rows(
        f"{table} WHERE table_schema = DATABASE() AND privilege_type IN ({listed})"
    ):
        on = f"{identifier(database)}.{identifier(name or '')}"
        rights.setdefault((who or "", on, more or ""), []).append(right or "")
    for (who, on, more), words in sorted(rights.items()):
        found.append([_who(who), on, ", ".join(sorted(words)), " WITH GRANT OPTION" if more == "YES" else ""])
    return found


def _matches(pattern: str, database: str) -> bool:
    """Whether a GRANT's pattern means this database."""
    parts = re.findall(r"\\.|.", pattern)
    words = "".join({"%": ".*", "_": "."}.get(one, re.escape(one[-1])) for one in parts)
    return re.fullmatch(words, database) is not None


def _who(grantee: str) -> str:
    """``'shop'@'%'`` as it stands; a name with a quote in it is refused by the preflight."""
    return grantee if "@" in grantee else f"{grantee}@''"


def taken(found: list[Writer]) -> list[str]:
    """Statements that leave them only reading."""
    return [f"REVOKE {rights} ON {on} FROM {who}" for who, on, rights, _more in found]


def given(found: list[Writer]) -> list[str]:
    """Statements that give back what they had."""
    return [f"GRANT {rights} ON {on} TO {who}{more}" for who, on, rights, more in found]


def run(connection: Connection, statements: list[str]) -> None:
    if statements:
        connection.run(";\n".join(statements))


def dismiss(connection: Connection, users: list[str]) -> None:
    """End every session of these users in this database.

    :raises StairwayError: when we may not, or they do not end.
    """
    asked = (
        f"SELECT id FROM information_schema.processlist WHERE user IN ({', '.join(literal(one) for one in users)}) "
        "AND id <> CONNECTION_ID() AND (db = DATABASE() OR db IS NULL)"
    )
    _end(connection, asked, ENDING_SECONDS, "the app")


def dismiss_earlier(connection: Connection) -> None:
    """End every session of ours in this database but this one; the server undoes what they have not committed.

    :raises StairwayError: when they do not end.
    """
    _end(connection, OURS, UNDOING_SECONDS, "an earlier run", ROOM_SECONDS)


def _end(connection: Connection, asked: str, seconds: float, whose: str, patience: float = 0.0) -> None:
    problem = connection.without_room()
    if problem and not wait.until(lambda: None if connection.without_room() else True, seconds=patience, every=1.0):
        raise problem

    def going() -> set[int]:
        return {int(row[0] or 0) for row in connection.rows(asked)}

    ended(connection.where, going, lambda session: _kill(connection, session), seconds, whose)


def _kill(connection: Connection, session: int) -> None:
    """As RDS has it where KILL itself is not ours."""
    try:
        connection.run(f"KILL {session}")
    except SqlError as error:
        if error.number == _NO_THREAD:
            return
        if error.number not in (_NOT_OWNER, _DENIED):
            raise
        try:
            connection.run(f"CALL mysql.rds_kill({session})")
        except SqlError as other:
            if other.number == _NO_THREAD:
                return
            raise StairwayError(
                "Sessions of the app cannot be ended.",
                where=connection.where,
                found=other.message,
                fix="GRANT CONNECTION ADMIN ON *.* to the administrator, or let him call mysql.rds_kill",
            ) from None


def of_the_app(connection: Connection, user: str) -> dict[str, str]:
    """What the app's user may do here, as far as it is about this database."""
    database = connection.one("SELECT DATABASE()") or ""
    asked = "SELECT table_schema, privilege_type FROM information_schema.schema_privileges WHERE grantee LIKE "
    rows = connection.rows(asked + literal(f"'{user}'@%"))
    return {f"{user} {row[1]}": "granted" for row in rows if _matches(row[0] or "", database)}


def others(connection: Connection, user: str) -> dict[str, str]:
    """Rights of everyone else on this database, its tables and columns, by who and on what."""
    found: dict[str, list[str]] = {}
    database = connection.one("SELECT DATABASE()") or ""
    schema = "SELECT grantee, table_schema, privilege_type FROM information_schema.schema_privileges"
    for who, pattern, right in connection.rows(schema):
        if _matches(pattern or "", database) and not (who or "").startswith(f"'{user}'@"):
            found.setdefault(f"{who} on {identifier(pattern or '')}.*", []).append(right or "")
    table = "SELECT grantee, table_name, privilege_type FROM information_schema.table_privileges WHERE table_schema = "
    for who, name, right in connection.rows(table + "DATABASE()"):
        if not (who or "").startswith(f"'{user}'@"):
            found.setdefault(f"{who} on {identifier(name or '')}", []).append(right or "")
    return {name: ", ".join(sorted(one)) for name, one in sorted(found.items())}
