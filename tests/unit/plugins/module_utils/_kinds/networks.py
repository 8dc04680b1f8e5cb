"""A network to try other kinds in, and blueprints to check without an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Found
from ansible_collections.stairway.cloud.plugins.module_utils._resource.problems import BlueprintError
from tests.support.aws.trial import Trial

REGION = "ap-northeast-2"


def a_vpc(trial: Trial, cidr: str = "10.0.0.0/16", name: str = "main") -> Found:
    return trial.make("vpc", name, cidr=cidr)


def a_subnet(trial: Trial, vpc: Found, third: int = 1, zone: str = "a") -> Found:
    network = ".".join(vpc.attrs["cidr"].split(".")[:2])
    cidr = f"{network}.{third}.0/24"
    return trial.make("subnet", f"net-{third}", vpc=vpc.id, cidr=cidr, zone=f"{REGION}{zone}")


def a_group(trial: Trial, vpc: Found, name: str = "app") -> Found:
    return trial.make("security_group", name, vpc=vpc.id, ingress=[{"port": 80, "from": "0.0.0.0/0"}])


def problems(*resources: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a blueprint: where -> message. Entries of other kinds may be left out: see ``WORLD``."""
    try:
        read(list(resources), kinds(), REGION)
    except BlueprintError as error:
        return {one.where: one.message for one in error.problems}
    return {}


NETWORK: Sequence[Mapping[str, Any]] = (
    {"vpc": "main", "cidr": "10.0.0.0/16"},
    {"vpc": "other", "cidr": "10.1.0.0/16"},
    {"subnet": "a", "vpc": "main", "cidr": "10.0.1.0/24", "zone": "ap-northeast-2a"},
    {"subnet": "c", "vpc": "main", "cidr": "10.0.2.0/24", "zone": "ap-northeast-2c"},
    {"subnet": "x", "vpc": "other", "cidr": "10.1.1.0/24", "zone": "ap-northeast-2a"},
    {"internet_gateway": "main", "vpc": "main"},
    {"internet_gateway": "other", "vpc": "other"},
    {"elastic_ip": "out"},
    {"security_group": "web", "vpc": "main"},
    {"security_group": "far", "vpc": "other"},
)
PUBLIC = {"route_table": "public", "vpc": "main", "routes": [{"internet_gateway": "main"}], "subnets": ["a", "c"]}
