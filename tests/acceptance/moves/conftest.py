"""Two real servers: one as stage 1 has it, one as AWS runs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import Postgres
from tests.support.moving import Tap

Pair = tuple[Postgres, Postgres]


@pytest.fixture(scope="session", params=["15", "17"])
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A container with version 15 or 17, and a managed server that speaks TLS."""
    folder, low = tmp_path_factory.mktemp("postgres"), int(request.param)
    pair = (
        Postgres(f"mv-pg-{low}-here", f"10.214.77.{low}", str(low), False, folder / "here"),
        Postgres(f"mv-pg-{low}-there", f"10.214.77.{low + 100}", str(low), True, folder / "there"),
    )
    try:
        yield (pair[0].start(), pair[1].start())
    finally:
        for one in pair:
            one.remove()


@pytest.fixture
def pair(servers: Pair) -> Pair:
    """The same two, with empty databases."""
    for one in servers:
        one.empty()
    return servers


@pytest.fixture
def tap(tmp_path: Path) -> Tap:
    return Tap(tmp_path)
