"""Releases over a fleet under load: nobody notices a good one, nor a version that never becomes healthy.

``STAIRWAY_FLEET_MACHINES`` (of all that use ``app``), ``STAIRWAY_FLEET_RATE`` and ``STAIRWAY_FLEET_ROLLOUTS`` make it
smaller while working on it.
"""

from __future__ import annotations

import os
import random
import time

import pytest

from tests.support.ansible import Played
from tests.support.bodies import wait
from tests.support.report import Report
from tests.support.rollouts import MACHINES, Rolled

RATE = float(os.environ.get("STAIRWAY_FLEET_RATE", "200"))
ROLLOUTS = int(os.environ.get("STAIRWAY_FLEET_ROLLOUTS", "10"))
KINDS = ("refresh", "rolling")
BROKEN = {
    "broken-boot": "the fault broken-boot was built into this image",
    "broken-health": "the fault broken-health was built into this image",
}

pytestmark = pytest.mark.quiet


def released(app: Rolled, version: str, kind: str) -> tuple[Played, Report]:
    with app.load(RATE) as loaded:
        time.sleep(3)
        played = app.play("release.yml", "-e", f"version={version}", kind=kind)
        time.sleep(3)
    return played, loaded.report


@pytest.mark.parametrize("number", range(ROLLOUTS))
def test_nobody_notices_a_rollout(app: Rolled, number: int) -> None:
    """Both ways, and by turns."""
    kind, version = KINDS[number % 2], ("2", "1")[number % 2]
    played, report = released(app, version, kind)
    print(f"\n{kind} to {version}: {played.seconds:.0f} s, {report.summary}")
    assert played.rc == 0, played.tail()
    assert set(app.versions()) == {version}
    assert len(app.versions()) == MACHINES
    assert report.summary.failed == 0, f"{report.why()}\n{played.tail()}"
    assert {seen for seen, _at in report.versions()} == {"1", "2"}
    assert app.parameter("rollout") is None
    assert app.parameter("lock") is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version", BROKEN)
def test_a_broken_version_stops_in_the_first_batch(app: Rolled, kind: str, version: str) -> None:
    app.good("1", kind="rolling")
    before = app.here()
    played, report = released(app, version, kind)
    print(f"\n{version}, {kind}: {played.seconds:.0f} s, {report.summary}")
    assert played.rc != 0
    assert BROKEN[version] in played.text, played.tail()
    assert "Users are on 1" in played.text
    assert report.summary.failed == 0, report.why()
    assert {seen for seen, _at in report.versions()} == {"1"}
    wait(app.versions, ["1"] * MACHINES, 60)
    assert len(before - app.here()) <= (1 if kind == "rolling" else 0), "more than the first batch was touched"
    assert app.parameter("rollout") is None


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_fails_later_is_taken_back(app: Rolled, kind: str) -> None:
    app.good("1", kind="rolling")
    app.release = {"watch_seconds": 25}
    try:
        played, report = released(app, "broken-later", kind)
    finally:
        app.release = {}
    assert played.rc != 0
    assert "got ill" in played.text, played.tail()
    wait(app.versions, ["1"] * MACHINES, 60)
    print(f"\nbroken-later, {kind}: {played.seconds:.0f} s, {report.summary}")
    failed = [row for row in report.samples if row.failed]
    assert not failed or failed[-1].at - failed[0].at < 30, "users were let down for longer than the checks need"


def test_rollback_returns_to_the_last_good_one(app: Rolled) -> None:
    app.good("1", kind="rolling")
    app.good("2", kind="rolling")
    with app.load(RATE) as loaded:
        played = app.play("rollback.yml", kind="rolling")
    assert played.rc == 0, played.tail()
    assert app.versions() == ["1"] * MACHINES
    assert loaded.report.summary.failed == 0, loaded.report.why()


def test_the_same_again_changes_nothing(app: Rolled) -> None:
    (version,) = set(app.versions())
    played = app.good(str(version))
    assert played.changed() == 0, played.tail()


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_was_cut_off_is_finished_by_the_next(app: Rolled, kind: str) -> None:
    """SIGKILL at any moment, three times, then the same command once more."""
    (version,) = set(app.versions())
    other = "2" if version == "1" else "1"
    with app.load(RATE) as loaded:
        for _each in range(3):
            running = app.begin("release.yml", "-e", f"version={other}", kind=kind)
            time.sleep(random.uniform(3, 25))
            running.kill()
        app.good(other, kind=kind)
    assert loaded.report.summary.failed == 0, loaded.report.why()
    assert app.parameter("rollout") is None


def test_a_run_that_was_cut_off_is_undone_by_a_rollback(app: Rolled) -> None:
    (version,) = set(app.versions())
    running = app.begin("release.yml", "-e", "version=3", kind="refresh")
    wait(lambda: app.parameter("rollout"), seconds=60)
    time.sleep(5)
    running.kill()
    played = app.play("rollback.yml", kind="refresh")
    assert played.rc == 0, played.tail()
    assert set(app.versions()) == {version}


def test_an_image_that_is_not_there_is_named_before_anything_changes(app: Rolled) -> None:
    played = app.play("release.yml", "-e", "version=9")
    assert played.rc != 0
    assert "There is no image of version 9" in played.text
    assert "docker push" in played.text
    assert app.parameter("rollout") is None


def test_two_at_once_do_not_meet(app: Rolled) -> None:
    (version,) = set(app.versions())
    other = "2" if version == "1" else "1"
    first = app.begin("release.yml", "-e", f"version={other}", kind="rolling")
    wait(lambda: app.parameter("lock"), seconds=60)
    second = app.play("release.yml", "-e", "version=3", "-e", "fleet_lock_wait=1", kind="rolling")
    assert first.wait(1200).rc == 0
    assert second.rc != 0
    assert "Another run is releasing this app" in second.text
    assert set(app.versions()) == {other}
