"""``web_acl``, on both emulators, and its checks."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _waf, web_acl
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Sight
from tests.support.aws.ground import ground
from tests.support.aws.trial import Trial

LOGIN = {"name": "login", "requests": 10, "seconds": 60, "path": "/login"}
EVERYBODY = {"name": "everybody", "requests": 100}


def test_whole_life(trial: Trial) -> None:
    found = trial.make("web_acl", "main", rate_rules=[EVERYBODY, LOGIN])
    assert found.aws_name == "shop-main"
    trial.retag(found)
    found = trial.alter(found, rate_rules=[{**LOGIN, "method": "POST", "action": "captcha"}, EVERYBODY])
    found = trial.alter(found, rate_rules=[{**EVERYBODY, "forwarded": True, "action": "count"}], default="block")
    found = trial.alter(
        found,
        managed_rules=[
            {"group": "AWSManagedRulesKnownBadInputsRuleSet", "count_only": True},
            {"group": "AWSManagedRulesCommonRuleSet", "counted_rules": ["SizeRestrictions_BODY"]},
        ],
    )
    found = trial.alter(found, managed_rules=[])
    trial.remove(found)


def test_protects_load_balancers(trial: Trial) -> None:
    at = ground(trial)
    first, second = (
        trial.make("load_balancer", name, subnets=list(at.subnets[:2]), security_groups=[at.group]).id
        for name in ("main", "other")
    )
    found = trial.make("web_acl", "main", load_balancers=[first])
    found = trial.alter(found, load_balancers=[second])
    found = trial.alter(found, load_balancers=[])
    found = trial.alter(found, load_balancers=[first, second])
    trial.remove(found)


def test_for_cloudfront(trial: Trial) -> None:
    found = trial.make("web_acl", "cdn", scope="cloudfront", rate_rules=[EVERYBODY])
    assert found.id.split(":")[3] == "us-east-1"
    trial.make("web_acl", "main")
    assert {one.name: one.attrs["scope"] for one in trial.all("web_acl")} == {"cdn": "cloudfront", "main": "regional"}
    trial.retag(found)
    found = trial.alter(found, scope="cloudfront", rate_rules=[LOGIN])
    trial.remove(found)
    assert [one.name for one in trial.all("web_acl")] == ["main"]


def test_lists_page_by_page() -> None:
    class Pages:
        region = "ap-northeast-2"

        def call(self, _service: str, _operation: str, **given: Any) -> dict[str, Any]:
            number = int(given["NextMarker"] or 0)
            return {"WebACLs": [{"Name": f"a{number}"}], **({"NextMarker": str(number + 1)} if number < 2 else {})}

    assert [one["Name"] for one in web_acl._listed(Pages(), "REGIONAL")] == ["a0", "a1", "a2"]


def test_a_rule_by_hand_is_drift() -> None:
    rules = _waf.to_rules([EVERYBODY], [])
    by_hand = {"Name": "geo", "Priority": 7, "Statement": {"GeoMatchStatement": {"CountryCodes": ["KP"]}}, "Action": {}}
    assert _waf.from_rules([by_hand, *rules])["rate_rules"][1] == {"name": "geo", "requests": 0}


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        pytest.param({"rate_rules": [{**LOGIN, "seconds": 90}]}, "rate_rules[0].seconds", id="90 seconds"),
        pytest.param({"rate_rules": [LOGIN, LOGIN]}, "rate_rules[1].name", id="a rule twice"),
        pytest.param({"managed_rules": [{"group": "A"}, {"group": "A"}]}, "managed_rules[1].group", id="a group twice"),
        pytest.param({"scope": "cloudfront", "load_balancers": ["main"]}, "load_balancers", id="the wrong scope"),
    ],
)
def test_refuses(attrs: dict[str, Any], where: str) -> None:
    problems = web_acl.check(Entry("web_acl", "main", attrs), Sight({}, "ap-northeast-2"))
    assert [problem.where for problem in problems] == [f"web_acl/main.{where}"]


def test_refuses_two_for_one_load_balancer() -> None:
    several = [Entry("web_acl", name, {"load_balancers": ["main"]}) for name in ("a", "b")]
    sight = Sight({one.key: one for one in several}, "ap-northeast-2")
    assert [p.where for one in several for p in web_acl.check(one, sight)] == ["web_acl/b.load_balancers"]


def test_price() -> None:
    attrs = {"rate_rules": [LOGIN, EVERYBODY], "managed_rules": [{"group": "A"}]}
    assert {one.sku: one.quantity for one in web_acl.price(attrs, lambda *_: None)} == {
        "wafv2/web_acl": 1,
        "wafv2/rule": 3,
        "wafv2/requests": 1,
    }
