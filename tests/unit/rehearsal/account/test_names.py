"""The account's name server: which names are its own, and what a reply looks like."""

from __future__ import annotations

import struct

import pytest

from rehearsal.account import layout
from rehearsal.account.bodies.records import passed_on
from rehearsal.account.names import AAAA, TXT, A, Answer, Book, answer


def query(name: str, kind: int = A) -> bytes:
    labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split(".")) + b"\0"
    return b"\0\7\1\0\0\1\0\0\0\0\0\0" + labels + struct.pack(">HH", kind, 1)


def book() -> Book:
    made = Book()
    made.zones = ("example.com",)
    made.names = {
        "front-1.ap-northeast-2.elb.amazonaws.com": Answer(("198.18.1.1", "198.18.1.2")),
        "shop.example.com": Answer(alias="front-1.ap-northeast-2.elb.amazonaws.com"),
        "*.example.com": Answer(("10.0.0.9",)),
        "_x.example.com": Answer(texts=("proof",)),
    }
    return made


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ec2.ap-northeast-2.amazonaws.com", Answer((str(layout.FRONT),))),
        ("files.s3.ap-northeast-2.amazonaws.com", Answer((str(layout.FRONT),))),
        ("gone-1.ap-northeast-2.elb.amazonaws.com", Answer()),
        ("db.ap-northeast-2.compute.internal", Answer()),
        ("any.example.com", Answer(("10.0.0.9",))),
        ("example.com", Answer()),
        ("www.debian.org", None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_find(name: str, found: Answer | None) -> None:
    assert book().find(name) == found


def test_an_alias_is_followed_to_its_addresses() -> None:
    reply = answer(query("shop.example.com"), book().find)
    assert reply is not None
    assert struct.unpack(">HHHHH", reply[2:12]) == (0x8580, 1, 3, 0, 0)
    assert reply.endswith(bytes([198, 18, 1, 2]))


def test_an_alias_of_aws_answers_as_if_the_addresses_were_its_own() -> None:
    made = book()
    made.names["shop.example.com"] = Answer(points_to="front-1.ap-northeast-2.elb.amazonaws.com", seconds=60).beside(
        Answer(texts=("whose it is",))
    )
    reply = answer(query("shop.example.com"), made.find)
    assert reply is not None
    assert struct.unpack(">HHHHH", reply[2:12]) == (0x8580, 1, 2, 0, 0)
    assert reply.endswith(struct.pack(">HHIH", A, 1, 60, 4) + bytes([198, 18, 1, 2]))
    nothing = answer(query("shop.example.com", AAAA), made.find)
    assert nothing is not None
    assert (nothing[3] & 15, nothing[6:8]) == (0, b"\0\0")
    text = answer(query("shop.example.com", TXT), made.find)
    assert text is not None
    assert text.endswith(b"whose it is")


def test_the_rehearsals_own_domain_stays_its_own_beside_the_account() -> None:
    made = book()
    made.zones = ("stairway.test",)
    made.names["shop.stairway.test"] = Answer(("198.18.1.1",))
    assert made.find("shop.stairway.test") == Answer(("198.18.1.1",))
    assert made.find("registry.stairway.test") is None
    assert made.find("x.shop.stairway.test") == Answer(), "asked further on, it would come back for ever"
    assert list(passed_on(made)) == ["shop.stairway.test"]


def test_a_name_of_ours_that_is_not_there_is_nowhere() -> None:
    made = book()
    made.names.pop("*.example.com")
    reply = answer(query("lost.example.com"), made.find)
    assert reply is not None
    assert reply[3] & 15 == 3


def test_a_name_without_ipv6_is_there_all_the_same() -> None:
    reply = answer(query("any.example.com", AAAA), book().find)
    assert reply is not None
    assert (reply[3] & 15, reply[6:8]) == (0, b"\0\0")


def test_texts() -> None:
    reply = answer(query("_x.example.com", TXT), book().find)
    assert reply is not None
    assert reply.endswith(b"\5proof")


def test_what_is_not_ours_is_passed_on() -> None:
    assert answer(query("www.debian.org"), book().find) is None


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        answer(b"abc", book().find)
