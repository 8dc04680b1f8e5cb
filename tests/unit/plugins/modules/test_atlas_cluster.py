"""The module against a server that stands for Atlas: made, changed, seen, given up."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.atlas import CLIENT, SECRET, Atlas
from tests.support.atlas_model import GROUP

Task = Callable[..., dict[str, Any]]
PASSWORD = "s3cret/of:the@chat"
PEERING = {"vpc": "vpc-0123456789abcdef0", "cidr": "10.0.0.0/16", "account": "123456789012", "region": "us-east-1"}
NOW = datetime.now(timezone.utc)
FRESH = {"atlas_cluster/chat-db-prod": NOW.isoformat()}


def ready(atlas: Atlas, task: Task) -> None:
    """As after a first run, and nothing seen yet."""
    assert task()["changed"] is True
    atlas.seen.clear()


def test_a_cluster_its_user_and_its_access_are_made_and_waited_for(atlas: Atlas, task: Task) -> None:
    made = task()
    assert made["changed"] is True
    assert made["state"] == "IDLE"
    assert made["host"] == "chat-db-prod.abc12.mongodb.net"
    assert made["project"] == {"id": GROUP, "name": "chat"}
    assert atlas.writes() == [("POST", "/clusters"), ("POST", "/databaseUsers"), ("POST", "/accessList")]
    assert atlas.body("POST", "/clusters") == {
        "name": "chat-db-prod",
        "clusterType": "REPLICASET",
        "mongoDBMajorVersion": "7.0",
        "backupEnabled": True,
        "terminationProtectionEnabled": True,
        "replicationSpecs": [
            {
                "regionConfigs": [
                    {
                        "providerName": "AWS",
                        "regionName": "US_EAST_1",
                        "priority": 7,
                        "electableSpecs": {"instanceSize": "M10", "nodeCount": 3},
                    }
                ]
            }
        ],
    }
    user = atlas.body("POST", "/databaseUsers")
    assert user["scopes"] == [{"name": "chat-db-prod", "type": "CLUSTER"}]
    assert {(one["roleName"], one["databaseName"]) for one in user["roles"]} == {
        ("readWrite", "chatdb"),
        ("dbAdmin", "chatdb"),
    }
    assert atlas.model.passwords == {"chat": PASSWORD}
    assert atlas.body("POST", "/accessList") == [{"ipAddress": "203.0.113.7", "comment": "Stairway"}]


def test_a_second_run_changes_nothing(atlas: Atlas, task: Task) -> None:
    ready(atlas, task)
    again = task()
    assert (again["changed"], again["changes"], again["state"]) == (False, [], "IDLE")
    assert atlas.writes() == []


def test_a_service_account_does_the_same(atlas: Atlas, task: Task) -> None:
    made = task(public_key=None, private_key=None, client_id=CLIENT, client_secret=SECRET)
    assert (made["changed"], made["state"]) == (True, "IDLE")
    assert atlas.token_requests == 1
    assert atlas.challenges == 0


def test_the_url_comes_with_no_log_only_and_says_the_password_in_no_other_way(atlas: Atlas, task: Task) -> None:
    assert task()["url"] is None
    made = task(_ansible_no_log=True)
    assert PASSWORD not in json.dumps(made)
    url = urlsplit(made["url"])
    assert (url.scheme, url.hostname, url.path) == ("mongodb+srv", made["host"], "/chatdb")
    assert (unquote(url.username or ""), unquote(url.password or "")) == ("chat", PASSWORD)
    assert url.query == "retryWrites=true&w=majority"


@pytest.mark.parametrize("password", ["plainandsimple", "ünïcödé-påss", "%41%41%41%41", "a b+c?d#e&f"])
def test_ansible_puts_no_stars_into_the_url(task: Task, password: str) -> None:
    user = {"name": "chat@eu", "password": password, "database": "chatdb"}
    url = urlsplit(task(_ansible_no_log=True, user=user)["url"])
    assert (unquote(url.username or ""), unquote(url.password or "")) == ("chat@eu", password)


def test_check_mode_says_all_and_touches_nothing(atlas: Atlas, task: Task) -> None:
    before = copy.deepcopy(vars(atlas.model)["clusters"])
    planned = task(_ansible_check_mode=True, _ansible_diff=True, peering=PEERING)
    assert atlas.writes() == []
    assert atlas.model.clusters == before
    assert (planned["changed"], planned["state"], planned["host"]) == (True, "absent", None)
    assert planned["diff"]["before"] == ""
    assert planned["diff"]["after"].splitlines() == [
        "network: 192.168.248.0/21",
        "cluster: chat-db-prod",
        "cluster.nodes: 3",
        "cluster.backup: true",
        "cluster.termination_protection: true",
        "cluster.region: us-east-1",
        "cluster.tier: M10",
        "cluster.version: 7.0",
        "user: chat",
        "user.roles: dbAdmin@chatdb, readWrite@chatdb",
        "access_list: 203.0.113.7",
        "peering: vpc-0123456789abcdef0",
        "peering.cidr: 10.0.0.0/16",
        "peering.account: 123456789012",
        "peering.region: us-east-1",
    ]


CHANGES = [
    ({"tier": "M20"}, "cluster.tier", "M10", "M20"),
    ({"nodes": 5}, "cluster.nodes", "3", "5"),
    ({"disk_gb": 40}, "cluster.disk_gb", "10", "40"),
    ({"disk_gb": 10}, None, None, None),
    ({"version": "8"}, "cluster.version", "7.0", "8.0"),
    ({"point_in_time": True}, "cluster.point_in_time", "false", "true"),
    ({"encryption": "AWS"}, "cluster.encryption", "NONE", "AWS"),
    ({"termination_protection": False}, "cluster.termination_protection", "true", "false"),
    ({"backup": False, "give_up": FRESH}, "cluster.backup", "true", "false"),
]


@pytest.mark.parametrize(("options", "what", "before", "after"), CHANGES, ids=lambda one: str(one)[:24])
def test_what_atlas_changes_in_place(
    atlas: Atlas, task: Task, options: dict[str, Any], what: str | None, before: str, after: str
) -> None:
    ready(atlas, task)
    planned = task(_ansible_check_mode=True, _ansible_diff=True, **options)
    assert atlas.writes() == []
    if what is None:
        assert planned["changed"] is False
        return
    assert planned["diff"] == {"before": f"{what}: {before}\n", "after": f"{what}: {after}\n"}
    changed = task(**options)
    assert (changed["changes"], changed["state"]) == ([f"{what}: {before} -> {after}"], "IDLE")
    assert atlas.writes() == [("PATCH", "/clusters/chat-db-prod")]
    assert task(**options)["changed"] is False


def test_what_nobody_names_stays_as_somebody_made_it(atlas: Atlas, task: Task) -> None:
    atlas.model.cluster(pitEnabled=True, tags=[{"key": "team", "value": "chat"}])
    region = atlas.model.clusters["chat-db-prod"]["replicationSpecs"][0]["regionConfigs"][0]
    region["analyticsSpecs"]["nodeCount"] = 1
    region["autoScaling"]["diskGB"]["enabled"] = True
    atlas.model.entries["198.51.100.0/24"] = {"cidrBlock": "198.51.100.0/24", "comment": "office"}
    done = task(tier="M20", user=None, access_list=None)
    assert done["changes"] == ["cluster.tier: M10 -> M20"]
    body = atlas.body("PATCH", "/clusters/chat-db-prod")
    assert set(body) == {"replicationSpecs"}
    sent = body["replicationSpecs"][0]["regionConfigs"][0]
    assert sent["electableSpecs"] == {
        "instanceSize": "M20",
        "nodeCount": 3,
        "diskSizeGB": 10.0,
        "ebsVolumeType": "STANDARD",
    }
    assert (sent["analyticsSpecs"]["instanceSize"], sent["analyticsSpecs"]["nodeCount"]) == ("M10", 1)
    assert sent["autoScaling"]["diskGB"]["enabled"] is True
    assert "198.51.100.0/24" in atlas.model.entries
    assert atlas.model.clusters["chat-db-prod"]["pitEnabled"] is True


def test_what_scales_by_itself_is_not_put_back(atlas: Atlas, task: Task) -> None:
    atlas.model.cluster()
    scaling = atlas.model.clusters["chat-db-prod"]["replicationSpecs"][0]["regionConfigs"][0]["autoScaling"]
    scaling["compute"]["enabled"] = scaling["diskGB"]["enabled"] = True
    atlas.model.node().update(instanceSize="M30", diskSizeGB=60.0)
    done = task(disk_gb=20, user=None, access_list=None)
    assert (done["changed"], atlas.writes()) == (False, [])
    assert done["notes"] == [
        "tier stays M30: this cluster scales by itself",
        "disk_gb stays 60: this disk grows by itself",
    ]


def test_an_entry_that_would_end_is_kept_for_good(atlas: Atlas, task: Task) -> None:
    ready(atlas, task)
    atlas.model.entries["203.0.113.7"]["deleteAfterDate"] = "2026-11-28T00:00:00Z"
    assert task()["changes"] == ["access_list: 203.0.113.7 until 2026-11-28T00:00:00Z -> 203.0.113.7"]


def test_a_user_that_somebody_changed_is_put_right(atlas: Atlas, task: Task) -> None:
    ready(atlas, task)
    atlas.model.users["chat"].update(
        roles=[{"roleName": "read", "databaseName": "chatdb"}], scopes=[{"name": "other", "type": "CLUSTER"}]
    )
    done = task()
    assert done["changes"] == [
        "user.roles: read@chatdb -> dbAdmin@chatdb, readWrite@chatdb",
        "user.clusters: other -> and chat-db-prod",
    ]
    assert "password" not in atlas.body("PATCH", "/databaseUsers/admin/chat")
    assert task()["changed"] is False


def test_a_password_is_set_anew_where_the_task_says_so(atlas: Atlas, task: Task) -> None:
    ready(atlas, task)
    user = {"name": "chat", "password": "another-secret-99", "database": "chatdb"}
    assert task(user=user)["changed"] is False
    assert atlas.model.passwords["chat"] == PASSWORD
    done = task(user={**user, "update_password": "always"})
    assert done["changes"] == ["user.password: as it was -> set anew"]
    assert atlas.model.passwords["chat"] == "another-secret-99"


def test_a_peering_waits_for_aws_and_then_lets_security_groups_in(atlas: Atlas, task: Task) -> None:
    options = {
        "peering": {**PEERING, "atlas_cidr": "10.8.0.0/21"},
        "access_list": ["203.0.113.7", "sg-0123456789abcdef0"],
    }
    made = task(**options)
    assert atlas.writes()[0] == ("POST", "/containers")  # before the cluster: its addresses cannot change afterwards
    assert [one["atlasCidrBlock"] for one in atlas.model.containers.values()] == ["10.8.0.0/21"]
    assert made["peering"] == {
        "connection_id": "pcx-0a1b2c3d4e5f60718",
        "status": "PENDING_ACCEPTANCE",
        "atlas_cidr": "10.8.0.0/21",
        "region": "us-east-1",
    }
    assert made["pending"] == [
        "accept the peering pcx-0a1b2c3d4e5f60718 in AWS, and route 10.8.0.0/21 to it",
        "access_list: sg-0123456789abcdef0, once the peering is accepted",
    ]
    again = task(**options)
    assert (again["changed"], again["pending"]) == (False, made["pending"])
    atlas.model.accept()
    then = task(**options)
    assert (then["changes"], then["pending"]) == (["access_list: sg-0123456789abcdef0"], [])
    assert task(**options)["changed"] is False


def test_a_peering_that_failed_is_asked_for_anew(atlas: Atlas, task: Task) -> None:
    task(peering=PEERING)
    next(iter(atlas.model.peers.values())).update(statusName="FAILED", errorStateName="EXPIRED")
    atlas.seen.clear()
    assert task(peering=PEERING)["changes"][0] == "peering: failed: EXPIRED -> gone"
    assert [method for method, _path in atlas.writes()] == ["DELETE", "POST"]


def test_other_addresses_of_the_vpc_are_changed_in_place(atlas: Atlas, task: Task) -> None:
    task(peering=PEERING)
    assert task(peering={**PEERING, "cidr": "10.1.0.0/16"})["changes"] == ["peering.cidr: 10.0.0.0/16 -> 10.1.0.0/16"]


def test_a_run_without_waiting_leaves_atlas_to_it(atlas: Atlas, task: Task) -> None:
    atlas.model.looks = 99
    made = task(wait=False, _ansible_no_log=True)
    assert (made["changed"], made["state"], made["host"], made["url"]) == (True, "CREATING", None, None)


def test_a_cluster_that_is_being_made_is_waited_for_and_not_made_twice(atlas: Atlas, task: Task) -> None:
    task(wait=False)
    atlas.seen.clear()
    done = task()
    assert (done["changed"], done["state"], atlas.writes()) == (False, "IDLE", [])


def test_a_change_waits_for_the_one_before(atlas: Atlas, task: Task) -> None:
    task(wait=False)
    atlas.model.looks = 3
    assert task(tier="M20", wait=False)["changes"] == ["cluster.tier: M10 -> M20"]


# Giving up


def test_a_cluster_is_not_deleted_without_a_backup(atlas: Atlas, task: Task) -> None:
    ready(atlas, task)
    for options in ({}, {"give_up": {"atlas_cluster/another": FRESH["atlas_cluster/chat-db-prod"]}}):
        for check in (False, True):
            refused = task(state="absent", _ansible_check_mode=check, **options)
            assert refused["failed"] is True
            assert "all its data" in refused["msg"]
            assert "give_up: {atlas_cluster/chat-db-prod:" in refused["error"]["fix"]
    assert atlas.writes() == []


@pytest.mark.parametrize(
    "when",
    [
        pytest.param("final_snapshot", id="a word of another kind"),
        pytest.param("yesterday", id="no moment"),
        pytest.param((NOW - timedelta(hours=25)).isoformat(), id="too long ago"),
        pytest.param((NOW + timedelta(hours=1)).isoformat(), id="to come"),
        pytest.param("2026-11-21T02:00:00", id="no time zone"),
    ],
)
def test_a_backup_that_is_none_is_no_backup(atlas: Atlas, task: Task, when: str) -> None:
    ready(atlas, task)
    refused = task(state="absent", give_up={"atlas_cluster/chat-db-prod": when})
    assert refused["error"]["where"] == "give_up"
    assert atlas.seen == []


def test_a_cluster_goes_with_the_user_that_is_its_own(atlas: Atlas, task: Task) -> None:
    ready(atlas, task)
    planned = task(state="absent", give_up=FRESH, _ansible_check_mode=True, _ansible_diff=True)
    assert (planned["changed"], atlas.writes()) == (True, [])
    gone = task(state="absent", give_up=FRESH, user={"name": "chat"}, region=None, tier=None, access_list=None)
    assert gone["changes"] == planned["changes"] == [
        "cluster.termination_protection: true -> false",
        "cluster: chat-db-prod -> gone",
        "user: chat -> gone",
    ]  # fmt: skip
    assert (gone["state"], atlas.model.clusters, atlas.model.users) == ("absent", {}, {})
    assert atlas.model.retained == ["chat-db-prod"]
    assert "203.0.113.7" in atlas.model.entries
    assert task(state="absent")["changed"] is False


def test_a_user_of_other_clusters_stays(atlas: Atlas, task: Task) -> None:
    ready(atlas, task)
    atlas.model.users["chat"]["scopes"] = []
    gone = task(state="absent", give_up=FRESH)
    assert gone["notes"] == ["user chat stays: it is for other clusters too"]
    assert "chat" in atlas.model.users


def test_a_deletion_that_is_under_way_is_waited_for(atlas: Atlas, task: Task) -> None:
    ready(atlas, task)
    atlas.model.looks = 4
    task(state="absent", give_up=FRESH, wait=False)
    atlas.seen.clear()
    refused = task()
    assert "is being deleted" in refused["msg"]
    gone = task(state="absent")
    assert (gone["changed"], gone["state"], atlas.writes()) == (False, "absent", [])
