"""Nothing of a move stays: what is taken away on either side."""

from __future__ import annotations

from . import catalogue, copy
from .apply import drop
from .quote import identifier, literal
from .wire import Connection, SqlError

RETENTION = "binlog retention hours"
HOURS = 24
NO_RDS = "not RDS"
_NO_TABLE, _DENIED_TABLE = 1146, 1142


def target(connection: Connection, own: str) -> None:
    """Everything: the database was empty."""
    connection.run(drop(own))
    copy.clear(connection, ("EVENT", "VIEW"))
    for table in catalogue.tables(connection):
        connection.run(f"DROP TABLE IF EXISTS {table.sql}")
    copy.clear(connection, ("SEQUENCE", "FUNCTION", "PROCEDURE"))


def defaults(connection: Connection, charset: str, collation: str) -> None:
    """What new tables of the database are made with."""
    name = identifier(connection.one("SELECT DATABASE()") or "")
    connection.run(f"ALTER DATABASE {name} CHARACTER SET {charset} COLLATE {collation}")


def retention(connection: Connection) -> str | None:
    """For how many hours RDS keeps its binary log, as it says it; None where nobody said, NO_RDS elsewhere."""
    try:
        return connection.one(f"SELECT value FROM mysql.rds_configuration WHERE name = {literal(RETENTION)}")
    except SqlError as error:
        if error.number in (_NO_TABLE, _DENIED_TABLE):
            return NO_RDS
        raise


def retain_for(connection: Connection, before: str | None, hours: int) -> None:
    """Let RDS keep its log for ``hours`` at least."""
    if before != NO_RDS and int(before or 0) < hours:
        _retain(connection, str(hours))


def retain_again(connection: Connection, before: str | None) -> None:
    """As it was before."""
    if before != NO_RDS:
        _retain(connection, before)


def _retain(connection: Connection, hours: str | None) -> None:
    connection.run(f"CALL mysql.rds_set_configuration({literal(RETENTION)}, {hours or 'NULL'})")
