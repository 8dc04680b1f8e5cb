"""Our own variables, groups and addresses."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._inventory import address, fields, groups
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import APP_TAG, NAME_TAG


def instance(**tags: str) -> dict[str, Any]:
    return {
        "instance_id": "i-1",
        "instance_type": "t3.small",
        "private_ip_address": "10.0.0.4",
        "placement": {"availability_zone": "ap-northeast-2a"},
        "state": {"code": 16, "name": "running"},
        "tags": {name.replace("__", ":"): value for name, value in tags.items()},
    }


def test_the_tags_are_those_that_the_blueprint_writes() -> None:
    assert (fields.APP_TAG, fields.NAME_TAG) == (APP_TAG, NAME_TAG)


def test_lean_is_flat_and_only_what_is_known() -> None:
    whole = fields.complete(instance(stairway__app="shop", stairway__service="api"), "ap-northeast-2")
    assert fields.lean(whole) == {
        "instance_id": "i-1",
        "instance_type": "t3.small",
        "private_ip_address": "10.0.0.4",
        "availability_zone": "ap-northeast-2a",
        "region": "ap-northeast-2",
        "instance_state": "running",
        "stairway_app": "shop",
        "stairway_service": "api",
    }
    assert whole["placement"]["region"] == "ap-northeast-2"


def test_an_instance_without_place_and_state_is_one_too() -> None:
    bare: dict[str, Any] = {"instance_id": "i-1", "tags": {}}
    assert fields.lean(fields.complete(bare, "us-east-1")) == {"instance_id": "i-1", "region": "us-east-1"}


def test_groups() -> None:
    whole = fields.complete(
        {
            **instance(stairway__app="shop", stairway__stage="stage4", stairway__service="api"),
            "tags": {
                "stairway:app": "shop",
                "stairway:stage": "stage4",
                "stairway:service": "api",
                "aws:autoscaling:groupName": "shop-api",
            },
        },
        "ap-northeast-2",
    )
    assert list(groups.of(whole, groups.KINDS)) == [
        "app_shop",
        "stage_stage4",
        "service_api",
        "zone_ap_northeast_2a",
        "asg_shop_api",
        "state_running",
    ]
    assert list(groups.of(whole, ["state"])) == ["state_running"]


@pytest.mark.parametrize("tag", ["a b", "a\n- hosts: all", "{{ x }}", "가게", "../x"])
def test_a_group_has_letters_digits_and_underscores(tag: str) -> None:
    (name,) = groups.of({"stairway_app": tag}, ["app"])
    assert name.isascii()
    assert name.isidentifier()


BOTH = {"instance_id": "i-1", "public_ip_address": "3.3.3.3", "private_ip_address": "10.0.0.4", "region": "us-east-1"}


@pytest.mark.parametrize(
    ("how", "known", "expected"),
    [
        ("public", BOTH, "3.3.3.3"),
        ("private", BOTH, "10.0.0.4"),
        ("public", {"private_ip_address": "10.0.0.4"}, "10.0.0.4"),
        ("private", {"ipv6_address": "2001:db8::1"}, "2001:db8::1"),
        ("public", {}, None),
    ],
)
def test_address(how: str, known: dict[str, Any], expected: str | None) -> None:
    assert address.variables(known, how).get("ansible_host") == expected


def test_ssm_is_ssh_through_a_session() -> None:
    found = address.variables(BOTH, "ssm", profile="my profile; id")
    assert (found["ansible_host"], found["ansible_connection"]) == ("i-1", "ssh")
    flag, option = shlex.split(found["ansible_ssh_common_args"])
    assert flag == "-o"
    command = shlex.split(option.removeprefix("ProxyCommand="))
    assert command[:5] == ["aws", "ssm", "start-session", "--target", "%h"]
    assert command[-4:] == ["--region", "us-east-1", "--profile", "my profile; id"]
