"""What a host is called."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._inventory.hostnames import (
    names,
    needed,
    preferences,
    safe,
)

INSTANCE: dict[str, Any] = {
    "instance_id": "i-1",
    "private_dns_name": "ip-10-0-0-4.internal",
    "private_ip_address": "10.0.0.4",
    "public_dns_name": "",
    "security_groups": [{"group_id": "sg-1"}, {"group_id": "sg-2"}],
    "network_interfaces": [{"private_ip_addresses": [{"association": {"public_ip": "3.3.3.3"}}]}],
    "tags": {"Name": "web", "env": "prod", "stairway:name": "main", "empty": ""},
}


def upper(jinja: str, value: Any) -> Any:
    assert jinja == "upper"
    return value.upper()


def named(*entries: Any, every: bool = False) -> list[str]:
    return names(INSTANCE, preferences(entries), upper, every)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], ["i-1"]),
        (["tag:Name"], ["web"]),
        (["tag:none", "tag:Name"], ["web"]),
        (["tag:empty", "dns-name", "private-dns-name"], ["ip-10-0-0-4.internal"]),
        (["tag:stairway:name"], ["main"]),
        (["tag:Name=web"], ["Name_web"]),
        (["tag:Name=db", "instance-id"], ["i-1"]),
        (["tag:none,env"], ["prod"]),
        (["tag:Name=web,env=prod"], ["Name_web"]),
        (["tag:Name | upper"], ["WEB"]),
        (["tag:none | upper", "instance-id"], ["i-1"]),
        (["network-interface.addresses.association.public-ip"], ["3.3.3.3"]),
        (["instance.group-id"], ["sg-1"]),
        ([{"name": "private-ip-address", "prefix": "tag:Name"}], ["web_10.0.0.4"]),
        ([{"name": "private-ip-address", "prefix": "tag:Name", "separator": "-"}], ["web-10.0.0.4"]),
        ([{"name": "private-ip-address", "prefix": "tag:none"}], ["10.0.0.4"]),
        ([{"name": "tag:none", "prefix": "tag:Name"}, "instance-id"], ["i-1"]),
        ([{"name": "fixed", "prefix": "aws", "separator": "-"}], ["aws-fixed"]),
        (["tag:none"], []),
    ],
)
def test_takes_the_first_that_there_is(entries: list[Any], expected: list[str]) -> None:
    assert named(*entries) == expected


def test_takes_all_of_them_if_told_to() -> None:
    assert named("tag:Name", "tag:none", "instance-id", "tag:Name,env", every=True) == ["web", "i-1", "prod"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("web-1.example.com", "web-1.example.com"),
        ("가게", "가게"),
        ("a b", "a_b"),
        ("a:b.c", "a_b_c"),
        ("../../etc/passwd", "__.._etc_passwd"),
        ("-i", "_i"),
        ("{{ 1 }}", "___1___"),
        ("a\nb\x00", "a_b_"),
        ("a,b[1:2]", "a_b_1_2_"),
        ("$(id)`id`", "__id__id_"),
    ],
)
def test_what_no_pattern_or_path_can_bear_becomes_an_underscore(value: str, expected: str) -> None:
    assert safe(value) == expected


@pytest.mark.parametrize("entry", [1, {"prefix": "tag:Name"}, {"name": "tag:Name", "sep": "-"}, None])
def test_says_what_an_entry_has_to_be(entry: Any) -> None:
    with pytest.raises(StairwayError) as caught:
        preferences([entry])
    assert "prefix and separator" in str(caught.value)


def test_says_what_was_meant() -> None:
    with pytest.raises(StairwayError) as caught:
        preferences(["private-dnsname"])
    assert "write private-dns-name" in str(caught.value)


def test_says_what_has_to_be_read() -> None:
    wanted = preferences(["tag:Name", {"name": "private-ip-address", "prefix": "availability-zone"}])
    assert needed(wanted) == {"private_ip_address", "placement"}
