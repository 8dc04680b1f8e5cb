"""The order of a rollout over a fleet: who is next, what ends it, and the way back."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.control import order
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.control.order import Strategy, Watch
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.control.view import Target, View

from .fleets import NEW, OLD, failed, ill, serving, silent, starting, view

BEGAN = Watch(NEW, frozenset({"i-1", "i-2"}), desired=2)


def served(*names: str) -> Watch:
    return dataclasses.replace(BEGAN, served=frozenset(names))


@pytest.mark.parametrize(
    ("fleet", "complete"),
    [
        pytest.param(view(serving("i-1", NEW), serving("i-2", NEW)), True, id="all serve it"),
        pytest.param(view(serving("i-1", NEW), serving("i-2", OLD)), False, id="one serves another"),
        pytest.param(view(serving("i-1", NEW)), False, id="one is missing"),
        pytest.param(view(serving("i-1", NEW), serving("i-2", NEW), silent("i-3")), False, id="one more comes"),
        pytest.param(view(serving("i-1", NEW), ill("i-2", NEW)), False, id="one is ill"),
    ],
)
def test_complete(fleet: View, complete: bool) -> None:
    assert fleet.complete(NEW) is complete


def test_behind_are_those_that_do_not_get_there_by_themselves() -> None:
    fleet = view(
        serving("old", OLD),
        failed("failed", NEW),
        ill("ill", NEW),
        starting("starting", NEW),
        starting("waiting", None),
        silent("silent"),
        serving("right", NEW),
    )
    assert [one.instance for one in fleet.behind(NEW)] == ["old", "failed", "ill"]


@pytest.mark.parametrize(
    ("fleet", "watch", "firing", "says"),
    [
        pytest.param(view(serving("i-1", OLD), starting("i-3", NEW)), BEGAN, set(), None, id="it comes"),
        pytest.param(view(serving("i-1", OLD), failed("i-3", NEW)), BEGAN, set(), "not healthy after", id="it failed"),
        pytest.param(view(serving("i-1", OLD), failed("i-2", OLD)), BEGAN, set(), None, id="the old one had failed"),
        pytest.param(
            view(serving("i-1", OLD), gone=(failed("i-3", NEW),)), BEGAN, set(), "i-3", id="it failed and was ended"
        ),
        pytest.param(view(serving("i-1", OLD), ill("i-3", NEW)), served("i-3"), set(), "got ill", id="it got ill"),
        pytest.param(view(serving("i-1", OLD), ill("i-3", NEW)), BEGAN, set(), None, id="it never was well yet"),
        pytest.param(view(serving("i-1", OLD)), served("i-3"), set(), "is gone", id="it is gone"),
        pytest.param(view(serving("i-1", NEW), desired=1), served("i-3"), set(), None, id="somebody scaled in"),
        pytest.param(view(serving("i-1", NEW)), BEGAN, {"errors"}, "errors fired", id="an alarm"),
    ],
)
def test_trouble(fleet: View, watch: Watch, firing: set[str], says: str | None) -> None:
    error = order.trouble(fleet, watch, firing)
    assert (error is None) if says is None else (error is not None and says in str(error))


def test_the_error_is_that_of_the_machine() -> None:
    error = order.of_machine(failed("i-3", NEW))
    assert (error.message, error.found) == ("i-3: api is not healthy after 20 s", "HTTP 500")
    assert error.log == ["the fault was built in"]


def test_too_slow_names_the_newcomers_and_what_they_said() -> None:
    error = order.too_slow(view(serving("i-1", OLD), starting("i-3", NEW), silent("i-4")), BEGAN, 240)
    assert error.where == "i-3, i-4"
    assert "i-3: starting, initial" in str(error.found)
    assert "i-4: never said anything" in str(error.found)


def test_rolling_takes_those_first_that_serve_nobody() -> None:
    fleet = view(serving("i-1", OLD, zone="c"), serving("i-2", OLD), failed("i-3", NEW), desired=3)
    assert [one.instance for one in order.batch_of(fleet, NEW, 2)] == ["i-3", "i-2"]


def test_rolling_leaves_somebody_to_serve() -> None:
    with pytest.raises(StairwayError, match="leave nobody to serve"):
        order.batch_of(view(serving("i-1", OLD), serving("i-2", OLD)), NEW, 2)
    assert order.batch_of(view(serving("i-1", NEW)), NEW, 2) == ()


@pytest.mark.parametrize(
    ("desired", "batch", "percent"), [(2, 1, 150), (3, 1, 134), (4, 2, 150), (7, 1, 115), (1, 5, 200)]
)
def test_room_for_one_batch_beside_the_old_ones(desired: int, batch: int, percent: int) -> None:
    assert order.most_percent(desired, batch) == percent


def test_a_refresh_never_has_fewer_than_the_group_wants() -> None:
    wanted = order.preferences(Strategy(batch=2, checkpoints=(50,), alarms=("errors",), watch_seconds=7), 4)
    assert (wanted["MinHealthyPercentage"], wanted["MaxHealthyPercentage"], wanted["InstanceWarmup"]) == (100, 150, 7)
    assert wanted["CheckpointPercentages"] == [50, 100]
    assert wanted["AlarmSpecification"] == {"Alarms": ["errors"]}
    assert "CheckpointPercentages" not in order.preferences(Strategy(), 4)


def test_who_serves_already_and_is_out_of_the_balancer_was_left_out() -> None:
    out = dataclasses.replace(serving("i-2", NEW), targets={"web": None})
    young = dataclasses.replace(out, instance="i-3", lifecycle="Pending")
    fleet = view(serving("i-1", NEW), out, young, dataclasses.replace(serving("i-4", OLD), targets={"web": None}))
    assert [one.instance for one in order.left_out(fleet, NEW)] == ["i-2"]


def test_a_strategy_from_the_facts() -> None:
    assert order.strategy({"kind": "rolling", "alarms": ["a"], "batch": 2}) == Strategy("rolling", 2, alarms=("a",))


class TestBack:
    def test_what_serves_nobody_goes_at_once_and_the_right_ones_are_protected(self) -> None:
        step = order.back(view(serving("i-1", OLD), serving("i-2", OLD), failed("i-3", NEW)), OLD)
        assert step == order.Back(protect=("i-1", "i-2"), end=("i-3",))

    def test_what_serves_the_wrong_release_is_replaced_first(self) -> None:
        step = order.back(view(serving("i-1", OLD, protected=True), serving("i-3", NEW)), OLD)
        assert step == order.Back(replace=True)

    def test_what_is_too_much_goes_when_the_right_ones_are_there(self) -> None:
        fleet = view(serving("i-1", OLD, protected=True), serving("i-2", OLD, protected=True), serving("i-3", NEW))
        assert order.back(fleet, OLD) == order.Back(end=("i-3",))
        assert order.back(fleet, OLD, refreshing=True) == order.Back()

    def test_those_that_come_with_the_right_release_are_waited_for(self) -> None:
        fleet = view(serving("i-1", OLD, protected=True), starting("i-4", OLD), silent("i-5"))
        assert order.back(fleet, OLD) == order.Back()

    def test_what_a_balancer_says_of_one_that_is_not_up_yet_counts_for_nothing(self) -> None:
        right = serving("i-1", OLD, protected=True)
        young = [
            dataclasses.replace(one, targets={"web": Target("unhealthy")})
            for one in (starting("i-4", OLD), silent("i-5"))
        ]
        assert order.back(view(right, *young), OLD) == order.Back()
        assert order.back(view(right, ill("i-4", OLD)), OLD) == order.Back(), "its checks have not seen it yet"
        lost = dataclasses.replace(ill("i-4", OLD), healthy=False)
        assert order.back(view(right, lost), OLD) == order.Back(end=("i-4",))

    def test_it_is_over_when_all_serve(self) -> None:
        fleet = view(serving("i-1", OLD, protected=True), serving("i-2", OLD, protected=True))
        assert order.back(fleet, OLD).done
