"""Whether both ends of a move of PostgreSQL are the same, from end to end."""

from __future__ import annotations

import time

from ..ends import Ends
from ..model import Difference, Verification, Wish
from . import catalogue, checksum, verify
from .catalogue import Table
from .wire import Connection


class Compared(Ends[Connection]):
    """The source and the target of ``wish``, and how they differ."""

    def __init__(self, wish: Wish) -> None:
        super().__init__(wish, Connection)
        self._tables: list[Table] | None = None

    @property
    def tables(self) -> list[Table]:
        if self._tables is None:
            self._tables = catalogue.tables(self.source)
        return self._tables

    def forget_tables(self) -> None:
        """They are looked up again."""
        self._tables = None

    def compared(self, snapshot: str | None = None) -> Verification:
        """Everything on both sides, from end to end; of the source what ``snapshot`` sees, or what is there."""
        begun = time.monotonic()
        found = Verification()
        self.definitions(found, grants=True)
        self.sums(found, self.tables, snapshot)
        found.differences += self.large_objects()
        return verify.timed(found, begun)

    def sums(self, found: Verification, tables: list[Table], snapshot: str | None) -> None:
        """Compare tables from end to end."""
        versions = [int(one.one("SHOW server_version_num") or 0) // 10000 for one in (self.source, self.target)]
        source = checksum.Summer(*self.end("source"), versions[0], snapshot)
        target = checksum.Summer(*self.end("target"), versions[1])
        try:
            figures, differences = checksum.compared(source, target, tables, self.wish.limits.jobs)
        finally:
            source.close()
            target.close()
        found.tables.update({name: dict(one) for name, one in figures.items()})
        found.differences += differences

    def definitions(self, found: Verification, *, grants: bool) -> None:
        """Compare what the catalogues say; where the versions differ, what they word in different ways by name only."""
        majors = [(one.one("SHOW server_version_num") or "")[:-4] for one in (self.source, self.target)]
        counts, differences = verify.definitions(
            self.source, self.target, same_version=majors[0] == majors[1], grants=grants
        )
        found.objects.update(counts)
        found.differences += differences

    def large_objects(self) -> list[Difference]:
        """All of them, as one difference."""
        asked = "SELECT count(*), coalesce(sum(hashtextextended(encode(lo_get(oid), 'hex'), oid::bigint)), 0) FROM "
        asked += "pg_largeobject_metadata"
        here, there = (
            " objects, checksum ".join(str(v) for v in one.rows(asked)[0]) for one in (self.source, self.target)
        )
        return [] if here == there else [Difference("large objects", "all", here, there)]
