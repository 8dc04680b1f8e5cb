"""``--check --diff`` of stage 4, from an empty account and from stage 1: complete, and nothing is touched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint
from tests.support.ansible import Played
from tests.support.aws.apps import app, resources
from tests.support.aws.emulators import moto
from tests.support.aws.runs import converge
from tests.support.walk import Walk

PLAYS = ("Plan", "Build", "Stores", "Release", "Machines", "Verify", "Switch", "Record", "Tidy")


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    with moto() as account:
        yield Walk(account, "shop", tmp_path_factory.mktemp("account") / "inventory")


def complete(played: Played) -> None:
    assert played.rc == 0, played.tail()
    for play in PLAYS:
        assert f"PLAY [{play} |" in played.output, play
    assert "What a month costs" in played.output


def test_from_an_empty_account(walk: Walk) -> None:
    walk.emulator.reset()
    played = walk.play("stage4", "--check", "--diff")
    complete(played)
    for entry in blueprint(app("shop"), "stage4"):
        kind, name = next(iter(entry.items()))
        assert f"+ create   {kind}/{name}" in played.output, f"{kind}/{name}"
    assert walk.picture() == {}
    assert walk.journal() == {}


def test_from_stage_1(walk: Walk) -> None:
    walk.emulator.reset()
    converge(walk.emulator.account(), resources("shop", "stage1"))
    stands = {"stage": "stage1", "places": {"db": "container", "cache": "container"}}
    walk.stands(stands)
    before, journal = walk.picture(), walk.journal()
    played = walk.play("stage4", "--check", "--diff")
    complete(played)
    for made in ("autoscaling_group/app", "load_balancer/main", "database/db", "cache/cache"):
        assert f"+ create   {made}" in played.output, made
    # the host holds what its stores have, and goes only when a run gives it up by name
    assert "instance/app: it is protected" in played.output
    assert walk.picture() == before
    assert walk.journal() == journal
