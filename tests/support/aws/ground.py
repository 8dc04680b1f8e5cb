"""What nearly everything stands on: a network with a subnet in each of two zones, and a security group."""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.aws.emulators import REGION
from tests.support.aws.trial import Trial


@dataclass(frozen=True)
class Ground:
    """Their ids. ``subnets`` has three, in three zones."""

    vpc: str
    subnets: tuple[str, ...]
    group: str
    other_group: str


def ground(trial: Trial) -> Ground:
    vpc = trial.make("vpc", "main", cidr="10.0.0.0/16").id
    subnets = [
        trial.make("subnet", f"public-{zone}", vpc=vpc, cidr=f"10.0.{number}.0/24", zone=f"{REGION}{zone}").id
        for number, zone in enumerate("abc")
    ]
    groups = [
        trial.account.call("ec2", "create_security_group", GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("shop-web", "shop-other")
    ]
    return Ground(vpc, tuple(subnets), *groups)
