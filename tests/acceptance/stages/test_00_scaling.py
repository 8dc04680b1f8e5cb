"""A group behind a balancer grows and shrinks, and loses machines and a zone, with somebody asking all the time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.support.bodies import client, fault, pull, wait
from tests.support.fleet import PATIENCE, Fleet, asking, healthy, members


@pytest.fixture(autouse=True)
def two(fleet: Fleet, balancer: dict[str, str], group: str) -> Iterator[None]:
    """Each test begins with two machines that serve."""
    fleet.scaling.update_auto_scaling_group(AutoScalingGroupName=fleet.name, HealthCheckGracePeriod=20)
    wait(lambda: (healthy(fleet, balancer), len(members(fleet))), (2, 2), PATIENCE)
    yield
    fault("clear")


def serving(fleet: Fleet, balancer: dict[str, str], count: int) -> float:
    """Waits until so many serve and no other is known; how many seconds that took."""
    begun = time.monotonic()
    wait(lambda: (healthy(fleet, balancer), len(members(fleet))), (count, count), PATIENCE)
    return time.monotonic() - begun


def track(fleet: Fleet, target: float = 50) -> None:
    fleet.scaling.put_scaling_policy(
        AutoScalingGroupName=fleet.name,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": target,
        },
    )


def test_it_follows_its_metric_out_and_in_and_nobody_notices(
    fleet: Fleet, balancer: dict[str, str], group: str
) -> None:
    track(fleet)
    cpu = ("AWS/EC2", "CPUUtilization", f"AutoScalingGroupName={fleet.name}")
    with asking(balancer["name"]) as said:
        pull("metric", cpu[0], cpu[1], "95", cpu[2])
        out = serving(fleet, balancer, 4)
        pull("metric", cpu[0], cpu[1], "10", cpu[2])
        back = serving(fleet, balancer, 2)
    pull("metric", cpu[0], cpu[1], "-", cpu[2])
    fleet.scaling.delete_policy(AutoScalingGroupName=fleet.name, PolicyName="cpu")
    print(f"from 2 to 4 machines in {out:.0f} s, back in {back:.0f} s, {len(said)} requests")
    assert set(said) == {"200"}
    causes = [
        one["Cause"] for one in fleet.scaling.describe_scaling_activities(AutoScalingGroupName=group)["Activities"]
    ]
    assert any("the policy cpu followed its metric" in one for one in causes)


def test_an_alarm_on_what_was_measured_takes_a_step(fleet: Fleet, balancer: dict[str, str], group: str) -> None:
    cloudwatch = client("cloudwatch")
    policy = fleet.scaling.put_scaling_policy(
        AutoScalingGroupName=fleet.name,
        PolicyName="queue",
        PolicyType="StepScaling",
        AdjustmentType="ChangeInCapacity",
        EstimatedInstanceWarmup=1,
        StepAdjustments=[
            {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 100, "ScalingAdjustment": 1},
            {"MetricIntervalLowerBound": 100, "ScalingAdjustment": 9},
        ],
    )["PolicyARN"]
    cloudwatch.put_metric_alarm(
        AlarmName=f"{fleet.name}-queue",
        AlarmActions=[policy],
        Namespace="shop",
        MetricName="queue",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=2,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
    )
    datum: dict[str, Any] = {"MetricName": "queue", "Value": 12.0}
    cloudwatch.put_metric_data(Namespace="shop", MetricData=[datum])
    serving(fleet, balancer, 3)
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[f"{fleet.name}-queue"])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"]])
    fleet.scaling.put_scaling_policy(
        AutoScalingGroupName=fleet.name,
        PolicyName="less",
        PolicyType="SimpleScaling",
        AdjustmentType="ExactCapacity",
        ScalingAdjustment=0,
        Cooldown=0,
    )
    fleet.scaling.execute_policy(AutoScalingGroupName=fleet.name, PolicyName="less")
    serving(fleet, balancer, 2)  # not below the smallest size


def test_a_scheduled_action_falls_due(fleet: Fleet, balancer: dict[str, str], group: str) -> None:
    soon = datetime.now(timezone.utc) + timedelta(seconds=3)
    fleet.scaling.put_scheduled_update_group_action(
        AutoScalingGroupName=fleet.name, ScheduledActionName="soon", StartTime=soon, DesiredCapacity=3
    )
    wait(lambda: len(members(fleet)), 3, 30)
    fleet.scaling.put_scheduled_update_group_action(
        AutoScalingGroupName=fleet.name,
        ScheduledActionName="night",
        Recurrence="0 3 * * *",
        TimeZone="Asia/Seoul",
        MinSize=2,
        DesiredCapacity=2,
    )
    pull("due", fleet.name, "night")
    serving(fleet, balancer, 2)
    found = fleet.scaling.describe_scheduled_actions(AutoScalingGroupName=fleet.name)["ScheduledUpdateGroupActions"]
    assert [one["ScheduledActionName"] for one in found] == ["night"]


def test_a_desired_capacity_out_of_bounds_is_refused(fleet: Fleet, group: str) -> None:
    with pytest.raises(fleet.scaling.exceptions.ClientError, match="above max value 4"):
        fleet.scaling.set_desired_capacity(AutoScalingGroupName=fleet.name, DesiredCapacity=5)


def test_a_machine_that_dies_is_replaced(fleet: Fleet, balancer: dict[str, str], group: str) -> None:
    victim = members(fleet)[0]["InstanceId"]
    with asking(balancer["name"]) as said:
        fault("stop-instance", victim)
        wait(lambda: victim not in [one["InstanceId"] for one in members(fleet)], True, 60)
        took = serving(fleet, balancer, 2)
    failed = [one for one in said if one != "200"]
    print(f"capacity was back {took:.0f} s after it was missed; {len(failed)} of {len(said)} requests failed")
    assert len(failed) <= 20, failed  # one at a time, until the balancer's checks find it: two checks, 5 s apart


def test_a_zone_that_dies_is_replaced_elsewhere(fleet: Fleet, balancer: dict[str, str], group: str) -> None:
    zone = members(fleet)[0]["AvailabilityZone"]
    begun = time.monotonic()
    fault("kill-zone", zone)
    wait(lambda: {one["AvailabilityZone"] for one in members(fleet)} == {zone}, False, 60)
    wait(lambda: zone not in {one["AvailabilityZone"] for one in members(fleet)}, True, 120)
    serving(fleet, balancer, 2)
    print(f"two machines serve from the other zone after {time.monotonic() - begun:.0f} s")
    with asking(balancer["name"]) as said:
        time.sleep(3)
    assert set(said) == {"200"}
