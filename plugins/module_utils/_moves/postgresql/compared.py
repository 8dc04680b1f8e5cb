"""Whether both ends of a move of PostgreSQL are the same, from end to end."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..._common.errors import StairwayError
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

    def sums(self, found: Verification, tables: list[Table], snapshot: str | None, until: float | None = None) -> None:
        """Compare tables from end to end.

        :raises StairwayError: when that is not done at ``until`` (``time.monotonic``).
        """
        versions = [int(one.one("SHOW server_version_num") or 0) // 10000 for one in (self.source, self.target)]
        source = checksum.Summer(*self.end("source"), versions[0], snapshot, until)
        target = checksum.Summer(*self.end("target"), versions[1], until=until)
        try:
            figures, differences = checksum.compared(source, target, tables, self.wish.limits.jobs)
        except StairwayError:
            in_time(until, tables)  # else whatever was cut off then would be told as the reason
            raise
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


def in_time(until: float | None, whole: Sequence[Table] = ()) -> None:
    """Whether there is time left behind the fence; ``whole`` are tables that are compared from end to end there.

    :raises StairwayError: when there is none.
    """
    if until is None or time.monotonic() < until:
        return
    names = ", ".join(table.label for table in whole)
    raise StairwayError(
        "The comparison behind the fence did not end in time; the app goes on with its source.",
        found=f"from end to end: {names}" if names else None,
        expected="an end within fence_seconds",
        fix="run the same command again: what was emptied since is compared before the fence then. A table without a "
        "key is compared behind it, and wants a larger fence_seconds, or a key",
    )
