"""Nothing of a move stays: what is taken away on either side."""

from __future__ import annotations

from collections.abc import Sequence

from ..._common import wait
from ..._common.errors import StairwayError
from . import catalogue
from .apply import DROP
from .quote import identifier, literal
from .stream import IN_USE
from .wire import Connection, SqlError

# How long a server may take to see that the reader of a slot has gone.
SECONDS = 30.0
ASKING_SECONDS = 0.3


def source(connection: Connection, name: str) -> None:
    """The slot, which else would keep the log for ever, and the publication.

    :raises StairwayError: when somebody reads the slot and does not stop.
    """
    asked = f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = {literal(name)}"
    ended = f"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = {literal(name)} "
    ended += "AND active_pid IS NOT NULL"

    def dropped() -> bool | None:
        try:
            connection.run(asked)
        except SqlError as error:
            if error.state != IN_USE:
                raise
            connection.run(ended)
            return None
        return True

    if wait.until(dropped, seconds=SECONDS, every=0.2) is None:
        raise StairwayError(
            f"The replication slot {name} is still read by somebody.",
            where=connection.where,
            fix="see who that is: SELECT * FROM pg_replication_slots; then run the same command again",
        )
    _publication(connection, name)


def _publication(connection: Connection, name: str) -> None:
    """Its tables leave it first: a session that is just asking which publications a table it writes to belongs to fails
    with «cache lookup failed for publication» where one of them goes at that moment.
    """
    members = f"""SELECT string_agg(prrelid::regclass::text, ', ') FROM pg_publication_rel
      JOIN pg_publication ON pg_publication.oid = prpubid WHERE pubname = {literal(name)}"""
    listed = connection.one(members)
    if listed:
        connection.run(f"ALTER PUBLICATION {identifier(name)} DROP TABLE {listed}")
        wait.pause(ASKING_SECONDS)
    connection.run(f"DROP PUBLICATION IF EXISTS {identifier(name)}")


def target(connection: Connection, schemas: Sequence[str], extensions: Sequence[str]) -> None:
    """Everything that was not there before: the database was empty."""
    connection.run(DROP)
    for name, _schema, _version in catalogue.extensions(connection):
        if name not in extensions:
            connection.run(f"DROP EXTENSION IF EXISTS {identifier(name)} CASCADE")
    for row in connection.rows(catalogue.SCHEMAS):
        if row[0] not in schemas:
            connection.run(f"DROP SCHEMA {identifier(row[0] or '')} CASCADE")
    while left := [str(row[0]) for row in connection.rows(catalogue.INHABITANTS)]:
        tables = [one for one in left if one.startswith("TABLE ")] or left[:1]
        # CASCADE takes some of the others along; those are asked for again in the next round
        connection.run("; ".join(f"DROP {one} CASCADE" for one in tables))
    if connection.one("SELECT 1 FROM pg_largeobject_metadata LIMIT 1"):
        connection.run("SELECT lo_unlink(oid) FROM pg_largeobject_metadata")
