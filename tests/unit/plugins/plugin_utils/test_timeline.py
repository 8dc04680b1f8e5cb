"""The lines of a summary: what is worth one, chains of waits, cost."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.plugin_utils._timeline import (
    Cost,
    PlayTime,
    TaskTime,
    Timed,
    duration,
    longest_chain,
    month_of,
    parts_of,
    summary,
)

# A stage that is built: the database waits for its subnets, the load balancer for its own, a bucket for nothing.
BUILT = [
    Timed("vpc/main", 0, 2.1, "created"),
    Timed("bucket/files", 0, 30, "created"),
    Timed("subnet/db-a", 2.1, 3.5, "created", "vpc/main"),
    Timed("load_balancer/main", 3.6, 150, "created", "subnet/db-a"),
    Timed("database/main", 3.5, 412, "created", "subnet/db-a"),
    Timed("parameter/main-host", 412, 412.8, "created", "database/main"),
]


def run(parts: list[Timed], *, failed: bool = False) -> list[PlayTime]:
    plan = TaskTime("Plan | Compare the account with the blueprint", 100, 106)
    build = TaskTime("Build | Make it so", 107, 520, {"localhost": 520}, parts, failed)
    return [
        PlayTime("Plan | What is to change", 100, 107, [plan]),
        PlayTime("Nothing to do", 107, 107),
        PlayTime("Build | What the stage needs", 107, 520, [TaskTime("Quick", 107, 107.4), build]),
    ]


def test_a_run() -> None:
    assert summary(run(BUILT), Cost(45.1, 1171.2)) == [
        "    7.0 s  #.......................  Plan | What is to change",
        "     6:53  ########################  Build | What the stage needs",
        "     6:53  ########################    Make it so",
        "     6:48                                database/main (created)",
        "     2:26                                load_balancer/main (created), meanwhile",
        "   30.0 s                                bucket/files (created), meanwhile",
        "     7:00  in all",
        " 1,171.20  US dollars is what a month costs, 45.10 before",
    ]


def test_the_chain_of_waits() -> None:
    names = ["vpc/main", "subnet/db-a", "database/main", "parameter/main-host"]
    assert [part.name for part in longest_chain(BUILT)] == names
    assert longest_chain([]) == []


def test_a_part_of_the_chain_says_what_it_waited_for() -> None:
    parts = [Timed("nat_gateway/a", 0, 100, "created"), Timed("group/app", 100, 400, "created", "nat_gateway/a")]
    lines = summary(run(parts), Cost())
    assert "     5:00                                group/app (created), after nat_gateway/a" in lines


def test_parts_that_wait_in_a_ring_end() -> None:
    ring = [Timed("a", 0, 1, waited_for="b"), Timed("b", 0, 2, waited_for="a")]
    assert [part.name for part in longest_chain(ring)] == ["a", "b"]


def test_what_failed_is_shown_however_short() -> None:
    lines = summary(run([Timed("vpc/main", 0, 0.2, "created", failed=True)], failed=True), Cost())
    assert any("Make it so (failed)" in line for line in lines)
    assert any("vpc/main (created) FAILED" in line for line in lines)


def test_a_plan_without_changes_has_one_price() -> None:
    assert summary(run([]), Cost(45.1, 45.1))[-1] == "    45.10  US dollars is what a month costs"
    assert "would cost" in summary(run([]), Cost(45.1, 60.0), check_mode=True)[-1]


def test_nothing_ran() -> None:
    assert summary([PlayTime("Nothing to do", 0, 1)], Cost()) == []


def test_steps_in_turn() -> None:
    parts = parts_of({"steps": {"start": 1.5, "health": 4}})
    assert [(part.name, part.began, part.ended, part.waited_for) for part in parts] == [
        ("start", 0.0, 1.5, None),
        ("health", 1.5, 5.5, "start"),
    ]


@pytest.mark.parametrize("result", [{}, {"steps": ["a"]}, {"steps": {"a": "b"}}, {"plan": "text"}, {"plan": {}}])
def test_results_that_tell_nothing(result: dict[str, object]) -> None:
    assert parts_of(result) == []
    assert month_of(result) is None


def test_two_plans_of_a_run() -> None:
    cost = Cost()
    for month in ({"now": 10, "after": 60}, {"now": 60, "after": 50}):
        cost.add(month)
    assert (cost.now, cost.after) == (10, 50)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (99.94, "99.9 s"), (100, "1:40"), (425, "7:05"), (3725, "1:02:05")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
