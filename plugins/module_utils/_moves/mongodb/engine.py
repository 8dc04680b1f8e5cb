"""A move of MongoDB: what each of its steps does. Why it is done so: docs/moves-mongodb.md."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from functools import partial

from ..._common import wait
from ..._common.errors import StairwayError
from ..engine import Facts
from ..model import FOLLOW, Difference, Survey, Verification, Wish
from ..parallel import in_parallel
from ..session import time_to_go_back
from . import documents, lifetimes, shape, verify
from .documents import Compared
from .ends import admin_end, app_end
from .feeds import OPLOG, ForgottenError, Key, has_left, leave, way_of
from .fence import Fence
from .follower import Ends, Follower
from .rights import ROLES, Rights
from .shape import COLLECTION, VIEW, Shape, Shapes
from .survey import COMPARED_MOST, Asked, survey
from .verify import Different
from .wire import DUPLICATE, Connection, End, MongoError

FEW_KEYS, ROUNDS, TRIES = 500, 20, 5


class Mongodb:
    """One store on its way. Sessions are opened when they are needed, and closed by :meth:`close`."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.facts: Facts = {}
        self.remember: Callable[[], None] = lambda: None
        self._ends: tuple[End, End] | None = None
        self._follower: Follower | None = None
        self._fence: Fence | None = None
        self._sessions: dict[int, Connection] = {}
        self._rights: dict[int, Rights] = {}

    # --- both ends -------------------------------------------------------------------------------------------------

    @property
    def ends(self) -> tuple[End, End]:
        if self._ends is None:
            self._ends = (admin_end(self.wish.source), admin_end(self.wish.target))
        return self._ends

    def _session(self, number: int) -> Connection:
        found = self._sessions.get(number)
        if found is None or not found.open:
            found = self._sessions[number] = Connection(self.ends[number])
            self._rights.pop(number, None)
        return found

    @property
    def source(self) -> Connection:
        return self._session(0)

    @property
    def target(self) -> Connection:
        return self._session(1)

    def _rights_at(self, number: int) -> Rights:
        session = self._session(number)
        if number not in self._rights:
            self._rights[number] = Rights(session, app_end(self.wish.target if number else self.wish.source))
        return self._rights[number]

    @property
    def following(self) -> bool:
        return bool(self.facts["how"] == FOLLOW)

    # --- up to the copy --------------------------------------------------------------------------------------------

    def survey(self) -> Survey:
        left = [one for one in ("replace", "left") if self.facts.get(one)]
        source = Asked(self.source, app_end(self.wish.source), self.wish.source.words).ask()
        target = Asked(self.target, app_end(self.wish.target), self.wish.target.words).ask()
        return survey(self.wish, source, target, left[0] if left else "")

    def dismiss_earlier(self, side: str) -> None:
        """Nothing waits there: documents are written one by one; an index being built goes with its collection."""

    def retired(self) -> bool:
        """Where nothing could be taken from the app, a mark says so."""
        with contextlib.suppress(StairwayError):
            return self._rights_at(0).taken or has_left(self.source)
        return False

    def prepare(self) -> None:
        self.facts.update(made=True, ways=[way_of(one) for one in self.ends])
        self.remember()
        if self._rights_at(1).way == ROLES:
            self._rights_at(1).take()
        else:
            self._rights_at(1).give()
        shape.drop(self.target)
        shape.forget_mark(self.target)
        if self.following:
            running = self._follow_from("")
            running.listener.all()
            self.facts["position"] = running.listener.feed.position
            running.start(carry=False)

    def _follow_from(self, position: str) -> Follower:
        ways = self.facts["ways"]
        self._follower = Follower(Ends(*self.ends, *ways), position)
        return self._follower

    @property
    def _running(self) -> Follower:
        """Another process may have begun it: it goes on from where all was the same."""
        if self._follower is not None:
            return self._follower
        running = self._follow_from(self.facts["position"])
        # who keeps an oplog beside the documents, and not with them, may have lost the end of it in a crash
        unsure = self.facts["ways"][0] == OPLOG
        try:
            running.watch(self.facts.get("watched", ""))
        except ForgottenError:
            unsure = True
            running.watch()
        running.shapes = shape.bring(self.source, self.target)
        if unsure:
            parts = verify.everything(self.ends, running.shapes, self.wish.limits.jobs, Verification())
            running.listener.dirty |= {(part.collection, key) for part in parts for key in part.keys}
        return running

    def copy(self) -> None:
        here = shape.bring(self.source, self.target)
        work: list[Callable[[], None]] = []
        for one in sorted(here.values(), key=lambda each: each.name):
            if one.kind == COLLECTION and not one.capped:
                rows = verify.count(self.source, [one.name])[one.name]
                parts = documents.ranges(self.source, one.name, rows, self.wish.limits.jobs)
                work += [partial(self._copied, one, wanted) for wanted in parts]
            elif one.kind != VIEW:
                work.append(partial(self._copied, one, {}))
        in_parallel(work, self.wish.limits.jobs)
        if self._follower is not None:
            self._follower.pause()
            self._follower.shapes = here
            self._follower.reach()
        self._index(here)

    def _copied(self, one: Shape, wanted: dict[str, object]) -> None:
        sessions = [Connection(end) for end in self.ends]
        try:
            documents.copy(sessions[0], sessions[1], one.name, wanted, one.writing)
        finally:
            for each in sessions:
                each.close()

    def _index(self, here: Shapes) -> None:
        """Once all documents are there. Two may have the same value that is to be unique for as long as one of them
        has changed since and was not carried yet.
        """
        for one in sorted(here.values(), key=lambda each: each.name):
            for left in range(TRIES, -1, -1):
                try:
                    if one.kind != VIEW:
                        shape.create_indexes(self.target, one, shape.indexes(self.target, one.name))
                    break
                except MongoError as error:
                    if error.code != DUPLICATE or not left or self._follower is None:
                        raise
                self._follower.reach()

    # --- comparing -------------------------------------------------------------------------------------------------

    def check(self) -> Verification:
        begun = time.monotonic()
        found = Verification()
        running = self._running
        running.watch()
        if running.watcher is not None:
            self.facts["watched"] = running.watcher.feed.position
        running.start()
        try:
            here = verify.shapes(self.source, self.target, found)
            parts = verify.everything(self.ends, here, self.wish.limits.jobs, found)
        finally:
            running.pause()
        found.differences += self._sure(here, parts)
        found.seconds = round(time.monotonic() - begun, 3)
        return found

    def _sure(self, here: Shapes, parts: list[Compared]) -> list[Difference]:
        """What was different while it was on its way is none: what has changed since is compared behind the fence.
        Where the order counts nothing is on its way: such a collection is carried as a whole, later.
        """
        running = self._running
        strange: set[Key] = set()
        running.reach()
        wrong: list[Difference] = []
        for part in parts:
            if not here[part.collection].capped:
                strange |= {(part.collection, key) for key in part.keys}
            elif part.collection not in running.whole:
                wrong += part.wrong
        left = running.different(strange - running.touched)
        for _round in range(TRIES):
            if not left:
                break
            running.reach()
            left = running.different(set(left) - running.touched)
        return [*wrong, *verify.told(left)]

    def compared(self) -> Verification:
        """Everything on both sides as it is now; nobody may write meanwhile."""
        found = Verification()
        self._everything(verify.shapes(self.source, self.target, found), found)
        return found

    def _everything(self, here: Shapes, found: Verification) -> None:
        parts = verify.everything(self.ends, here, self.wish.limits.jobs, found)
        found.differences += verify.lasting(self.source, self.target, here, parts)

    def follow(self) -> None:
        running = self._running
        running.pause()
        # what the app has made since: a collection without documents, an index
        self._index(shape.bring(self.source, self.target))
        for _round in range(ROUNDS):
            running.reach()
            position = running.listener.feed.position
            watched = running.watcher.feed.position if running.watcher else ""
            self._compare_touched()
            if not running.touched and not running.whole:
                self.facts.update(position=position, watched=watched)
            if len(running.touched) <= FEW_KEYS:
                break
        self._ready().ready()
        running.start()

    def _ready(self) -> Fence:
        if self._fence is None:
            self._fence = Fence(lambda: self._rights_at(0))
        return self._fence

    def _compare_touched(self) -> Different:
        """Compare what was touched; what is the same is forgotten until it is touched again."""
        running = self._running
        touched = {one for one in running.touched if one[0] not in running.whole}
        wrong = running.different(touched)
        if wrong:
            wait.pause(0.02)
            wrong = running.different(set(wrong))
        running.touched = set(wrong)
        return wrong

    # --- behind the fence ------------------------------------------------------------------------------------------

    def make_way(self) -> None:
        """Nothing but writers is ever in the way."""

    def fence(self, until: float) -> None:
        if self._follower is not None:
            self._follower.pause(until)
        self._within(until)
        fence = self._ready()
        self.facts["fenced"] = True
        self.remember()
        fence.close_off(until)

    def _within(self, until: float | None) -> None:
        if not self.following:
            return  # the app is held for as long as the copy takes, and was told so
        for session in (self.source, self.target, *(self._follower.sessions if self._follower else [])):
            session.within(until)
        if self._follower is not None:
            self._follower.within(until)

    def catch_up(self, until: float) -> None:
        if self.following:
            running = self._running
            running.reach()
            running.carry_whole()
        self._within(until)

    def verify(self, until: float) -> Verification:
        begun = time.monotonic()
        found = Verification()
        here = verify.shapes(self.source, self.target, found)
        if self.following:
            self._verify_followed(here, found)
        else:
            for one in here.values():  # of what has ended there may be more than a comparison holds
                lifetimes.let_go(self.source, self.target, one)
            self._everything(here, found)
        verify.counts(self.source, self.target, here, found)
        found.seconds = round(time.monotonic() - begun, 3)
        return found

    def _verify_followed(self, here: Shapes, found: Verification) -> None:
        running = self._running
        found.objects["changed document"] = len(running.touched)
        found.objects["document carried after the copy"] = running.carried
        for name in sorted(running.whole | running.ordered):
            found.differences += documents.in_order(self.source, self.target, name).wrong
        names = [one.name for one in here.values() if one.kind == COLLECTION]
        if running.watcher is None and sum(verify.count(self.source, names).values()) <= COMPARED_MOST:
            self._everything(here, found)
        else:
            wrong = set(self._compare_touched())
            found.differences += verify.told(verify.settled(self.source, self.target, here, wrong))

    # --- the switch and what is around it --------------------------------------------------------------------------

    def switch(self) -> None:
        if self._fence is None:
            raise StairwayError(f"There is no fence around {self.wish.store}.")
        self._see_that_nobody_writes()
        self.facts["switched"] = True
        self.remember()
        self._fence.for_good()
        shape.lives(self.target, shape.read(self.source), on=True)
        self._rights_at(1).give()

    def _see_that_nobody_writes(self) -> None:
        """Where nobody could be kept from it, what was written behind the fence is heard of all the same."""
        if self._follower is None:
            return
        self._follower.listener.all()
        written = self._follower.listener.taken()
        if written:  # the server itself, where documents end?
            written -= verify.ended(self.source, self.target, shape.read(self.source), written)
        if written:
            raise StairwayError(
                f"Somebody writes to {self.wish.store} behind the fence. The app stays where it is.",
                where=self.wish.source.words,
                found=f"{len(written)} document(s), in " + ", ".join(sorted({name for name, _key in written})[:5]),
                expected="no writes but the app's, which is held",
                fix="find who that is (a script, a second host), stop it, and run the same command again",
            )

    def switch_back(self) -> None:
        if "switched" not in self.facts:
            return
        time_to_go_back(self._sessions.values())
        self._rights_at(0).give()
        del self.facts["switched"]
        if self._rights_at(1).way == ROLES:
            self._rights_at(1).take()
        with contextlib.suppress(MongoError):  # what it throws away until then is missed by the comparison
            shape.lives(self.target, shape.read(self.source), on=False)

    def unfence(self) -> None:
        try:
            if not self.facts.get("switched"):
                self._let_write()
            self._fence = None
        finally:
            for session in [*self._sessions.values(), *(self._follower.sessions if self._follower else [])]:
                session.patient()
            if self._follower is not None:
                self._follower.within(None)

    def _let_write(self) -> None:
        if self._fence is not None:
            self._fence.open()
        elif self.facts.get("fenced"):
            self._rights_at(0).give()
        self.facts.pop("fenced", None)

    def retire(self) -> None:
        self._stop()
        for session in (self.source, self.target):
            shape.forget_mark(session)
        if self._rights_at(0).way != ROLES:  # it could not be kept from writing but by keeping it out
            leave(self.source)
            self._rights_at(0).give()

    def abort(self) -> None:
        self._stop()
        if not self.facts.get("made"):
            return
        shape.drop(self.target)
        for session in (self.source, self.target):
            shape.forget_mark(session)
        self._rights_at(1).give()

    def _stop(self) -> None:
        if self._follower is not None:
            self._follower.close()
            self._follower = None

    def close(self) -> None:
        with contextlib.suppress(StairwayError):
            self._stop()
        if self._fence is not None:
            with contextlib.suppress(StairwayError):
                self._fence.open()
        for session in self._sessions.values():
            session.close()
