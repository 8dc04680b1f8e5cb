"""Going back needs no version, and a second run has nothing to do. The times are in ``benchmarks/stage1``."""

from __future__ import annotations

import pytest

from tests.support.site import Site

EDGES = pytest.mark.parametrize("site", ["caddy", "nginx"], indirect=True)


@EDGES
def test_rollback_returns_to_the_previous_good_version(site: Site) -> None:
    site.stand_on("1")
    site.stand_on("2")
    with site.under_load(rate=100) as observed:
        played = site.good("rollback.yml")
    print(f"rollback.yml took {played.seconds:.1f} s")
    assert site.version() == "1"
    assert site.record()["version"] == "1"
    assert observed.report.summary.failed == 0, observed.report.why()
    states = {one["number"]: (one["version"], one["state"]) for one in site.releases()}
    assert ("2", "withdrawn") in states.values(), states


@EDGES
def test_rollback_has_the_settings_that_serve_and_not_those_written_for_what_failed(site: Site) -> None:
    """As after a move that was killed or given up: the files lead to a store that the app does not use."""
    site.stand_on("1")
    site.stand_on("2")
    site.sh("sed -i 's|@.*|@nowhere/x|' /etc/stairway/chat/env/api")
    try:
        site.good("rollback.yml")
        assert site.version() == "1"
        told = site.sh("docker exec $(docker ps -q -f label=stairway.service=api | head -n 1) env")
        assert "@db:" in told
        assert "nowhere" not in told
        assert len(site.sh("ls /etc/stairway/chat/settings").split()) == 1
    finally:
        site.good("release.yml", version="2")


@EDGES
def test_nothing_to_do_changes_nothing(site: Site) -> None:
    site.stand_on("1")
    site.good("stage1.yml", version="1")
    before = site.containers()
    again = site.good("stage1.yml", version="1")
    print(f"stage1.yml with nothing to do took {again.seconds:.1f} s")
    assert again.stats[site.name]["changed"] == 0, again.tail(200)
    assert again.stats[site.name]["ok"] > 5
    assert site.containers() == before


@EDGES
def test_without_a_version_the_one_that_runs_stays(site: Site) -> None:
    site.stand_on("2")
    assert site.good("stage1.yml").changed() == 0
    assert site.version() == "2"


@EDGES
def test_check_mode_changes_nothing_and_says_what_it_would(site: Site) -> None:
    site.stand_on("1")
    before, releases = site.containers(), site.releases()
    played = site.good("release.yml", "--check", "--diff", version="2")
    assert played.changed() == 1, played.tail()
    assert site.containers() == before
    assert site.releases() == releases
