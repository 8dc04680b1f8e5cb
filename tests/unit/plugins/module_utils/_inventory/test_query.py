"""Several regions at once, from a recording."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._inventory.query import ask
from ansible_collections.stairway.cloud.plugins.module_utils._inventory.settings import read
from tests.support.aws.emulators import CREDENTIALS
from tests.support.aws.replay import Region, Replay, replay

OPTIONS: dict[str, Any] = {"group_by": [], "variables": "lean", "address": "public", "every_instance": True}
DENIED = (403, "UnauthorizedOperation", "You are not authorized to perform this operation.")


def reservation(number: int) -> bytes:
    return (
        f"<item><reservationId>r-{number}</reservationId><ownerId>1</ownerId><instancesSet><item>"
        f"<instanceId>i-{number}</instanceId><launchTime>2026-11-21T00:00:00Z</launchTime>"
        f"<vpcId>vpc-1</vpcId></item></instancesSet></item>"
    ).encode()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")


@pytest.fixture
def server() -> Iterator[Replay]:
    regions = {
        "us-east-1": Region([reservation(number) for number in range(2500)]),
        "eu-west-1": Region([reservation(9999), reservation(7)]),
        "us-west-2": Region(refusal=DENIED),
    }
    with replay(regions) as found:
        yield found


def asked(server: Replay | None, fields: Any = ("vpc_id",), **options: Any) -> Any:
    url = server.url if server else None
    settings = read({**OPTIONS, "endpoint_url": url, **options})
    return ask(settings, lambda name: next(iter(camel_dict_to_snake_dict({name: None}))), fields)


def test_reads_page_after_page(server: Replay) -> None:
    answer = asked(server, regions=["us-east-1"])
    assert len(answer.instances) == 2500
    assert answer.calls == 3
    assert answer.instances[0] == {
        "instance_id": "i-0",
        "vpc_id": "vpc-1",
        "tags": {},
        "placement": {"region": "us-east-1"},
        "region": "us-east-1",
    }


def test_reads_all_that_there_is_if_told_to(server: Replay) -> None:
    assert asked(server, None, regions=["eu-west-1"]).instances[0]["reservation_id"] == "r-7"


def test_takes_each_instance_once_sorted_by_id(server: Replay) -> None:
    answer = asked(server, regions=["us-east-1", "eu-west-1"], filters={"a": "b"}, include_filters=[{"c": "d"}])
    ids = [instance["instance_id"] for instance in answer.instances]
    assert len(ids) == 2501
    assert ids == sorted(ids)


def test_what_is_excluded_is_out(server: Replay) -> None:
    assert asked(server, regions=["eu-west-1"], exclude_filters=[{"a": "b"}]).instances == []


def test_every_region(server: Replay) -> None:
    answer = asked(server, regions=["all"], partial=True)
    assert set(server.calls[1:]) == set(server.regions)
    assert set(answer.failed) == {"us-west-2"}


def test_the_region_is_that_of_the_environment(server: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    asked(server, regions=[])
    assert server.calls == ["eu-west-1"]


def says(server: Replay | None, **options: Any) -> str:
    with pytest.raises(StairwayError) as caught:
        asked(server, **options)
    return str(caught.value)


def test_says_who_denies_what(server: Replay) -> None:
    text = says(server, regions=["us-west-2"])
    assert "AWS refused ec2:DescribeInstances: UnauthorizedOperation" in text
    assert "ec2:DescribeInstances in us-west-2" in text
    assert "do next: allow ec2:DescribeInstances" in text


def test_says_which_regions_failed(server: Replay) -> None:
    text = says(server, regions=["us-east-1", "us-west-2"])
    assert "1 of 2 regions did not answer: us-west-2." in text
    assert "us-west-2: UnauthorizedOperation: You are not authorized" in text
    assert "partial: true" in text


def test_a_region_that_is_not_enabled(server: Replay) -> None:
    server.regions["us-west-2"].refusal = (401, "AuthFailure", "AWS was not able to validate the credentials")
    assert "may not be enabled for this account" in says(server, regions=["us-east-1", "us-west-2"])


def test_goes_on_with_those_that_answer(server: Replay) -> None:
    answer = asked(server, regions=["eu-west-1", "us-west-2"], partial=True)
    assert len(answer.instances) == 2
    assert list(answer.failed) == ["us-west-2"]


def test_fails_when_none_answers(server: Replay) -> None:
    assert "UnauthorizedOperation" in says(server, regions=["us-west-2"], partial=True)


def test_a_region_is_not_half_there(server: Replay) -> None:
    """One query of a region fails: what the others found there is not taken."""
    server.regions["us-west-2"] = Region([reservation(1)], refusal=DENIED)
    answer = asked(server, regions=["eu-west-1", "us-west-2"], partial=True, include_filters=[{"a": "b"}, {"c": "d"}])
    assert len(answer.instances) == 2


def test_says_that_there_is_no_such_region() -> None:
    text = says(None, regions=["ap-northest-2"])
    assert "There is no AWS region ap-northest-2." in text
    assert "write ap-northeast-2" in text


def test_says_that_no_region_is_named(server: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "The inventory names no region." in says(server, regions=[])


def test_says_that_there_are_no_credentials(server: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    text = says(server, regions=["us-east-1", "eu-west-1"])
    assert "There are no AWS credentials." in text
    assert "aws configure sso" in text


def test_says_that_there_is_no_such_profile(server: Replay) -> None:
    assert "The config profile (nobody) could not be found" in says(server, regions=["us-east-1"], profile="nobody")


def test_says_that_nothing_answers() -> None:
    text = says(None, regions=["us-east-1"], endpoint_url="http://127.0.0.1:9", timeout=1)
    assert "AWS does not answer ec2:DescribeInstances." in text


def test_an_answer_that_is_cut_off_is_an_error(server: Replay) -> None:
    server.regions["eu-west-1"].reservations = [b"<item>"]
    assert "AWS does not answer" in says(server, regions=["eu-west-1"])
