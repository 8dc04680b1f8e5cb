"""Which way a move goes: it keeps a way back, goes by one, or neither. Real servers are in tests/acceptance/moves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.engines import engine_of
from ansible_collections.stairway.cloud.plugins.module_utils._moves.journal import Journal
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import (
    KEEP,
    USE,
    Finding,
    Side,
    Survey,
    Wish,
)
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import Move
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.engine import Postgresql
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.returning import Returning
from ansible_collections.stairway.cloud.plugins.module_utils._moves.work import SPEC, Mover
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server

SERVER = Server("db", "postgresql", "10.0.0.1", 5432, False, "postgres:16", "/ca/stores.pem")
LOGIN = Login("shop", "mrk3r-password", "shop")
HERE, THERE = Side("container", SERVER, LOGIN, LOGIN), Side("managed", SERVER, LOGIN, LOGIN)
UP, DOWN = Wish("shop", "db", "postgresql", HERE, THERE), Wish("shop", "db", "postgresql", THERE, HERE)
OPTIONS: dict[str, Any] = {name: one.get("default") for name, one in SPEC.items()} | {"app": "shop", "moves": []}
KEPT = {"lsn": "0/1", "writers": [], "grants": {}}
MOVED = {"state": "moved", "source": "container", "target": "managed", "facts": {"way_back": KEPT}}


@pytest.mark.parametrize(
    ("data", "wish", "asked", "state", "way_back"),
    [
        ({}, UP, False, "moved", ""),
        ({}, UP, True, "moved", KEEP),
        (MOVED, DOWN, True, "moved", USE),
        (MOVED, DOWN, False, "moved", ""),
        (MOVED, DOWN, False, "aborted", USE),
        (MOVED, UP, True, "moved", KEEP),
        ({**MOVED, "facts": {}}, DOWN, True, "moved", KEEP),
        # what is under way goes on as it was begun, whatever is typed now
        ({**MOVED, "state": "open", "way_back": KEEP}, UP, False, "moved", KEEP),
        ({**MOVED, "state": "open", "way_back": ""}, UP, True, "moved", ""),
    ],
)
def test_which_way(tmp_path: Path, data: dict[str, Any], wish: Wish, asked: bool, state: str, way_back: str) -> None:
    mover = Mover({**OPTIONS, "state": state}, tmp_path)
    assert mover._way_back({"way_back": asked}, wish, Journal(tmp_path / "db.json", data)) == way_back


def test_who_goes_it() -> None:
    keeping, returning = engine_of(replace(UP, way_back=KEEP)), engine_of(replace(DOWN, way_back=USE))
    assert isinstance(keeping, Postgresql)
    assert not isinstance(keeping, Returning)
    assert isinstance(returning, Returning)
    with pytest.raises(StairwayError, match="cannot keep a way back: redis does not yet") as caught:
        engine_of(replace(UP, engine="redis", way_back=KEEP))
    assert "leave way_back out" in str(caught.value.fix)


class Engine:
    """Fails at its comparison."""

    wish = replace(DOWN, way_back=USE)

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self.lines: list[str] = []

    def check(self) -> None:
        raise StairwayError("The network is gone.")

    def __getattr__(self, name: str) -> Any:
        return lambda *_given: self.lines.append(name)


def test_a_way_back_is_not_undone_by_what_fails_on_it(tmp_path: Path) -> None:
    """Undone, it would be none any more, and everything would have to be copied anew."""
    path = tmp_path / "db.json"
    about = {"state": "open", "source": "managed", "target": "container", "way_back": USE}
    steps = [{"name": "preflight", "done": "now"}, {"name": "prepare"}]
    path.write_text(json.dumps({**about, "steps": steps, "facts": {"how": "follow", "returning": KEPT}}))
    engine = Engine()
    with pytest.raises(StairwayError, match="network"):
        Move(engine, Journal.load(path)).begin()  # type: ignore[arg-type]
    assert engine.lines == ["dismiss_earlier", "dismiss_earlier", "prepare", "copy"]
    assert Journal.load(path).open


def test_given_up_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "db.json", dict(MOVED))
    assert journal.something
    engine = Engine()
    assert Move(engine, journal).abort()  # type: ignore[arg-type]
    assert engine.lines == ["abort"]
    assert not Journal.load(journal.path).something


def test_given_up_where_the_old_container_is_gone(tmp_path: Path) -> None:
    """The walk takes it away, and keeps its volume; nobody has to start it for that."""
    data = {**MOVED, "facts": {"way_back": KEPT}}
    folder = tmp_path / "shop" / "moves"
    folder.mkdir(parents=True)
    (folder / "db.json").write_text(json.dumps(data))
    mover = Mover({**OPTIONS, "state": "aborted", "authorities": "/ca/stores.pem"}, tmp_path)
    there = {"host": "10.0.0.1", "admin_user": "stairway", "admin_password": "mrk3r", "port": 5432}
    given = {"name": "db", "engine": "postgresql", "image": "postgres:16", "user": "shop", "database": "shop"}
    ends = {"from": "managed", "to": "container", "source": there, "target": {"container": "shop-db"}}
    move = mover._move({**given, **ends, "way_back": False})
    assert (move.engine.wish.way_back, move.engine.wish.target.server.host) == (USE, "")


@pytest.mark.parametrize(("way_back", "told"), [(USE, "returning"), (KEEP, "kept")])
def test_a_survey_knows_what_is_kept(tmp_path: Path, way_back: str, told: str) -> None:
    """Also in check mode, where nothing begins."""
    engine = Engine()
    engine.wish = replace(DOWN, way_back=way_back)
    engine.facts = {}
    Move(engine, Journal(tmp_path / "db.json", {**MOVED, "facts": {"way_back": KEPT}})).survey()  # type: ignore[arg-type]
    assert engine.facts == {"left": True, told: KEPT}
    assert not (tmp_path / "db.json").exists()


def test_who_forgets_it_is_told(tmp_path: Path) -> None:
    """What the refusal says to type would drop it."""

    class Refusing(Engine):
        wish = DOWN

        def survey(self) -> Survey:
            return Survey(
                "16", "16", 1, 1, 1, "follow", 1.0, 5.0, None, (Finding("refuse", "the target is not empty"),)
            )

    journal = Journal(tmp_path / "db.json", {**MOVED, "facts": {"way_back": KEPT}})
    with pytest.raises(StairwayError) as caught:
        Move(Refusing(), journal).begin()  # type: ignore[arg-type]
    assert any("-e way_back=db" in line for line in caught.value.log)
