"""A machine dies, a zone dies, the group grows to 6 and shrinks again, under load: capacity comes back without Ansible.

A load balancer goes on sending to a dead machine until its checks find it out: two checks, five seconds apart, that
wait two seconds each. What it sent there meanwhile fails, there as here; nothing else may, nor before, nor after.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
"""

from __future__ import annotations

import os
import time

import pytest

from tests.support.bodies import fault, wait
from tests.support.report import Report
from tests.support.rollouts import MACHINES, Rolled

RATE = float(os.environ.get("STAIRWAY_FLEET_RATE", "200"))
FOUND_OUT = 2 * 5 + 2 * 2 + 3  # the checks, and how long their word takes to every node of the balancer
CONNECT = 10  # seconds for which the balancer tries to connect, and then says 504
BACK = 300

pytestmark = pytest.mark.quiet


def zones(app: Rolled) -> dict[str, str]:
    """The zone of each machine of the group."""
    group = app.fleet.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[app.group])["AutoScalingGroups"][0]
    return {one["InstanceId"]: one["AvailabilityZone"] for one in group["Instances"]}


def serves(app: Rolled, gone: set[str], count: int = MACHINES) -> float:
    """Waits until so many machines serve, and those are no more; how long that took."""
    begun = time.monotonic()
    wait(lambda: bool(gone & app.here()), False, BACK)
    wait(lambda: app.versions(), ["1"] * count, BACK)
    wait(lambda: app.healthy(), count, BACK)
    return time.monotonic() - begun


def only_what_was_sent_to_them(report: Report, killed: float, share: float) -> None:
    failed = report.failures
    late = [row for row in failed if not killed - CONNECT <= row.at <= killed + FOUND_OUT]
    assert not late, report.why()
    most = RATE * FOUND_OUT * share
    assert len(failed) <= most, f"{len(failed)} failed, at most {most:.0f} were sent there: {report.why()}"


def test_a_machine_dies(app: Rolled) -> None:
    victim = sorted(app.here())[0]
    with app.load(RATE) as loaded:
        time.sleep(3)
        killed = time.time()
        fault("stop-instance", victim)
        took = serves(app, {victim})
        time.sleep(3)
    print(f"\none of {MACHINES} machines: back in {took:.0f} s; {loaded.report.summary}")
    only_what_was_sent_to_them(loaded.report, killed, 1 / MACHINES)


def test_a_zone_dies(app: Rolled) -> None:
    here = zones(app)
    zone = sorted(here.values())[-1]
    victims = {name for name, one in here.items() if one == zone}
    assert victims != set(here)
    try:
        with app.load(RATE) as loaded:
            time.sleep(3)
            killed = time.time()
            fault("kill-zone", zone)
            took = serves(app, victims)
            time.sleep(3)
    finally:
        fault("clear")
    assert zone not in zones(app).values()
    print(f"\n{zone} with {len(victims)} of {MACHINES} machines: back in {took:.0f} s; {loaded.report.summary}")
    only_what_was_sent_to_them(loaded.report, killed, len(victims) / MACHINES)


def test_out_to_six_and_back(app: Rolled) -> None:
    before = zones(app)
    with app.load(RATE) as loaded:
        app.fleet.scaling.set_desired_capacity(AutoScalingGroupName=app.group, DesiredCapacity=6)
        out = serves(app, set(), 6)
        app.fleet.scaling.set_desired_capacity(AutoScalingGroupName=app.group, DesiredCapacity=MACHINES)
        wait(lambda: len(app.here()), MACHINES, BACK)
        time.sleep(5)
    print(f"\nfrom {len(before)} to 6 in {out:.0f} s and back; {loaded.report.summary}")
    assert loaded.report.summary.failed == 0, loaded.report.why()
