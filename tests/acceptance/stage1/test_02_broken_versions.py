"""Broken versions: users never see the first two, and the third for a moment only."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.support.ansible import Played
from tests.support.report import Report, first
from tests.support.site import Site, forget_notices, notices

RELEASE = {"watch_seconds": 8, "drain_seconds": 1}
GIVEN_UP = {"services": {"api": {"health": {"start_seconds": 15}}}}
LOG_LINES = {
    # what each broken version prints before it fails
    "broken-boot": "the fault broken-boot was built into this image",
    "broken-health": "the fault broken-health was built into this image",
    "broken-later": "the fault broken-later was built into this image",
}


@pytest.fixture(scope="module", params=["caddy", "nginx"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A host that stands on 2 with 1 below it."""
    found: Site = request.getfixturevalue(request.param)
    found.write_inventory(release=RELEASE)
    found.stand_on("1")
    found.stand_on("2")
    yield found
    found.write_inventory()


def fail_to_release(site: Site, version: str) -> tuple[Played, Report]:
    """Release ``version``, which has to fail, under load."""
    forget_notices()
    before = site.containers()
    with site.under_load(rate=100) as observed:
        played = site.play("release.yml", version=version)
        time.sleep(1)
    assert played.rc != 0, f"{version} was released: {played.tail()}"
    assert site.version() == "2"
    assert site.containers() == before, "the containers of the running release were touched, or new ones left behind"
    newest = site.releases()[-1]
    assert (newest["version"], newest["state"]) == (version, "bad")
    assert site.record()["version"] == "2"
    told = [notice for notice in notices() if version in notice and "failed" in notice]
    assert len(told) == 1, notices()
    assert "acceptance" in told[0], "the notice does not say who"
    return played, observed.report


def container_lines(played: Played) -> str:
    """What the message quotes of the container's own output."""
    _before, found, after = played.text.partition("last lines:")
    assert found, played.tail()
    return after


@pytest.mark.parametrize("version", ["broken-boot", "broken-health"])
def test_users_never_see_it(site: Site, version: str) -> None:
    # one that never becomes healthy need not be waited for as long as one that does: it alone, as this bounds good ones
    site.write_inventory(release=RELEASE, **(GIVEN_UP if version == "broken-health" else {}))
    try:
        played, report = fail_to_release(site, version)
    finally:
        site.write_inventory(release=RELEASE)
    assert report.summary.failed == 0, report.why()
    assert {seen for seen, _at in report.versions()} == {"2"}
    assert LOG_LINES[version] in container_lines(played), played.tail()
    assert "Users are on 2" in played.text


def test_one_that_fails_later_is_taken_back(site: Site) -> None:
    played, report = fail_to_release(site, "broken-later")
    seen = first(report.samples, lambda row: row.version == "broken-later")
    assert seen is not None, "it never served, so nothing was proven"
    switched = seen.at + seen.latency
    last = max(row.at for row in report.samples if row.version == "broken-later" or row.failed)
    assert last - switched <= RELEASE["watch_seconds"] + 5, f"users were back after {last - switched:.1f} s"
    after = report.between(last + 0.001, float("inf"))
    assert len(after) > 50
    assert {row.version for row in after} == {"2"}
    assert LOG_LINES["broken-later"] in container_lines(played), played.tail()


def test_rollback_never_returns_to_a_bad_one(site: Site) -> None:
    assert [one["version"] for one in site.releases() if one["state"] == "bad"], "needs the tests above"
    with site.under_load(rate=100) as observed:
        played = site.good("rollback.yml")
    assert site.version() == "1", played.tail()
    assert observed.report.summary.failed == 0, observed.report.why()
    assert {seen for seen, _at in observed.report.versions()} == {"1", "2"}
