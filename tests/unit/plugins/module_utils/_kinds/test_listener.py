"""``listener``, on both emulators, and its checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import listener
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Sight
from tests.support.aws.ground import ground
from tests.support.aws.trial import Trial


@dataclass(frozen=True)
class Place:
    balancer: str
    groups: tuple[str, ...]
    certificates: tuple[str, ...]


@pytest.fixture
def place(trial: Trial) -> Place:
    at = ground(trial)
    balancer = trial.make("load_balancer", "main", subnets=list(at.subnets[:2]), security_groups=[at.group])
    groups = [trial.make("target_group", name, vpc=at.vpc, port=8080).id for name in ("web", "api")]
    certificates = [
        trial.account.call("acm", "request_certificate", DomainName=f"{name}.example.com")["CertificateArn"]
        for name in "abc"
    ]
    return Place(balancer.id, tuple(groups), tuple(certificates))


def test_redirects_to_https(trial: Trial, place: Place) -> None:
    base: dict[str, Any] = {"load_balancer": place.balancer, "protocol": "HTTP"}
    found = trial.make("listener", "http", **base, port=80, action={"redirect": {}})
    trial.retag(found)
    found = trial.alter(found, **base, port=8000, action={"redirect": {}})
    found = trial.alter(
        found,
        **base,
        port=8000,
        action={
            "redirect": {
                "host": "www.example.com",
                "path": "/new/#{path}",
                "query": "a=b",
                "status": 302,
                "port": "8443",
                "protocol": "#{protocol}",
            }
        },
    )
    found = trial.alter(
        found,
        **base,
        port=8000,
        action={"fixed_response": {"status": 503, "content_type": "text/html", "body": "Closed."}},
    )
    found = trial.alter(found, **base, port=8000, action={"forward": place.groups[0]})
    trial.remove(found)


def test_https(trial: Trial, place: Place) -> None:
    first, second, third = place.certificates
    base: dict[str, Any] = {
        "load_balancer": place.balancer,
        "port": 443,
        "protocol": "HTTPS",
        "action": {"forward": place.groups[0]},
    }
    found = trial.make("listener", "https", **base, certificate=first, extra_certificates=[second])
    assert found.attrs["tls_policy"] == listener.TLS_POLICY
    found = trial.alter(found, **base, certificate=first, extra_certificates=[second, third])
    found = trial.alter(found, **base, certificate=first, extra_certificates=[third])
    found = trial.alter(found, **base, certificate=second, extra_certificates=[third])
    trial.alter(found, **base, certificate=second, tls_policy="ELBSecurityPolicy-TLS13-1-3-2021-06")


def test_http_becomes_https_and_back(trial: Trial, place: Place) -> None:
    base: dict[str, Any] = {"load_balancer": place.balancer, "port": 443, "action": {"redirect": {"port": "444"}}}
    found = trial.make("listener", "main", **base, protocol="HTTP")
    found = trial.alter(found, **base, protocol="HTTPS", certificate=place.certificates[0])
    trial.alter(found, **base, protocol="HTTP")


def test_rules(trial: Trial, place: Place) -> None:
    web, api = place.groups
    base: dict[str, Any] = {
        "load_balancer": place.balancer,
        "port": 80,
        "protocol": "HTTP",
        "action": {"forward": web},
    }
    of_api = {"priority": 10, "paths": ["/api/*"], "action": {"forward": api}}
    everything = {
        "priority": 20,
        "hosts": ["www.example.com"],
        "methods": ["GET"],
        "headers": [{"name": "X-Test", "values": ["yes"]}],
        "sources": ["203.0.113.0/24"],
        "action": {"redirect": {"host": "example.com"}},
    }
    closed = {"priority": 30, "hosts": ["old.example.com"], "action": {"fixed_response": {"status": 410}}}
    found = trial.make("listener", "http", **base, rules=[of_api, everything, closed])
    moved = {**of_api, "priority": 15}
    found = trial.alter(found, **base, rules=[moved, {**closed, "hosts": ["older.example.com"]}])
    found = trial.alter(found, **base, rules=[{**moved, "action": {"forward": web}}])
    trial.alter(found, **base)


def test_rules_by_query(on_moto: Trial) -> None:
    # MiniStack does not know conditions on the query
    at = ground(on_moto)
    balancer = on_moto.make("load_balancer", "main", subnets=list(at.subnets[:2]), security_groups=[at.group])
    queries = [{"key": "version", "value": "2"}, {"value": "beta*"}]
    rule = {"priority": 1, "queries": queries, "action": {"redirect": {"host": "beta.example.com"}}}
    base: dict[str, Any] = {
        "load_balancer": balancer.id,
        "port": 80,
        "protocol": "HTTP",
        "action": {"fixed_response": {"status": 404, "content_type": "text/html", "body": "<p>Nothing & nobody</p>"}},
    }
    found = on_moto.make("listener", "http", **base, rules=[rule])
    on_moto.alter(found, **base, rules=[{**rule, "queries": queries[:1]}])


def test_shares_requests_between_groups(on_moto: Trial) -> None:
    # MiniStack does not know forwards with weights
    at = ground(on_moto)
    balancer = on_moto.make("load_balancer", "main", subnets=list(at.subnets[:2]), security_groups=[at.group])
    first, second = (on_moto.make("target_group", name, vpc=at.vpc, port=80).id for name in ("blue", "green"))
    base: dict[str, Any] = {"load_balancer": balancer.id, "port": 80, "protocol": "HTTP"}
    shares: list[dict[str, Any]] = [{"target_group": first, "weight": 9}, {"target_group": second}]
    found = on_moto.make("listener", "http", **base, action={"forward": shares})
    found = on_moto.alter(found, **base, action={"forward": [{**shares[0], "weight": 0}, shares[1]]})
    on_moto.alter(found, **base, action={"forward": second})


def test_finds_those_of_its_load_balancers(trial: Trial, place: Place) -> None:
    made = trial.make(
        "listener", "http", load_balancer=place.balancer, port=80, protocol="HTTP", action={"redirect": {}}
    )
    trial.account.call(
        "elbv2",
        "create_listener",
        LoadBalancerArn=place.balancer,
        Port=81,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": place.groups[0]}],
    )
    assert [one.id for one in trial.all("listener")] == [made.id]


def entry(name: str = "http", **attrs: Any) -> Entry:
    base = {"load_balancer": "main", "port": 80, "protocol": "HTTP", "action": {"forward": "web"}}
    return Entry("listener", name, {**base, **attrs})


RULE = {"priority": 1, "paths": ["/a"], "action": {"forward": "web"}}


@pytest.mark.parametrize(
    ("one", "where"),
    [
        pytest.param(entry(protocol="HTTPS"), "certificate", id="HTTPS without a certificate"),
        pytest.param(entry(certificate="a"), "certificate", id="HTTP with one"),
        pytest.param(entry(extra_certificates=["a"]), "extra_certificates", id="HTTP with extra ones"),
        pytest.param(entry(tls_policy=listener.TLS_POLICY), "tls_policy", id="HTTP with TLS"),
        pytest.param(
            entry(load_balancer="arn:aws:elasticloadbalancing:a:1:loadbalancer/app/b/c"), "load_balancer", id="no entry"
        ),
        pytest.param(entry(rules=[RULE, {**RULE, "paths": ["/b"]}]), "rules[1].priority", id="one priority twice"),
        pytest.param(entry(rules=[{"priority": 1, "action": RULE["action"]}]), "rules[0]", id="a rule for everything"),
        pytest.param(
            entry(rules=[{**RULE, "hosts": list("abc"), "headers": [{"name": "X", "values": list("de")}]}]),
            "rules[0]",
            id="a rule with six values",
        ),
    ],
)
def test_refuses(one: Entry, where: str) -> None:
    problems = list(listener.check(one, Sight({one.key: one}, "ap-northeast-2")))
    assert [problem.where for problem in problems] == [f"listener/http.{where}"]


def test_refuses_a_port_twice() -> None:
    several = [entry(), entry("other"), entry("elsewhere", load_balancer="second", action={"redirect": {}})]
    sight = Sight({one.key: one for one in several}, "ap-northeast-2")
    problems = [problem.where for one in several for problem in listener.check(one, sight)]
    assert problems == ["listener/other.port"]


def test_refuses_a_target_group_of_two_load_balancers() -> None:
    several = [entry(), entry("other", load_balancer="second", rules=[RULE], action={"redirect": {}})]
    sight = Sight({one.key: one for one in several}, "ap-northeast-2")
    problems = [problem for one in several for problem in listener.check(one, sight)]
    assert [(problem.where, problem.found) for problem in problems] == [("listener/other.action", "web")]


def test_a_login_by_hand_is_drift() -> None:
    item = {
        "ListenerArn": "arn:l",
        "LoadBalancerArn": "arn:b",
        "Port": 443,
        "Protocol": "HTTPS",
        "DefaultActions": [{"Type": "authenticate-oidc"}, {"Type": "forward", "TargetGroupArn": "arn:t"}],
    }
    assert listener.to_found(item, {}).attrs["action"] == {}


def test_refuses_a_certificate_of_another_region() -> None:
    one = entry(protocol="HTTPS", certificate="here", extra_certificates=["there"])
    certificates = [Entry("certificate", "here", {}), Entry("certificate", "there", {"region": "us-east-1"})]
    sight = Sight({each.key: each for each in certificates}, "ap-northeast-2")
    assert [problem.found for problem in listener.check(one, sight)] == ["there in us-east-1"]
