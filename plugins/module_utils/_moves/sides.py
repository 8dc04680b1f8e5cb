"""Both ends of a move, from the words of the module: where a container listens, and who administers it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._common.errors import StairwayError
from .._common.run import run
from .._docker.argv import DOCKER
from .._stores.model import Login, Server
from . import urls
from .model import Limits, Side, Wish
from .mongodb import uri

# Who administers a store in a container; its password was made there, and nobody else knows it.
ADMINISTRATORS = {
    "postgresql": "postgres",
    "mysql": "root",
    "mariadb": "root",
    "mongodb": "stairway_admin",
    "redis": "",
}
PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mongodb": 27017, "redis": 6379}
ADMIN_FILE = "/stairway/admin/password"


def wish_of(app: str, given: Mapping[str, Any], limits: Limits, authorities: str, *, to_target: bool = True) -> Wish:
    """Without ``to_target`` nobody goes there, so that a container need not run there.

    :raises StairwayError: when a container is not there, or an end is not known.
    """
    return Wish(
        app=app,
        store=given["name"],
        engine=given["engine"],
        source=side_of(given, "source", authorities),
        target=side_of(given, "target", authorities, reached=to_target),
        how=given.get("how") or "auto",
        limits=limits,
        replace_target=bool(given.get("replace_target")),
    )


def side_of(given: Mapping[str, Any], which: str, authorities: str, *, reached: bool = True) -> Side:
    """One end; where it is not ``reached``, the address of a container is left out."""
    address: Mapping[str, Any] = given[which] or {}
    place = given.get("from" if which == "source" else "to") or ("container" if "container" in address else "managed")
    user = str(address.get("user") or given.get("user") or "")
    password = str(address.get("password") or given.get("password") or "")
    database = str(address.get("database") or given.get("database") or "")
    app = Login(user, password, database)
    container = address.get("container")
    if container:
        admin = Login(ADMINISTRATORS[given["engine"]], _password(str(container)), database)
        host, port, tls = _address(str(container)) if reached else "", PORTS[given["engine"]], False
    elif address.get("url"):
        return _of_url(given, str(address["url"]), place, authorities)
    elif address.get("host"):
        who = str(address.get("admin_user") or "stairway")
        known = address.get("admin_password")
        admin = Login(who, str(known), database) if known else app
        host, port, tls = str(address["host"]), int(address["port"]), bool(address.get("tls", True))
    else:
        raise StairwayError(
            f"Nobody has said where the {which} of {given['name']} is.",
            expected="a container, or host and port",
            fix="let the stage run once before that has the store there: it writes down where it is",
        )
    server = Server(given["name"], given["engine"], host, port, tls, given["image"], authorities)
    return Side(place, server, app, admin, str(container) if container else None)


def _of_url(given: Mapping[str, Any], url: str, place: str, authorities: str) -> Side:
    """A store that somebody else runs; nobody is known there but the app."""
    engine = given["engine"]
    if engine == "mongodb":
        address = uri.parsed(url)
        host, port = (address.srv, uri.PORT) if address.srv else address.hosts[0]
        login = Login(address.user, address.password, address.database or str(given.get("database") or ""))
        server = Server(given["name"], engine, host, port, address.tls, given["image"], authorities)
        return Side(place, server, login, login, url=url)
    named = urls.parsed(url, engine)
    login = Login(named.user, named.password, named.database or str(given.get("database") or ""))
    server = Server(
        given["name"], engine, named.host, named.port or PORTS[engine], named.tls, given["image"], authorities
    )
    return Side(place, server, login, login)


def _address(container: str) -> str:
    """Where this host reaches it: nothing of a store is published."""
    done = run([DOCKER, "container", "inspect", "--", container])
    found = json.loads(done.stdout or "[]")
    networks = found[0]["NetworkSettings"]["Networks"] if found else {}
    addresses = [one["IPAddress"] for one in networks.values() if one.get("IPAddress")]
    if not addresses:
        raise StairwayError(
            f"The container {container} does not run.",
            where=container,
            fix="see docker ps --all; run the stage again that has this store in a container",
        )
    return str(addresses[0])


def _password(container: str) -> str:
    done = run([DOCKER, "exec", "--", container, "cat", ADMIN_FILE])
    return done.stdout.strip() if done.ok else ""
