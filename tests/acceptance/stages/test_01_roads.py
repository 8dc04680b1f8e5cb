"""The three roads of issue 4, each as its seed describes it, under a light steady load that goes by DNS as users do.

Nobody may notice a release, or a stage that moves no data: 0 failed. Where a store changes its place, requests may wait
or fail until the app is there with it; how long is printed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest
import yaml

from tests.support.ansible import ROOT
from tests.support.bodies import client, wait
from tests.support.roads import CHAT, RESEE, SHOP, Leg, Road, walking
from tests.support.site import PROOF

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("account")]
STARTED = 300  # seconds until the first answer


# Of one test each: the next road begins in an account that is empty again.
@pytest.fixture
def chat(account: None) -> Iterator[Road]:
    yield from walking(CHAT)


@pytest.fixture
def resee(account: None) -> Iterator[Road]:
    yield from walking(RESEE)


@pytest.fixture
def shop(account: None) -> Iterator[Road]:
    yield from walking(SHOP)


def unnoticed(leg: Leg) -> None:
    assert leg.report.summary.sent > 0
    assert not leg.report.failures, f"{leg.line()}: {leg.report.why()}"


def arrive(road: Road, stage: str, *more: str) -> None:
    """The first stage, which nobody uses yet."""
    road.play(stage, *more)
    wait(road.version, "1", STARTED)


def release(road: Road, version: str) -> None:
    unnoticed(road.leg(f"release {version}", "release", "-e", json.dumps({"version": version})))
    assert road.version() == version


def walk(road: Road, title: str, stage: str, *more: str) -> None:
    """A leg after which the app has every write of its users."""
    leg = road.leg(title, stage, *more)
    unnoticed(leg)
    assert road.ledger(leg.report).clean, leg.line()


def test_chat_walks_up_and_down_again(chat: Road) -> None:
    """What stands for MongoDB here does not tell of changes, nor does a cache of ElastiCache unless its parameters say
    so: their data goes while users are held.
    """
    arrive(chat, "stage1")
    release(chat, "2")
    walk(chat, "1 to 2, messages move", "stage2", "-e", "move_how=dump")
    walk(chat, "2 to 3, the cache moves", "stage3")
    assert chat.version() == "2"
    walk(chat, "3 to 4", "stage4")
    assert chat.version() == "2"
    release(chat, "1")
    walk(chat, "4 to 3", "stage3")
    assert chat.version() == "1"
    held = ("-e", "move_how=dump")
    walk(chat, "3 to 2, the cache moves", "stage2", *held, "-e", "replace_target=cache")
    walk(chat, "2 to 1, messages move", "stage1", *held, "-e", "replace_target=db")
    release(chat, "2")


def test_resee_goes_from_a_laptop_to_a_host_to_a_fleet(resee: Road) -> None:
    at_home()
    arrive(resee, "stage1")
    release(resee, "2")
    # the old host has the old stores on its disk: it stays, and costs, until somebody gives it up
    resee.variables["plan_max_monthly"] = 400
    resee.leg("1 to 4, stores move", "stage4", "-e", "start_empty=db,cache")
    release(resee, "1")


def test_shop_goes_straight_to_a_fleet_and_grows(shop: Road) -> None:
    arrive(shop, "stage4")
    release(shop, "2")
    assert shop.ledger(shop.legs[-1].report).clean
    for name, value in phase_two().items():
        shop.overrides[name] = value
    shop.write_inventory()
    unnoticed(shop.leg("phase 1 to phase 2", "stage4"))
    assert shop.ledger(shop.legs[-1].report).clean
    assert machines("shop") == 3
    release(shop, "1")
    assert shop.ledger(shop.legs[-1].report).clean


def at_home() -> None:
    """Stage 0: resee on this machine, in plain containers; it answers and goes."""
    inventories = ["-i", "inventories/resee", "-i", "inventories/rehearsal_resee"]
    folder = PROOF / "resee-at-home"
    argv = [str(ROOT / ".venv/bin/ansible-playbook"), "playbooks/local.yml", *inventories]
    argv += ["-e", f"local_folder={folder}"]
    subprocess.run(argv, cwd=ROOT, check=True, timeout=600)
    try:
        wait(lambda: answers("http://127.0.0.1:8080/"), True, STARTED)
    finally:
        compose = ["docker", "compose"] if shutil.which("docker-compose") is None else ["docker-compose"]
        down = [*compose, "--project-name=resee", f"--file={folder}/compose.yml", "down", "--volumes"]
        subprocess.run(down, cwd=ROOT, check=True, timeout=300, stdout=sys.stderr)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def phase_two() -> dict[str, object]:
    """What inventories/shop_phase2 lays over the shop."""
    path = ROOT / "inventories/shop_phase2/group_vars/all/overrides.yml"
    return dict(yaml.safe_load(path.read_text())["app_overrides"])


def machines(app: str) -> int:
    """How many the group of the app has in service."""
    groups = client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    return sum(
        one["LifecycleState"] == "InService"
        for group in groups
        if group["AutoScalingGroupName"].startswith(app)
        for one in group["Instances"]
    )
