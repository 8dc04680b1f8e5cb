"""A machine goes from a bare image to the current release by its user data alone, and says how it goes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.agent import PASSWORD, Shop, seconds_since
from tests.support.bodies import wait
from tests.support.fleet import PATIENCE, Fleet, get, healthy, members


@dataclass
class Road:
    """A shop that serves its first release with two machines, and how long that took."""

    shop: Shop
    balancer: dict[str, str]
    seconds: float

    @property
    def fleet(self) -> Fleet:
        return self.shop.fleet

    @property
    def ids(self) -> list[str]:
        """The machines of the group."""
        return sorted(one["InstanceId"] for one in members(self.fleet))

    def said(self, path: str = "/") -> dict[str, object]:
        answer = get(self.balancer["name"], path, host="shop.example.com")
        assert answer.status == 200, answer.text
        found: dict[str, object] = json.loads(answer.text)
        return found

    def address(self, instance: str) -> str:
        return str(self.fleet.instance(instance)["PublicIpAddress"])

    def on(self, instance: str, command: str) -> str:
        done = self.fleet.ssh(self.address(instance), command)
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def road(fleet: Fleet, balancer: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    shop = Shop(fleet)
    shop.images(tmp_path_factory.mktemp("login"), "1", "2", "broken")
    shop.store()
    shop.publish(shop.release("1", 1))
    shop.template(shop.role())
    begun = time.monotonic()
    shop.group(balancer["target"], 2)
    wait(lambda: healthy(fleet, balancer), 2, 2 * PATIENCE)
    yield Road(shop, balancer, seconds_since(begun))
    shop.clear()


def test_two_bare_machines_serve_and_one_of_them_prepared(road: Road) -> None:
    print(f"\nfrom launch to two healthy targets: {road.seconds} s")
    # a machine is healthy a moment before it says so
    wait(lambda: road.shop.states("r1"), ["serving", "serving"], 60)
    found = road.shop.machines()
    print({name: (one.state, one.seconds) for name, one in found.items()})
    assert {(one.state, one.release, one.version) for one in found.values()} == {("serving", "r1", "1")}
    assert sorted(found) == road.ids
    assert len({road.said()["host"] for _each in range(10)}) == 2
    assert road.said("/migrations")["migrations"] == ["1"]


def test_nothing_secret_is_said_or_kept_on_the_disk(road: Road) -> None:
    instance = road.ids[0]
    text = road.on(
        instance, "sudo grep -rlE 'sesame-[o]pen' /etc /usr/local /var/lib/cloud /var/log /root 2>/dev/null; true"
    )
    assert text == ""
    assert "600" in road.on(instance, f"sudo stat -c %a /run/stairway/{road.shop.name}/env/api")
    assert "sesame-open" in road.on(instance, f"sudo cat /run/stairway/{road.shop.name}/env/api")


def test_a_machine_that_reboots_serves_again(road: Road) -> None:
    instance = road.ids[0]
    road.fleet.scaling.suspend_processes(AutoScalingGroupName=road.fleet.name, ScalingProcesses=["ReplaceUnhealthy"])
    before = road.shop.machines()[instance]
    begun = time.monotonic()
    road.fleet.ec2.reboot_instances(InstanceIds=[instance])
    wait(lambda: healthy(road.fleet, road.balancer), 1, 60)
    wait(lambda: healthy(road.fleet, road.balancer), 2, PATIENCE)
    wait(lambda: road.shop.machines()[instance].at > before.at and road.shop.machines()[instance].state, "serving", 60)
    print(f"\nserves again {seconds_since(begun)} s after a reboot")
    assert road.said("/migrations")["migrations"] == ["1"]


def test_a_machine_takes_a_release_in_place(road: Road) -> None:
    instance = road.ids[0]
    road.shop.publish(road.shop.release("2", 2))
    begun = time.monotonic()
    assert road.shop.in_place(instance).startswith("Success")
    print(f"\nanother release in place: {seconds_since(begun)} s")
    assert road.shop.states("r2") == ["serving"]
    wait(lambda: {road.said()["version"] for _each in range(8)}, {"1", "2"}, 30)
    assert road.said("/migrations")["migrations"] == ["1", "2"]


def test_a_broken_version_says_why(road: Road) -> None:
    instance = road.ids[0]
    road.shop.publish(road.shop.release("broken", 3))
    answer = road.shop.in_place(instance)
    assert answer.startswith("Failed")
    status = road.shop.machines()[instance]
    assert (status.state, status.release, status.version) == ("failed", "r3", "broken")
    assert status.error is not None
    assert "not healthy after" in status.error["message"]
    assert "HTTP 500" in status.error["found"]
    assert any("version broken with" in line for line in status.error["log"])
    assert PASSWORD not in status.error["log"][0]
    assert "%70" not in json.dumps(status.error), "an encoded password is one too"
    # back to what it was
    road.shop.publish(road.shop.release("2", 2))
    assert road.shop.in_place(instance).startswith("Success")
    assert road.shop.machines()[instance].state == "serving"


def test_a_failed_migration_stops_every_machine(road: Road) -> None:
    first, second = road.ids
    task = road.shop.release("2", 4).tasks[0]
    road.shop.publish(road.shop.release("2", 4, tasks=(type(task)("migrate", "api", ("python", "-c", "1/0"), 60),)))
    assert "ZeroDivisionError" in road.shop.in_place(first)
    said = road.shop.in_place(second)
    assert f"on {first}" in said
    assert "ZeroDivisionError" in said
    assert road.shop.states("r4") == ["failed", "failed"]
    assert {road.said()["version"] for _each in range(8)} == {"1", "2"}, "what served goes on"
    road.shop.publish(road.shop.release("2", 2))
    assert road.shop.in_place(first).startswith("Success")
    assert road.shop.in_place(second).startswith("Success")


def test_an_agent_killed_anywhere_goes_on(road: Road) -> None:
    """A third machine, whose agent is killed again and again on its way, and while it migrates."""
    before = set(road.ids)
    road.shop.publish(road.shop.release("2", 5))
    road.fleet.scaling.set_desired_capacity(AutoScalingGroupName=road.fleet.name, DesiredCapacity=3)
    begun = time.monotonic()
    wait(lambda: len(members(road.fleet)), 3, 60)
    (third,) = set(road.ids) - before
    road.fleet.is_in(third, "running")
    kill = "sudo systemctl kill -s KILL --kill-whom=main stairway-agent"
    shots = 0
    for pause in (1, 4, 8, 14, 17):
        time.sleep(pause)
        shots += "Failed" not in road.on(third, kill)
    wait(lambda: third in road.shop.machines() and road.shop.machines()[third].state, "serving", PATIENCE)
    print(f"\nserves {seconds_since(begun)} s after its launch, its agent killed {shots} times")
    wait(lambda: healthy(road.fleet, road.balancer), 3, PATIENCE)
    assert road.shop.machines()[third].release == "r5"
    road.fleet.scaling.set_desired_capacity(AutoScalingGroupName=road.fleet.name, DesiredCapacity=2)
