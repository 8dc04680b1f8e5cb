"""What gives a source back to its users does so in a time of its own, whatever the fence has left of its own."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.engines import engine_of
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Side, Wish
from ansible_collections.stairway.cloud.plugins.module_utils._moves.session import Session, time_to_go_back
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server

LOGIN = Login("shop", "mrk3r-password", "shop")
WRITERS = {"postgresql": ["t", "shop", "shop", "INSERT", ""], "mysql": ["'shop'@'%'", "shop.*", "INSERT", ""]}


class Noted(Session):
    """Nobody is there; ``times`` has what each command had left."""

    open = False

    def __init__(self, until: float | None) -> None:
        self.until = until
        self.times: list[float | None] = []

    def within(self, until: float | None) -> None:
        self.until = until

    def run(self, *_words: Any) -> Any:
        self.times.append(self.until)
        return [b"commands", b"+@all"]

    call = one = run


def engine(name: str, until: float | None) -> tuple[Any, Noted]:
    server = Server("db", name, "10.0.0.1", 1, False, f"{name}:1", "/ca/stores.pem")
    made: Any = engine_of(Wish("shop", "db", name, *[Side("container", server, LOGIN, LOGIN)] * 2))
    made.facts.update(how="dump", source_writers=[WRITERS.get(name)], switched=True)
    source = Noted(until)
    source.open = True
    made.sessions["source"] = source
    return made, source


ENGINES = pytest.mark.parametrize("name", ["postgresql", "mysql", "redis"])


@ENGINES
def test_a_source_has_time_to_go_back(name: str) -> None:
    left = time.monotonic() + 0.2
    one, source = engine(name, left)
    one.switch_back()
    assert [each > left + 5 for each in source.times] == [True] * len(source.times) != []
    assert "switched" not in one.facts


@ENGINES
def test_as_long_as_it_takes_where_nobody_has_said_a_time(name: str) -> None:
    one, source = engine(name, None)
    one.switch_back()
    assert set(source.times) == {None}


def test_a_session_that_was_lost_is_left() -> None:
    lost = Session.__new__(Session)
    lost.open, lost.until = False, 1.0
    time_to_go_back([lost])
    assert lost.until == 1.0
