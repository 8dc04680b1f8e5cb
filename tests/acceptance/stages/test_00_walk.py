"""The playbooks of the stages in an account without bodies: what they plan, make, note, tell and take away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.aws.emulators import moto
from tests.support.aws.runs import unlike
from tests.support.walk import Walk


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    with moto() as account:
        yield Walk(account, "resee", tmp_path_factory.mktemp("account") / "inventory")


def test_check_mode_shows_everything_and_touches_nothing(walk: Walk) -> None:
    walk.emulator.reset()
    played = walk.play("stage3", "--check", "--diff")
    assert played.rc == 0, played.tail()
    for name in ("database/db", "cache/cache", "instance/app"):
        assert f"+ create   {name}" in played.output, name
    assert "What a month costs" in played.output
    assert walk.picture() == {}
    assert walk.journal() == {}


def test_a_walk_that_stops_at_the_host_says_where_it_is_and_goes_on(walk: Walk) -> None:
    walk.emulator.reset()
    stopped = walk.play("stage2")
    assert stopped.rc != 0
    assert "Wait until the host lets us in" in stopped.output, stopped.tail()
    noted = walk.journal()["walk"]
    assert (noted["from"], noted["to"]) == (None, "stage2")
    assert list(noted["steps"]) == ["build", "hosts"]
    assert "done" in noted["steps"]["build"]

    told = walk.play("status", "-e", "plan=false")
    assert told.rc == 0, told.tail()
    assert "on its way to stage2" in told.output
    assert "ansible-playbook playbooks/stage2.yml" in told.output

    made = walk.picture()
    again = walk.play("stage2")
    assert again.stats["localhost"].get("changed") == 0, again.tail()
    assert walk.picture() == made
    assert walk.journal()["walk"]["began"] == noted["began"]


def test_what_changes_in_the_description_is_made_where_the_app_stands(walk: Walk) -> None:
    before = walk.picture()
    assert before, "needs the test above"
    stands = {"stage": "stage2", "places": {"db": "managed", "cache": "container"}}
    walk.stands(stands)
    walk.describe({"cloud": {"budget": {"monthly": 77}}})
    played = walk.play("stage2")
    assert "~ change   budget/" in played.output, played.tail()
    differs = unlike(before, walk.picture())
    assert differs, played.tail()
    assert {name.partition(".")[0].partition("/")[0] for name in differs} == {"budget"}


def test_destroy_asks_first_and_names_what_holds_data(walk: Walk) -> None:
    before = walk.picture()
    assert before, "needs the test above"
    asked = walk.play("destroy")
    assert asked.rc != 0
    assert "-e confirm=resee" in asked.output
    assert "database/db" in asked.output
    assert walk.picture() == before

    wrong = walk.play("destroy", "-e", "confirm=chat")
    assert wrong.rc != 0
    assert walk.picture() == before
