"""``task_definition``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.compare import differences
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _tasks
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Scope, Sight
from tests.support.aws.trial import Trial

DEFINITION = kind("task_definition")
START = "ap-northeast-2:123456789012"
ROLE = "arn:aws:iam::123456789012:role/shop-tasks"
SECRET = f"arn:aws:secretsmanager:{START}:secret:shop/app-AbCdEf"
API: dict[str, Any] = {
    "name": "api",
    "image": "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/shop:1",
    "ports": [3000],
    "environment": {"NODE_ENV": "production", "EMPTY": ""},
    "secrets": {
        "DATABASE_URL": {"secret": SECRET, "key": "url"},
        "JWT": {"secret": SECRET},
        "LEVEL": {"parameter": f"arn:aws:ssm:{START}:parameter/shop/level"},
    },
    "log_group": "/shop/api",
    "health_command": ["CMD-SHELL", "curl -f http://localhost:3000/health"],
    "health_grace_seconds": 20,
    "stop_seconds": 60,
}
SIDE: dict[str, Any] = {
    "name": "agent",
    "image": "agent:1",
    "essential": False,
    "command": ["--quiet"],
    "entrypoint": ["/agent"],
    "waits_for": {"api": "HEALTHY"},
    "cpu": 64,
    "memory_mb": 128,
    "user": "1000",
    "read_only": True,
}
SMALL = {"cpu": 256, "memory_mb": 512}


def test_whole_life(trial: Trial) -> None:
    given = {"execution_role": ROLE, "task_role": ROLE}
    definition = trial.make("task_definition", "api", containers=[API], **SMALL, **given)
    assert definition.id == "shop-api"
    first = definition.outputs["arn"]
    definition = trial.alter(definition, containers=[API, SIDE], **SMALL, **given)
    assert definition.outputs["arn"] != first
    definition = trial.alter(definition, containers=[API], cpu=1024, memory_mb=2048, storage_gb=50, **given)
    definition = trial.alter(definition, containers=[{**API, "image": "other:2"}], architecture="arm64", **SMALL)
    assert definition.attrs["execution_role"] == ROLE, "what the entry leaves alone stays"
    definition = trial.retag(definition)
    assert trial.all("task_definition") == [definition]
    trial.remove(definition)
    left = trial.account.call("ecs", "list_task_definitions", familyPrefix="shop-api", status="ACTIVE")
    assert left["taskDefinitionArns"] == []


def test_tags_of_others_go_along(trial: Trial) -> None:
    definition = trial.make("task_definition", "api", containers=[API], **SMALL, execution_role=ROLE)
    assert DEFINITION.retag is not None
    DEFINITION.retag(trial.account, definition, {"team": "blue"}, [])
    [definition] = trial.all("task_definition")
    definition = trial.alter(definition, containers=[{**API, "ports": []}], **SMALL, execution_role=ROLE)
    assert definition.tags["team"] == "blue"


def test_images_that_releases_choose(trial: Trial) -> None:
    released = {**API, "released": True}
    definition = trial.make("task_definition", "api", containers=[released], **SMALL, execution_role=ROLE)
    definition = trial.alter(definition, containers=[{**API, "image": "shop:2"}], **SMALL)
    assert differences(DEFINITION, {"containers": [released]}, definition.attrs) == ()
    definition = trial.alter(definition, containers=[{**released, "ports": [4000]}], **SMALL)
    assert definition.attrs["containers"][0]["image"] == "shop:2"


def test_foreign_definition_of_our_name_is_shown(trial: Trial) -> None:
    container = {"name": "a", "image": "b", "memory": 64}
    trial.account.call("ecs", "register_task_definition", family="shop-api", containerDefinitions=[container])
    [found] = DEFINITION.describe(trial.account, Scope("shop", frozenset({"shop-api"})))
    assert found.app is None


def test_what_is_not_there_is_not_described(trial: Trial) -> None:
    assert list(DEFINITION.describe(trial.account, Scope("shop", frozenset({"shop-api"}), only=True))) == []


@pytest.mark.parametrize("one", [API, SIDE], ids=["api", "side"])
def test_there_and_back(one: dict[str, Any]) -> None:
    shape = DEFINITION.fields["containers"].shape
    assert list(shape.problems([one], "containers")) == []
    assert shape.canonical([_tasks.words(_tasks.container(one, "r"))]) == shape.canonical([one])


@pytest.mark.parametrize(
    ("attrs", "where", "suggestion"),
    [
        ({"cpu": 300}, ".cpu", "256"),
        ({"memory_mb": 4096}, ".memory_mb", "2048"),
        ({"cpu": 8192, "memory_mb": 17000}, ".memory_mb", "16384"),
        ({"containers": [{"name": "a", "image": "b", "essential": False}]}, ".containers", None),
        ({"containers": [{"name": "a", "image": "b"}, {"name": "a", "image": "c"}]}, ".containers[1].name", None),
        (
            {"containers": [{"name": "a", "image": "b", "waits_for": {"c": "START"}}]},
            ".containers[0].waits_for",
            None,
        ),
        ({"containers": [{"name": "a", "image": "b", "log_group": "app"}]}, ".execution_role", None),
    ],
)
def test_refuses(attrs: dict[str, Any], where: str, suggestion: str | None) -> None:
    entry = Entry("task_definition", "a", {"containers": [{"name": "a", "image": "b"}], **SMALL, **attrs})
    [problem] = DEFINITION.check(entry, Sight({}, "r"))
    assert (problem.where, problem.suggestion) == (f"task_definition/a{where}", suggestion)
