"""The order of a move, and what a run does with the one that was cut off before it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from .._common.errors import StairwayError, for_people
from . import journal as journals
from . import report
from .engine import Engine, Facts
from .journal import Journal
from .model import BEFORE_FOLLOWING, DUMP, SWITCHING, USE, Survey, Verification
from .traffic import Traffic

# A hold lasts a little longer than the fence inside it: requests under way end first, and the switch comes after.
AROUND_FENCE_SECONDS = 10.0


@dataclass
class Move:
    """One store on its way, from its preflight to where it only waits for the switch, and on from there."""

    engine: Engine
    journal: Journal

    def __post_init__(self) -> None:
        self._share_facts()

    def _share_facts(self) -> None:
        self.engine.facts = self.journal.facts
        self.engine.remember = self.journal.save

    # --- up to the switch ------------------------------------------------------------------------------------------

    def survey(self) -> Survey:
        """What would happen. Changes nothing.

        :raises StairwayError: when a side cannot be reached.
        """
        if not self.journal.open:
            self.engine.facts = self._facts_to_begin_with()
        return self.engine.survey()

    def begin(self, *, by: str = "unknown", flipped: bool = False) -> bool:
        """Come to where only the switch is left; whether a move goes on at all. ``flipped`` says that users are on the
        target already, as of a run that was cut off in the middle of the switch.

        :raises StairwayError: when the preflight refuses, or a step fails; the app is on its source.
        """
        if self._moved_before():
            return False
        if self.journal.open:
            self._require_these_ends()
        # the source first, and by itself: users may wait for it, whether the target is there or not
        self.engine.dismiss_earlier("source")
        if self.journal.open and self._take_over(flipped):
            return False
        self.engine.dismiss_earlier("target")
        if not self.journal.open:
            self._start(by)
        if self.journal.facts["how"] == DUMP:
            return True
        self._up_to_following()
        return True

    def _up_to_following(self) -> None:
        try:
            for name in ("prepare", "copy"):
                if not self.journal.done(name):
                    self._do(name)
            if not self.journal.done("check"):
                with self.journal.step("check"):
                    self._compare("check", self.engine.check())
        except StairwayError as error:
            if self.engine.wish.way_back != USE:  # undone, it would be a way back no more
                self._undo_after(error)
            raise
        self._do("follow")

    def _undo_after(self, error: StairwayError) -> None:
        """What cannot be undone now (a side is gone) stays noted: the next run undoes it."""
        try:
            self.undo()
        except StairwayError as other:
            error.log.append(
                f"it could not be undone yet ({other.message}): run the same command again, or -e abort=true"
            )

    def _moved_before(self) -> bool:
        """Whether this very move has come to its end, and only the walk around it has not."""
        data, wish = self.journal.data, self.engine.wish
        same = (data.get("source"), data.get("target")) == (wish.source.place, wish.target.place)
        return data.get("state") == journals.MOVED and same and self.engine.retired()

    def _start(self, by: str) -> None:
        """The preflight, and a new journal."""
        wish, left = self.engine.wish, self.journal.left
        facts = self.engine.facts = self._facts_to_begin_with()
        found = self.engine.survey()
        if found.refusals:
            problem = report.refused(wish, found)
            if "kept" in facts:
                problem.log.append(f"a way back is kept: -e way_back={wish.store} goes it, and nothing is copied anew")
            raise problem
        self.journal.begin(
            {**facts, "how": found.how},
            store=wish.store,
            engine=wish.engine,
            source=wish.source.place,
            target=wish.target.place,
            by=by,
            left=left,
            way_back=wish.way_back,
            survey=found.plain(),
        )
        self._share_facts()
        with self.journal.step("preflight"):
            pass

    def _facts_to_begin_with(self) -> Facts:
        """What the last move has left: at the target, and of a way back."""
        wish = self.engine.wish
        ours = self.journal.left == wish.target.place  # only what we have left there ourselves is ever dropped
        facts: Facts = {"replace": True} if ours and wish.replace_target else {"left": True} if ours else {}
        kept = self.journal.way_back(wish.source.place, wish.target.place)
        return {**facts, ("returning" if wish.way_back == USE else "kept"): kept} if kept else facts

    def _take_over(self, flipped: bool) -> bool:
        """Go on where a run was cut off, or undo it; whether the move is over with that."""
        wish, data, last = self.engine.wish, self.journal.data, self.journal.last or "preflight"
        if last in SWITCHING:
            if flipped or data.get("flipped"):
                self.engine.dismiss_earlier("target")
                self.finish()
                return True
            self.engine.switch_back()
            self.engine.unfence()
        if (last in BEFORE_FOLLOWING and wish.way_back != USE) or self.journal.facts["how"] == DUMP:
            self.undo()
        return False

    def _require_these_ends(self) -> None:
        """What is undone on another end would be somebody's data."""
        wish, data = self.engine.wish, self.journal.data
        if (data["source"], data["target"]) != (wish.source.place, wish.target.place):
            raise StairwayError(
                f"Another move of {wish.store} has not come to its end.",
                where=str(self.journal.path),
                found=f"from {data['source']} to {data['target']}, begun {data['began']} by {data.get('by')}",
                expected=f"from {wish.source.place} to {wish.target.place}",
                fix=f"go on with that one, or give it up: -e store={wish.store} -e to={data['target']} -e abort=true",
            )

    # --- the end ---------------------------------------------------------------------------------------------------

    def abort(self, *, flipped: bool = False) -> bool:
        """Give the move up, wherever it is before the switch, or the way back that the last one has kept; whether
        there was one.

        :raises StairwayError: when the app is on the target already, or the move that is open has other ends.
        """
        if not self.journal.open:
            return self._way_back_given_up()
        self._require_these_ends()
        if flipped or self.journal.data.get("flipped"):
            raise StairwayError(
                f"The move of {self.engine.wish.store} has come to its switch: the app writes to the target.",
                where=str(self.journal.path),
                fix="let it come to its end by the same command without abort; then move the store the other way",
            )
        self.undo()
        return True

    def _way_back_given_up(self) -> bool:
        if self.engine.wish.way_back != USE:
            return False
        self.engine.facts = {"returning": self.journal.facts.pop("way_back")}
        self.engine.abort()
        self.journal.save()
        return True

    def undo(self) -> None:
        """Take away what was made; the app stays where it is."""
        if (self.journal.last or "") in SWITCHING:
            self.engine.switch_back()
        self.engine.unfence()
        self.engine.abort()
        self.journal.end(journals.ABORTED)

    def finish(self) -> None:
        """After the switch: the source is kept, read-only, and all else of the move is taken away."""
        if not self.journal.data.get("flipped"):
            self.journal.say(flipped=True)
        if not self.journal.done("unfence"):
            self._do("unfence")
        with self.journal.step("keep"):
            self.engine.retire()
        keep = self.engine.wish.limits.keep_source_days
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + keep * 86400))
        self.journal.end(journals.MOVED, keep_source_until=until)

    # --- helpers ---------------------------------------------------------------------------------------------------

    def _do(self, name: str, *given: Any) -> None:
        with self.journal.step(name):
            getattr(self.engine, name)(*given)

    def _compare(self, name: str, found: Verification) -> None:
        """Keep the figures; a difference ends the move."""
        report.save(self.journal, name, found)
        if found.differences:
            raise report.differs(self.engine.wish, found, self.journal)

    def fenced(self, until: float) -> None:
        """From the fence to the proof that both sides hold the same.

        :raises StairwayError: when they do not, or the time is over.
        """
        self._do("fence", until)
        if self.journal.facts["how"] == DUMP:
            for name in ("prepare", "copy"):
                self._do(name)
        self._do("catch_up", until)
        with self.journal.step("verify"):
            self._compare("verify", self.engine.verify(until))

    def switched(self) -> None:
        self._do("switch")


