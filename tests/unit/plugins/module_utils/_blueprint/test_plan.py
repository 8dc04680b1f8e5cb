"""The plan is a function of a blueprint and what AWS has."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.guard import GiveUp
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.model import Plan
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.plan import Goal, make_plan
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.tasks import tasks_of
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import SWITCHED_TAG, Found
from ansible_collections.stairway.cloud.plugins.module_utils._resource.problems import BlueprintError
from ansible_collections.stairway.cloud.plugins.module_utils._resource.types import Unknown

from .toys import KINDS, found

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)
ROOM = {"room": "big", "size": 3}
SHELF = {"shelf": "oak", "room": "big"}
VAULT = {"vault": "gold", "room": "big", "gb": 5}
HAS_ROOM = found("room", "big", "r-1", size=3)
HAS_SHELF = found("shelf", "oak", "s-1", room="r-1", paint="white", wood="oak")
HAS_VAULT = found("vault", "gold", "v-1", room="r-1", gb=5)


def plan(resources: list[Any], *world: Found, **more: Any) -> Plan:
    by_kind: dict[str, tuple[Found, ...]] = {}
    for one in world:
        by_kind[one.kind] = (*by_kind.get(one.kind, ()), one)
    named = more.pop("give_up", {})
    goal = Goal("shop", "stage4", "x", read(resources, KINDS, "x"), {}, give_up=GiveUp(named, NOW), **more)
    return make_plan(goal, by_kind, KINDS)


def verbs(made: Plan) -> dict[str, str]:
    return {step.key: step.verb for step in made.steps}


def refusals(resources: list[Any], *world: Found, **more: Any) -> list[str]:
    with pytest.raises(BlueprintError) as caught:
        plan(resources, *world, **more)
    return [one.where for one in caught.value.problems]


def test_an_empty_account_gets_everything_parents_first() -> None:
    made = plan([SHELF, ROOM])
    assert [(step.verb, step.key) for step in made.steps] == [("create", "room/big"), ("create", "shelf/oak")]
    assert made.changed


def test_what_is_as_wanted_is_left_alone() -> None:
    made = plan([ROOM, SHELF], HAS_ROOM, HAS_SHELF)
    assert (verbs(made), made.changed) == ({"room/big": "keep", "shelf/oak": "keep"}, False)


def test_a_change_is_told_field_by_field() -> None:
    step = plan([ROOM, {**SHELF, "paint": "red"}], HAS_ROOM, HAS_SHELF).steps[1]
    assert step.verb == "change"
    assert [(one.field, one.before, one.after) for one in step.differences] == [("paint", "white", "red")]


def test_what_an_entry_leaves_out_is_left_alone() -> None:
    assert not plan([ROOM, SHELF], HAS_ROOM, HAS_SHELF).changed, "AWS says wood: oak, the entry says nothing"


def test_a_replaced_parent_replaces_what_cannot_move() -> None:
    made = plan([{**ROOM, "size": 4}, SHELF], HAS_ROOM, HAS_SHELF)
    assert [(step.verb, step.why) for step in made.steps] == [("replace", "size"), ("replace", "room")]
    assert made.steps[1].differences[0].after == Unknown("room", "big")


def test_the_old_go_children_first_and_before_the_new_come() -> None:
    tasks = tasks_of(plan([{**ROOM, "size": 4}, SHELF], HAS_ROOM, HAS_SHELF), KINDS)
    assert "shelf/oak (remove s-1)" in tasks["room/big (remove r-1)"].after
    assert "room/big (remove r-1)" in tasks["room/big"].after
    assert "room/big" in tasks["shelf/oak"].after


def test_with_create_first_the_old_goes_when_all_else_is_done() -> None:
    double = [found("box", "a", "b-1", shelf="s-1", beside=[]), found("box", "a", "b-2", shelf="s-1", beside=[])]
    made = plan([ROOM, SHELF, {"box": "a", "shelf": "oak"}], HAS_ROOM, HAS_SHELF, *double)
    assert [(step.verb, step.id) for step in made.steps if step.kind == "box"] == [("keep", "b-1"), ("delete", "b-2")]


def test_of_two_the_one_that_was_switched_to_last_counts() -> None:
    """A switch that was cut between its two calls; the other one is in the way of nothing."""
    times = {"b-1": "", "b-2": "2026-11-21T02:00:00Z a-before", "b-3": "2026-11-20T02:00:00Z a-restored"}
    several = [found("box", "a", one, shelf="s-1", beside=[]) for one in times]
    several = [replace(one, tags={**one.tags, SWITCHED_TAG: times[one.id]}) for one in several]
    made = plan([ROOM, SHELF, {"box": "a", "shelf": "oak", "tags": {}}], HAS_ROOM, HAS_SHELF, *several)
    step = made.get("box/a")
    assert step is not None
    assert step.id == "b-2"
    assert step.untag == (), "the tag stays"


def test_two_that_name_each_other_are_linked_afterwards() -> None:
    boxes = [{"box": "a", "shelf": "oak", "beside": ["b"]}, {"box": "b", "shelf": "oak", "beside": ["a"]}]
    tasks = tasks_of(plan([ROOM, SHELF, *boxes]), KINDS)
    assert tasks["box/a (link)"].after == {"box/a", "box/b"}
    assert tasks["box/a"].after == {"shelf/oak"}


def test_tags_that_are_missing_are_a_change_and_tags_of_others_are_not() -> None:
    bare = Found("room", "r-1", {"size": 3}, {**HAS_ROOM.tags, "team": "blue"})
    assert verbs(plan([ROOM], bare)) == {"room/big": "keep"}
    step = plan([{**ROOM, "tags": {"cost": "42"}}], bare).steps[0]
    assert (step.verb, step.tags, step.untag) == ("change", {"cost": "42"}, ("team",))


def test_prune_takes_away_what_nothing_names_any_more() -> None:
    assert verbs(plan([ROOM], HAS_ROOM, HAS_SHELF)) == {"room/big": "keep"}
    assert verbs(plan([ROOM], HAS_ROOM, HAS_SHELF, prune=True)) == {"room/big": "keep", "shelf/oak": "delete"}


def test_what_belongs_to_others_is_never_touched() -> None:
    other = found("room", "big", "r-9", app="else", size=9)
    assert verbs(plan([], other, found("room", None, "r-8", app=None, size=1), prune=True)) == {}


def test_a_foreign_resource_with_our_name_is_refused() -> None:
    foreign = Found("shelf", "s-7", {"room": "r-1", "paint": "white"}, {}, aws_name="shop-oak")
    assert refusals([ROOM, SHELF], HAS_ROOM, foreign) == ["shelf/oak"]


def test_an_adopted_one_gets_our_tags() -> None:
    foreign = Found("room", "r-7", {"size": 3}, {"Name": "by hand"})
    step = plan([{**ROOM, "id": "r-7"}], foreign).steps[0]
    assert (step.verb, step.id) == ("change", "r-7")
    assert step.tags["stairway:app"] == "shop"


@pytest.mark.parametrize("world", [[], [found("room", "big", "r-7", app="else", size=3)]], ids=["nothing", "another's"])
def test_an_id_that_cannot_be_adopted(world: list[Found]) -> None:
    assert refusals([{**ROOM, "id": "r-7"}], *world) == ["room/big.id"]


def test_a_field_that_never_changes() -> None:
    assert refusals([ROOM, {**SHELF, "wood": "pine"}], HAS_ROOM, HAS_SHELF) == ["shelf/oak.wood"]


def test_a_kind_refuses_its_own_changes() -> None:
    assert refusals([ROOM, {**VAULT, "gb": 2}], HAS_ROOM, HAS_VAULT) == ["vault/gold.gb"]


class TestData:
    def test_is_not_replaced_unless_it_is_given_up(self) -> None:
        assert refusals([{**ROOM, "size": 4}, VAULT], HAS_ROOM, HAS_VAULT) == ["vault/gold"]

    def test_stays_with_all_it_stands_on_when_nothing_names_it(self) -> None:
        made = plan([], HAS_ROOM, HAS_VAULT, HAS_SHELF, prune=True)
        assert verbs(made) == {"room/big": "keep", "vault/gold": "keep", "shelf/oak": "delete"}
        assert {step.key: step.why for step in made.steps}["room/big"] == "vault/gold stands on it"

    @pytest.mark.parametrize("given", ["2026-11-21T02:00:00Z", "final_snapshot"])
    def test_goes_when_it_is_given_up(self, given: str) -> None:
        made = plan([], HAS_ROOM, HAS_VAULT, prune=True, give_up={"vault/gold": given})
        assert verbs(made) == {"room/big": "delete", "vault/gold": "delete"}

    @pytest.mark.parametrize(
        "given", ["2026-11-19T02:00:00Z", "2026-11-22T02:00:00Z", "yesterday", "2026-11-21T02:00:00"]
    )
    def test_a_backup_that_is_not_fresh_is_none(self, given: str) -> None:
        assert refusals([], HAS_ROOM, HAS_VAULT, prune=True, give_up={"vault/gold": given}) == ["give_up.vault/gold"]


def test_a_protected_entry_is_not_replaced() -> None:
    assert refusals([{**ROOM, "size": 4, "protect": True}], HAS_ROOM) == ["room/big"]


def test_each_line_has_its_price() -> None:
    created, deleted = plan([ROOM, SHELF], HAS_ROOM), plan([ROOM], HAS_ROOM, HAS_SHELF, prune=True)
    assert [len(step.cost_before) for step in created.steps] == [0, 0]
    assert [len(step.cost_after) for step in created.steps] == [0, 1]
    assert [(len(step.cost_before), len(step.cost_after)) for step in deleted.steps] == [(0, 0), (1, 0)]


def test_the_same_question_has_the_same_answer() -> None:
    world = (HAS_ROOM, HAS_SHELF, HAS_VAULT)
    assert plan([ROOM, SHELF, VAULT], *world) == plan([ROOM, SHELF, VAULT], *world)
