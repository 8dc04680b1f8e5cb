"""A move of Redis: what each of its steps does. Why it is done so: docs/moves-redis.md."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterator

from ..._common import wait
from ..._common.errors import StairwayError
from ..._stores.model import Login, Server
from ..ends import Ends
from ..engine import Facts
from ..model import FOLLOW, Difference, Survey, Verification, Wish
from ..session import time_to_go_back
from . import keys
from .changes import EVENTS, SETTING, Follower
from .fence import Fence
from .survey import keys_of, setting, survey, tells, version
from .wire import Connection, RedisError, databases, info

FEW_KEYS, ROUNDS = 500, 20
# So many are compared behind the fence where the target does not tell whether others have written to it.
COMPARED_MOST = 20_000
_SINCE = (7, 0)
_ALL_RIGHTS = b"+@all"


class Redis(Ends[Connection]):
    """One store on its way; :meth:`close` ends every session."""

    def __init__(self, wish: Wish) -> None:
        super().__init__(wish, Connection)
        self.facts: Facts = {}
        self.remember: Callable[[], None] = lambda: None
        self._follower: Follower | None = None
        self._fence: Fence | None = None
        self._exact: bool | None = None

    def end(self, name: str) -> tuple[Server, Login]:
        """A container's only login that may do anything is the app's."""
        server, admin = super().end(name)
        return (server, admin) if admin.password else super().end(f"{name} app")

    def dismiss_earlier(self, side: str) -> None:
        """Nothing waits at a server that does one command after the other."""

    @property
    def following(self) -> bool:
        return bool(self.facts["how"] == FOLLOW)

    @property
    def exact(self) -> bool:
        """Whether both say when a key ends, and not only how long that is."""
        if self._exact is None:
            self._exact = min(version(info(self.source)), version(info(self.target))) >= _SINCE
        return self._exact

    # --- steps -----------------------------------------------------------------------------------------------------

    def survey(self) -> Survey:
        left = [one for one in ("replace", "left") if self.facts.get(one)]
        return survey(self.wish, self.source, self.target, left[0] if left else "")

    def retired(self) -> bool:
        """A pause cannot be asked for: of such a source nobody knows."""
        with contextlib.suppress(RedisError):
            return b"-@write" in self._rules("source").split(b" ")
        return False

    def prepare(self) -> None:
        told = {name: setting(self.session(name)) for name in ("source", "target")}
        self.facts.update(made=True, told=told)
        self.remember()
        if self.facts.get("replace"):
            self._writes("target", on=True)
            self.target.call("CLIENT", "UNPAUSE")
            self._empty()
        if self.following:
            self._tell()
            self._start()

    def _tell(self) -> None:
        """Let both sides tell of their changes; a server that was started again has forgotten it."""
        for name, before in self.facts["told"].items():
            if before is not None:
                self.session(name).call("CONFIG", "SET", SETTING, "".join(sorted({*before, *EVENTS})))

    def _empty(self) -> None:
        self.target.call("FLUSHALL")
        if version(info(self.target)) >= _SINCE:
            self.target.call("FUNCTION", "FLUSH")

    def _start(self) -> Follower:
        exact = self.exact
        self._follower = Follower(self.end("source"), self.end("target"), exact=exact, watch=True)
        if self.facts["told"]["target"] is None and self._follower.watcher is not None:
            self.facts["watched"] = tells(self.target, self._follower.watcher)
        else:
            self.facts["watched"] = True
        return self._follower

    @property
    def _running(self) -> Follower:
        """A listener of before heard of what another process has forgotten: then everything is carried again."""
        if self._follower is not None:
            return self._follower
        self._tell()
        running = self._start()
        self._carry_all()
        self._drop_strange()
        running.touched |= {(one, key) for one in databases(self.source) for key in self._every(one)}
        return running

    def _every(self, database: int) -> set[bytes]:
        return {key for part in keys.every(self.source, database) for key in part}

    def copy(self) -> None:
        self._carry_all()
        self._carry_functions()

    def _carry_functions(self) -> None:
        if version(info(self.source)) >= _SINCE:
            dump = self.source.call("FUNCTION", "DUMP")
            self.target.call("FUNCTION", "RESTORE", dump, "FLUSH")

    def _carry_all(self) -> None:
        exact = self.exact
        for database in databases(self.source):
            for part in self._read("source", database):
                for at in range(0, len(part), keys.AT_ONCE):
                    some = part[at : at + keys.AT_ONCE]
                    grouped = keys.copy(self.source, self.target, database, some, exact=exact)
                    if self._follower is not None:
                        self._follower.grouped |= grouped

    def _hear(self) -> None:
        """A listener who does not listen loses its connection."""
        if self._follower is not None:
            self._follower.listener.listen(0)
            if self._follower.watcher is not None:
                self._follower.watcher.listen(0)

    def _drop_strange(self) -> None:
        """What the source has no more."""
        for database in databases(self.target):
            for part in keys.every(self.target, database):
                self.source.use(database)
                there = self.source.pipeline([("EXISTS", key) for key in part])
                gone = [key for key, found in zip(part, there, strict=True) if not found]
                if gone:
                    self.target.call("DEL", *gone)

    def check(self) -> Verification:
        begun = time.monotonic()
        found = Verification()
        # nobody hears of what groups do meanwhile: their streams are carried again, and compared, from here on
        later = self._running.grouped
        self._everything(found, later)
        self._running.touched |= later
        found.seconds = round(time.monotonic() - begun, 3)
        return found

    def compared(self) -> Verification:
        """Everything on both sides as it is now, in both directions; nobody follows meanwhile."""
        if self._follower is not None:
            self._follower.pause()
        found = Verification()
        self._everything(found)
        self._counts(found)
        if self._follower is not None:
            self._follower.start()
        return found

    def _everything(self, found: Verification, later: Collection[keys.Key] = ()) -> None:
        """Compare every key of either side; what changes meanwhile is compared behind the fence, as is ``later``."""
        for database in sorted({*databases(self.source), *databases(self.target)}):
            here: set[bytes] = set()
            for part in self._read("source", database):
                found.differences += self._differing([(database, key) for key in part if (database, key) not in later])
                here.update(part)
            for part in self._read("target", database):
                strange = [(database, key) for key in part if key not in here and (database, key) not in later]
                found.differences += self._differing(strange)
            found.tables[f"db{database}"] = {"keys": len(here)}
        if self._follower is not None:
            self._follower.listener.all()
            changed = {keys.name_of(one, key) for one, key in self._follower.listener.dirty}
            found.differences = [one for one in found.differences if one.name not in changed]
        self._functions(found)

    def _read(self, name: str, database: int) -> Iterator[list[bytes]]:
        """All keys of a side, while we listen."""
        reader = Connection(*self.end(name))
        try:
            for part in keys.every(reader, database):
                yield part
                self._hear()
        finally:
            reader.close()

    def _differing(self, part: list[keys.Key], *, values: bool = True) -> list[Difference]:
        """A key may end between two looks: only what stays is a difference."""
        exact = self.exact
        found = {one.name for one in keys.compared(self.source, self.target, part, exact=exact, values=values)}
        if not found:
            return []
        wait.pause(0.02)
        again = [(one, key) for one, key in part if keys.name_of(one, key) in found]
        return keys.compared(self.source, self.target, again, exact=exact, values=values)

    def _functions(self, found: Verification) -> None:
        if min(version(info(one)) for one in (self.source, self.target)) < _SINCE:
            return
        here, there = (
            sorted(map(repr, one.call("FUNCTION", "LIST", "WITHCODE"))) for one in (self.source, self.target)
        )
        found.objects["function library"] = len(here)
        if here != there:
            found.differences.append(Difference("function library", "all", str(len(here)), f"{len(there)}, or others"))

    def _counts(self, found: Verification) -> None:
        here, there = (keys_of(info(one), lasting=True) for one in (self.source, self.target))
        found.objects["key that does not end"] = here
        if here != there:
            found.differences.append(Difference("keys", "that do not end", str(here), str(there)))

    def follow(self) -> None:
        running = self._running
        for _round in range(ROUNDS):
            running.pause()
            running.reach()
            self._compare_touched(last=False)
            if len(running.touched) <= FEW_KEYS:
                break
        running.start()

    def _compare_touched(self, *, last: bool = True) -> list[Difference]:
        """Compare what was touched; what is the same is forgotten until it is touched again. Streams with groups are
        carried behind the fence in any case: before the ``last`` time nobody reads all of one for a worker's sake.
        """
        running = self._running
        worked_on = set() if last else running.touched & running.grouped
        found: list[Difference] = []
        left: set[keys.Key] = set()
        for part, values in ((running.touched - worked_on, True), (worked_on, False)):
            wrong = self._differing(sorted(part), values=values) if part else []
            names = {one.name for one in wrong}
            left |= {one for one in part if keys.name_of(*one) in names}
            found += wrong
        running.touched = left
        return found

    def make_way(self) -> None:
        """Nothing but writers is ever in the way."""

    def fence(self, until: float) -> None:
        if self._follower is not None:
            self._follower.pause()
        self._within(until)
        self._fence = Fence(*self.end("source"))
        self._fence.close_off(until)

    def _within(self, until: float | None) -> None:
        if not self.following:
            return  # the app is held for as long as the copy takes, and was told so
        for session in (self.source, self.target, *(self._follower.sessions if self._follower else [])):
            session.within(until)

    def catch_up(self, until: float) -> None:
        if self.following:
            self._running.reach()
            self._carry_functions()  # nobody tells of those
        self._within(until)

    def verify(self, until: float) -> Verification:
        begun = time.monotonic()
        found = Verification()
        whole = not self.following or (not self.facts["watched"] and keys_of(info(self.source)) <= COMPARED_MOST)
        if whole:
            self._everything(found)
        else:
            found.objects["changed key"] = len(self._running.touched)
            found.differences += self._compare_touched()
            self._functions(found)
        self._counts(found)
        if self._follower is not None:
            found.objects["key carried after the copy"] = self._follower.carried
        found.seconds = round(time.monotonic() - begun, 3)
        return found

    # --- the switch and what is around it --------------------------------------------------------------------------

    def switch(self) -> None:
        if self._fence is None:
            raise StairwayError(f"There is no fence around {self.wish.store}.")
        self.facts["kept_by"] = "right" if self._writes("source", on=False) else "pause"
        if self.facts["kept_by"] == "pause":
            self._fence.for_good(self.wish.limits.keep_source_days)
        self._fence.stood()
        self._see_that_nobody_writes()
        self.facts["switched"] = True

    def _see_that_nobody_writes(self) -> None:
        """Whoever did it was not held: the pause was ended, and was not ours any more."""
        if self._follower is None:
            return
        self._follower.listener.all()
        written = sorted({*self._follower.listener.taken(), *self._follower.unlike()})
        if written:
            raise StairwayError(
                f"Somebody writes to {self.wish.store} behind the fence. The app stays where it is.",
                where=self.wish.source.words,
                found=f"{len(written)} key(s): " + ", ".join(keys.name_of(*one) for one in written[:5]),
                expected="no writes: they wait (CLIENT PAUSE)",
                fix="find who ends the pause (CLIENT UNPAUSE), stop it, and run the same command again",
            )

    def _writes(self, name: str, *, on: bool) -> bool:
        """Give or take the right to write, where the user has all rights and we may; whether that was done."""
        try:
            if self._rules(name).split(b" ")[0] != _ALL_RIGHTS:
                return False
            user = self.end(name)[1].user or "default"
            self.session(name).call("ACL", "SETUSER", user, "+@all" if on else "-@write")
        except RedisError:
            return False
        return True

    def _rules(self, name: str) -> bytes:
        about = self.session(name).call("ACL", "GETUSER", self.end(name)[1].user or "default")
        return bytes(dict(zip(about[::2], about[1::2], strict=True))[b"commands"])

    def switch_back(self) -> None:
        time_to_go_back(self.sessions.values())
        self._writes("source", on=True)
        self.source.call("CLIENT", "UNPAUSE")
        self.facts.pop("switched", None)

    def unfence(self) -> None:
        time_to_go_back(self.sessions.values())
        switched = bool(self.facts.get("switched"))
        if switched:
            # whoever waits was let in before, and would write as soon as nothing holds him
            self._stop()
            with contextlib.suppress(RedisError):
                self.source.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        if self._fence is not None:
            self._fence.open(unpause=not (switched and self.facts.get("kept_by") == "pause"))
            self._fence = None
        if switched and self.facts.get("kept_by") == "right":
            self.source.call("CLIENT", "UNPAUSE")
        for session in self.sessions.values():
            session.patient()
        for session in self._follower.sessions if self._follower else []:
            session.patient()

    def retire(self) -> None:
        self._stop()
        self._tell_as_before()

    def abort(self) -> None:
        self._stop()
        if not self.facts.get("made"):
            return
        self._tell_as_before()
        self._empty()

    def _tell_as_before(self) -> None:
        for name, before in (self.facts.get("told") or {}).items():
            if before is not None:
                self.session(name).call("CONFIG", "SET", SETTING, before)

    def _stop(self) -> None:
        if self._follower is not None:
            self._follower.close()
            self._follower = None

    def close(self) -> None:
        with contextlib.suppress(StairwayError):
            self._stop()
        if self._fence is not None:
            self._fence.open()
        super().close()
