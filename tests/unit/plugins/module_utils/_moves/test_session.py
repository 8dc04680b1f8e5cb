"""What is left of a session that ends."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.session import Session
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Server

Both = tuple[Session, socket.socket]


@pytest.fixture
def both() -> Iterator[Both]:
    """A session, and the server's end of it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
        session = Session(Server("db", "redis", host, port, False, "redis:7", "/ca/stores.pem"), "here")
        there, _address = listening.accept()
        there.settimeout(10)
        with closing(session), there:
            yield session, there


def asked(both: Both) -> Session:
    session, there = both
    session._put(b"set it\n")
    assert there.recv(100) == b"set it\n"
    return session


def test_one_that_was_answered_ends_in_order(both: Both) -> None:
    session = asked(both)
    both[1].sendall(b"done\n")
    assert session._exactly(5) == b"done\n"
    session.close()
    assert both[1].recv(100) == b""


def test_one_without_an_answer_leaves_nothing_to_be_sent_again(both: Both) -> None:
    """A reset is what the server sees of a kernel that has thrown away what it would have sent."""
    asked(both).close()
    with pytest.raises(ConnectionResetError):
        both[1].recv(100)


def test_one_whose_answer_is_late_leaves_nothing_either(both: Both) -> None:
    session = asked(both)
    session.socket.settimeout(0.05)
    with pytest.raises(StairwayError, match="did not answer in time"):
        session._exactly(1)
    with pytest.raises(ConnectionResetError):
        both[1].recv(100)


def test_one_that_is_cut_by_another_thread_leaves_nothing_either(both: Both) -> None:
    session = asked(both)
    session.cut()
    with pytest.raises(StairwayError, match="was lost"):
        session._exactly(1)
    assert not session.open


class Asking(Session):
    """Looks three times, and then knows what the server waits for."""

    looks = 0

    def _look(self) -> None:
        self.looks += 1
        if self.looks == 3:
            raise StairwayError("Its disk is full.")


@pytest.fixture
def asking(both: Both, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    monkeypatch.setattr("ansible_collections.stairway.cloud.plugins.module_utils._moves.session.LOOK_SECONDS", 0.05)
    found = Asking(both[0].server, "here")
    found.patient()
    with closing(found):
        yield found


def test_an_answer_that_takes_its_time_is_looked_after(asking: Asking) -> None:
    with pytest.raises(StairwayError, match="disk is full"):
        asking._exactly(1)
    assert asking.looks == 3


def test_one_that_has_only_so_much_time_is_not(asking: Asking) -> None:
    """Behind the fence there is none to spare."""
    asking.within(time.monotonic() + 0.3)
    with pytest.raises(StairwayError, match="did not answer in time"):
        asking._exactly(1)
    assert asking.looks == 0