def cut_over(moves: Sequence[Move], traffic: Traffic) -> float:
    """Hold users, carry the last changes of every store, prove them, and let users go on with the targets. How long
    nobody could write, in seconds.

    :raises StairwayError: when anything fails; users then go on with the sources, and the moves go on following.
    """
    dumped = [move.journal.data["survey"] for move in moves if move.journal.facts["how"] == DUMP]
    longest = min((move.engine.wish.limits.fence_seconds for move in moves), default=0.0)
    if dumped:
        longest = 240 * sum(one["minutes"] for one in dumped) + 300
    # what follows its source has next to nothing left to do
    expected = sum(one["fence_seconds"] for one in dumped)
    begun = time.monotonic()
    try:
        for move in moves:
            move.engine.make_way()
        traffic.hold(longest + AROUND_FENCE_SECONDS, expected)
        begun = time.monotonic()
        for move in moves:
            move.fenced(begun + longest)
        for move in moves:
            move.switched()
        for move in moves:
            move.journal.say(turning=True)
        traffic.flip()
    except Exception as caught:  # whatever it is: users wait
        error = for_people(caught)
        _go_back(moves, traffic, error)
        raise error from error.__cause__
    for move in moves:
        move.journal.say(flipped=True, fence_seconds=round(time.monotonic() - begun, 3))
    traffic.release()
    for move in moves:
        move._do("unfence")
    return time.monotonic() - begun


def _go_back(moves: Sequence[Move], traffic: Traffic, error: StairwayError) -> None:
    """Every source takes writes again, and users go on there; what was copied by ``dump`` is worth nothing any more."""
    for move in moves:
        if (move.journal.last or "") in SWITCHING:
            _try(move, move.engine.switch_back, error)
        _try(move, move.engine.unfence, error)
        # else a release of some other day would look like the one that turned users to the target
        _try(move, partial(move.journal.say, turning=False), error)
    traffic.release()
    for move in moves:
        if move.journal.facts["how"] == DUMP:
            _try(move, move.undo, error)


def _try(move: Move, undo: Callable[[], None], error: StairwayError) -> None:
    """What cannot be undone now (a target is gone) is left to the next run: neither users nor other stores wait."""
    try:
        undo()
    except Exception as caught:  # whatever it is
        why = for_people(caught).message
        error.log.append(f"{move.engine.wish.store} is not all undone ({why}): run the same command again")
