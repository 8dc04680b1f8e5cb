"""A managed store as a host sees it, and what can be wrong on the way to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .._common.errors import StairwayError

ADMIN_DATABASES = {"postgresql": "postgres", "mysql": "", "mariadb": ""}


@dataclass(frozen=True)
class Server:
    """Where it is, how it is reached, and the image that has its client."""

    name: str
    engine: str
    host: str
    port: int
    tls: bool
    image: str
    authorities: str


@dataclass(frozen=True)
class Login:
    """Who logs in to which database."""

    user: str
    password: str = field(repr=False)
    database: str


def server_of(options: dict[str, Any]) -> Server:
    names = ("name", "engine", "host", "port", "tls", "image", "authorities")
    return Server(**{name: options[name] for name in names})


def refused(server: Server, login: Login, log: list[str]) -> StairwayError:
    return StairwayError(
        f"The store {server.name} does not let the user {login.user} in.",
        where=f"{server.host}:{server.port}",
        expected=f"a login to {login.database or 'the server'}",
        fix="see whether the password in your vault and the one on the server differ; the last lines are the server's",
        log=log,
    )
