"""What the module ``store_move`` does: moves, one at a time up to the switch, and then all of them in one release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .._common.errors import StairwayError
from .._edge.switch import MOVE, EdgeState
from .._rollout.cutover import Turn
from .._rollout.layout import Layout
from .._rollout.lock import held
from .._rollout.release import Order, Releaser
from . import journal as journals
from .engines import engine_of
from .journal import Journal, folder_of
from .model import KEEP, SWITCHING, USE, Limits, Wish
from .move import Move, cut_over
from .sides import wish_of

# A run whose connection broke works on, on the host; the next one waits for it a moment and then says so.
LOCK_WAIT_SECONDS, LONGEST_SECONDS = 10.0, 7 * 86400.0
END: dict[str, Any] = {
    "container": {"type": "str"},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "tls": {"type": "bool", "default": True},
    "admin_user": {"type": "str", "default": "stairway"},
    "admin_password": {"type": "str", "no_log": True},
    "user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "database": {"type": "str"},
    "url": {"type": "str", "no_log": True},
}
RELEASE: dict[str, Any] = {
    "document": {"type": "dict", "required": True},
    "version": {"type": "str"},
    "first_version": {"type": "str"},
    "slack_webhook": {"type": "str", "no_log": True},
    "lock_wait": {"type": "int", "default": 60},
}
ENTRY: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "engine": {"type": "str", "required": True},
    "image": {"type": "str", "required": True},
    "from": {"type": "str"},
    "to": {"type": "str"},
    "source": {"type": "dict", "required": True, "options": END},
    "target": {"type": "dict", "required": True, "options": END},
    "database": {"type": "str", "default": ""},
    "user": {"type": "str", "default": ""},
    "password": {"type": "str", "default": "", "no_log": True},
    "how": {"type": "str", "choices": ["auto", "follow", "dump"], "default": "auto"},
    "replace_target": {"type": "bool", "default": False},
    "way_back": {"type": "bool", "default": False},
}
SPEC: dict[str, Any] = {
    "app": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["surveyed", "following", "moved", "aborted"], "default": "following"},
    "moves": {"type": "list", "elements": "dict", "required": True, "options": ENTRY},
    "release": {"type": "dict", "options": RELEASE},
    "actor": {"type": "str", "default": "unknown"},
    "fence_seconds": {"type": "float", "default": 5.0},
    "jobs": {"type": "int", "default": 2},
    "keep_source_days": {"type": "int", "default": 7},
    "authorities": {"type": "path", "default": "/etc/stairway/ca/stores.pem"},
}


@dataclass
class Outcome:
    """The result of the module."""

    changed: bool
    moves: list[dict[str, Any]]
    release: dict[str, Any] | None = None
    warnings: Sequence[str] = ()

    def result(self) -> dict[str, Any]:
        after = {one["name"]: one.get("place") for one in self.moves}
        before = {one["name"]: one.get("was") for one in self.moves}
        return {
            "changed": self.changed,
            "moves": self.moves,
            "release": self.release or {},
            "diff": {"before": before, "after": after},
        }


class Mover:
    """All moves that one call is about."""

    def __init__(self, options: Mapping[str, Any], state: Path = journals.STATE) -> None:
        self.options = options
        self.app = options["app"]
        self.state = state
        self.edge = EdgeState.of(self.app)
        self.layout = Layout(self.app)
        self.limits = Limits(options["fence_seconds"], options["jobs"], options["keep_source_days"])

    def run(self, *, check_mode: bool) -> Outcome:
        """Do what ``state`` says.

        :raises StairwayError: when it cannot be done; until the switch, the app stays where it is.
        """
        if check_mode or self.options["state"] == "surveyed":
            return self._run("surveyed")
        actor, what = self.options["actor"], f"move ({self.options['state']})"
        lock = self.edge.runtime / "move.lock"
        with held(lock, actor=actor, what=what, expires=LONGEST_SECONDS, patience=LOCK_WAIT_SECONDS):
            return self._run(self.options["state"])

    def _run(self, wanted: str) -> Outcome:
        # who gives up what never began needs no end of it to be there
        wishes = [one for one in self.options["moves"] if wanted != "aborted" or self._journal(one).something]
        moves = [self._move(one) for one in wishes]
        try:
            if wanted == "surveyed":
                return Outcome(False, [self._surveyed(move) for move in moves])
            if wanted == "aborted":
                gone = any(self._ended(moves))
                warnings = self._made_good() if gone else []
                return Outcome(gone, [self._told(move) for move in moves], warnings=warnings)
            going = self._begun(moves)
            if wanted == "following":
                return Outcome(bool(going), [self._told(move) for move in moves])
            return self._switched(moves, going)
        finally:
            for move in moves:
                move.engine.close()

    def _ended(self, moves: Sequence[Move]) -> list[bool]:
        try:
            return [move.abort(flipped=self._flipped(move.journal)) for move in moves]
        finally:
            self._let_users_go_on()

    def _made_good(self) -> list[str]:
        """A run that was killed behind its fence has stopped the workers; here no release comes that starts them."""
        order = Order({"app": self.app}, None, self.options["actor"], lock_wait=LOCK_WAIT_SECONDS)
        try:
            Releaser(order, layout=self.layout).made_good()
        except StairwayError as error:
            return [f"It is given up; what the app has of it is not all taken away: {error.message}"]
        return []

    def _begun(self, moves: Sequence[Move]) -> list[Move]:
        actor = self.options["actor"]
        try:
            return [move for move in moves if move.begin(by=actor, flipped=self._flipped(move.journal))]
        finally:
            self._let_users_go_on()

    def _let_users_go_on(self) -> None:
        """A run that was killed while users were told to come back could not end that; it outlives a reboot too."""
        self.edge.end_maintenance(MOVE)

    def _move(self, given: Mapping[str, Any]) -> Move:
        journal = self._journal(given)
        # a way back is given up where the app is; what it would have gone to is taken away by then
        there = self.options["state"] != "aborted" or journal.open
        wish = wish_of(self.app, given, self.limits, self.options["authorities"], to_target=there)
        return Move(engine_of(replace(wish, way_back=self._way_back(given, wish, journal))), journal)

    def _way_back(self, given: Mapping[str, Any], wish: Wish, journal: Journal) -> str:
        """A move goes on as it was begun. Who gives up, gives up what was kept."""
        if journal.open:
            return str(journal.data.get("way_back") or "")
        kept = journal.way_back(wish.source.place, wish.target.place)
        if kept and (given["way_back"] or self.options["state"] == "aborted"):
            return USE
        return KEEP if given["way_back"] else ""

    def _journal(self, given: Mapping[str, Any]) -> Journal:
        return Journal.load(folder_of(self.app, self.state) / f"{given['name']}.json")

    def _flipped(self, journal: Journal) -> bool:
        """Whether users were turned before the run was cut off; the edge says so, whatever could not be noted."""
        data = journal.data
        turning = journal.open and journal.last in SWITCHING and bool(data.get("turning"))
        return turning and data.get("colour") != self.edge.colour()

    def _switched(self, moves: Sequence[Move], going: Sequence[Move]) -> Outcome:
        order = self._order(going)

        def cutover(turn: Turn) -> None:
            for move in going:
                move.journal.say(colour=self.edge.colour(), turning=False)
            cut_over(going, turn)

        outcome = Releaser(order, cutover=cutover if going else None).present(check_mode=False)
        for move in going:
            move.finish()
        told = [self._told(move) for move in moves]
        return Outcome(bool(going) or outcome.changed, told, outcome.result(), outcome.warnings)

    def _order(self, going: Sequence[Move]) -> Order:
        given = self.options["release"]
        if not given:
            raise StairwayError(
                "A move ends with a release: the app has to be told where its stores are now.",
                expected="release: the options of the module release",
                found="none",
            )
        minutes = sum(move.journal.data["survey"]["minutes"] for move in going)
        return Order(
            document=given["document"],
            version=given.get("version"),
            first_version=given.get("first_version"),
            actor=self.options["actor"],
            slack_webhook=given.get("slack_webhook"),
            lock_seconds=900 + 240 * minutes,
            lock_wait=given["lock_wait"],
        )

    def _surveyed(self, move: Move) -> dict[str, Any]:
        wish, found = move.engine.wish, move.survey()
        said = {"name": wish.store, "was": wish.source.place, "place": wish.source.place, "survey": found.plain()}
        return {**said, "refused": [one.what for one in found.refusals]}

    def _told(self, move: Move) -> dict[str, Any]:
        data, wish = move.journal.data, move.engine.wish
        moved = data.get("state") == journals.MOVED
        return {
            "name": wish.store,
            "was": wish.source.place,
            "place": (wish.target if moved else wish.source).place,
            "state": data.get("state"),
            "fence_seconds": data.get("fence_seconds"),
            "steps": {one["name"]: one.get("seconds") for one in data.get("steps") or []},
            "report": str(move.journal.path.with_suffix(".report.txt")),
        }
