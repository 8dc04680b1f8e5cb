"""Restored, switched, back, discarded: on an emulated account, and cut at each call that changes something."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.engine import plan_for
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.guard import FINAL, GiveUp
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.plan import Goal
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Found
from ansible_collections.stairway.cloud.plugins.module_utils._restores.moments import shown, stamp
from ansible_collections.stairway.cloud.plugins.module_utils._restores.work import Restoring
from tests.support.aws.emulators import REGION
from tests.support.aws.operator import KNOWN, Operator, wanted
from tests.support.aws.trial import APP, Trial


def restored(at: datetime) -> str:
    return f"db-restored-{stamp(at)}"


def before(at: datetime) -> str:
    return f"db-before-{stamp(at)}"


# -- restoring --------------------------------------------------------------------------------------------------------


def test_it_is_restored_beside_the_one_in_use_and_like_it(operator: Operator, database: Found, at: datetime) -> None:
    made = operator.types("prepared", at)
    assert made.changed
    assert (made.name, made.at) == (f"shop-{restored(at)}", shown(at))
    assert made.endpoint == f"{made.name}.aaaaaaaaaa.{REGION}.rds.amazonaws.com:5432"
    assert operator.names() == {"db": "shop-db", restored(at): made.name}
    (new,) = [one for one in operator.trial.all("database") if one.id == made.name]
    apart = {"password_secret", "log_exports"}
    assert {n: v for n, v in new.attrs.items() if n not in apart} == {
        n: v for n, v in database.attrs.items() if n not in apart
    }
    assert new.tags["stairway:app"] == APP
    assert new.detail["parameter_group"] == f"{made.name}-postgres16"
    assert [step.verb for step in operator.told[0].steps] == ["create"]
    assert operator.told[0].steps[0].cost_after, "the plan that was shown has no price"


def test_the_moment_and_the_source_reach_aws(operator: Operator, at: datetime) -> None:
    account, real, seen = operator.trial.account, operator.trial.account.call, []

    def noted(service: str, operation: str, /, **given: Any) -> Any:
        if operation == "restore_db_instance_to_point_in_time":
            seen.append(given)
        return real(service, operation, **given)

    account.call = noted  # type: ignore[method-assign]
    operator.types("prepared", at)
    (given,) = seen
    assert given["RestoreTime"] == at
    assert given["SourceDBInstanceIdentifier"] == "shop-db"
    assert given["DeletionProtection"] is True
    assert "Iops" not in given, "gp3 below 400 GB does not let one choose, and AWS refuses to be told"


def test_the_second_time_changes_nothing(operator: Operator, at: datetime) -> None:
    operator.types("prepared", at)
    again = operator.types("prepared", at)
    assert not again.changed
    assert "was there already" in again.text[0]
    assert len(operator.told) == 1


@pytest.mark.parametrize("call", ["restore_db_instance_to_point_in_time", "modify_db_instance"])
def test_what_was_cut_goes_on(operator: Operator, at: datetime, call: str) -> None:
    operator.cut("prepared", at, call)
    operator.trial.account.forget()  # type: ignore[attr-defined]
    operator.types("prepared", at)
    assert set(operator.names()) == {"db", restored(at)}
    assert not operator.types("prepared", at).changed


def test_check_mode_shows_and_makes_nothing(operator: Operator, at: datetime) -> None:
    for state in ("prepared", "switched"):
        seen = operator.types(state, at, check_mode=True)
        assert seen.changed
        assert operator.names() == {"db": "shop-db"}
    assert len(operator.told) == 2


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Say to which moment"),
        ("yesterday", "This is no moment"),
        ("2026-11-21", "This is no moment"),
        ("2026-11-21T02:00:00", "This is no moment"),
        ("2026-11-21T02:00:00.5Z", "This is no moment"),
        ("2999-01-01T00:00:00Z", "This moment has not been yet"),
        ("2001-01-01T00:00:00+09:00", "AWS does not reach so far back"),
    ],
)
def test_a_wrong_moment_is_refused_before_anything_is_touched(operator: Operator, text: str, said: str) -> None:
    for state in ("prepared", "switched"):
        with pytest.raises(StairwayError, match=said) as raised:
            operator.types(state, text)
        error = raised.value
        assert error.expected
        assert error.found
        assert error.where == "-e at=..."
        assert error.fix
        assert "-e store=db -e at=" in error.fix
    assert operator.names() == {"db": "shop-db"}


def test_a_moment_that_aws_has_not_reached_yet(operator: Operator, at: datetime) -> None:
    late = at + timedelta(minutes=4)
    with pytest.raises(StairwayError, match="AWS has not come so far yet"):
        operator.types("prepared", late, now=late + timedelta(minutes=1))


def test_a_database_without_backups(operator: Operator, at: datetime) -> None:
    operator.trial.account.call(
        "rds", "modify_db_instance", DBInstanceIdentifier="shop-db", BackupRetentionPeriod=0, ApplyImmediately=True
    )
    with pytest.raises(StairwayError, match="AWS keeps no backup of db"):
        operator.types("prepared", at)


@pytest.mark.parametrize(
    ("store", "places", "managed", "said"),
    [
        ("nosuch", {"db": "managed"}, [], "There is no such store"),
        ("db", {"db": "container"}, [], "is in a container"),
        ("db", {"db": "external"}, [], "run by somebody else"),
        ("cache", {"cache": "managed"}, [{"name": "cache", "engine": "redis"}], "daily snapshots, and no moment"),
        ("orders", {"orders": "managed"}, [{"name": "orders", "engine": "mysql"}], "AWS has no database of the store"),
    ],
)
def test_what_is_no_database_of_rds_is_refused(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, at: datetime, store: str, places: Any, managed: Any, said: str
) -> None:
    # moto does not know the snapshots of caches
    monkeypatch.setattr(Restoring, "_snapshots", lambda self: ["shop-cache-2026-11-21"])
    for state in ("prepared", "switched", "back", "discarded"):
        with pytest.raises(StairwayError, match=said) as raised:
            operator.types(state, at, store=store, places=places, managed=managed)
        assert raised.value.fix
    if store == "cache":
        assert "shop-cache-2026-11-21" in str(raised.value)


def test_a_database_with_replicas_is_not_switched(operator: Operator, database: Found, at: datetime) -> None:
    reader = dict(engine="postgresql", version="16", size="db.t4g.medium", replica_of=database.id)
    operator.trial.make("database", "db-replica-1", **reader, security_groups=database.attrs["security_groups"])
    with pytest.raises(StairwayError, match="has read replicas") as raised:
        operator.types("switched", at)
    assert "give_up_replicas=true" in str(raised.value.fix)
    assert restored(at) not in operator.names()
    operator.types("prepared", at)  # to look at it is no switch
    operator.trial.account.forget()  # type: ignore[attr-defined]
    operator.types("switched", at, give_up_replicas=True)
    assert set(operator.names()) == {"db", before(at)}, "a stage makes new ones"


def test_nor_is_it_switched_back(operator: Operator, database: Found, at: datetime) -> None:
    new = operator.types("switched", at)
    reader = dict(engine="postgresql", version="16", size="db.t4g.medium", replica_of=new.name)
    operator.trial.make("database", "db-replica-1", **reader, security_groups=database.attrs["security_groups"])
    with pytest.raises(StairwayError, match="has read replicas"):
        operator.types("back")
    operator.trial.account.forget()  # type: ignore[attr-defined]
    operator.types("back", give_up_replicas=True)
    assert operator.names() == {"db": "shop-db", restored(at): new.name}


def test_the_one_that_the_app_uses_is_not_discarded(operator: Operator, at: datetime) -> None:
    operator.types("switched", at)
    with pytest.raises(StairwayError, match="The app still uses"):
        operator.types("discarded")  # the journal still has the old address: the walk was cut
    assert set(operator.names()) == {"db", before(at)}


# -- switching --------------------------------------------------------------------------------------------------------


def test_it_is_switched_and_back_again(operator: Operator, at: datetime) -> None:
    new = f"shop-{restored(at)}"
    switched = operator.types("switched", at)
    assert switched.changed
    assert switched.name == new
    assert operator.names() == {"db": new, before(at): "shop-db"}
    assert not operator.types("switched", at).changed
    assert not operator.types("prepared", at).changed

    back = operator.types("back")
    assert back.changed
    assert operator.names() == {"db": "shop-db", restored(at): new}
    assert not operator.types("back").changed

    assert operator.types("switched", at).changed, "and there once more"
    assert operator.names() == {"db": new, before(at): "shop-db"}


def test_what_the_app_was_led_back_from_is_not_as_it_was(operator: Operator, at: datetime) -> None:
    assert "written then" not in " ".join(operator.types("prepared", at).text)
    operator.types("switched", at)
    operator.types("back")
    assert "written then is in it" in " ".join(operator.types("prepared", at).text)


def test_back_without_a_switch(operator: Operator, at: datetime) -> None:
    operator.types("prepared", at)
    with pytest.raises(StairwayError, match="nothing to go back to") as raised:
        operator.types("back")
    assert restored(at) in str(raised.value)


def test_a_second_switch_needs_the_first_one_settled(operator: Operator, at: datetime) -> None:
    operator.types("switched", at)
    there = operator.names()
    later = at + timedelta(seconds=2)
    _wait_for(later)
    with pytest.raises(StairwayError, match="was switched already"):
        operator.types("switched", later)
    # a wrong moment was chosen, and the right one was earlier: only the one before has it
    for state in ("prepared", "switched"):
        with pytest.raises(StairwayError, match="was switched already") as raised:
            operator.types(state, at - timedelta(hours=1))
        assert "-e undo=true" in str(raised.value.fix)
    assert operator.names() == there


@pytest.mark.parametrize("goes_on", ["switched", "prepared", "back"])
def test_a_switch_that_is_cut_between_its_two_calls_has_one_database_in_use(
    operator: Operator, at: datetime, goes_on: str
) -> None:
    new = f"shop-{restored(at)}"
    operator.types("prepared", at)
    operator.cut("switched", at, "add_tags_to_resource", 2)
    named = [one.id for one in operator.trial.all("database") if one.name == "db"]
    assert sorted(named) == ["shop-db", new], "the first call decides; the second one was not made"
    step = operator.plan().get("database/db")
    assert step is not None
    assert step.id == new, "a stage that runs now takes the new one"
    assert [one.verb for one in operator.plan().steps if one.id == "shop-db"] == ["keep"]

    operator.types(goes_on, at)
    there = {"db": new, before(at): "shop-db"}
    assert operator.names() == ({"db": "shop-db", restored(at): new} if goes_on == "back" else there)


def test_a_switch_that_is_cut_before_its_first_call_has_changed_nothing(operator: Operator, at: datetime) -> None:
    operator.types("prepared", at)
    operator.cut("switched", at, "add_tags_to_resource", 1)
    assert operator.names() == {"db": "shop-db", restored(at): f"shop-{restored(at)}"}


def test_the_way_back_may_be_cut_too(operator: Operator, at: datetime) -> None:
    new = f"shop-{restored(at)}"
    operator.types("switched", at)
    operator.cut("back", "", "add_tags_to_resource", 2)
    step = operator.plan().get("database/db")
    assert step is not None
    assert step.id == "shop-db"
    operator.types("back")
    assert operator.names() == {"db": "shop-db", restored(at): new}


def test_a_clock_that_runs_behind_decides_nothing(operator: Operator, at: datetime) -> None:
    operator.types("switched", at)
    operator.types("back", now=datetime(2001, 1, 1, tzinfo=timezone.utc))
    assert operator.names()["db"] == "shop-db"
    step = operator.plan().get("database/db")
    assert step is not None
    assert step.id == "shop-db"


# -- and a stage, which knows nothing of it ---------------------------------------------------------------------------


def test_a_stage_leaves_all_of_them_alone(operator: Operator, at: datetime) -> None:
    operator.types("prepared", at)
    step = operator.plan().get("database/db")
    assert step is not None
    assert (step.verb, step.id) == ("keep", "shop-db")
    operator.types("switched", at)
    plan = operator.plan()
    steps = {one.name: (one.verb, one.held) for one in plan.steps}
    assert steps == {"db": ("change", False), before(at): ("keep", True)}
    (step,) = [one for one in plan.steps if one.name == "db"]
    assert {one.field for one in step.differences} == {"password_secret", "log_exports"}


def test_the_stage_after_a_switch_keeps_its_parameters(operator: Operator, at: datetime) -> None:
    """Its parameter group is called as the database is: another one would wait for a restart."""
    operator.types("switched", at)
    (new,) = [one for one in operator.trial.all("database") if one.name == "db"]
    (source,) = [one for one in operator.trial.made if one.kind == "database"]
    changed = operator.trial.alter(new, **wanted(source))
    assert changed.detail["parameter_group"] == f"{new.id}-postgres16"
    assert changed.attrs["password_secret"] == source.attrs["password_secret"]


def test_destroy_takes_all_of_them_with_a_last_snapshot(operator: Operator, at: datetime) -> None:
    operator.types("switched", at)
    give_up = {"database/db": FINAL, f"database/{before(at)}": FINAL}
    goal = Goal(APP, "", REGION, (), {}, prune=True, give_up=GiveUp(give_up))
    steps = plan_for(operator.trial.account, goal, KNOWN).steps
    assert {one.name: one.verb for one in steps} == {"db": "delete", before(at): "delete"}


# -- throwing away ----------------------------------------------------------------------------------------------------


def snapshots(trial: Trial) -> list[str]:
    found = trial.account.pages("rds", "describe_db_snapshots", "DBSnapshots", SnapshotType="manual")
    return sorted(one["DBSnapshotIdentifier"] for one in found)


def groups(trial: Trial) -> list[str]:
    found = trial.account.pages("rds", "describe_db_subnet_groups", "DBSubnetGroups")
    return sorted(one["DBSubnetGroupName"] for one in found)


def test_a_wrong_restore_is_thrown_away(operator: Operator, at: datetime) -> None:
    operator.types("prepared", at)
    operator.trial.account.forget()  # type: ignore[attr-defined]
    seen = operator.types("discarded", check_mode=True)
    assert seen.changed
    assert len(operator.names()) == 2
    gone = operator.types("discarded")
    assert gone.changed
    assert operator.names() == {"db": "shop-db"}
    assert groups(operator.trial) == ["shop-db"]
    (snapshot,) = snapshots(operator.trial)
    assert snapshot.startswith(f"shop-{restored(at)}-final-")
    assert snapshot in gone.text[0]
    assert not operator.types("discarded").changed


def test_the_one_before_is_thrown_away(operator: Operator, at: datetime) -> None:
    new = operator.types("switched", at)
    operator.trial.account.forget()  # type: ignore[attr-defined]
    journal = {"db": {"host": new.endpoint.partition(":")[0]}}
    operator.types("discarded", endpoints=journal)
    assert operator.names() == {"db": new.name}
    assert groups(operator.trial) == [new.name], "the groups of the one in use are its own"
    with pytest.raises(StairwayError, match="nothing to go back to"):
        operator.types("back")


def test_of_several_one_has_to_be_named(operator: Operator, at: datetime) -> None:
    later = at + timedelta(seconds=1)
    operator.types("prepared", at)
    _wait_for(later)
    operator.types("prepared", later)
    operator.trial.account.forget()  # type: ignore[attr-defined]
    with pytest.raises(StairwayError, match="There are several") as raised:
        operator.types("discarded")
    assert restored(later) in str(raised.value)
    operator.types("discarded", at)
    assert set(operator.names()) == {"db", restored(later)}


def _wait_for(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - datetime.now(timezone.utc)).total_seconds() + 0.2))
