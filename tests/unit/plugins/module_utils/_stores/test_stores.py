"""Managed stores from a host: what is typed into an engine's client, and that no password is on a command line."""

from __future__ import annotations

import base64
import socket
import threading

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._stores import client, mysql, postgresql, reach, redis
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server
from ansible_collections.stairway.cloud.plugins.module_utils._stores.work import Side, unmoved

SECRET = "pa'ss\"$word"
APP = Login("chat", SECRET, "chat_db")


def server(engine: str, *, tls: bool = True, host: str = "db.example", port: int = 5432) -> Server:
    return Server("db", engine, host, port, tls, f"{engine}:1", "/etc/stairway/ca/stores.pem")


@pytest.mark.parametrize(("engine", "module"), [("postgresql", postgresql), ("mysql", mysql), ("mariadb", mysql)])
@pytest.mark.parametrize("tls", [True, False])
def test_no_password_is_an_argument(engine: str, module: object, tls: bool) -> None:
    one = server(engine, tls=tls)
    argv = client.argv(one, "/run/stairway/.login-1", module.command(one, APP))  # type: ignore[attr-defined]
    assert not any(SECRET in part for part in argv)
    assert SECRET in module.secrets(APP).values()  # type: ignore[attr-defined]
    assert any("/etc/stairway/ca/stores.pem" in part for part in argv[argv.index(one.image) :]) is tls


def test_postgresql_never_gets_the_password_itself() -> None:
    script = postgresql.make(APP)
    assert SECRET not in script
    assert "SCRAM-SHA-256$4096:" in script
    assert 'ALTER DATABASE "chat_db" OWNER TO "chat";' in script


def test_a_verifier_is_what_the_rfc_says() -> None:
    """The example of RFC 7677, section 3."""
    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    assert postgresql.verifier("pencil", salt) == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
        ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )


def test_mysql_is_told_the_password_in_base64_and_quotes_it_itself() -> None:
    script = mysql.make(APP)
    assert SECRET not in script
    assert base64.b64encode(SECRET.encode()).decode() in script
    assert "ON `chat\\_db`.* TO 'chat'@'%'" in script


def test_redis_speaks_its_protocol() -> None:
    assert redis.command("AUTH", "ü") == b"*2\r\n$4\r\nAUTH\r\n$2\r\n\xc3\xbc\r\n"


def answering(lines: list[bytes]) -> tuple[int, list[bytes]]:
    """A server that gives one line of ``lines`` for each question; its port, and what it was asked."""
    door = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        line, _peer = door.accept()
        with line:
            for answer in lines:
                asked.append(line.recv(4096))
                line.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return door.getsockname()[1], asked


def test_redis_counts_its_keys_after_the_login() -> None:
    port, asked = answering([b"+OK\r\n", b":7\r\n"])
    assert redis.count(server("redis", tls=False, host="127.0.0.1", port=port), Login("", SECRET, "0")) == 7
    assert SECRET.encode() in asked[0]


def test_a_refused_login_names_the_store_and_no_password() -> None:
    port, _asked = answering([b"-WRONGPASS invalid username-password pair\r\n"])
    with pytest.raises(StairwayError, match="does not let the user") as raised:
        redis.count(server("redis", tls=False, host="127.0.0.1", port=port), Login("chat", SECRET, "0"))
    assert "WRONGPASS" in str(raised.value)
    assert SECRET not in str(raised.value)


def test_silence_is_a_missing_rule() -> None:
    # a door whose queue is full: nobody answers, as behind a security group without the rule
    with socket.create_server(("127.0.0.1", 0), backlog=0) as door:
        port = door.getsockname()[1]
        fillers = [socket.socket() for _each in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        with pytest.raises(StairwayError, match="does not answer") as raised:
            reach.connected(server("redis", host="127.0.0.1", port=port), seconds=0.3)
        for filler in fillers:
            filler.close()
    assert f"let port {port} in" in (raised.value.fix or "")


def test_a_closed_door_and_an_unknown_name_are_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with pytest.raises(StairwayError, match="refuses connections"):
        reach.connected(server("redis", host="127.0.0.1", port=port))
    with pytest.raises(StairwayError, match="name of the store db is not known"):
        reach.connected(server("redis", host="no-such-host.invalid"), name_seconds=0)


@pytest.mark.parametrize(
    ("held", "there", "fine"),
    [(0, None, True), (5, 5, True), (5, 0, False), (5, 4, False), (None, None, False), (None, 0, False)],
)
def test_data_is_left_behind_only_where_the_other_side_has_it(held: int | None, there: int | None, fine: bool) -> None:
    source, target = Side({"container": "chat-db"}), Side({"host": "db.rds", "port": 1, "tls": True})
    problem = unmoved("db", held, there, source=source.words, target=target.words)
    assert (problem is None) is fine
    if problem is not None:
        assert "-e start_empty=db" in (problem.fix or "")
        assert "in the container chat-db" in (problem.found or "")
