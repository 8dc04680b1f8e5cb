"""All that stands between users and an app, as one blueprint: made, found unchanged, changed, replaced, taken away."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from tests.support.aws.emulators import Emulator
from tests.support.aws.runs import converge, planned, verbs

ZONE = "ap-northeast-2"
ROAD: list[dict[str, Any]] = [
    {"vpc": "main", "cidr": "10.0.0.0/16"},
    {"subnet": "public-a", "vpc": "main", "cidr": "10.0.1.0/24", "zone": f"{ZONE}a"},
    {"subnet": "public-b", "vpc": "main", "cidr": "10.0.2.0/24", "zone": f"{ZONE}b"},
    {"internet_gateway": "main", "vpc": "main"},
    {
        "route_table": "public",
        "vpc": "main",
        "routes": [{"to": "0.0.0.0/0", "internet_gateway": "main"}],
        "subnets": ["public-a", "public-b"],
    },
    {"security_group": "alb", "vpc": "main", "ingress": [{"port": 443, "from": "0.0.0.0/0"}]},
    {"dns_zone": "main", "domain": "example.com"},
    {"certificate": "site", "domain": "example.com", "other_domains": ["*.example.com"], "zone": "main"},
    {"certificate": "cdn", "domain": "cdn.example.com", "zone": "main", "region": "us-east-1"},
    {"load_balancer": "main", "subnets": ["public-a", "public-b"], "security_groups": ["alb"]},
    {
        "target_group": "app",
        "vpc": "main",
        "port": 8080,
        "health_check": {"path": "/actuator/health", "healthy_threshold": 2, "unhealthy_threshold": 2},
        "deregistration_delay_seconds": 30,
        "stickiness": {"seconds": 3600},
    },
    {"listener": "http", "load_balancer": "main", "port": 80, "protocol": "HTTP", "action": {"redirect": {}}},
    {
        "listener": "https",
        "load_balancer": "main",
        "port": 443,
        "protocol": "HTTPS",
        "certificate": "site",
        "action": {"forward": "app"},
        "rules": [{"priority": 10, "paths": ["/old/*"], "action": {"fixed_response": {"status": 410}}}],
    },
    {
        "web_acl": "main",
        "rate_rules": [
            {"name": "everybody", "requests": 100},
            {"name": "login", "requests": 10, "seconds": 60, "path": "/login"},
        ],
        "load_balancers": ["main"],
    },
    {"web_acl": "cdn", "scope": "cloudfront"},
    {
        "distribution": "main",
        "origins": [{"name": "app", "load_balancer": "main"}],
        "behaviour": {"origin": "app", "methods": "all", "cache": "disabled", "forward": "all"},
        "aliases": ["cdn.example.com"],
        "certificate": "cdn",
        "web_acl": "cdn",
    },
    {"dns_record": "apex", "zone": "main", "domain": "example.com", "load_balancer": "main"},
    {"dns_record": "cdn", "zone": "main", "domain": "cdn.example.com", "distribution": "main"},
    {"dns_record": "mail", "zone": "main", "domain": "example.com", "type": "MX", "values": ["10 mail.example.net"]},
    {"health_check": "site", "domain": "example.com", "path": "/health"},
]


@pytest.fixture(params=["moto", "ministack"])
def account(request: pytest.FixtureRequest) -> Account:
    server: Emulator = request.getfixturevalue(f"{request.param}_server")
    server.reset()
    return server.account()


def changed(key: str, **fields: Any) -> list[dict[str, Any]]:
    """The road with other values in one entry."""
    road = copy.deepcopy(ROAD)
    kind, name = key.split("/")
    next(entry for entry in road if entry.get(kind) == name).update(fields)
    return road


def test_whole_life(account: Account) -> None:
    plan, _outcome = converge(account, ROAD)
    assert set(verbs(plan).values()) == {"create"}
    assert verbs(planned(account, ROAD)) == {}

    port = changed("target_group/app", port=9090)
    assert verbs(planned(account, port))["target_group/app"] == "replace"
    converge(account, port)
    assert verbs(planned(account, port)) == {}

    inside = changed("certificate/site", other_domains=["www.example.com"])
    assert verbs(planned(account, inside))["certificate/site"] == "replace"
    converge(account, inside)
    assert verbs(planned(account, inside)) == {}

    converge(account, [])
    assert verbs(planned(account, [])) == {}
    assert account.call("elbv2", "describe_target_groups")["TargetGroups"] == []
    assert account.call("route53", "list_hosted_zones")["HostedZones"] == []
    for region in (account.region, "us-east-1"):
        assert account.call("acm", "list_certificates", region=region)["CertificateSummaryList"] == []
