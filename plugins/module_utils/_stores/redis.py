"""Redis, spoken to directly: two commands of its protocol are less than a client in a container."""

from __future__ import annotations

import socket

from .._common.errors import StairwayError
from .model import Login, Server, refused
from .reach import connected

LOCAL = 'REDISCLI_AUTH="$(cat /stairway/password)" redis-cli {login}DBSIZE'


def command(*words: str) -> bytes:
    """As the protocol writes it: https://redis.io/docs/latest/develop/reference/protocol-spec/"""
    parts = [word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def ask(connection: socket.socket, *words: str) -> str:
    """The first line of the answer."""
    connection.sendall(command(*words))
    answer = b""
    while not answer.endswith(b"\r\n"):
        more = connection.recv(4096)
        if not more:
            break
        answer += more
    return answer.decode(errors="replace").strip()


def count(server: Server, login: Login) -> int:
    """How many keys there are.

    :raises StairwayError: when the server cannot be reached or does not take the password.
    """
    connection = connected(server)
    try:
        if login.password and not (answer := ask(connection, "AUTH", login.password)).startswith("+OK"):
            raise refused(server, login, [answer])
        answer = ask(connection, "DBSIZE")
    except OSError as error:
        raise StairwayError(f"The store {server.name} hung up.", where=server.host, found=str(error)) from error
    finally:
        connection.close()
    if not answer.startswith(":"):
        raise refused(server, login, [answer])
    return int(answer[1:])
