"""What the modules ask of a store: let the app in, and say how much it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from .._common.errors import StairwayError
from .._common.run import run
from .._docker.argv import DOCKER
from . import client, mongodb, mysql, postgresql, redis
from .model import Login, Server, refused
from .reach import connected

SQL: dict[str, ModuleType] = {"postgresql": postgresql, "mysql": mysql, "mariadb": mysql}


def let_in(server: Server, app: Login, admin: Login | None, *, check_mode: bool) -> bool:
    """Make the app's user and database where it cannot log in yet; whether that had to be done.

    :raises StairwayError: when the store cannot be reached, or the app still cannot log in.
    """
    if server.engine == "redis":
        redis.count(server, app)
        return False
    connected(server).close()
    if _ask(server, app, SQL[server.engine].HELLO) is not None:
        return False
    if check_mode or admin is None:
        if check_mode:
            return True
        raise refused(server, app, [])
    engine = SQL[server.engine]
    made = client.call(server, engine.command(server, admin), engine.secrets(admin), engine.make(app))
    if not made.ok:
        raise refused(server, admin, made.tail(5))
    tried = client.call(server, engine.command(server, app), engine.secrets(app), engine.HELLO)
    if not tried.ok:
        raise refused(server, app, tried.tail(5))
    return True


def holds(server: Server, app: Login) -> int:
    """How many rows or keys a managed store has; 0 where the app cannot even log in yet.

    :raises StairwayError: when it cannot be reached.
    """
    if server.engine == "redis":
        return redis.count(server, app)
    connected(server).close()
    answer = _ask(server, app, SQL[server.engine].COUNT)
    return int(answer) if answer else 0


def holds_here(container: str, engine: str, user: str, database: str) -> int | None:
    """The same of a store in a container; None where it cannot be told, 0 where there is no such container.

    :raises StairwayError: when Docker does not answer.
    """
    if not run([DOCKER, "container", "inspect", "--", container]).ok:
        return 0
    script = ""
    if engine == "mongodb":
        command = mongodb.LOCAL.format(user=user, database=database)
    elif engine == "redis":
        command = redis.LOCAL.format(login=f"--user {user} " if user not in ("", "default") else "")
    else:
        local = SQL[engine].LOCAL
        command = (local[engine] if isinstance(local, dict) else local).format(user=user, database=database)
        script = SQL[engine].COUNT
    done = run([DOCKER, "exec", "--interactive", "--", container, "sh", "-c", command], stdin=script)
    lines = done.stdout.split()
    return int(lines[-1]) if done.ok and lines and lines[-1].isdigit() else None


@dataclass(frozen=True)
class Side:
    """One end of a move, in the words of the module ``store_leave``."""

    address: Mapping[str, Any]

    @property
    def words(self) -> str:
        if "container" in self.address:
            return f"in the container {self.address['container']}"
        return f"at {self.address['host']}" if self.address.get("host") else "somewhere unknown"


def count(side: Side, options: Mapping[str, Any]) -> int | None:
    """How many rows or keys that end has; None where it cannot be told.

    :raises StairwayError: when a server cannot be reached.
    """
    user, database, engine = options["user"], options["database"], options["engine"]
    if "container" in side.address:
        return holds_here(side.address["container"], engine, user, database)
    if not side.address.get("host") or engine == "mongodb":
        return None
    server = Server(
        name=options["name"],
        engine=engine,
        host=side.address["host"],
        port=int(side.address["port"]),
        tls=bool(side.address["tls"]),
        image=options["image"],
        authorities=options["authorities"],
    )
    return holds(server, Login(user, options["password"], database))


def unmoved(name: str, held: int | None, there: int | None, *, source: str, target: str) -> StairwayError | None:
    """Why a store may not simply change its place, or None. Pure."""
    if held == 0 or (held is not None and held == there):
        return None
    return StairwayError(
        f"The store {name} holds data that its next place does not have.",
        found=f"{'an unknown number of' if held is None else held} rows or keys {source}, "
        f"{'an unknown number' if there is None else there} {target}",
        expected="the same on both sides, or nothing to lose",
        fix=f"move it first (playbooks/move.yml, once there), or leave the data behind: -e start_empty={name}; "
        "it stays where it is until you take it away",
    )


def _ask(server: Server, login: Login, script: str) -> str | None:
    engine = SQL[server.engine]
    done = client.call(server, engine.command(server, login), engine.secrets(login), script)
    return (done.stdout.split() or ["0"])[-1] if done.ok else None
