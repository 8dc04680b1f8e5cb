"""``load_balancer``, on both emulators, and its checks."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import load_balancer
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Scope, Sight
from tests.support.aws.ground import Ground, ground
from tests.support.aws.trial import Trial

REGION = "ap-northeast-2"


def base(at: Ground, **more: Any) -> dict[str, Any]:
    return {"subnets": list(at.subnets[:2]), "security_groups": [at.group], **more}


def test_whole_life(trial: Trial) -> None:
    at = ground(trial)
    found = trial.make("load_balancer", "main", **base(at))
    assert found.aws_name == "shop-main"
    assert found.outputs["dimension"].startswith("app/shop-main/")
    assert found.attrs["drop_invalid_headers"] is True
    trial.retag(found)
    found = trial.alter(
        found, **base(at, idle_seconds=3600, keep_alive_seconds=60, http2=False, drop_invalid_headers=False)
    )
    found = trial.alter(found, **base(at, preserve_host=True, forwarded_for="preserve", desync_protection="strictest"))
    assert (found.attrs["idle_seconds"], found.attrs["keep_alive_seconds"]) == (60, 3600)
    found = trial.alter(found, subnets=list(at.subnets), security_groups=[at.group, at.other_group])
    found = trial.alter(found, **base(at, address_type="dualstack"))
    trial.remove(found)


def test_every_field_at_creation(trial: Trial) -> None:
    at = ground(trial)
    bucket = "shop-logs"
    trial.make(
        "load_balancer",
        "main",
        **base(
            at,
            scheme="internal",
            address_type="ipv4",
            idle_seconds=120,
            keep_alive_seconds=600,
            deletion_protection=True,
            drop_invalid_headers=False,
            http2=False,
            preserve_host=True,
            forwarded_for="remove",
            desync_protection="monitor",
            access_logs={"bucket": bucket, "prefix": "web/main"},
        ),
    )


def test_access_logs_go_on_and_off(trial: Trial) -> None:
    at = ground(trial)
    found = trial.make("load_balancer", "main", **base(at))
    found = trial.alter(found, **base(at, access_logs={"bucket": "shop-logs"}))
    trial.alter(found, **base(at, access_logs={"enabled": False}))


def test_finds_only_the_apps_own_and_what_has_its_name(trial: Trial) -> None:
    at = ground(trial)
    trial.make("load_balancer", "main", **base(at))
    for name in ("shop-other", "shopping", "blog"):
        trial.account.call("elbv2", "create_load_balancer", Name=name, Subnets=list(at.subnets[:2]))
    kind = load_balancer.KIND
    assert [one.aws_name for one in kind.describe(trial.account, Scope("shop"))] == ["shop-main"]
    foreign = list(kind.describe(trial.account, Scope("shop", names=frozenset({"shop-other"}))))
    assert {(one.aws_name, one.app) for one in foreign} == {("shop-main", "shop"), ("shop-other", None)}
    adopted = next(one for one in foreign if one.app is None)
    scope = Scope("cart", ids=frozenset({adopted.id}))
    assert [one.id for one in kind.describe(trial.account, scope)] == [adopted.id]


@pytest.mark.parametrize(
    ("app", "name", "expected"),
    [
        pytest.param("shop", "main", "shop-main", id="plain"),
        pytest.param("internal", "main", "lb-internal-main", id="AWS refuses names that start with internal-"),
        pytest.param("internal-tools", "a", "lb-internal-tools-a", id="with more behind it"),
        pytest.param("a" * 40, "main", f"{'a' * 23}-", id="long"),
    ],
)
def test_name(app: str, name: str, expected: str) -> None:
    made = load_balancer.aws_name(app, name, {})
    assert made.startswith(expected)
    assert len(made) <= 32


PUBLIC = {"scheme": "internet-facing"}


def sight(**zones: str) -> Sight:
    subnets = {
        f"subnet/{name}": Entry("subnet", name, {"zone": zone, "vpc": "other" if name == "far" else "main"})
        for name, zone in zones.items()
    }
    ways = [{"to": "0.0.0.0/0", "internet_gateway": "main"}]
    public = Entry("route_table", "public", {"vpc": "main", "routes": ways, "subnets": list(zones)})
    return Sight({**subnets, public.key: public}, REGION)


@pytest.mark.parametrize(
    ("attrs", "zones", "where", "words"),
    [
        pytest.param(
            {"subnets": ["a", "b"]}, {"a": "a", "b": "a"}, "subnets", "at least two zones", id="two subnets of one zone"
        ),
        pytest.param(
            {"subnets": ["a", "b", "c"]},
            {"a": "a", "b": "b", "c": "b"},
            "subnets",
            "in the same zone",
            id="one too many",
        ),
        pytest.param(
            {"subnets": ["a", "far"]}, {"a": "a", "far": "b"}, "subnets", "different networks", id="two networks"
        ),
        pytest.param(
            {"subnets": ["a", "b"], "access_logs": {"prefix": "web"}},
            {"a": "a", "b": "b"},
            "access_logs.bucket",
            "need a bucket",
            id="logs without a bucket",
        ),
    ],
)
def test_refuses(attrs: dict[str, Any], zones: dict[str, str], where: str, words: str) -> None:
    whole = sight(**{name: REGION + zone for name, zone in zones.items()})
    problems = list(load_balancer.check(Entry("load_balancer", "main", {**PUBLIC, **attrs}), whole))
    assert [problem.where for problem in problems] == [f"load_balancer/main.{where}"]
    assert words in problems[0].message


def test_accepts_two_zones_and_subnets_that_it_does_not_know() -> None:
    whole = sight(a=REGION + "a", b=REGION + "b")
    for subnets in (["a", "b"], ["a", "subnet-0123456789abcdef0"]):
        assert list(load_balancer.check(Entry("load_balancer", "main", {**PUBLIC, "subnets": subnets}), whole)) == []


def test_price() -> None:
    public = {one.sku: one for one in load_balancer.price({"subnets": ["a", "b"]}, lambda *_: None)}
    assert public["elb/application"].quantity == 730
    assert public["ec2/public_ipv4"].quantity == 1460
    assert public["elb/application/lcu"].traffic
    assert public["transfer/out"].traffic == "80 GB sent to users"
    inside = [one.sku for one in load_balancer.price({"subnets": ["a"], "scheme": "internal"}, lambda *_: None)]
    assert inside == ["elb/application", "elb/application/lcu"]
