"""Instance refreshes of a group behind a balancer, with somebody asking all the time."""

from __future__ import annotations

import base64
from typing import Any

from tests.support.bodies import wait
from tests.support.fleet import PATIENCE, SERVE, Fleet, asking, get, healthy, members

BROKEN = "#!/bin/sh\nexit 1\n"


def refresh(fleet: Fleet, user_data: str, **preferences: Any) -> str:
    """A new version of the template, and a refresh to it; how that ended."""
    made = fleet.ec2.create_launch_template_version(
        LaunchTemplateName=fleet.name,
        SourceVersion="1",
        LaunchTemplateData={"UserData": base64.b64encode(user_data.encode()).decode()},
    )["LaunchTemplateVersion"]
    fleet.scaling.start_instance_refresh(
        AutoScalingGroupName=fleet.name,
        DesiredConfiguration={
            "LaunchTemplate": {"LaunchTemplateName": fleet.name, "Version": str(made["VersionNumber"])},
        },
        Preferences={"InstanceWarmup": 0, "MinHealthyPercentage": 100, "MaxHealthyPercentage": 150, **preferences},
    )

    def status() -> str:
        found = fleet.scaling.describe_instance_refreshes(AutoScalingGroupName=fleet.name)["InstanceRefreshes"][0]
        return str(found["Status"])

    wait(lambda: status() not in ("Pending", "InProgress", "RollbackInProgress"), True, PATIENCE)
    return status()


def test_every_machine_is_replaced_and_nobody_notices(fleet: Fleet, balancer: dict[str, str], group: str) -> None:
    before = {one["InstanceId"] for one in members(fleet)}
    with asking(balancer["name"]) as said:
        assert refresh(fleet, SERVE.replace("echo fine", "echo finer")) == "Successful"
    after = {one["InstanceId"] for one in members(fleet)}
    assert len(after) == 2
    assert not before & after
    assert set(said) == {"200"}
    assert get(balancer["name"], "/health", host="shop.example.com").text == "finer"


def test_a_version_that_never_serves_is_rolled_back(fleet: Fleet, balancer: dict[str, str], group: str) -> None:
    fleet.scaling.update_auto_scaling_group(AutoScalingGroupName=fleet.name, HealthCheckGracePeriod=20)
    before = get(balancer["name"], "/health", host="shop.example.com").text
    with asking(balancer["name"]) as said:
        assert refresh(fleet, BROKEN, AutoRollback=True) == "RollbackSuccessful"
    wait(lambda: healthy(fleet, balancer), 2, PATIENCE)
    assert set(said) == {"200"}
    assert get(balancer["name"], "/health", host="shop.example.com").text == before
