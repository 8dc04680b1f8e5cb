"""``dns_zone``, on both emulators, and its checks."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws.errors import AwsError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _route53, dns_zone
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import (
    APP_TAG,
    NAME_TAG,
    Entry,
    Found,
    Scope,
    Sight,
    Wanted,
)
from tests.support.aws.trial import Trial


def test_public(trial: Trial) -> None:
    found = trial.make("dns_zone", "main", domain="example.com")
    assert found.outputs["domain"] == "example.com"
    assert found.outputs["name_servers"]
    assert found.aws_name == "example.com"
    trial.retag(found)
    trial.remove(found)


def test_private(trial: Trial) -> None:
    first, second, third = (
        trial.make("vpc", name, cidr=f"10.{number}.0.0/16").id for number, name in enumerate(("a", "b", "c"))
    )
    found = trial.make("dns_zone", "inside", domain="shop.internal", vpcs=[first, second])
    assert found.aws_name is None
    found = trial.alter(found, domain="shop.internal", vpcs=[second, third])
    trial.remove(found)


def test_is_found_before_it_has_tags(trial: Trial) -> None:
    class Cut(Exception):
        pass

    def call(service: str, operation: str, **given: Any) -> Any:
        if operation == "change_tags_for_resource":
            raise Cut
        return whole(service, operation, **given)

    whole = trial.account.call
    trial.account.call = call  # type: ignore[method-assign,assignment]
    with pytest.raises(Cut):
        trial.make("dns_zone", "main", domain="example.com")
    trial.account.call = whole  # type: ignore[method-assign]
    (found,) = trial.all("dns_zone")
    assert (found.app, found.name) == ("shop", "main")
    assert "Name" not in found.tags
    assert dns_zone.KIND.retag is not None
    dns_zone.KIND.retag(trial.account, found, {"Name": "shop-main"}, [])
    assert _route53.tags_of(trial.account, "hostedzone", [found.id])[found.id] == {
        APP_TAG: "shop",
        NAME_TAG: "main",
        "Name": "shop-main",
    }


def test_shows_somebody_elses_zone_of_the_same_domain(trial: Trial) -> None:
    for name in ("example.com", "example.org"):
        trial.account.call("route53", "create_hosted_zone", Name=name, CallerReference=f"by hand {name}")
    found = list(dns_zone.describe(trial.account, Scope("shop", names=frozenset({"example.com"}))))
    assert [(one.aws_name, one.app) for one in found] == [("example.com", None)]
    assert [one.id for one in dns_zone.describe(trial.account, Scope("shop", ids=frozenset({found[0].id})))] == [
        found[0].id
    ]


def test_records_of_others_keep_it(trial: Trial) -> None:
    found = trial.make("dns_zone", "main", domain="example.com")
    record = {"Name": "www.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    trial.account.call("route53", "change_resource_record_sets", HostedZoneId=found.id, ChangeBatch=batch)
    with pytest.raises(AwsError, match="HostedZoneNotEmpty"):
        dns_zone.delete(trial.account, found)


@pytest.mark.parametrize(
    ("app", "name"), [pytest.param("shop", "main", id="short"), pytest.param("a" * 30, "b" * 60, id="long")]
)
def test_caller_reference(app: str, name: str) -> None:
    wanted = [Wanted("health_check", name, app, {}, {}, "", token) for token in ("one", "two")]
    first, second = (_route53.caller_reference(one, 64) for one in wanted)
    assert len(first) <= 64
    assert first != second
    assert _route53.tags_by_reference(first)[APP_TAG] == app


@pytest.mark.parametrize("reference", ["by hand", "stairway/shop", "terraform-2026/1/2/3"])
def test_somebody_elses_caller_reference(reference: str) -> None:
    assert _route53.tags_by_reference(reference) == {}


def test_refuses_a_domain_twice() -> None:
    several = [
        Entry("dns_zone", "a", {"domain": "example.com", "vpcs": []}),
        Entry("dns_zone", "b", {"domain": "example.com", "vpcs": []}),
        Entry("dns_zone", "c", {"domain": "example.com", "vpcs": ["main"]}),
    ]
    sight = Sight({one.key: one for one in several}, "ap-northeast-2")
    assert [p.where for one in several for p in dns_zone.check(one, sight)] == ["dns_zone/b.domain"]


@pytest.mark.parametrize(
    ("private", "vpcs", "problems"),
    [
        pytest.param(False, ["vpc-1"], 1, id="public to private"),
        pytest.param(True, [], 1, id="private to public"),
        pytest.param(True, ["vpc-2"], 0, id="private to private"),
    ],
)
def test_refuses_to_change_sides(private: bool, vpcs: list[str], problems: int) -> None:
    found = Found("dns_zone", "Z1", {}, detail={"private": private})
    wanted = Wanted("dns_zone", "main", "shop", {"vpcs": vpcs}, {}, "", "t")
    assert len(list(dns_zone.refuse(found, wanted, frozenset({"vpcs"})))) == problems
