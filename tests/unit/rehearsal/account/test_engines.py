"""How servers are set up: text in, text out."""

from __future__ import annotations

import pytest

from rehearsal.account import engines
from rehearsal.account.engines import redis
from rehearsal.account.engines.mariadb import MariaDb
from rehearsal.account.engines.postgres import Postgres

GIB = 1 << 30


@pytest.mark.parametrize(
    ("size", "gib"), [("db.t4g.micro", 1), ("db.t4g.medium", 4), ("db.m7g.large", 8), ("db.r7g.2xlarge", 32)]
)
def test_a_class_has_its_memory(size: str, gib: int) -> None:
    assert engines.memory_of(size) == gib * GIB


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("77", "77"),
        ("utf8mb4", "utf8mb4"),
        ("{DBInstanceClassMemory/12582880}", "85"),
        ("{DBInstanceClassMemory*3/4}", str(GIB * 3 // 4)),
        ("LEAST({DBInstanceClassMemory/9531392},5000)", "112"),
        ("GREATEST({DBInstanceClassMemory/9531392}, 200)", "200"),
    ],
)
def test_a_formula_is_worked_out(text: str, value: str) -> None:
    assert engines.value_of(text, GIB) == value


def wanted(version: str = "17.5", **parameters: str) -> engines.Wanted:
    return engines.Wanted(5432, "boss", "p'w", "shop", version, GIB, parameters)


def test_postgres_takes_what_it_knows_and_leaves_its_own_settings_alone() -> None:
    known = frozenset({"work_mem", "port", "shared_preload_libraries"})
    given = {"work_mem": "4MB", "port": "1", "apg_x": "1", "shared_preload_libraries": "pg_cron,pg_stat_statements"}
    text = Postgres().files(wanted(**given), known)["postgresql.conf"]
    assert "work_mem = '4MB'\n" in text
    assert "port = 5432\n" in text
    assert "port = '1'" not in text
    assert "apg_x" not in text
    assert "shared_preload_libraries = 'pg_stat_statements'\n" in text


@pytest.mark.parametrize(
    ("version", "parameters", "plain"),
    [
        ("17.5", {}, False),
        ("14.9", {}, True),
        ("17.5", {"rds.force_ssl": "0"}, True),
        ("14.9", {"rds.force_ssl": "1"}, False),
    ],
)
def test_postgres_wants_tls_as_rds_does(version: str, parameters: dict[str, str], plain: bool) -> None:
    access = Postgres().files(wanted(version, **parameters), frozenset())["pg_hba.conf"]
    assert ("hostnossl all all all" in access) is plain


def test_postgres_can_be_followed_where_rds_was_told_so() -> None:
    asked = Postgres().files(wanted(**{"rds.logical_replication": "1"}), frozenset())["postgresql.conf"]
    assert "wal_level = logical\n" in asked
    assert "wal_level" not in Postgres().files(wanted(), frozenset())["postgresql.conf"]
    assert 'GRANT rds_replication TO "boss"' in Postgres().setup(wanted(), first=True)


def test_sql_quotes_what_it_is_given() -> None:
    assert "PASSWORD 'p''w'" in Postgres().setup(wanted(), first=True)
    assert "IDENTIFIED BY 'p''w'" in MariaDb().setup(wanted(), first=True)


def test_mariadb_may_not_know_a_parameter_of_mysql() -> None:
    assert "loose_binlog_format = ROW\n" in MariaDb().files(wanted(binlog_format="ROW"), frozenset())["my.cnf"]
    assert MariaDb().waits("ERROR 1238 (HY000) at line 1: Variable 'x' is a read only variable")
    assert not MariaDb().waits("ERROR 1193 (HY000) at line 1: Unknown system variable 'x'")


def node(**more: object) -> redis.Wanted:
    given = {"port": 6379, "tls": True, "passwords": ("one", "two"), "admin": "a", "size": "cache.t4g.micro"}
    return redis.Wanted(**{**given, "primary": "", "parameters": {}, **more})  # type: ignore[arg-type]


def test_redis_speaks_only_tls_where_that_is_asked_for() -> None:
    assert "port 0\ntls-port 6379\n" in redis.config(node())
    assert "tls-port" not in redis.config(node(tls=False))


def test_redis_takes_every_good_password_and_keeps_its_own_commands() -> None:
    (line,) = (one for one in redis.config(node()).splitlines() if one.startswith("user default"))
    assert '">one" ">two"' in line
    assert "-config" in line
    assert "nopass" in redis.config(node(passwords=()))


def test_postgres_can_be_set_back_to_a_moment() -> None:
    engine = Postgres()
    text = engine.files(wanted(archive_mode="off"), frozenset({"archive_mode"}))["postgresql.conf"]
    assert "archive_mode = on\n" in text
    assert "archive_mode = 'off'" not in text
    files = engine.rewound("2026-11-21T02:00:00+00:00")
    assert files["recovery.signal"] == ""
    assert "recovery_target_time = '2026-11-21T02:00:00+00:00'\n" in files["postgresql.auto.conf"]
    assert engine.stamp()
    assert not MariaDb().stamp(), "what has no binary log is restored as it is now"
