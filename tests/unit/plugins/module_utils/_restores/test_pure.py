"""What is worked out without a call: moments, which database is which, what a restored one is given."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import SWITCHED_TAG, Found
from ansible_collections.stairway.cloud.plugins.module_utils._restores import copies, moments
from ansible_collections.stairway.cloud.plugins.module_utils._restores.entry import entry_beside

AT = datetime(2026, 11, 21, 2, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "text", ["2026-11-21T02:00:00Z", "2026-11-21T11:00:00+09:00", "2026-11-21 02:00:00+00:00", " 2026-11-21T02:00Z "]
)
def test_a_moment_in_any_zone(text: str) -> None:
    found = moments.moment(text, "db")
    assert found == AT
    assert moments.shown(found) == "2026-11-21T02:00:00Z"
    assert moments.stamp(found) == "20261121-020000"


# -- how far back -----------------------------------------------------------------------------------------------------

INSTANCE = {
    "BackupRetentionPeriod": 7,
    "InstanceCreateTime": AT - timedelta(days=90),
    "LatestRestorableTime": AT,
}
BACKUP = {"RestoreWindow": {"EarliestTime": AT - timedelta(days=7), "LatestTime": AT - timedelta(minutes=1)}}


def test_the_window_is_that_of_the_backups() -> None:
    found = moments.window(INSTANCE, [BACKUP])
    assert found == moments.Window(AT - timedelta(days=7), AT)


def test_without_one_it_begins_with_the_database() -> None:
    found = moments.window(INSTANCE, [{"RestoreWindow": {}}])
    assert found == moments.Window(AT - timedelta(days=90), AT)


@pytest.mark.parametrize(
    ("instance", "backups"),
    [
        ({**INSTANCE, "BackupRetentionPeriod": 0}, [BACKUP]),
        ({**INSTANCE, "LatestRestorableTime": None}, []),
        ({**INSTANCE, "InstanceCreateTime": AT + timedelta(minutes=1)}, []),
    ],
)
def test_no_backup_no_window(instance: dict[str, Any], backups: list[dict[str, Any]]) -> None:
    assert moments.window(instance, backups) is None


@pytest.mark.parametrize("at", [AT, AT - timedelta(days=7)])
def test_its_ends_belong_to_it(at: datetime) -> None:
    moments.check(at, moments.Window(AT - timedelta(days=7), AT), "db", AT)


@pytest.mark.parametrize(
    ("at", "next_"),
    [(AT + timedelta(minutes=3), "2026-11-21T02:00:00Z"), (AT - timedelta(days=8), "2026-11-14T02:00:00Z")],
)
def test_the_nearest_moment_is_offered(at: datetime, next_: str) -> None:
    with pytest.raises(StairwayError) as raised:
        moments.check(at, moments.Window(AT - timedelta(days=7), AT), "db", AT + timedelta(minutes=5))
    assert raised.value.fix == f"ansible-playbook playbooks/restore.yml -e store=db -e at={next_}"
    assert raised.value.expected == "a moment from 2026-11-14T02:00:00Z to 2026-11-21T02:00:00Z"


# -- which is which ---------------------------------------------------------------------------------------------------


def database(made_id: str, name: str, state: Any = "ready", *, switched: str = "", **attrs: Any) -> Found:
    tags = {"stairway:app": "chat", "stairway:name": name, **({SWITCHED_TAG: switched} if switched else {})}
    return Found("database", made_id, {"engine": "mysql", **attrs}, tags=tags, aws_name=made_id, state=state)


DB = database("chat-db", "db")


def test_each_has_its_place() -> None:
    found = copies.sort_out(
        "db",
        [
            DB,
            database("chat-db-replica-1", "db-replica-1", replica_of="chat-db"),
            database("a", "db-restored-20261121-020000"),
            database("b", "db-before-20261120-020000"),
            database("c", "db-restored-20261119-020000", "deleting"),
            database("d", "orders"),
            Found("database", "e", {}, tags={"stairway:name": "db-restored-20261118-020000"}),
        ],
    )
    assert found.serving == DB
    assert found.displaced is None
    assert (list(found.restored), list(found.before)) == (["20261121-020000"], ["20261120-020000"])
    assert [one.id for one in found.replicas] == ["chat-db-replica-1"]


def test_the_one_that_was_switched_to_last_serves() -> None:
    old = database("chat-db", "db", switched="2026-11-20T01:00:00Z db-restored-x")
    new = database("chat-new", "db", switched="2026-11-21T01:00:00Z db-before-20261121-020000")
    for several in ([old, new], [new, old]):
        found = copies.sort_out("db", several)
        assert (found.serving, found.displaced) == (new, old)
        assert found.displaced_name == "db-before-20261121-020000"


def test_of_two_that_nobody_switched_none_is_taken() -> None:
    with pytest.raises(StairwayError, match="nothing says which") as raised:
        copies.sort_out("db", [DB, database("chat-db-2", "db")])
    assert "chat-db, chat-db-2" in str(raised.value)


def test_a_store_that_has_none() -> None:
    with pytest.raises(StairwayError, match="no database of the store") as raised:
        copies.sort_out("db", [database("d", "orders")])
    assert "orders" in str(raised.value)


def test_a_later_switch_has_a_later_time() -> None:
    found = copies.sort_out("db", [database("chat-db", "db", switched="2026-11-21T01:00:00Z db-before-x")])
    for now, time in ((AT, "2026-11-21T02:00:00Z"), (AT - timedelta(days=1), "2026-11-21T01:00:01Z")):
        tags = copies.takes_over("chat", found, "db-restored-x", now)
        assert tags[SWITCHED_TAG] == f"{time} db-restored-x"
        assert tags["Name"] == "chat-db"


# -- what the restored one is given -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("storage", "given"),
    [
        ({"storage_type": "gp3", "storage_gb": 50, "iops": 3000, "throughput_mibps": 125}, (None, None)),
        ({"storage_type": "gp3", "storage_gb": 400, "iops": 12000, "throughput_mibps": 500}, (12000, 500)),
        ({"storage_type": "io2", "storage_gb": 100, "iops": 5000, "throughput_mibps": 0}, (5000, None)),
        ({"storage_type": "gp2", "storage_gb": 500, "iops": 1500}, (None, None)),
    ],
)
def test_its_speed_where_there_is_a_choice(storage: dict[str, Any], given: tuple[Any, Any]) -> None:
    entry = entry_beside(database("chat-db", "db", **storage), kind("database"), "db-restored-x", AT)
    assert (entry.attrs["iops"], entry.attrs["throughput_mibps"]) == given


@pytest.mark.parametrize(("group", "taken"), [("default.mysql8.0", None), ("chat-db-mysql8-0", {"a": "1"})])
def test_parameters_only_where_the_source_has_its_own(group: str, taken: Any) -> None:
    source = Found("database", "chat-db", {"parameters": {"a": "1"}, "require_tls": True}, tags=DB.tags,
                   detail={"parameter_group": group})  # fmt: skip
    entry = entry_beside(source, kind("database"), "db-restored-x", AT)
    assert entry.attrs["parameters"] == taken


def test_its_tags_but_not_its_name() -> None:
    source = Found("database", "chat-db", {}, tags={**DB.tags, "team": "blue", "Name": "chat-db", SWITCHED_TAG: "x y"})
    entry = entry_beside(source, kind("database"), "db-restored-x", AT)
    assert entry.tags == {"stairway:app": "chat", "team": "blue"}
    assert entry.attrs["restore"] == {"database": "chat-db", "at": "2026-11-21T02:00:00Z"}
