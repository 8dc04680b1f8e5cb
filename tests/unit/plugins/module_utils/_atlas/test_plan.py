"""What is pure: entries, addresses, bodies."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._atlas import cluster, network, plan, user
from ansible_collections.stairway.cloud.plugins.module_utils._atlas.plan import Change
from ansible_collections.stairway.cloud.plugins.module_utils._atlas.project import Found, Project
from ansible_collections.stairway.cloud.plugins.module_utils._atlas.wanted import (
    Entry,
    User,
    Wanted,
    atlas_region,
    aws_region,
    entry,
)
from ansible_collections.stairway.cloud.plugins.module_utils._atlas.work import url
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.uri import parsed


@pytest.mark.parametrize(
    ("aws", "atlas"),
    [("us-east-1", "US_EAST_1"), ("ap-northeast-2", "AP_NORTHEAST_2"), ("us-gov-west-1", "US_GOV_WEST_1")],
)
def test_regions(aws: str, atlas: str) -> None:
    assert (atlas_region(aws), aws_region(atlas)) == (atlas, aws)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("203.0.113.7", Entry("ipAddress", "203.0.113.7")),
        ("203.0.113.7/32", Entry("ipAddress", "203.0.113.7")),
        ("10.0.0.0/16", Entry("cidrBlock", "10.0.0.0/16")),
        ("2001:DB8::1", Entry("ipAddress", "2001:db8::1")),
        ("sg-0123456789abcdef0", Entry("awsSecurityGroup", "sg-0123456789abcdef0")),
    ],
)
def test_entries(text: str, expected: Entry) -> None:
    assert entry(text) == expected


@pytest.mark.parametrize(
    "found",
    [
        {"ipAddress": "203.0.113.7", "cidrBlock": "203.0.113.7/32"},
        {"cidrBlock": "203.0.113.7/32"},
        {"ipAddress": "203.0.113.7"},
    ],
)
def test_an_address_that_atlas_tells_otherwise_is_the_same(found: dict[str, Any]) -> None:
    want = Wanted("chat", "db", entries=(Entry("ipAddress", "203.0.113.7"),))
    assert network.access(want, [found, {"cidrBlock": "nonsense"}], []).steps == []


def test_the_url_is_one_that_a_move_reads() -> None:
    made = url("chat.abc12.mongodb.net", User("ch@t", "p:/?#[]@%ü", "chat db"))
    assert made is not None
    said = parsed(made)
    assert (said.srv, said.user, said.password, said.database) == (
        "chat.abc12.mongodb.net", "ch@t", "p:/?#[]@%ü", "chat db",
    )  # fmt: skip
    assert said.tls is True


def test_no_url_without_all_its_parts() -> None:
    assert url(None, User("a", "b")) is url("host", None) is url("host", User("a")) is None


def test_a_difference_has_both_sides() -> None:
    made = [Change("cluster.disk_gb", 10.0, 40), Change("user", "chat", None), Change("cluster.backup", None, True)]
    assert plan.diff(made) == {
        "before": "cluster.disk_gb: 10\nuser: chat\n",
        "after": "cluster.disk_gb: 40\ncluster.backup: true\n",
    }
    assert [one.text() for one in made] == ["cluster.disk_gb: 10 -> 40", "user: chat -> gone", "cluster.backup: true"]


def test_no_step_prints_its_body() -> None:
    want = Wanted("chat", "db", user=User("chat", "s3cret-word", "chatdb", (("readWrite", "chatdb"),)))
    made = user.part(want, None)
    assert made.steps[0].body["password"] == "s3cret-word"
    assert "s3cret-word" not in repr(made) + repr(want)


def test_a_larger_speed_that_was_bought_stays() -> None:
    node = {"instanceSize": "M30", "nodeCount": 3, "diskSizeGB": 40.0, "ebsVolumeType": "PROVISIONED", "diskIOPS": 5000}
    region = {"providerName": "AWS", "regionName": "US_EAST_1", "electableSpecs": node, "effectiveElectableSpecs": node}
    found = {"stateName": "IDLE", "replicationSpecs": [{"id": "1", "zoneId": "2", "regionConfigs": [region]}]}
    made = cluster.part(Wanted("chat", "db", tier="M40"), found)
    sent = made.steps[0].body["replicationSpecs"][0]
    assert "zoneId" not in sent
    assert "effectiveElectableSpecs" not in sent["regionConfigs"][0]
    assert sent["regionConfigs"][0]["electableSpecs"] == {**node, "instanceSize": "M40"}


@pytest.mark.parametrize("found", [{}, {"replicationSpecs": []}, {"replicationSpecs": [{"regionConfigs": []}]}])
def test_a_cluster_that_says_nothing_of_itself_is_not_taken(found: dict[str, Any]) -> None:
    assert cluster.part(Wanted("chat", "db", tier="M10"), {"stateName": "IDLE", **found}).problems
    assert Found(Project("1", "chat"), found).region(Wanted("chat", "db", region="US_EAST_1")) == "US_EAST_1"
