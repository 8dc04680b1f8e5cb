"""A change of a task definition is a change of the services that run it: its revision has another ARN."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.plan import Goal, make_plan, wanted_tags
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Found

ARN = "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/shop-api:1"
SERVICE = "arn:aws:ecs:ap-northeast-2:123456789012:service/shop-main/shop-api"
SUBNET = "subnet-0a1b2c3d4e5f60001"


def _resources(image: str) -> list[dict[str, Any]]:
    container = {"name": "api", "image": image}
    return [
        {"ecs_cluster": "main"},
        {"task_definition": "api", "containers": [container], "cpu": 256, "memory_mb": 512},
        {"ecs_service": "api", "cluster": "main", "task_definition": "api", "subnets": [SUBNET]},
    ]


@pytest.mark.parametrize(("image", "verbs"), [("shop:1", ["keep"] * 3), ("shop:2", ["keep", "change", "change"])])
def test_who_uses_a_revision_changes_with_it(image: str, verbs: list[str]) -> None:
    known = kinds()
    entries = read(_resources("shop:1"), known, "ap-northeast-2")
    goal = Goal("shop", "stage4", "ap-northeast-2", entries, {})
    ids = {"ecs_cluster": "shop-main", "task_definition": "shop-api", "ecs_service": SERVICE}
    attrs: dict[str, dict[str, Any]] = {entry.kind: dict(entry.attrs) for entry in entries}
    attrs["ecs_service"].update({"cluster": "shop-main", "task_definition": ARN})
    world = {
        entry.kind: (
            Found(
                entry.kind, ids[entry.kind], attrs[entry.kind], wanted_tags(goal, entry), ids[entry.kind],
                outputs={"arn": ARN},
            ),
        )
        for entry in entries
    }  # fmt: skip
    goal = Goal("shop", "stage4", "ap-northeast-2", read(_resources(image), known, "ap-northeast-2"), {})
    plan = make_plan(goal, world, known)
    steps = {step.kind: step for step in plan.steps}
    assert [steps[one].verb for one in ids] == verbs
    if image == "shop:2":
        assert [one.field for one in steps["ecs_service"].differences] == ["task_definition"]


@pytest.mark.parametrize(
    ("changed", "verbs"),
    [
        ({}, ["keep", "keep"]),
        ({"value": "other"}, ["change", "change"]),
        ({"description": "other"}, ["change", "keep"]),
    ],
    ids=["nothing", "value", "description"],
)
def test_only_a_new_value_gives_a_secret_another_version(changed: dict[str, str], verbs: list[str]) -> None:
    known = kinds()

    def entries(**more: str) -> Any:
        secret = {"secret": "cache", "value": "one-Password-long-enough", "description": "of Redis", **more}
        cache = {"cache": "main", "version": "7.0", "size": "cache.t4g.micro", "password_secret": "cache"}
        return read([secret, {**cache, "password_version": "cache"}], known, "ap-northeast-2")

    goal = Goal("shop", "stage4", "ap-northeast-2", entries(), {})
    arn = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:shop/cache-AbCdEf"
    made = {"secret": dict(goal.entries[0].attrs), "cache": dict(goal.entries[1].attrs)}
    made["cache"] |= {"password_secret": arn, "password_version": "v1", "failover": False}
    ids = {"secret": arn, "cache": "shop-main"}
    names = {"secret": "shop/cache", "cache": "shop-main"}
    world = {
        entry.kind: (
            Found(
                entry.kind, ids[entry.kind], made[entry.kind], wanted_tags(goal, entry), names[entry.kind],
                outputs={"version": "v1"} if entry.kind == "secret" else {},
            ),
        )
        for entry in goal.entries
    }  # fmt: skip
    plan = make_plan(Goal("shop", "stage4", "ap-northeast-2", entries(**changed), {}), world, known)
    assert [step.verb for step in plan.steps] == verbs
