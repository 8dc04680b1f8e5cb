"""The order of a move, and what a run does with the one that was cut off before it; the engine is written down.

Real servers are in tests/acceptance/moves.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.journal import Journal
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import (
    Difference,
    Finding,
    Side,
    Survey,
    Verification,
    Wish,
)
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import Move, cut_over
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server

SERVER = Server("db", "postgresql", "10.0.0.1", 5432, False, "postgres:16", "/ca/stores.pem")
LOGIN = Login("shop", "mrk3r-password", "shop")
WISH = Wish("shop", "db", "postgresql", Side("container", SERVER, LOGIN, LOGIN), Side("managed", SERVER, LOGIN, LOGIN))
TO_FOLLOWING = ["dismiss source", "dismiss target", "survey", "prepare", "copy", "check", "follow"]


class Engine:
    """Writes down what it is asked, fails where it is told."""

    def __init__(self, how="follow"):
        self.wish, self.how = WISH, how
        self.facts, self.lines = {}, []
        self.fail_at, self.findings, self.different, self.stands = "", (), (), False
        self.problem = None

    def _say(self, line):
        self.lines.append(line)
        if line == self.fail_at:
            raise self.problem or StairwayError(f"{line} failed.")

    def survey(self):
        self._say("survey")
        return Survey("16", "16", 1000, 1, 1, self.how, 1.0, 5.0, None, self.findings)

    def dismiss_earlier(self, side):
        self._say(f"dismiss {side}")

    def retired(self):
        return self.stands

    def check(self):
        self._say("check")
        return Verification(differences=list(self.different))

    def verify(self, until):
        self._say("verify")
        return Verification(differences=list(self.different))

    def __getattr__(self, name):
        return lambda *_given: self._say(name)


class Traffic:
    def __init__(self, engine):
        self.engine = engine

    def hold(self, seconds, expected):
        self.asked = (seconds, expected)
        self.engine._say("hold")

    def flip(self):
        self.engine._say("flip")

    def release(self):
        self.engine._say("release")


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "moves" / "db.json"


def move_of(engine, path):
    return Move(engine, Journal.load(path))


def test_the_order(engine, path):
    move = move_of(engine, path)
    assert move.begin(by="me")
    cut_over([move], Traffic(engine))
    move.finish()
    assert engine.lines == [
        *TO_FOLLOWING,
        *("make_way", "hold", "fence", "catch_up", "verify", "switch", "flip", "release", "unfence", "retire"),
    ]
    data = json.loads(path.read_text())
    assert data["state"] == "moved"
    assert data["flipped"] is True
    assert [one["name"] for one in data["steps"]] == [
        *("preflight", "prepare", "copy", "check", "follow"),
        *("fence", "catch_up", "verify", "switch", "unfence", "keep"),
    ]
    assert all("done" in one for one in data["steps"])
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_no_secret_is_noted(engine, path):
    move = move_of(engine, path)
    move.begin()
    cut_over([move], Traffic(engine))
    for file in path.parent.iterdir():
        assert "mrk3r" not in file.read_text()


def test_what_is_held_anyway_is_copied_behind_the_fence(path):
    engine = Engine("dump")
    move = move_of(engine, path)
    assert move.begin()
    assert engine.lines == TO_FOLLOWING[:3]
    cut_over([move], Traffic(engine))
    assert engine.lines[3:9] == ["make_way", "hold", "fence", "prepare", "copy", "catch_up"]


@pytest.mark.parametrize("how", ["dump", "follow"])
def test_the_way_back_may_replace_what_was_left_however_often_it_is_begun(path, how):
    """What was given up once is begun anew; a dump is, in the very run that switches."""
    move = move_of(Engine(), path)
    move.begin()
    cut_over([move], Traffic(move.engine))
    move.finish()
    back = Engine(how)
    back.wish = replace(WISH, source=WISH.target, target=WISH.source, replace_target=True)
    for _run in range(3):
        again = move_of(back, path)
        again.begin()
        assert back.facts["replace"] is True
        if how == "follow":
            again.abort()


@pytest.mark.parametrize("step", ["prepare", "copy", "check"])
def test_a_failure_before_it_follows_leaves_nothing(engine, path, step):
    engine.fail_at = step
    move = move_of(engine, path)
    with pytest.raises(StairwayError, match=f"{step} failed"):
        move.begin()
    assert engine.lines[-1] == "abort"
    assert move.journal.data["state"] == "aborted"
    assert move.journal.data["steps"][-1]["failed"] == f"{step} failed."


@pytest.mark.parametrize("step", ["make_way", "hold", "fence", "catch_up", "verify"])
def test_a_failure_behind_the_fence_lets_users_go_on_with_the_source(engine, path, step):
    move = move_of(engine, path)
    move.begin()
    engine.fail_at = step
    with pytest.raises(StairwayError):
        cut_over([move], Traffic(engine))
    assert engine.lines[-2:] == ["unfence", "release"]
    assert "switch" not in engine.lines
    assert move.journal.open


@pytest.mark.parametrize("step", ["switch", "flip"])
def test_a_failure_in_the_switch_takes_it_back(engine, path, step):
    move = move_of(engine, path)
    move.begin()
    engine.fail_at = step
    with pytest.raises(StairwayError):
        cut_over([move], Traffic(engine))
    assert engine.lines[-3:] == ["switch_back", "unfence", "release"]


@pytest.mark.parametrize(("step", "undone"), [("catch_up", ["unfence"]), ("flip", ["switch_back", "unfence"])])
def test_what_nobody_has_foreseen_lets_users_go_on_too(engine, path, step, undone):
    move = move_of(engine, path)
    move.begin()
    engine.fail_at, engine.problem = step, KeyError("t7")
    with pytest.raises(StairwayError, match="does not foresee") as caught:
        cut_over([move], Traffic(engine))
    assert engine.lines[-len(undone) - 1 :] == [*undone, "release"]
    assert caught.value.found == "KeyError: 't7'"
    assert caught.value.__cause__ is engine.problem


def test_what_nobody_has_foreseen_in_going_back_holds_no_users(engine, path):
    move = move_of(engine, path)
    move.begin()
    engine.fail_at, engine.unfence = "verify", {}.popitem
    with pytest.raises(StairwayError, match="verify failed") as caught:
        cut_over([move], Traffic(engine))
    assert engine.lines[-1] == "release"
    assert "is not all undone" in caught.value.log[0]


def test_of_two_stores_both_go_or_none(tmp_path):
    first, second = Engine(), Engine()
    moves = [move_of(first, tmp_path / "a.json"), move_of(second, tmp_path / "b.json")]
    for move in moves:
        move.begin()
    second.fail_at = "switch"
    with pytest.raises(StairwayError):
        cut_over(moves, Traffic(first))
    assert "switch_back" in first.lines
    assert "switch_back" in second.lines
    assert "flip" not in first.lines


def test_users_go_on_and_other_stores_too_where_one_cannot_be_undone_now(tmp_path):
    """A target that is gone keeps nobody waiting, and what was wrong first is what is said."""
    first, second = Engine(), Engine()
    moves = [move_of(first, tmp_path / "a.json"), move_of(second, tmp_path / "b.json")]
    for move in moves:
        move.begin()

    first.fail_at, second.fail_at = "unfence", "catch_up"
    traffic = Traffic(second)
    with pytest.raises(StairwayError, match="catch_up failed") as caught:
        cut_over(moves, traffic)
    assert second.lines[-2:] == ["unfence", "release"]
    assert caught.value.log == ["db is not all undone (unfence failed.): run the same command again"]


def test_a_difference_ends_it_and_is_in_the_report(engine, path):
    move = move_of(engine, path)
    move.begin()
    engine.different = (Difference("row", 'public.a ["7"]', "one", "another"),)
    with pytest.raises(StairwayError, match="not the same as its source") as caught:
        cut_over([move], Traffic(engine))
    assert 'public.a ["7"]' in str(caught.value)
    assert 'row public.a ["7"]: one | another' in path.with_suffix(".report.txt").read_text()


# --- after a cut -----------------------------------------------------------------------------------------------------


def cut_in(path, step, **about):
    """A journal as a run leaves it that was killed in ``step``."""
    engine = Engine()
    move = move_of(engine, path)
    move.begin()
    if step in ("prepare", "copy", "check"):
        steps = move.journal.data["steps"]
        at = [one["name"] for one in steps].index(step)
        move.journal.data["steps"] = [*steps[:at], {"name": step, "begun": "now"}]
    else:
        move.journal.data["steps"].append({"name": step, "begun": "now"})
    move.journal.say(**about)


@pytest.mark.parametrize("step", ["prepare", "copy", "check"])
def test_a_copy_that_was_cut_off_is_made_anew(engine, path, step):
    cut_in(path, step)
    assert move_of(engine, path).begin()
    assert engine.lines == ["dismiss source", "unfence", "abort", *TO_FOLLOWING[1:]]


@pytest.mark.parametrize("step", ["follow", "fence", "catch_up", "verify"])
def test_one_that_followed_goes_on(engine, path, step):
    cut_in(path, step)
    assert move_of(engine, path).begin()
    assert engine.lines == ["dismiss source", "dismiss target", "follow"]


def test_one_that_was_cut_in_its_switch_goes_back_as_users_never_saw_the_target(engine, path):
    cut_in(path, "switch")
    assert move_of(engine, path).begin()
    assert engine.lines == ["dismiss source", "switch_back", "unfence", "dismiss target", "follow"]


def test_users_can_write_again_whether_the_target_is_there_or_not(engine, path):
    cut_in(path, "switch")
    engine.fail_at = "dismiss target"
    with pytest.raises(StairwayError):
        move_of(engine, path).begin()
    assert engine.lines == ["dismiss source", "switch_back", "unfence", "dismiss target"]


@pytest.mark.parametrize("about", [{}, {"flipped": True}])
def test_one_whose_users_have_turned_is_brought_to_its_end(engine, path, about):
    cut_in(path, "switch", **about)
    move = move_of(engine, path)
    assert not move.begin(flipped=True)
    assert engine.lines == ["dismiss source", "dismiss target", "unfence", "retire"]
    assert move.journal.data["state"] == "moved"


def test_users_who_were_not_turned_after_all_are_noted_so(engine, path):
    """Else the next release, of whatever else, would look like the one that turned them."""
    move = move_of(engine, path)
    move.begin()
    engine.fail_at = "flip"
    with pytest.raises(StairwayError, match="flip failed"):
        cut_over([move], Traffic(engine))
    data = json.loads(path.read_text())
    assert (data["steps"][-1]["name"], data["turning"]) == ("switch", False)


def test_what_was_moved_is_not_moved_again(engine, path):
    move = move_of(engine, path)
    move.begin()
    cut_over([move], Traffic(engine))
    move.finish()
    again = Engine()
    again.stands = True
    assert not move_of(again, path).begin()
    assert again.lines == []


def test_a_source_that_takes_writes_again_is_moved_again(engine, path):
    """Somebody went back by hand since: what the journal says is old."""
    move = move_of(engine, path)
    move.begin()
    cut_over([move], Traffic(engine))
    move.finish()
    again = Engine()
    assert move_of(again, path).begin()
    assert again.lines == TO_FOLLOWING


def test_another_move_is_not_begun_over_one_that_goes_on(engine, path):
    cut_in(path, "follow", target="external")
    with pytest.raises(StairwayError, match="has not come to its end") as caught:
        move_of(engine, path).begin()
    assert "abort=true" in (caught.value.fix or "")
    assert engine.lines == []


# --- giving up -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["prepare", "copy", "follow", "verify", "switch"])
def test_abort(engine, path, step):
    cut_in(path, step)
    move = move_of(engine, path)
    assert move.abort()
    assert engine.lines == [*(["switch_back"] if step == "switch" else []), "unfence", "abort"]
    assert not move.journal.open
    assert not move.abort()


def test_the_other_way_is_not_given_up_for_this_one(engine, path):
    """What a move has made would be looked for, and dropped, where somebody else has data."""
    cut_in(path, "follow", target="external")
    with pytest.raises(StairwayError, match="has not come to its end") as caught:
        move_of(engine, path).abort()
    assert "-e to=external -e abort=true" in (caught.value.fix or "")
    assert engine.lines == []


def test_abort_after_the_switch_is_refused(engine, path):
    cut_in(path, "unfence", flipped=True)
    with pytest.raises(StairwayError, match="the app writes to the target"):
        move_of(engine, path).abort()
    assert engine.lines == []


def test_what_cannot_be_undone_now_stays_noted(engine, path):
    def gone():
        raise StairwayError("gone.")

    engine.fail_at = "copy"
    engine.abort = gone
    move = move_of(engine, path)
    with pytest.raises(StairwayError, match="copy failed") as caught:
        move.begin()
    assert "gone." in caught.value.log[-1]
    assert move.journal.open


# --- the preflight ---------------------------------------------------------------------------------------------------


def test_the_preflight_says_everything_that_hinders(engine, path):
    engine.findings = (
        Finding("refuse", "no primary key", "public.a", "add one", "follow"),
        Finding("refuse", "not empty", "there", "empty it"),
        Finding("say", "just so"),
        Finding("refuse", "only for dumps", hinders="dump"),
    )
    with pytest.raises(StairwayError) as caught:
        move_of(engine, path).begin()
    assert "no primary key" in str(caught.value)
    assert "not empty (there) empty it" in str(caught.value)
    assert "just so" not in str(caught.value)
    assert "only for dumps" not in str(caught.value)
    assert engine.lines == TO_FOLLOWING[:3]
    assert not path.exists()
