"""What an apply tells of its own time: each part, what it had waited for, also when one fails; how a run shows it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.ansible import ROOT, environment
from tests.support.aws.emulators import CREDENTIALS, Emulator, moto

REGION = "ap-northeast-2"
NETWORK = [
    {"vpc": "main", "cidr": "10.9.0.0/16"},
    {"internet_gateway": "main", "vpc": "main"},
    {"subnet": "a", "vpc": "main", "cidr": "10.9.1.0/24", "zone": f"{REGION}a"},
    {"security_group": "app", "vpc": "main"},
]


@pytest.fixture(scope="module")
def moto_server() -> Iterator[Emulator]:
    """A slow one: parts that took less than a tenth of a second are not told."""
    with moto(server="tests.support.aws.slow_server") as emulator:
        yield emulator


def played(emulator: Emulator, folder: Path, resources: list[dict[str, str]]) -> tuple[str, dict[str, Any]]:
    """What was printed, and the result of the one task."""
    kept = folder / "result.json"
    task = {
        "name": "Build | Make it so",
        "stairway.cloud.blueprint": {
            "app": "small",
            "region": REGION,
            "resources": resources,
            "prune": True,
            "endpoint_url": emulator.url,
        },
        "register": "result",
        "ignore_errors": True,
    }
    copy = {"ansible.builtin.copy": {"content": "{{ result | to_json }}", "dest": str(kept), "mode": "0600"}}
    book = folder / "book.yml"
    play = {"name": "Build", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task, copy]}
    book.write_text(yaml.safe_dump([play], sort_keys=False))
    env = {**environment(), **CREDENTIALS, "STAIRWAY_TIMELINE_LEAST_SECONDS": "0"}
    argv = [str(ROOT / ".venv" / "bin" / "ansible-playbook"), "-i", "localhost,", str(book)]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads(kept.read_text())


def test_parts_name_what_they_waited_for(on_moto: Emulator, tmp_path: Path) -> None:
    output, result = played(on_moto, tmp_path, NETWORK)
    parts = {one["name"]: one for one in result["timeline"]}
    assert all(one["began"] <= one["ended"] for one in parts.values())
    waits = {name: one["waited_for"] for name, one in parts.items()}
    assert waits == {
        "vpc/main": None,
        "internet_gateway/main": "vpc/main",
        "subnet/a": "vpc/main",
        "security_group/app": "vpc/main",
        "security_group/app (link)": "security_group/app",
    }
    assert "s  vpc/main: created" in output
    summary = output.partition("TIMELINE")[2]
    assert "Make it so" in summary
    assert "US dollars is what a month costs" in summary


def test_nothing_to_do_took_no_time(on_moto: Emulator, tmp_path: Path) -> None:
    played(on_moto, tmp_path, NETWORK)
    _output, result = played(on_moto, tmp_path, NETWORK)
    assert result["changed"] is False
    assert result["timeline"] == []


def test_what_failed_is_told_too(on_moto: Emulator, tmp_path: Path) -> None:
    played(on_moto, tmp_path, NETWORK)
    # moto refuses a range that is taken; the engine cannot know of a subnet that is not the app's
    account = on_moto.account()
    vpc = account.call("ec2", "describe_vpcs", Filters=[{"Name": "tag:stairway:app", "Values": ["small"]}])["Vpcs"][0]
    account.call("ec2", "create_subnet", VpcId=vpc["VpcId"], CidrBlock="10.9.7.0/24")
    taken = {"subnet": "b", "vpc": "main", "cidr": "10.9.7.0/24", "zone": f"{REGION}c"}
    output, result = played(on_moto, tmp_path, [*NETWORK, taken])
    assert result["failed"] is True
    (failed,) = [one for one in result["timeline"] if one["failed"]]
    assert failed["name"] == "subnet/b"
    assert "subnet/b: failed" in output
