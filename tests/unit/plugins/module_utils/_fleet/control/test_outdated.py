from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._fleet.control.calls import outdated, unable


class Said:
    """An account that answers what it was given, whatever the parameters."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def call(self, _service: str, operation: str, **_parameters: Any) -> Any:
        return self.answers[operation]


def group(version: str, *machines: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": version},
        "Instances": [
            {"InstanceId": name, "LifecycleState": state, "LaunchTemplate": {"Version": started}}
            for name, started, state in machines
        ],
    }


@pytest.mark.parametrize(("version", "old"), [("3", {"i-2"}), ("$Default", {"i-3"}), ("$Latest", {"i-2"})])
def test_machines_of_an_older_template(version: str, old: set[str]) -> None:
    aws: Any = Said(
        describe_launch_templates={"LaunchTemplates": [{"DefaultVersionNumber": 2, "LatestVersionNumber": 3}]}
    )
    machines = (("i-2", "2", "InService"), ("i-3", "3", "Pending"), ("i-1", "1", "Terminating:Wait"))
    assert outdated(aws, group(version, *machines)) == old


def test_a_group_without_a_template_has_none() -> None:
    assert outdated(Said(), {"Instances": [{"InstanceId": "i-1", "LifecycleState": "InService"}]}) == frozenset()  # type: ignore[arg-type]


def failed(message: str) -> dict[str, str]:
    return {"StatusCode": "Failed", "StatusMessage": message}


@pytest.mark.parametrize(
    ("activities", "why"),
    [
        ([], ""),
        ([failed("vCPU")], ""),
        ([failed("vCPU"), {"StatusCode": "Successful"}], ""),
        ([{"StatusCode": "InProgress"}, failed("vCPU")], ""),
        ([failed("vCPU"), failed("no room")], "vCPU"),
    ],
)
def test_one_failure_may_be_chance(activities: list[dict[str, str]], why: str) -> None:
    assert unable(Said(describe_scaling_activities={"Activities": activities}), "g") == why  # type: ignore[arg-type]
