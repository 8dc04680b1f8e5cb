"""The plugin under ``ansible-inventory``, on an emulated account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support.aws.emulators import CREDENTIALS, REGION, Emulator, moto
from tests.support.inventory import Listed, run, write

HOSTILE = "{{ lookup('pipe', 'touch ' ~ '/tmp/stairway-pwned') }}"


def client(emulator: Emulator, region: str = REGION) -> Any:
    return boto3.client(
        "ec2",
        region_name=region,
        endpoint_url=emulator.url,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def start(emulator: Emulator, count: int = 1, region: str = REGION, **tags: str) -> list[str]:
    """Start instances with tags (``stairway__app`` is ``stairway:app``); their ids."""
    made = client(emulator, region).run_instances(
        ImageId="ami-12c6146b",
        InstanceType="t3.small",
        MinCount=count,
        MaxCount=count,
        TagSpecifications=[
            {
                "ResourceType": "instance",
                "Tags": [{"Key": key.replace("__", ":"), "Value": value} for key, value in tags.items()],
            }
        ],
    )
    return [one["InstanceId"] for one in made["Instances"]]


@pytest.fixture(scope="module")
def account() -> Iterator[Emulator]:
    with moto() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def ids(account: Emulator) -> dict[str, list[str]]:
    found = {
        "api": start(account, 2, stairway__app="shop", stairway__stage="stage4", stairway__service="api", Name="api"),
        "worker": start(
            account, stairway__app="shop", stairway__stage="stage4", stairway__service="worker", team="red"
        ),
        "chat": start(account, stairway__app="chat", stairway__stage="stage1", stairway__name="main", Name="chat-1"),
        "far": start(account, region="us-east-1", stairway__app="shop", stairway__stage="stage4", Name="far"),
        "foreign": start(account, Name="localhost", odd=HOSTILE, Role=HOSTILE),
        "gone": start(account, stairway__app="shop", Name="gone"),
    }
    client(account).terminate_instances(InstanceIds=found["gone"])
    client(account).stop_instances(InstanceIds=found["worker"])
    return found


@pytest.fixture
def listed(account: Emulator, ids: dict[str, list[str]], tmp_path: Path) -> Any:
    def listed(*arguments: str, environment: Any = None, **options: Any) -> Listed:
        path = write(tmp_path, {"regions": [REGION], "endpoint_url": account.url, **options})
        return run(path, *arguments, environment=environment)

    return listed


def good(found: Listed) -> Listed:
    assert found.rc == 0, found.errors
    return found


def test_the_instances_of_an_app_in_their_groups(listed: Any, ids: dict[str, list[str]]) -> None:
    found = good(listed(app="shop"))
    shop = {*ids["api"], *ids["worker"]}
    assert set(found.hosts) == shop
    assert found.groups == {
        "app_shop": shop,
        "stage_stage4": shop,
        "service_api": set(ids["api"]),
        "service_worker": set(ids["worker"]),
        "zone_ap_northeast_2a": shop,
        "state_running": set(ids["api"]),
        "state_stopped": set(ids["worker"]),
    }
    assert found.children["app"] == {"app_shop"}


def test_lean_variables(listed: Any, ids: dict[str, list[str]]) -> None:
    found = good(listed(app="chat", address="private")).hosts[ids["chat"][0]]
    address = found.pop("private_ip_address")
    found.pop("public_ip_address", None)
    assert found == {
        "ansible_host": address,
        "availability_zone": "ap-northeast-2a",
        "instance_id": ids["chat"][0],
        "instance_state": "running",
        "instance_type": "t3.small",
        "region": REGION,
        "stairway_app": "chat",
        "stairway_name": "main",
        "stairway_stage": "stage1",
    }


def test_two_regions(listed: Any, ids: dict[str, list[str]]) -> None:
    found = good(listed(app="shop", regions=[REGION, "us-east-1"]))
    assert found.hosts[ids["far"][0]]["region"] == "us-east-1"
    assert len(found.hosts) == 4


def test_filters(listed: Any, ids: dict[str, list[str]]) -> None:
    found = good(
        listed(
            filters={"tag:stairway:service": "api"},
            include_filters=[{"tag:Name": ["chat-1"]}, {"tag:team": "red"}],
            exclude_filters=[{"instance-state-name": "stopped"}],
        )
    )
    assert set(found.hosts) == {*ids["api"], *ids["chat"]}


def test_names_groups_and_composed_variables(listed: Any, ids: dict[str, list[str]]) -> None:
    found = good(
        listed(
            hostnames=["tag:team | upper", {"name": "instance-id", "prefix": "tag:Name", "separator": "."}],
            app="shop",
            group_by=["service"],
            strict=False,
            compose={"ansible_user": "'admin'", "wide": "vpc_id ~ '/' ~ placement.region", "none": "tags.nothing"},
            groups={"stopped": "state.name == 'stopped'"},
            keyed_groups=[{"key": "tags.Name", "prefix": "name", "parent_group": "names"}],
            leading_separator=False,
        )
    )
    apis = {f"api.{one}" for one in ids["api"]}
    assert set(found.hosts) == {*apis, "RED"}
    assert found.groups == {
        "service_api": apis,
        "service_worker": {"RED"},
        "stopped": {"RED"},
        "name_api": apis,
    }
    assert found.children["names"] == {"name_api"}
    host = found.hosts["RED"]
    assert host["ansible_user"] == "admin"
    assert host["wide"].endswith(f"/{REGION}")
    assert "none" not in host


def test_what_a_tag_says_is_not_run(listed: Any, ids: dict[str, list[str]]) -> None:
    flag = Path("/tmp/stairway-pwned")
    flag.unlink(missing_ok=True)
    found = good(
        listed(
            every_instance=True,
            variables="full",
            hostnames=["tag:odd | lower", "tag:Name", "instance-id"],
            compose={"odd": "tags.odd", "upper": "tags.odd | upper"},
            keyed_groups=[{"key": "tags.Role", "prefix": "role"}],
        )
    )
    (name,) = [name for name, one in found.hosts.items() if one["instance_id"] == ids["foreign"][0]]
    host = found.hosts[name]
    assert host["tags"]["odd"] == host["odd"] == HOSTILE
    assert host["upper"] == HOSTILE.upper()
    assert not set("{}/' ") & set(name)
    assert not flag.exists()


def test_no_tag_takes_the_place_of_this_machine(listed: Any, ids: dict[str, list[str]]) -> None:
    found = good(listed(every_instance=True, hostnames=["tag:Name", "instance-id"]))
    assert "localhost" not in found.hosts
    assert ids["foreign"][0] in found.hosts
    assert "as their tags say localhost" in found.errors


def test_says_when_two_instances_are_one_host(listed: Any) -> None:
    assert "2 instances are called api" in listed(app="shop", hostnames=["tag:Name", "instance-id"]).errors


@pytest.mark.parametrize("variables", ["lean", "full"])
def test_from_the_cache_it_is_the_same_and_asks_nobody(
    account: Emulator, ids: dict[str, list[str]], tmp_path: Path, variables: str
) -> None:
    options = {
        "app": "shop",
        "regions": [REGION],
        "endpoint_url": account.url,
        "variables": variables,
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
        "compose": {"zone": "placement.availability_zone"},
        "keyed_groups": [{"key": "tags.Name", "parent_group": "names"}],
    }
    cold = good(run(write(tmp_path, options)))
    nobody = {
        "AWS_ACCESS_KEY_ID": "AKIAREHEARSAL",
        "AWS_SECRET_ACCESS_KEY": "wrong",
        "http_proxy": "http://127.0.0.1:9",
    }
    warm = good(run(write(tmp_path, options), environment=nobody))
    assert warm.output == cold.output
    flushed = run(write(tmp_path, options), "--list", "--flush-cache", environment=nobody)
    assert "AWS does not answer" in flushed.errors
    other = run(write(tmp_path, {**options, "app": "chat"}))
    assert set(other.hosts) == set(ids["chat"])


@pytest.mark.parametrize(
    ("options", "environment", "says"),
    [
        ({"regions": ["ap-northest-2"], "endpoint_url": ""}, {}, "write ap-northeast-2"),
        ({}, {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "There are no AWS credentials."),
        ({"strict": True, "compose": {"a": "tags.nothing"}}, {}, "Could not set a for host i-"),
        ({"keyed_groups": ["x"]}, {}, "it must be a dictionary"),
        ({"address": "carrier pigeon"}, {}, "carrier pigeon"),
        ({"hostnames": ["tag:Name | no_such_filter"]}, {}, "A filter of hostnames cannot be applied"),
    ],
    ids=str,
)
def test_says_what_is_wrong(listed: Any, options: dict[str, Any], environment: dict[str, Any], says: str) -> None:
    found = listed(environment=environment, **options)
    assert found.rc != 0
    assert says in " ".join(found.errors.split())
