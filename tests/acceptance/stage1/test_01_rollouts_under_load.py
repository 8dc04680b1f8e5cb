"""Ten rollouts in a row behind each edge, and nobody notices.

Latency is a figure and stands in benchmarks/stage1/bench_01_rollout_latency.py.
"""

from __future__ import annotations

import time

import pytest

from tests.support.ansible import Played
from tests.support.chat import ledger, newest
from tests.support.report import Report, Sample, first
from tests.support.site import Site
from tests.support.websocket import Held

RATE = 200
# A tenth of what ten rollouts have to send, for each.
LEAST_EACH = 2000
SOCKETS = 10
REST_SECONDS = 20
LONGEST_SECONDS = 900
DRAIN_SECONDS = 4

CLOCK_SECONDS = 0.1  # the first answer of the new version is seen this long after the switch at most

pytestmark = pytest.mark.quiet


# CI takes a few behind the edge that stage 1 has by itself; ``make accept PART=stage1`` ten behind each
SERIES = [("caddy", 4), *(pytest.param((edge, 10), marks=pytest.mark.long) for edge in ("caddy", "nginx"))]


@pytest.fixture(scope="module", params=SERIES, ids=lambda one: "-".join(map(str, one)))
def run(request: pytest.FixtureRequest) -> tuple[Site, Report, Held, list[Played]]:
    """The whole run once for each edge: rest, rollouts between versions 1 and 2, rest."""
    edge, rollouts = request.param
    site: Site = request.getfixturevalue(edge)
    site.stand_on("1")
    load = site.start_load(LONGEST_SECONDS, rate=RATE)
    sockets = site.start_sockets(LONGEST_SECONDS, SOCKETS)
    begun = time.time()
    plays = []
    try:
        time.sleep(REST_SECONDS)
        for number in range(rollouts):
            plays.append(site.play("release.yml", version="2" if number % 2 == 0 else "1"))
            time.sleep(1)
        time.sleep(max(REST_SECONDS / 2, rollouts * LEAST_EACH / RATE + 1 - (time.time() - begun)))
        load.stop()
        sockets.stop()
    finally:
        load.kill()
        sockets.kill()
    return site, Report.load(load.out), Held.load(sockets.out), plays


def switches(report: Report, plays: list[Played]) -> list[float]:
    """When users first got the new version, in each rollout."""
    found = []
    for number, played in enumerate(plays):
        new = "2" if number % 2 == 0 else "1"
        seen = first(report.between(played.started, played.ended), lambda row, new=new: row.version == new)  # type: ignore[misc]
        assert seen is not None, f"version {new} never answered in rollout {number + 1}"
        found.append(seen.at + seen.latency)
    return found


def during(report: Report, plays: list[Played]) -> list[Sample]:
    return report.within([(played.started, played.ended) for played in plays])


def test_every_rollout_succeeds(run: tuple[Site, Report, Held, list[Played]]) -> None:
    _site, _report, _held, plays = run
    for played in plays:
        assert played.rc == 0, played.tail()
        assert played.changed() > 0
    print("seconds of the rollouts:", [round(played.seconds, 1) for played in plays])


def test_no_request_fails(run: tuple[Site, Report, Held, list[Played]]) -> None:
    _site, report, _held, plays = run
    assert report.summary.sent >= len(plays) * LEAST_EACH
    assert report.summary.failed == 0, report.why()


def test_the_load_was_really_there_during_the_rollouts(run: tuple[Site, Report, Held, list[Played]]) -> None:
    _site, report, _held, plays = run
    rolled = sum(played.seconds for played in plays)
    assert len(during(report, plays)) >= 0.99 * RATE * rolled
    versions = [version for version, _at in report.versions()]
    assert set(versions) == {"1", "2"}
    assert len(switches(report, plays)) == len(plays)


def test_no_write_is_lost_or_doubled(run: tuple[Site, Report, Held, list[Played]]) -> None:
    site, report, _held, plays = run
    assert len(report.acknowledged) >= len(plays) * LEAST_EACH / 11
    found = ledger(site, report)
    assert found.clean, f"lost {found.lost[:10]}, doubled {found.doubled[:10]}, unasked {found.unasked[:10]}"
    assert f"{report.run}-{max(report.acknowledged)}" in newest(site), "users do not get the last one"


def test_websockets_are_not_cut_before_the_drain_is_over(run: tuple[Site, Report, Held, list[Played]]) -> None:
    _site, report, held, plays = run
    for switch in switches(report, plays):
        # those on the old version: opened before the switch for sure
        old = [socket for socket in held.open_at(switch) if socket.opened < switch - 1]
        assert len(old) >= SOCKETS // 2, f"only {len(old)} sockets were open at the switch"
        early = [s for s in old if s.closed and s.closed - switch < DRAIN_SECONDS - CLOCK_SECONDS]
        assert not early, [(round(s.closed - switch, 2), s.code, s.reason) for s in early]
    assert all(socket.silent < 5 for socket in held.sockets), max(socket.silent for socket in held.sockets)
