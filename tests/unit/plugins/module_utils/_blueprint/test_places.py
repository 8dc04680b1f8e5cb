"""What goes first when others stand on it; the acceptance tests do it in an account."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.model import Step, Verb
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.places import occupied, old_first
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Found


def step(verb: Verb, kind: str, found_id: str, why: str = "", **attrs: Any) -> Step:
    return Step(verb, kind, "main", found_id, why=why, found=Found(kind, found_id, attrs))


VPC = step("replace", "vpc", "vpc-1", "cidr", cidr="10.1.0.0/16")
GROUP = step("replace", "target_group", "arn:group", "vpc", vpc="vpc-1")


def listener(verb: Verb) -> Step:
    return step(verb, "listener", "arn:listener", load_balancer="arn:lb", action={"forward": "arn:group"})


def test_a_replaced_target_group_stands_beside_the_new_one() -> None:
    assert old_first([GROUP], kinds()) == set()
    assert list(occupied([GROUP, listener("change")], kinds())) == []


def test_but_not_in_a_network_that_has_to_go() -> None:
    assert old_first([VPC, GROUP], kinds()) == {("vpc", "vpc-1"), ("target_group", "arn:group")}


@pytest.mark.parametrize("verb", ["change", "keep"])
def test_what_stays_on_it_is_told(verb: Verb) -> None:
    (problem,) = occupied([VPC, GROUP, listener(verb)], kinds())
    assert (problem.where, problem.found) == ("target_group/main.vpc", "listener/main would stay")
    assert problem.suggestion == "target_group: main-2"


@pytest.mark.parametrize("verb", ["delete", "replace"])
def test_what_goes_too_is_no_problem(verb: Verb) -> None:
    assert list(occupied([VPC, GROUP, listener(verb)], kinds())) == []


def test_what_aws_deletes_in_use_is_no_problem() -> None:
    role = step("replace", "role", "shop-app", "path")
    machine = step("change", "instance", "i-1", role="shop-app")
    assert list(occupied([role, machine], kinds())) == []
