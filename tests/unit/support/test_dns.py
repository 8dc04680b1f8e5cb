"""The name server's answers, and how long they are believed."""

from __future__ import annotations

import pytest

from rehearsal.account.names import Answer, answer
from tests.support.dns import Found, Resolver, question, understood

NAMES = {
    "shop.example.com": Answer(points_to="front.elb.amazonaws.com", seconds=60),
    "old.example.com": Answer(alias="shop.example.com", seconds=300),
    "front.elb.amazonaws.com": Answer(("198.18.1.1", "198.18.1.2"), seconds=60),
}


@pytest.mark.parametrize("name", ["shop.example.com", "old.example.com"])
def test_what_the_account_answers_is_understood(name: str) -> None:
    asked = question(name)
    reply = answer(asked, lambda one: NAMES.get(one, Answer()))
    assert reply is not None
    assert understood(reply, asked) == Found(("198.18.1.1", "198.18.1.2"), 60)


def test_a_name_that_is_nowhere_has_no_address() -> None:
    asked = question("lost.example.com")
    reply = answer(asked, lambda one: Answer())
    assert reply is not None
    assert understood(reply, asked) == Found((), 0)


def test_an_answer_is_believed_for_its_time_and_taken_in_turn() -> None:
    now, asked = [0.0], []

    def ask(name: str) -> Found:
        asked.append(name)
        if len(asked) == 3:
            raise OSError("nobody there")
        return Found(("10.0.0.1", "10.0.0.2") if len(asked) == 1 else ("10.0.0.3",), 60)

    one = Resolver("shop", ask, lambda: now[0])
    assert {one.addresses()[0], one.addresses()[0]} == {"10.0.0.1", "10.0.0.2"}
    now[0] = 59.9
    assert len(one.addresses()) == 2
    now[0] = 60.0
    assert one.addresses() == ("10.0.0.3",)
    now[0] = 130.0
    assert one.addresses() == ("10.0.0.3",), "better what it knew than nothing"
    assert len(asked) == 3


def test_a_name_that_never_had_an_address_is_an_error() -> None:
    with pytest.raises(OSError, match="no address"):
        Resolver("shop", lambda name: Found((), 0)).addresses()
