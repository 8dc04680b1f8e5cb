"""What is wrong in the account or on the way to it: each is one clear error with the way out, nothing is half-switched,
and the same command goes on once it is right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ansible import Played
from tests.support.aws.emulators import CREDENTIALS, Emulator, moto
from tests.support.aws.refusing_server import refuse
from tests.support.walk import Walk

NOBODY = {**dict.fromkeys(CREDENTIALS, ""), "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null"}
VCPUS = (
    "VcpuLimitExceeded",
    "You have requested more vCPU capacity than your current vCPU limit of 1 allows for the instance bucket that the "
    "specified instance type belongs to.",
)
FULL = ("InsufficientFreeAddressesInSubnet", "The specified subnet does not have enough free addresses.")
NO_ROOM = ("InvalidSubnet", "Not enough IP space available in subnet-0. ELB requires at least 8 free IP addresses.")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with moto(server="tests.support.aws.refusing_server") as one:
        yield one


@pytest.fixture
def empty(emulator: Emulator) -> Iterator[Emulator]:
    emulator.reset()
    refuse(emulator.url)
    yield emulator
    refuse(emulator.url)


def image(account: Emulator) -> None:
    """A version 1 in the only repository, which no machine ever pulls here."""
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 2, "digest": f"sha256:{'0' * 64}"}
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": []}
    aws = account.account()
    (repository,) = aws.call("ecr", "describe_repositories")["repositories"]
    name = repository["repositoryName"]
    aws.call("ecr", "put_image", repositoryName=name, imageManifest=json.dumps(manifest), imageTag="1")


def refused(played: Played, *words: str) -> None:
    """It failed, and says all of these."""
    assert played.rc != 0, played.tail()
    assert "Traceback" not in played.output
    for word in words:
        assert word in played.output, f"{word!r} is not in:\n{played.tail()}"


def test_no_credentials(empty: Emulator, tmp_path: Path) -> None:
    walk = Walk(empty, "resee", tmp_path / "inventory")
    played = walk.play("stage2", environment=NOBODY)
    refused(played, "There are no AWS credentials.", "aws configure sso")
    assert walk.picture() == {}
    assert walk.journal() == {}


def test_nothing_to_run(empty: Emulator, tmp_path: Path) -> None:
    walk = Walk(empty, "shop", tmp_path / "inventory")
    refused(walk.play("stage4", "-e", "app_version="), "No version was given, and none runs yet.", "-e version=1")
    assert walk.picture() == {}


def test_a_profile_that_is_not_there(empty: Emulator, tmp_path: Path) -> None:
    walk = Walk(empty, "resee", tmp_path / "inventory")
    refused(walk.play("stage2", "-e", "aws_profile=compnay"), "There are no AWS credentials.", "compnay")
    assert walk.picture() == {}


@pytest.mark.parametrize(
    ("cloud", "words"),
    [
        ({"region": "ap-northeast-22"}, ("This is no region.", "ap-northeast-2")),
        ({"region": "us-east-1"}, ("This zone is in another region.", "us-east-1")),
    ],
    ids=["unknown", "another"],
)
def test_a_wrong_region(empty: Emulator, tmp_path: Path, cloud: dict[str, str], words: tuple[str, ...]) -> None:
    walk = Walk(empty, "shop", tmp_path / "inventory", {"cloud": cloud})
    refused(walk.play("stage4"), *words)
    assert walk.picture() == {}
    assert walk.journal() == {}


@pytest.mark.parametrize(
    ("action", "said", "words"),
    [
        ("RunInstances", VCPUS, ("instance/app", "Running On-Demand instances")),
        ("RunInstances", FULL, ("instance/app", "the subnet is full", "cloud.network")),
        (
            "AllocateAddress",
            ("AddressLimitExceeded", "The maximum number of addresses has been reached."),
            ("elastic_ip/",),
        ),
    ],
    ids=["vcpus", "subnet", "addresses"],
)
def test_what_the_account_has_no_room_for(
    empty: Emulator, tmp_path: Path, action: str, said: tuple[str, str], words: tuple[str, ...]
) -> None:
    walk = Walk(empty, "resee", tmp_path / "inventory")
    refuse(empty.url, **{action: said})
    refused(walk.play("stage1"), said[0], said[1], "run the same command again", *words)
    assert walk.journal().get("stage") is None
    assert list(walk.journal()["walk"]["steps"]) == ["build"]

    # what was made stays and is not made twice; the walk goes on to the host, which nobody can reach here
    refuse(empty.url)
    again = walk.play("stage1")
    assert "Wait until the host lets us in" in again.output, again.tail()
    assert list(walk.journal()["walk"]["steps"]) == ["build", "hosts"]
    assert all(len(several) == 1 for several in walk.picture().values())


def test_a_balancer_that_has_no_room(empty: Emulator, tmp_path: Path) -> None:
    walk = Walk(empty, "shop", tmp_path / "inventory")
    refuse(empty.url, CreateLoadBalancer=NO_ROOM)
    refused(walk.play("stage4"), "load_balancer/main", NO_ROOM[1], "the subnet is full")
    assert "autoscaling_group/app" not in walk.picture()
    assert walk.journal().get("stage") is None


def test_a_certificate_that_waits_for_a_person(empty: Emulator, tmp_path: Path) -> None:
    walk = Walk(empty, "chat", tmp_path / "inventory")
    played = walk.play("stage4")
    refused(
        played,
        "certificate/main is pending: it waits for you.",
        "create this where the DNS of chat.example.com is:",
        "run the same command again",
    )
    assert "autoscaling_group/app" not in walk.picture()
    assert "listener/https" not in walk.picture()
    assert walk.journal().get("stage") is None


def test_a_group_that_may_start_no_machine(empty: Emulator, tmp_path: Path) -> None:
    walk = Walk(empty, "shop", tmp_path / "inventory")
    registry = walk.play("registry")
    assert registry.rc == 0, registry.tail()
    image(empty)
    refuse(empty.url, Launch=VCPUS)
    refused(
        walk.play("stage4"),
        "0 of 2 machines serve it",
        f"no more machines start: {VCPUS[1]}",
        "Running On-Demand instances",
    )
    assert walk.journal().get("stage") is None
    assert list(walk.journal()["walk"]["steps"])[-1] == "verify"
