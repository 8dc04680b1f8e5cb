"""``health_check``, on both emulators, and its checks."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import health_check
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Sight
from tests.support.aws.trial import Trial


def test_whole_life(trial: Trial) -> None:
    found = trial.make("health_check", "site", domain="www.example.com")
    assert (found.attrs["port"], found.attrs["path"]) == (443, "/")
    trial.retag(found)
    found = trial.alter(found, domain="example.com", path="/health", port=8443, failure_threshold=5)
    found = trial.alter(found, domain="example.com", path="/health", port=8443, inverted=True, disabled=True)
    trial.remove(found)


def test_every_field_at_creation(trial: Trial) -> None:
    trial.make(
        "health_check",
        "site",
        domain="www.example.com",
        protocol="HTTP",
        port=8080,
        path="/health",
        search="well",
        interval_seconds=10,
        failure_threshold=2,
        measure_latency=True,
        inverted=True,
        disabled=True,
    )
    trial.make("health_check", "port", elastic_ip="192.0.2.44", protocol="TCP", port=22)


def test_is_no_one_elses(trial: Trial) -> None:
    config = {"Type": "TCP", "IPAddress": "192.0.2.44", "Port": 22}
    trial.account.call("route53", "create_health_check", CallerReference="by hand", HealthCheckConfig=config)
    made = trial.make("health_check", "site", domain="www.example.com")
    assert [one.id for one in trial.all("health_check")] == [made.id]


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        pytest.param({"domain": None}, ["domain"], id="nobody to ask"),
        pytest.param({"interval_seconds": 20}, ["interval_seconds"], id="an interval that AWS does not have"),
        pytest.param({"protocol": "TCP", "port": 22, "path": "/"}, ["path"], id="TCP with a path"),
        pytest.param({"protocol": "TCP", "port": 22, "search": "a"}, ["search"], id="TCP with a text"),
        pytest.param({"protocol": "TCP"}, ["port"], id="TCP without a port"),
        pytest.param({}, [], id="good"),
    ],
)
def test_refuses(attrs: dict[str, Any], where: list[str]) -> None:
    whole = {"domain": "www.example.com", "protocol": "HTTPS", "interval_seconds": 30, **attrs}
    problems = health_check.check(Entry("health_check", "site", whole), Sight({}, "ap-northeast-2"))
    assert [problem.where for problem in problems] == [f"health_check/site.{name}" for name in where]
