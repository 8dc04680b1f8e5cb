"""``dns_record``, on both emulators, and its checks."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws.errors import AwsError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _records, dns_record
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Found, Scope, Sight, Wanted
from tests.support.aws.trial import Trial

BALANCER = "ZWKZPGTI48KDX/shop-main-1.ap-northeast-2.elb.amazonaws.com"
CDN = "Z2FDTNDATAQYW2/d111111abcdef8.cloudfront.net"


@pytest.fixture
def zone(trial: Trial) -> str:
    return trial.make("dns_zone", "main", domain="example.com").id


def names(trial: Trial, zone: str) -> set[str]:
    items = trial.account.pages("route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone)
    return {_records.plain(item["Name"]) for item in items if item["Type"] not in ("NS", "SOA")}


def test_addresses(trial: Trial, zone: str) -> None:
    base: dict[str, Any] = {"zone": zone, "domain": "www.example.com"}
    found = trial.make("dns_record", "www", **base, values=["192.0.2.1", "192.0.2.2"])
    assert found.id == f"{zone}/A/www.example.com"
    trial.retag(found)
    found = trial.alter(found, **base, values=["192.0.2.3"], seconds=60)
    found = trial.alter(found, **base, elastic_ip="192.0.2.4")
    found = trial.alter(found, **base, load_balancer=BALANCER)
    found = trial.alter(found, **base, load_balancer=BALANCER, evaluate_health=False)
    found = trial.alter(found, **base, distribution=CDN)
    found = trial.alter(found, **base, values=["192.0.2.3"])
    assert found.tags["stairway:name"] == "www"
    assert names(trial, zone) == {"www.example.com", "_stairway-a.www.example.com"}
    trial.remove(found)
    assert names(trial, zone) == set()


@pytest.mark.parametrize(
    ("sort", "domain", "values"),
    [
        pytest.param("AAAA", "www.example.com", ["2001:DB8::1"], id="AAAA"),
        pytest.param("CNAME", "www.example.com", ["Shop.example.net."], id="CNAME"),
        pytest.param("TXT", "example.com", ["v=spf1 -all", 'say "so" \\ é'], id="TXT"),
        pytest.param("TXT", "long._domainkey.example.com", ["k=" + "x" * 600], id="a long TXT"),
        pytest.param("MX", "example.com", ["10 mail.example.com", "20 mail2.example.com."], id="MX"),
        pytest.param("SRV", "_sip._tcp.example.com", ["1 2 5060 sip.example.com"], id="SRV"),
        pytest.param("CAA", "example.com", ['0 issue "amazon.com"'], id="CAA"),
        pytest.param("NS", "sub.example.com", ["ns1.example.net", "ns2.example.net"], id="NS"),
        pytest.param("A", "*.example.com", ["192.0.2.1"], id="for every name"),
    ],
)
def test_types(trial: Trial, zone: str, sort: str, domain: str, values: list[str]) -> None:
    found = trial.make("dns_record", "one", zone=zone, domain=domain, type=sort, values=values)
    trial.remove(found)


def test_weights(trial: Trial, zone: str) -> None:
    check = trial.make("health_check", "site", domain="www.example.com").id
    base: dict[str, Any] = {"zone": zone, "domain": "www.example.com"}
    blue = trial.make("dns_record", "blue", **base, values=["192.0.2.1"], weight=10)
    green = trial.make("dns_record", "green", **base, values=["192.0.2.2"], weight=0)
    blue = trial.alter(blue, **base, values=["192.0.2.1"], weight=5, health_check=check)
    assert {one.name: one.attrs["weight"] for one in trial.all("dns_record")} == {"blue": 5, "green": 0}
    trial.remove(blue)
    assert [one.name for one in trial.all("dns_record")] == ["green"]
    trial.remove(green)
    assert names(trial, zone) == set()


def test_failover(trial: Trial, zone: str) -> None:
    check = trial.make("health_check", "site", domain="www.example.com").id
    base: dict[str, Any] = {"zone": zone, "domain": "www.example.com"}
    trial.make("dns_record", "main", **base, load_balancer=BALANCER, failover="PRIMARY", health_check=check)
    trial.make("dns_record", "sorry", **base, distribution=CDN, failover="SECONDARY")
    assert {one.name for one in trial.all("dns_record")} == {"main", "sorry"}


def by_hand(trial: Trial, zone: str, action: str = "CREATE", name: str = "www.example.com") -> None:
    item = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.9"}]}
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": item}]}
    trial.account.call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch=batch)


def test_refuses_somebody_elses(trial: Trial, zone: str) -> None:
    by_hand(trial, zone)
    by_hand(trial, zone, name="other.example.com")
    for where in ("main", zone):  # by the zone's entry as the engine does, by its id as this test does
        name = dns_record.aws_name("shop", "www", {"zone": where, "domain": "www.example.com", "type": "A"})
        scope = Scope("shop", names=frozenset({name}), parents={"dns_zone": tuple(trial.made[:1])})
        (foreign,) = dns_record.describe(trial.account, scope)
        assert (foreign.app, foreign.aws_name, foreign.id) == (None, name, f"{zone}/A/www.example.com")
    with pytest.raises(AwsError, match="InvalidChangeBatch"):
        trial.make("dns_record", "www", zone=zone, domain="www.example.com", values=["192.0.2.1"])
    assert names(trial, zone) == {"www.example.com", "other.example.com"}


def test_adopts(trial: Trial, zone: str) -> None:
    by_hand(trial, zone)
    scope = Scope("shop", ids=frozenset({f"{zone}/A/www.example.com"}), parents={"dns_zone": tuple(trial.made[:1])})
    (foreign,) = dns_record.describe(trial.account, scope)
    dns_record.retag(trial.account, foreign, {"stairway:app": "shop", "stairway:name": "www"}, [])
    assert [(one.name, one.attrs["values"]) for one in trial.all("dns_record")] == [("www", ["192.0.2.9"])]


def test_makes_again_what_was_deleted_by_hand(trial: Trial, zone: str) -> None:
    base: dict[str, Any] = {"zone": zone, "domain": "www.example.com", "values": ["192.0.2.9"], "seconds": 60}
    trial.make("dns_record", "www", **base)
    by_hand(trial, zone, "DELETE")
    (left,) = trial.all("dns_record")
    assert left.attrs == {"zone": zone, "domain": "www.example.com", "type": "A"}
    trial.alter(left, **base)


def test_takes_away_what_is_left_of_one_deleted_by_hand(trial: Trial, zone: str) -> None:
    trial.make("dns_record", "www", zone=zone, domain="www.example.com", values=["192.0.2.9"], seconds=60)
    by_hand(trial, zone, "DELETE")
    (left,) = trial.all("dns_record")
    trial.remove(left)
    assert names(trial, zone) == set()


@pytest.mark.parametrize(
    "text", ["", "plain", 'a "quote" and \\', "é¤한", "x" * 255, "x" * 256, "é" * 300, "line\nend", "ends with \\"]
)
def test_texts_survive(text: str) -> None:
    assert _records.unquoted(_records.quoted(text)) == text


def test_owner_records_of_different_records_differ() -> None:
    keys = [
        _records.Key("Z", sort, domain, which)
        for sort in ("A", "AAAA")
        for domain in ("example.com", "*.example.com", "www.example.com")
        for which in ("", "shop/blue", "shop/green")
    ]
    assert len({key.owner for key in keys}) == len(keys)
    assert all(_records.Key.of_id(key.id) == key for key in keys)


BASE = {"zone": "main", "domain": "www.example.com", "type": "A", "values": ["192.0.2.1"]}


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        pytest.param({"values": None}, ["values"], id="leads nowhere"),
        pytest.param({"elastic_ip": "a"}, ["elastic_ip"], id="leads to two things"),
        pytest.param({"values": ["example.net"]}, ["values[0]"], id="a name as an address"),
        pytest.param({"values": ["192.0.2.1", "::1"]}, ["values[1]"], id="an IPv6 address in an A record"),
        pytest.param({"type": "AAAA"}, ["values[0]"], id="an IPv4 address in an AAAA record"),
        pytest.param({"type": "MX", "values": ["mail.example.com"]}, ["values[0]"], id="MX without a number"),
        pytest.param({"type": "CNAME", "values": ["a.b", "c.d"]}, ["values"], id="CNAME with two"),
        pytest.param({"type": "CNAME", "domain": "example.com", "values": ["a.b"]}, ["type"], id="CNAME of the zone"),
        pytest.param({"values": None, "load_balancer": "main", "type": "CNAME"}, ["type"], id="a CNAME as an alias"),
        pytest.param({"values": None, "elastic_ip": "a", "type": "AAAA"}, ["type"], id="an IPv4 address as AAAA"),
        pytest.param({"values": None, "load_balancer": "arn:aws:a:b"}, ["load_balancer"], id="an id"),
        pytest.param({"domain": "www.example.org"}, ["domain"], id="outside its zone"),
        pytest.param({"domain": "wwwexample.com"}, ["domain"], id="nearly in its zone"),
        pytest.param({"domain": f"{'a.' * 110}example.com"}, ["domain"], id="too long"),
        pytest.param({"weight": 1, "failover": "PRIMARY"}, ["failover"], id="weight and role"),
        pytest.param({}, [], id="good"),
        pytest.param({"domain": "example.com"}, [], id="the zone's own domain"),
    ],
)
def test_refuses(attrs: dict[str, Any], where: list[str]) -> None:
    zone = Entry("dns_zone", "main", {"domain": "example.com"})
    problems = dns_record.check(Entry("dns_record", "www", {**BASE, **attrs}), Sight({zone.key: zone}, "eu-west-1"))
    assert [problem.where for problem in problems] == [f"dns_record/www.{name}" for name in where]


@pytest.mark.parametrize(
    ("first", "second", "where"),
    [
        pytest.param({}, {}, "domain", id="twice"),
        pytest.param({"weight": 1}, {}, "domain", id="one with a weight"),
        pytest.param({"failover": "PRIMARY"}, {"failover": "PRIMARY"}, "domain", id="two first ones"),
        pytest.param({}, {"type": "CNAME", "values": ["a.b"]}, "type", id="beside a CNAME"),
        pytest.param({"weight": 1}, {"weight": 0}, None, id="two weights"),
        pytest.param({"failover": "PRIMARY"}, {"failover": "SECONDARY"}, None, id="two roles"),
        pytest.param({}, {"type": "AAAA", "values": ["::1"]}, None, id="two types"),
        pytest.param({}, {"zone": "inside"}, None, id="two zones"),
    ],
)
def test_refuses_beside_another(first: dict[str, Any], second: dict[str, Any], where: str | None) -> None:
    several = [Entry("dns_record", "a", {**BASE, **first}), Entry("dns_record", "b", {**BASE, **second})]
    sight = Sight({one.key: one for one in several}, "eu-west-1")
    problems = [problem.where for one in several for problem in dns_record.check(one, sight)]
    assert problems == ([f"dns_record/b.{where}"] if where else [])


def test_refuses_to_become_one_of_several() -> None:
    key = _records.Key("Z1", "A", "www.example.com")
    found = Found("dns_record", key.id, {}, {"stairway:app": "shop"}, detail={"key": key})
    wanted = Wanted("dns_record", "www", "shop", {**BASE, "weight": 1}, {}, "", "t")
    assert [one.where for one in dns_record.refuse(found, wanted, frozenset({"weight"}))] == ["dns_record/www.weight"]
