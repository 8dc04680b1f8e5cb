"""Two real servers: one as stage 1 has it, one as AWS runs it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.backups import Stand, age_key
from tests.support.databases import Postgres
from tests.support.maria import Maria
from tests.support.mongos import MongoServer
from tests.support.moving import Tap
from tests.support.redises import RedisServer

Pair = tuple[Postgres, Postgres]
Marias = tuple[Maria, Maria]
Mongos = tuple[MongoServer, MongoServer]
Redises = tuple[RedisServer, RedisServer]
# What a host makes backups with, by the package that has it; a stage installs them there.
PROGRAMS = {"age-keygen": "age", "gpg": "gnupg", "restic": "restic", "zstd": "zstd"}


# CI takes the newer PostgreSQL and a cut of each kind; ``make accept PART=moves`` has all.
LEFT_OUT = (
    *("[15", "::test_cut_at[", "test_03_corruptions_mysql.py::test_is_found", "test_04_backup_s3.py"),
    *("be_undone[maria", "be_undone[redis", "writes[maria", "::test_a_vacuum_by_hand"),
    *("02_faults_mysql.py::test_a_server_is_killed", "02_faults_mongodb.py::test_a_source_that_is_frozen"),
)


def pytest_itemcollected(item: pytest.Item) -> None:
    if any(part in item.nodeid for part in LEFT_OUT):
        item.add_marker("long")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if any(word in item.path.name for word in ("backup", "drill", "restore")):
        missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
        if missing:
            pytest.skip(f"backups are made on this machine, and it lacks {', '.join(missing)}: apt-get install them")


@pytest.fixture(scope="session", params=["15", "17"])
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A container with version 15 or 17, and a managed server that speaks TLS."""
    folder, version = tmp_path_factory.mktemp("postgres"), request.param
    run = os.getpid() % 60  # two runs beside each other have two pairs
    pair = (
        Postgres(f"mv-pg-{run}-here", f"10.214.77.{60 + 2 * run}", version, False, folder / "here"),
        Postgres(f"mv-pg-{run}-there", f"10.214.77.{61 + 2 * run}", version, True, folder / "there"),
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


@pytest.fixture(scope="session")
def marias(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marias]:
    """MariaDB in a container, and a managed one."""
    folder = tmp_path_factory.mktemp("maria")
    run = os.getpid() % 60
    pair = (
        Maria(f"mv-sql-{run}-here", f"10.214.78.{60 + 2 * run}", False, folder / "here"),
        Maria(f"mv-sql-{run}-there", f"10.214.78.{61 + 2 * run}", True, folder / "there"),
    )
    try:
        yield (pair[0].start(), pair[1].start())
    finally:
        for one in pair:
            one.remove()


@pytest.fixture
def maria_pair(marias: Marias) -> Marias:
    """The same two, with empty databases."""
    for one in marias:
        one.empty()
    return marias


@pytest.fixture
def redis_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redises]:
    """Redis in a container, and a managed one."""
    folder = tmp_path_factory.mktemp("redis")
    pair = (
        RedisServer("mv-sql-redis-here", "10.214.78.31", False, folder / "here"),
        RedisServer("mv-sql-redis-there", "10.214.78.32", True, folder / "there"),
    )
    try:
        yield (pair[0].start(), pair[1].start())
    finally:
        for one in pair:
            one.remove()


@pytest.fixture(scope="session")
def mongos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongos]:
    """What stands for MongoDB in a container, and at somebody else's; both tell of their changes."""
    folder = tmp_path_factory.mktemp("mongo")
    run = os.getpid() % 60
    pair = (
        MongoServer(f"mv-mongo-{run}-here", f"10.214.79.{60 + 2 * run}", False, folder / "here"),
        MongoServer(f"mv-mongo-{run}-there", f"10.214.79.{61 + 2 * run}", True, folder / "there"),
    )
    try:
        yield (pair[0].start(), pair[1].start())
    finally:
        for one in pair:
            one.remove()


@pytest.fixture
def mongo_pair(mongos: Mongos) -> Mongos:
    """The same two, with empty databases."""
    for one in mongos:
        one.empty()
    return mongos


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Three stores, with one good backup of each in a folder."""
    root = tmp_path_factory.mktemp("folder")
    public, _private = age_key(root)
    stand = Stand(root, ("postgresql", "mariadb", "redis"), {"to": f"file://{root}/out", "encrypt": {"age": [public]}})
    try:
        stand.up()
        stand.fill()
        assert stand.backup().failed == {}
        yield stand
    finally:
        stand.down()
