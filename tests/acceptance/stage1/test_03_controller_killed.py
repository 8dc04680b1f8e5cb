"""The controller dies at 20 random moments of a rollout; in every third the module on the host dies with it.

After each: the app served throughout, the next run converges, nothing is left over, and no lock is in the way.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.ansible import Played
from tests.support.report import Report
from tests.support.site import Site

SEED = 20261121
KILL_MODULE_EVERY = 3
TRIES = 3
LOCK = "/run/stairway/chat/lock"


@dataclass(frozen=True)
class Kill:
    """One killed run and the run after it. ``at`` is seconds after its start, of its end where that came before."""

    at: float
    module_too: bool
    ended_before: bool
    served: str
    again: Played
    wanted: str
    version: str
    containers: dict[str, dict[str, str]]
    current: int
    states: tuple[str, ...]
    lock_free: bool


# CI takes a few behind the edge that stage 1 has by itself; ``make accept PART=stage1`` ten behind each
SERIES = [("caddy", 5), *(pytest.param((edge, 10), marks=pytest.mark.long) for edge in ("caddy", "nginx"))]


@pytest.fixture(scope="module", params=SERIES, ids=lambda one: "-".join(map(str, one)))
def kills(request: pytest.FixtureRequest) -> Iterator[tuple[Site, list[Kill], Report]]:
    """All kills behind one edge, under one load."""
    edge, number_of_kills = request.param
    site: Site = request.getfixturevalue(edge)
    site.write_inventory(release={"watch_seconds": 1, "drain_seconds": 1})
    site.stand_on("1")
    whole = min(site.good("release.yml", version=version).seconds for version in ("2", "1"))
    dice = random.Random(f"{SEED}-{site.edge}")
    # one in each slice of the rollout, so that no step of it is left out by chance
    slices = [(n + dice.random()) / number_of_kills for n in range(number_of_kills)]
    dice.shuffle(slices)
    done = []
    with site.under_load(rate=100, seconds=1800) as observed:
        for number, part in enumerate(slices):
            for _try in range(TRIES):
                kill = one_kill(site, part * whole, module_too=number % KILL_MODULE_EVERY == 0)
                if not kill.ended_before:
                    break
                whole = min(whole, kill.at)  # it was measured while this machine had more to do
            done.append(kill)
    yield site, done, observed.report
    site.write_inventory()


def one_kill(site: Site, at: float, *, module_too: bool) -> Kill:
    wanted = "1" if site.version() == "2" else "2"
    running = site.start_play("release.yml", version=wanted)
    while time.time() < running.started + at and running.process.poll() is None:
        time.sleep(0.02)
    at = time.time() - running.started
    ended_before = running.process.poll() is not None
    running.kill()
    if module_too:
        # the holder of the lock is the module; its process id stands in the lock
        site.sh(
            f"pid=$(grep -o '\"pid\": *[0-9]*' {LOCK} | grep -o '[0-9]*'); [ -z \"$pid\" ] || kill -9 $pid", check=False
        )
    running.wait(10)
    served = site.version()
    again = site.play("release.yml", version=wanted)
    return Kill(
        at=round(at, 2),
        module_too=module_too,
        ended_before=ended_before,
        served=served,
        again=again,
        wanted=wanted,
        version=site.version(),
        containers=site.containers(),
        current=site.record()["current"],
        states=tuple(one["state"] for one in site.releases()),
        lock_free=site.sh(f"flock -n {LOCK} true && echo free", check=False).strip() == "free",
    )


def test_the_app_serves_throughout(kills: tuple[Site, list[Kill], Report]) -> None:
    _site, done, report = kills
    assert report.summary.failed == 0, report.why()
    assert all(kill.served in ("1", "2") for kill in done), [(kill.at, kill.served) for kill in done]


def test_most_runs_were_really_cut_off(kills: tuple[Site, list[Kill], Report]) -> None:
    _site, done, _report = kills
    assert sum(not kill.ended_before for kill in done) >= len(done) - 2


def test_the_next_run_converges(kills: tuple[Site, list[Kill], Report]) -> None:
    _site, done, _report = kills
    for kill in done:
        assert kill.again.rc == 0, f"killed at {kill.at} s: {kill.again.tail()}"
        assert kill.version == kill.wanted
        assert kill.states.count("unfinished") == 0
    print("seconds of the next runs:", [(kill.at, round(kill.again.seconds, 1)) for kill in done])


def test_no_lock_is_in_the_way(kills: tuple[Site, list[Kill], Report]) -> None:
    _site, done, _report = kills
    for kill in done:
        assert kill.lock_free, f"killed at {kill.at} s"
        # a run waits a minute for a lock and then gives up, and says so
        assert "holds the lock" not in kill.again.text, f"killed at {kill.at} s: {kill.again.tail()}"
        assert kill.again.rc == 0, f"killed at {kill.at} s: {kill.again.tail()}"


def test_no_container_is_left_over(kills: tuple[Site, list[Kill], Report]) -> None:
    site, done, _report = kills
    for kill in done:
        assert len(kill.containers) == 1, f"killed at {kill.at} s: {kill.containers}"
        (left,) = kill.containers.values()
        assert (left["state"], left["release"]) == ("running", str(kill.current))
    everything = {name for name in site.containers(of_app=False) if name.startswith("chat-")}
    assert everything == {"chat-db", "chat-cache", *done[-1].containers}
