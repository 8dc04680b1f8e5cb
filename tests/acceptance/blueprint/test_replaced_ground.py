"""A network that has to be another one, under the same names: done in an order that AWS takes, or refused untouched."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._resource.problems import BlueprintError
from tests.support.aws.emulators import Emulator
from tests.support.aws.runs import census, converge, picture, planned, verbs


def network(second: int, name: str = "") -> list[dict[str, Any]]:
    """A VPC with a target group; ``second`` is the second number of its addresses, ``name`` stands behind each name."""
    return [
        {"vpc": f"main{name}", "cidr": f"10.{second}.0.0/16"},
        {"target_group": f"app{name}", "vpc": f"main{name}", "port": 8080},
    ]


def served(second: int, name: str = "") -> list[dict[str, Any]]:
    """The same with a load balancer that uses the target group."""
    subnets = [f"public-a{name}", f"public-c{name}"]
    zones = ["ap-northeast-2a", "ap-northeast-2c"]
    vpc = {"vpc": f"main{name}"}
    pairs = enumerate(zip(subnets, zones, strict=True))
    return [
        *network(second, name),
        {"internet_gateway": f"main{name}", **vpc},
        *({"subnet": one, **vpc, "cidr": f"10.{second}.{n}.0/24", "zone": zone} for n, (one, zone) in pairs),
        {
            "route_table": f"public{name}",
            **vpc,
            "routes": [{"to": "0.0.0.0/0", "internet_gateway": f"main{name}"}],
            "subnets": subnets,
        },
        {"security_group": f"alb{name}", **vpc, "ingress": [{"port": 80, "from": "0.0.0.0/0"}]},
        {"load_balancer": f"main{name}", "subnets": subnets, "security_groups": [f"alb{name}"]},
        {
            "listener": f"http{name}",
            "load_balancer": f"main{name}",
            "port": 80,
            "protocol": "HTTP",
            "action": {"forward": f"app{name}"},
        },
    ]


def test_a_target_group_whose_network_is_replaced_goes_first(emulator: Emulator) -> None:
    converge(emulator.account(), network(1))
    plan, _outcome = converge(emulator.account(), network(2))
    assert verbs(plan) == {"vpc/main": "replace", "target_group/app": "replace"}
    assert verbs(planned(emulator.account(), network(2))) == {}
    groups = list(emulator.account().pages("elbv2", "describe_target_groups", "TargetGroups"))
    assert len(groups) == 1


def test_what_others_stand_on_is_not_replaced_under_its_name(emulator: Emulator) -> None:
    converge(emulator.account(), served(1))
    before, counted = picture(emulator.account()), census(emulator.account())
    with pytest.raises(BlueprintError) as caught:
        converge(emulator.account(), served(2))
    said = {problem.where: problem.found for problem in caught.value.problems}
    assert said == {
        "vpc/main.cidr": "internet_gateway/main would stay",
        "subnet/public-a.vpc": "load_balancer/main would stay",
        "subnet/public-c.vpc": "load_balancer/main would stay",
        "security_group/alb.vpc": "load_balancer/main would stay",
        "target_group/app.vpc": "listener/http would stay",
    }
    assert (picture(emulator.account()), census(emulator.account())) == (before, counted)


def test_new_names_are_the_way(emulator: Emulator) -> None:
    converge(emulator.account(), served(1))
    plan, _outcome = converge(emulator.account(), served(2, "-2"))
    assert set(verbs(plan).values()) == {"create", "delete"}
    assert verbs(planned(emulator.account(), served(2, "-2"))) == {}
