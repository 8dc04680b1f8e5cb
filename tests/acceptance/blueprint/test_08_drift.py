"""What hands did to an account: shown and set right, or refused."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.model import Outcome
from ansible_collections.stairway.cloud.plugins.module_utils._resource.problems import BlueprintError
from tests.support.aws.apps import resources
from tests.support.aws.emulators import Emulator
from tests.support.aws.runs import converge, picture, planned, verbs

SHOP = resources("shop", "stage4")


def key_of(kind: str) -> str:
    return next("/".join(next(iter(one.items()))) for one in SHOP if kind in one and next(iter(one)) == kind)


@pytest.fixture
def stood(on_moto: Emulator) -> tuple[Account, Outcome]:
    account = on_moto.account()
    _plan, outcome = converge(account, SHOP)
    return account, outcome


def test_a_change_by_hand_is_shown_and_set_right(stood: tuple[Account, Outcome]) -> None:
    account, outcome = stood
    wanted = picture(account)
    subnet, group = key_of("subnet"), key_of("target_group")
    account.call(
        "ec2", "modify_subnet_attribute", SubnetId=outcome.outputs[subnet]["id"], MapPublicIpOnLaunch={"Value": False}
    )
    account.call(
        "elbv2", "modify_target_group", TargetGroupArn=outcome.outputs[group]["id"], HealthCheckPath="/by-hand"
    )
    account.call("ec2", "delete_tags", Resources=[outcome.outputs[key_of("vpc")]["id"]], Tags=[{"Key": "Name"}])
    plan = planned(account, SHOP)
    assert verbs(plan) == {subnet: "change", group: "change", key_of("vpc"): "change"}
    shown = {step.key: [(one.field, one.before) for one in step.differences] for step in plan.steps}
    assert shown[subnet] == [("public_ips", False)]
    assert "/by-hand" in str(shown[group])
    converge(account, SHOP)
    assert picture(account) == wanted


def test_something_deleted_by_hand_is_made_again(stood: tuple[Account, Outcome]) -> None:
    account, outcome = stood
    wanted = picture(account)
    alarm, topic = key_of("alarm"), key_of("topic")
    account.call("sns", "delete_topic", TopicArn=outcome.outputs[topic]["id"])
    names = [one["AlarmName"] for one in account.pages("cloudwatch", "describe_alarms", "MetricAlarms")]
    account.call("cloudwatch", "delete_alarms", AlarmNames=names[:1])
    again = verbs(planned(account, SHOP))
    assert again[topic] == "create"
    assert alarm.startswith("alarm/")
    assert list(again.values()).count("create") == 2
    converge(account, SHOP)
    assert picture(account) == wanted


@pytest.mark.parametrize("kind", ["log_group", "bucket", "database"])
def test_somebody_elses_with_our_name_is_refused(on_moto: Emulator, kind: str) -> None:
    account = on_moto.account()
    converge(account, SHOP)
    found = account_without_tags(account, key_of(kind))
    calls = dict(account.calls)
    with pytest.raises(BlueprintError) as caught:
        converge(account, SHOP)
    made = {name: n for name, n in account.calls.items() if n > calls.get(name, 0) and ":Describe" not in name}
    assert not [name for name in made if name.split(":")[1].startswith(("Create", "Delete", "Modify", "Put"))]
    problem = next(one for one in caught.value.problems if one.where == key_of(kind))
    assert "not this app's" in problem.message
    assert "id: " in str(problem.suggestion)
    assert found


def account_without_tags(account: Account, key: str) -> str:
    """The resource stays, our tags go: as if somebody else had made it."""
    from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind as kind_of
    from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Scope

    kind_name, name = key.split("/")
    kind = kind_of(kind_name)
    found = next(one for one in kind.describe(account, Scope("shop")) if one.name == name)
    assert kind.retag is not None
    kind.retag(account, found, {}, ["stairway:app", "stairway:name", "Name"])
    return found.id


def test_a_machine_that_is_protected_stays_until_it_is_given_up(on_moto: Emulator) -> None:
    """The app has left it for a fleet, and its disk still holds what its stores had."""
    account = on_moto.account()
    host = [one for one in resources("shop", "stage1") if next(iter(one)) != "budget"]
    converge(account, host)
    left = planned(account, []).steps
    stays = {step.key: step for step in left if step.held}
    assert "instance/app" in stays
    assert "is protected" in stays["instance/app"].why
    assert {"role/app", "security_group/app"} <= {step.key for step in left if step.verb == "keep"}
    now = datetime.now(timezone.utc).isoformat()
    given = dict.fromkeys((key for key in stays), now)
    converge(on_moto.account(), [], give_up=given)
    assert "instance/app" not in {step.key for step in planned(on_moto.account(), []).steps}
