"""The rehearsal's account: started for the first test that asks for it, taken away after the last.

``STAIRWAY_KEEP_ACCOUNT=1`` leaves it standing, and takes over one that stands. ``STAIRWAY_ACCOUNT=2`` takes the second
place of this machine, beside an account that is in use. Each module has a VPC of its own, with a range that no other
has: 10.70 to 10.76 are given away by name, those of fleets from 10.77 on.
"""

from __future__ import annotations

import base64
import itertools
import os
from collections.abc import Iterator

import pytest

from rehearsal import state
from rehearsal.account import layout
from tests.support.bodies import KEEP, client, containers, wait
from tests.support.fleet import PATIENCE, SERVE, Fleet, healthy
from tests.support.rollouts import MACHINES, Rolled
from tests.support.site import rehearsal

# the second byte of each fleet's addresses
_NUMBERS = itertools.count(int(os.environ.get("STAIRWAY_FIRST_NETWORK", "77")))


def pytest_itemcollected(item: pytest.Item) -> None:
    """An account with bodies takes minutes to fill: what asks for it is left to ``make accept PART=stages``."""
    if "account" in getattr(item, "fixturenames", ()):
        item.add_marker("long")


@pytest.fixture(scope="session")
def account() -> Iterator[None]:
    with state.locked(f"account-tests-{layout.PLACE}"):  # there is one account in each place
        if not KEEP:
            rehearsal("account", "down")
        rehearsal("account", "up")
        yield
        if not KEEP:
            rehearsal("account", "down")


@pytest.fixture(scope="module")
def fleet(account: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    made = Fleet(next(_NUMBERS), tmp_path_factory.mktemp("fleet"))
    yield made
    for group in made.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[made.name])["AutoScalingGroups"]:
        made.scaling.delete_auto_scaling_group(AutoScalingGroupName=group["AutoScalingGroupName"], ForceDelete=True)
    for balancer in made.elb.describe_load_balancers()["LoadBalancers"]:
        if balancer["VpcId"] == made.vpc:
            made.elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    ids = [
        one["InstanceId"]
        for found in made.ec2.describe_instances()["Reservations"]
        for one in found["Instances"]
        if one["State"]["Name"] not in ("terminated", "shutting-down") and one.get("VpcId") == made.vpc
    ]
    if ids:
        made.ec2.terminate_instances(InstanceIds=ids)
    wait(lambda: containers("balancers/") + containers("instances/"), [], PATIENCE)


@pytest.fixture(scope="module")
def balancer(fleet: Fleet) -> dict[str, str]:
    """A balancer with TLS in front of a group of two machines; its ARNs and its name."""
    acm = client("acm")
    certificate = acm.request_certificate(DomainName="shop.example.com", ValidationMethod="DNS")["CertificateArn"]
    target = fleet.elb.create_target_group(
        Name=fleet.name,
        Protocol="HTTP",
        Port=8080,
        VpcId=fleet.vpc,
        HealthCheckPath="/health",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )["TargetGroups"][0]["TargetGroupArn"]
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}]
    fleet.elb.modify_target_group_attributes(TargetGroupArn=target, Attributes=delay)
    made = fleet.elb.create_load_balancer(
        Name=fleet.name, Subnets=fleet.subnets, SecurityGroups=[fleet.balancer_group], Scheme="internet-facing"
    )["LoadBalancers"][0]
    assert made["State"]["Code"] == "provisioning"
    secure = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    arn = made["LoadBalancerArn"]
    fleet.elb.create_listener(
        LoadBalancerArn=arn,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "redirect", "RedirectConfig": secure}],
    )
    listener = fleet.elb.create_listener(
        LoadBalancerArn=arn,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target}],
    )["Listeners"][0]["ListenerArn"]
    fleet.elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn], WaiterConfig={"Delay": 1})
    return {"arn": arn, "name": made["DNSName"], "target": target, "listener": listener}


@pytest.fixture(scope="module")
def group(fleet: Fleet, balancer: dict[str, str]) -> str:
    """Two machines behind the balancer, in two zones, as a launch template says."""
    fleet.allow(fleet.web_group, 8080, None, fleet.balancer_group)
    nic = {"DeviceIndex": 0, "Groups": [fleet.web_group], "AssociatePublicIpAddress": True}
    fleet.ec2.create_launch_template(
        LaunchTemplateName=fleet.name,
        LaunchTemplateData={
            "ImageId": fleet.image,
            "InstanceType": "t3.small",
            "KeyName": fleet.name,
            "UserData": base64.b64encode(SERVE.encode()).decode(),
            "NetworkInterfaces": [nic],
        },
    )
    fleet.scaling.create_auto_scaling_group(
        AutoScalingGroupName=fleet.name,
        LaunchTemplate={"LaunchTemplateName": fleet.name, "Version": "$Latest"},
        MinSize=2,
        MaxSize=4,
        VPCZoneIdentifier=",".join(fleet.subnets),
        TargetGroupARNs=[balancer["target"]],
        HealthCheckType="ELB",
        HealthCheckGracePeriod=60,
    )
    wait(lambda: healthy(fleet, balancer), 2, PATIENCE)
    return fleet.name


@pytest.fixture(scope="module")
def app(fleet: Fleet, balancer: dict[str, str]) -> Iterator[Rolled]:
    """An app that serves version 1 with all the machines of its fleet."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**layout.CREDENTIALS, "AWS_EC2_METADATA_DISABLED": "true"}.items():
            patch.setenv(name, value)
        made = Rolled(fleet, balancer)
        made.images()
        made.start(MACHINES)
        made.good("1")
        yield made
        made.clear()
