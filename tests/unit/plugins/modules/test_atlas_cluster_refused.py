"""What the module refuses before it touches anything, and what it says when Atlas refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.atlas import CLIENT, PRIVATE, PUBLIC, SECRET, Atlas
from tests.support.atlas_model import OTHER_GROUP

Task = Callable[..., dict[str, Any]]
PEERING = {"vpc": "vpc-0123456789abcdef0", "cidr": "10.0.0.0/16", "account": "123456789012", "region": "us-east-1"}

MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "chat_db"}, "name", "no name of a cluster"),
    ({"name": "chat-database-in-seoul-x"[:22] + "--x"}, "name", "first 23 characters"),
    ({"region": "US_EAST_1"}, "region", "as AWS writes it"),
    ({"tier": "M0"}, "tier", "shares its machine"),
    ({"tier": "m5"}, "tier", "shares its machine"),
    ({"tier": "t3.micro"}, "tier", "no tier"),
    ({"nodes": 4}, "nodes", "3, 5 or 7"),
    ({"disk_gb": 8}, "disk_gb", "10 (GB)"),
    ({"version": "latest"}, "version", "as in 7"),
    ({"backup": False, "point_in_time": True}, "point_in_time", "without backups"),
    ({"access_list": ["0.0.0.0/0"]}, "access_list", "whole internet"),
    ({"access_list": ["0.0.0.0/1"]}, "access_list", "whole internet"),
    ({"access_list": ["::/0"]}, "access_list", "whole internet"),
    ({"access_list": ["10.0.0.1/16"]}, "access_list", "10.0.0.0/16, or the address alone"),
    ({"access_list": ["chat.example.com"]}, "access_list", "no address"),
    ({"open_because": "x" * 81, "access_list": ["0.0.0.0/0"]}, "open_because", "80 characters"),
    ({"peering": {**PEERING, "cidr": "10.0.0.0/33"}}, "peering.cidr", "no network"),
    ({"peering": {**PEERING, "cidr": "8.8.0.0/16"}}, "peering.cidr", "private"),
    ({"peering": {**PEERING, "atlas_cidr": "10.8.0.0/16"}}, "peering.atlas_cidr", "between /21 and /24"),
    ({"peering": {**PEERING, "vpc": "main"}}, "peering.vpc", "no VPC"),
    ({"peering": {**PEERING, "account": "12345678901"}}, "peering.account", "twelve digits"),
    ({"peering": {**PEERING, "region": "Virginia"}}, "peering.region", "no region"),
    ({"user": {"name": "chat", "password": "short", "database": "x"}}, "user.password", "8 characters"),
    ({"user": {"name": "chat", "password": "long-enough"}}, "user.database", "nothing"),
]


@pytest.mark.parametrize(("options", "where", "says"), MISTAKES, ids=lambda one: str(one)[:30])
def test_a_mistake_is_told_before_atlas_is_asked(
    atlas: Atlas, task: Task, options: dict[str, Any], where: str, says: str
) -> None:
    refused = task(**options)
    assert refused["failed"] is True
    assert refused["error"]["where"] == where
    assert says in refused["msg"]
    assert (atlas.seen, atlas.challenges) == ([], 0)


def test_mistakes_are_told_together(task: Task) -> None:
    refused = task(tier="M0", nodes=2, region="mars")
    assert "3 things" in refused["msg"]
    assert all(where in refused["msg"] for where in ("where: tier", "where: nodes", "where: region"))


def test_a_reason_opens_the_list_and_is_kept_in_atlas(atlas: Atlas, task: Task) -> None:
    assert task(access_list=["0.0.0.0/0"], open_because="functions without fixed addresses")["changed"] is True
    assert atlas.model.entries["0.0.0.0/0"]["comment"] == "functions without fixed addresses"


# What is there and cannot become what is wanted


def refused_over(atlas: Atlas, task: Task, found: dict[str, Any], options: dict[str, Any]) -> str:
    atlas.model.cluster(**found)
    for check in (True, False):
        refused = task(_ansible_check_mode=check, **options)
        assert refused["failed"] is True
    assert atlas.writes() == []
    return str(refused["msg"])


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"region": "ap-northeast-2"}, "does not leave its region"),
    ({}, {"version": "6"}, "does not go back to an older version"),
    ({"mongoDBMajorVersion": "6.0"}, {"version": "8"}, "one major version at a time"),
    ({"versionReleaseSystem": "CONTINUOUS"}, {"version": "8"}, "always gets the newest"),
    ({}, {"backup": False}, "deletes the snapshots"),
    ({"backupEnabled": False}, {"point_in_time": True}, "without backups"),
    ({"paused": True}, {}, "paused"),
]


@pytest.mark.parametrize(("found", "options", "says"), REFUSED, ids=lambda one: str(one)[:30])
def test_what_atlas_would_not_do_in_place(
    atlas: Atlas, task: Task, found: dict[str, Any], options: dict[str, Any], says: str
) -> None:
    assert says in refused_over(atlas, task, found, options)


def test_a_disk_does_not_become_smaller_than_its_data(atlas: Atlas, task: Task) -> None:
    atlas.model.used_bytes = 31e9
    atlas.model.cluster()
    atlas.model.node()["diskSizeGB"] = 60.0
    assert "31.0 GB in use" in task(disk_gb=30)["msg"]
    atlas.model.used_bytes = None
    assert "nobody knows how full" in task(disk_gb=40)["msg"]
    assert atlas.writes() == []
    atlas.model.used_bytes = 31e9
    assert task(disk_gb=40, user=None, access_list=None)["changes"] == ["cluster.disk_gb: 60 -> 40"]


def test_a_cluster_of_several_regions_is_changed_by_hand(atlas: Atlas, task: Task) -> None:
    found = atlas.model.cluster()
    regions = found["replicationSpecs"][0]["regionConfigs"]
    regions.append({**regions[0], "regionName": "US_WEST_2", "priority": 6})
    assert "several regions" in task(tier="M20")["msg"]
    assert atlas.writes() == []
    assert task(access_list=None, user=None, version="8")["changes"] == ["cluster.version: 7.0 -> 8.0"]


def test_a_name_that_a_free_or_flexible_cluster_has(atlas: Atlas, task: Task) -> None:
    found = atlas.model.cluster()
    found["replicationSpecs"][0]["regionConfigs"][0].update(providerName="TENANT")
    assert "free or flexible" in task()["msg"]
    del atlas.model.clusters["chat-db-prod"]
    atlas.model.flexible.add("chat-db-prod")
    refused = task()
    assert "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API" in refused["msg"]
    assert "name another cluster" in refused["error"]["fix"]


def test_a_new_cluster_needs_a_place_and_a_size(atlas: Atlas, task: Task) -> None:
    refused = task(region=None, tier=None)
    assert refused["error"]["where"] == "region, tier"
    assert atlas.writes() == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"region": "us-east-3"}, "did you mean us-east-1?"),
        ({"region": "eu-south-9"}, "ap-northeast-2"),
        ({"tier": "M700"}, "no such tier"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_a_region_or_a_tier_that_atlas_does_not_have(
    atlas: Atlas, task: Task, options: dict[str, Any], says: str, *, check: bool
) -> None:
    assert says in task(_ansible_check_mode=check, **options)["msg"]
    assert atlas.writes() == []


def test_security_groups_need_a_peering(atlas: Atlas, task: Task) -> None:
    assert "without a peering" in task(access_list=["sg-0123456789abcdef0"])["msg"]
    assert atlas.writes() == []


@pytest.mark.parametrize(
    ("there", "peering", "says"),
    [
        (None, {**PEERING, "cidr": "192.168.0.0/16"}, "the same addresses"),
        ("10.8.0.0/21", {**PEERING, "atlas_cidr": "10.16.0.0/21"}, "keeps them"),
        ("10.0.8.0/21", PEERING, "the same addresses"),
    ],
)
def test_networks_that_cannot_be_joined(
    atlas: Atlas, task: Task, there: str | None, peering: dict[str, Any], says: str
) -> None:
    if there:
        atlas.model.containers["6650"] = {"id": "6650", "regionName": "US_EAST_1", "atlasCidrBlock": there}
    assert says in task(peering=peering)["msg"]
    assert atlas.writes() == []


def test_a_new_user_needs_a_password(atlas: Atlas, task: Task) -> None:
    assert "needs a password" in task(user={"name": "chat", "database": "chatdb"})["msg"]
    assert atlas.writes() == []


# Who asks


@pytest.mark.parametrize(
    ("login", "says"),
    [
        ({"private_key": None}, "no whole login"),
        ({"public_key": None, "private_key": None}, "no whole login"),
        ({"client_id": CLIENT, "client_secret": SECRET}, "Two logins"),
        ({"private_key": "wrong-key"}, "does not know this login"),
        ({"public_key": "wrong", "private_key": PRIVATE}, "does not know this login"),
        ({"public_key": None, "private_key": None, "client_id": CLIENT, "client_secret": "wrong-secret"}, "login"),
    ],
)
def test_a_login_that_is_none(atlas: Atlas, task: Task, login: dict[str, Any], says: str) -> None:
    refused = task(**login)
    assert says in refused["msg"]
    assert not any(secret in json.dumps(refused) for secret in ("wrong-key", "wrong-secret", PRIVATE, SECRET))
    assert atlas.seen == []


def test_the_environment_of_atlas_own_tools_is_read(atlas: Atlas, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    none = {"public_key": None, "private_key": None}
    monkeypatch.setenv("MONGODB_ATLAS_PUBLIC_API_KEY", PUBLIC)
    monkeypatch.setenv("MONGODB_ATLAS_PRIVATE_API_KEY", PRIVATE)
    assert task(**none)["changed"] is True
    assert atlas.token_requests == 0
    monkeypatch.setenv("MONGODB_ATLAS_CLIENT_ID", CLIENT)
    monkeypatch.setenv("MONGODB_ATLAS_CLIENT_SECRET", SECRET)
    assert task(**none)["changed"] is False
    assert atlas.token_requests == 1


@pytest.mark.parametrize(
    ("project", "says"),
    [
        ("chatt", "GROUP_NAME_NOT_FOUND"),
        ("5f0d1a2b3c4d5e6f70819200", "GROUP_NOT_FOUND"),
        (OTHER_GROUP, "USER_CANNOT_ACCESS_GROUP"),
    ],
)
def test_a_project_of_somebody_else(atlas: Atlas, task: Task, project: str, says: str) -> None:
    refused = task(project=project)
    assert says in refused["msg"]
    assert "project" in refused["error"]["fix"]


def test_an_address_that_may_not_call_the_api(atlas: Atlas, task: Task) -> None:
    atlas.let_in = lambda: False
    refused = task()
    assert "IP_ADDRESS_NOT_ON_ACCESS_LIST: IP address 203.0.113.9" in refused["error"]["found"]
    assert "API Access List" in refused["error"]["fix"]


SAID = [
    (402, "NO_PAYMENT_INFORMATION_FOUND", "means of payment"),
    (403, "HOURLY_BILLING_LIMIT_EXCEEDED", "raise the organization's limit"),
    (403, "SOME_NEW_LIMIT_EXCEEDED", "higher limit"),
    (403, "ACCESS_FORBIDDEN", "Project Owner"),
    (400, "DUPLICATE_CLUSTER_NAME_PREFIX", "first 23 characters"),
]


@pytest.mark.parametrize(("status", "code", "fix"), SAID)
def test_what_atlas_says_no_to(atlas: Atlas, task: Task, status: int, code: str, fix: str) -> None:
    atlas.refuse("POST", "/clusters$", status, code, "in Atlas's words")
    refused = task()
    assert refused["error"]["found"] == f"HTTP {status} {code}: in Atlas's words"
    assert fix in refused["error"]["fix"]
    assert refused["error"]["where"].startswith("POST http://127.0.0.1")
    assert atlas.model.clusters == {}
    assert task()["changed"] is True


def test_a_name_that_is_taken_meanwhile(atlas: Atlas, task: Task) -> None:
    """Two runs at once: the second finds the cluster of the first, and goes on with it."""
    atlas.refuse("GET", "/clusters/chat-db-prod$", 404, "CLUSTER_NOT_FOUND")
    atlas.model.cluster()
    assert task()["state"] == "IDLE"
    assert len(atlas.model.clusters) == 1


def test_secrets_that_atlas_repeats_are_in_no_error(atlas: Atlas, task: Task) -> None:
    atlas.refuse("POST", "/databaseUsers$", 400, "COMMON_PASSWORD", f"password s3cret/of:the@chat, key {PRIVATE}")
    said = json.dumps(task())
    assert "COMMON_PASSWORD" in said
    assert "s3cret" not in said
    assert PRIVATE not in said


@pytest.mark.parametrize("url", ["http://cloud.mongodb.com", "cloud.mongodb.com", "ftp://127.0.0.1"])
def test_an_address_without_tls_is_refused(task: Task, url: str) -> None:
    assert "no https:// URL" in task(base_url=url)["msg"]
