"""The command lines that start hosts and parts."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

import pytest

from rehearsal import docker, layout
from rehearsal.docker import Build, Machine

HOST = layout.Host("web-1", "debian12", IPv4Address("10.213.0.140"), ("web.stairway.test",))


@pytest.mark.parametrize(
    ("machine", "present", "absent"),
    [
        pytest.param(Machine("privileged", 2), {"--privileged", "--cgroupns=private"}, {"--cap-add=ALL"}, id="laptop"),
        pytest.param(
            Machine("privileged", 1), {"--privileged", "--cgroupns=host"}, {"--cgroupns=private"}, id="old-cgroups"
        ),
        pytest.param(
            Machine("all-but-resource", 2), {"--cap-drop=SYS_RESOURCE", "--cgroupns=host"}, {"--privileged"}, id="ci"
        ),
        pytest.param(
            Machine("all-there-are", 1), {"--cap-add=ALL"}, {"--cap-drop=SYS_RESOURCE"}, id="ci-in-a-container"
        ),
    ],
)
def test_rights_follow_the_machine(machine: Machine, present: set[str], absent: set[str]) -> None:
    rights = set(docker.rights(machine))
    assert present <= rights
    assert not absent & rights


def test_a_host_has_a_disk_an_address_and_its_names() -> None:
    argv = docker.create_host(HOST, image="i:1", machine=Machine("privileged", 2), resolv_conf=Path("/s/resolv.conf"))
    assert argv[-3:] == ["--", "i:1", "/sbin/init"]
    assert {"--name=stairway-web-1", "--hostname=web-1", "--ip=10.213.0.140"} <= set(argv)
    assert {"--network-alias=web-1", "--network-alias=web.stairway.test"} <= set(argv)
    assert "--volume=/var/lib/docker" in argv
    assert "--volume=/s/resolv.conf:/etc/resolv.conf:ro" in argv


def test_parts_are_published_on_loopback_only() -> None:
    for part in layout.PARTS:
        argv = docker.create_part(part, image="i", command=[part.name], env={"A": "b"}, volumes=["/x:/y"], secrets="s")
        published = [word for word in argv if word.startswith("--publish")]
        assert len(published) == len(part.publish)
        assert all(word.startswith("--publish=127.0.0.1:") for word in published)
        assert {"--env=A=b", "--volume=/x:/y"} <= set(argv)


def test_everything_made_carries_our_label() -> None:
    host = docker.create_host(HOST, image="i", machine=Machine("privileged", 2), resolv_conf=Path("/r"))
    part = docker.create_part(layout.HOOKS, image="i", command=[], env={}, volumes=[], secrets="s")
    for argv in (host, part, docker.create_network(), docker.try_rights("privileged", "i")):
        assert any(word.startswith(f"--label={layout.LABEL}=") for word in argv)


def test_a_build_names_its_arguments_and_labels() -> None:
    argv = docker.build(Build("t:1", Path("/c"), {"BASE": "b"}, {"stairway.inputs": "h"}))
    assert argv[:2] == ["docker", "build"]
    assert argv[-1] == "/c"
    assert {"--tag=t:1", "--build-arg=BASE=b", "--label=stairway.inputs=h"} <= set(argv)


def test_no_password_in_a_login() -> None:
    argv = docker.login(Path("/c"), "127.0.0.1:5500", "stairway")
    assert "--password-stdin" in argv
    assert argv[1] == "--config=/c"
