"""A database of RDS is restored to a moment, beside the one in use; the app is led there, and back again."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from rehearsal.account import layout
from tests.support.bodies import client, containers, wait
from tests.support.roads import RESEE, Road, walking

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("account")]
ROWS = "SELECT question FROM cards_card ORDER BY question"


@pytest.fixture(scope="module")
def resee(account: None) -> Iterator[Road]:
    for road in walking(RESEE):
        # what stands beside the store costs as much
        road.variables["plan_max_monthly"] = 900
        road.write_inventory()
        yield road


def sql(identifier: str, text: str) -> list[str]:
    """Lines of the answer, from inside the server of that instance."""
    keys = [one.partition("/")[2] for one in containers(f"database/{identifier}-")]
    (key,) = [one for one in keys if re.fullmatch(rf"{re.escape(identifier)}-[0-9a-f]{{6}}", one)]
    argv = ["docker", "exec", "-i", "--user=postgres", layout.container("database", key)]
    argv += ["psql", "--no-psqlrc", "-qAt", "--username=rdsadmin", "resee"]
    return subprocess.run(argv, input=text, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


def cards(road: Road) -> int:
    """How many the app knows."""
    status, _headers, body = road.ask("/api/cards/")
    return int(json.loads(body)["count"]) if status == 200 else -1


def instances() -> dict[str, str]:
    """The tag stairway:name of each database of the app but its replica, and its name in RDS."""
    found = {}
    for one in client("rds").describe_db_instances()["DBInstances"]:
        tags = {tag["Key"]: tag["Value"] for tag in one["TagList"]}
        source = one.get("ReadReplicaSourceDBInstanceIdentifier")
        if tags.get("stairway:app") == "resee" and not source and one["DBInstanceStatus"] != "deleting":
            found[tags["stairway:name"]] = one["DBInstanceIdentifier"]
    return found


def follows() -> list[str]:
    """What the app's replica follows."""
    found = client("rds").describe_db_instances()["DBInstances"]
    alive = [one for one in found if one["DBInstanceStatus"] != "deleting"]
    return [
        one["ReadReplicaSourceDBInstanceIdentifier"]
        for one in alive
        if one["DBInstanceIdentifier"] == "resee-db-replica-1"
    ]


def test_a_mistake_is_undone_and_a_wrong_restore_thrown_away(resee: Road) -> None:
    resee.play("stage2")
    wait(resee.version, "1", 300)
    with resee.under_load() as seen:
        time.sleep(6)
    assert seen.report.summary.failed == 0, seen.report.why()
    (name,) = instances().values()
    there = sql(name, ROWS)
    assert there
    time.sleep(1.2)
    at = datetime.now(timezone.utc).replace(microsecond=0)
    time.sleep(1.2)
    sql(name, "DELETE FROM cards_review; DELETE FROM cards_card;")
    assert cards(resee) == 0

    # beside it first: the app is not touched
    order = ("-e", "store=db", "-e", f"at={at:%Y-%m-%dT%H:%M:%SZ}")
    played = resee.attempt("restore", *order)
    assert played.rc != 0
    assert "Nothing that the app uses was touched" in played.text
    restored, before = (f"db-{word}-{at:%Y%m%d-%H%M%S}" for word in ("restored", "before"))
    new = f"resee-{restored}"
    assert instances() == {"db": name, restored: new}
    assert sql(new, ROWS) == there
    assert cards(resee) == 0

    # it has a replica, which would follow the old one: the run has to give it up
    played = resee.attempt("restore", *order, "-e", "confirm=resee")
    assert played.rc != 0
    assert "has read replicas" in played.text
    assert instances() == {"db": name, restored: new}

    # then the app is led there, with exactly the rows of that moment
    sure = ("-e", "confirm=resee", "-e", "give_up_replicas=true")
    resee.play("restore", *order, *sure)
    assert follows() == [new]
    assert instances() == {"db": new, before: name}
    assert cards(resee) == len(there)
    assert sql(new, ROWS) == there
    resee.play("stage2")
    assert instances() == {"db": new, before: name}, "no stage takes it away"
    assert before in resee.play("status").text

    # and back
    resee.play("restore", "-e", "store=db", "-e", "undo=true", *sure)
    assert follows() == [name]
    assert instances() == {"db": name, restored: new}
    assert cards(resee) == 0

    # and there again; the one before goes, and leaves a snapshot
    resee.play("restore", *order, *sure)
    resee.play("restore", "-e", "store=db", "-e", "discard=true", "-e", "confirm=resee")
    assert instances() == {"db": new}
    snapshots = client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    assert [one for one in snapshots if one["DBSnapshotIdentifier"].startswith(f"resee-{before}-final-")]
    assert cards(resee) == len(there)
    resee.play("stage2")
    assert cards(resee) == len(there)


def test_what_cannot_be_restored_is_said_before_anything_is_touched(resee: Road) -> None:
    there = instances()
    for words, said in (
        (("store=db", "at=2001-01-01T00:00:00Z"), "AWS does not reach so far back"),
        (("store=db", "at=2999-01-01T00:00:00Z"), "This moment has not been yet"),
        (("store=db", "at=2026-11-21T02:00:00"), "This is no moment"),
        (("store=db",), "Say to which moment"),
        (("store=cache", "at=2026-11-21T02:00:00Z"), "is in a container"),
    ):
        played = resee.attempt("restore", *(part for word in words for part in ("-e", word)))
        assert played.rc != 0
        assert said in played.text
    assert instances() == there
