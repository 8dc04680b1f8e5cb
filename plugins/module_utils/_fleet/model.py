"""What the machines of a fleet and their controller tell each other, as frozen data. Pure; standard library only.

All of it stands in Parameter Store below ``/stairway/<app>/``, where nothing secret may be:

- ``release``: the release document, which every boot and every rollout reads.
- ``releases``: the last good ones, newest first.
- ``prepared/<release>``: that a release's users and migrations are made once, and by whom; below it, in ``after/``, who
  took over from whom.
- ``machines/<instance-id>``: how each machine is, and why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .._common.errors import StairwayError
from .._rollout.model import Service, Task, service_of, task_of

# A machine's state. ``waiting`` is for a document, or for another machine that prepares the release.
WAITING, STARTING, SERVING, FAILED = "waiting", "starting", "serving", "failed"
STATES = (WAITING, STARTING, SERVING, FAILED)
# How far the preparation of a release is.
RUNNING, DONE = "running", "done"
# A preparation that says nothing for so long after its tasks' own time is taken over.
GRACE_SECONDS = 300.0


def root(app: str) -> str:
    return f"/stairway/{app}"


def release_path(app: str) -> str:
    return f"{root(app)}/release"


def releases_path(app: str) -> str:
    return f"{root(app)}/releases"


def prepared_path(app: str, release: str) -> str:
    return f"{root(app)}/prepared/{release}"


def machines_path(app: str) -> str:
    """Below it one parameter for each machine."""
    return f"{root(app)}/machines"


def machine_path(app: str, instance: str) -> str:
    return f"{machines_path(app)}/{instance}"


@dataclass(frozen=True)
class StoreAt:
    """A managed store. ``secret`` is what Secrets Manager calls the one with ``password`` and ``admin_password``."""

    name: str
    engine: str
    image: str
    host: str
    port: int
    tls: bool
    secret: str | None = None
    database: str = ""
    user: str = ""
    admin_user: str = "stairway"


@dataclass(frozen=True)
class Secret:
    """The environment of the services, ``{service: {VAR: value}}``, at one of its versions."""

    secret: str
    version: str


@dataclass(frozen=True)
class Release:
    """The release document. ``images`` has what each service is pulled as, ``ports`` where the balancer sends to."""

    app: str
    release: str
    version: str
    at: str
    by: str
    images: Mapping[str, str]
    services: tuple[Service, ...]
    env: Secret
    tasks: tuple[Task, ...] = ()
    stores: tuple[StoreAt, ...] = ()
    ports: Mapping[str, int] = field(default_factory=dict)
    domain: str | None = None
    tls: bool = True
    registry: str | None = None

    @property
    def prepare_seconds(self) -> float:
        """How long whoever prepares it may say nothing."""
        return sum(task.timeout_seconds for task in self.tasks) + GRACE_SECONDS

    def text(self) -> str:
        """As it stands in Parameter Store."""
        services = [_written(one) for one in self.services]
        return json.dumps({**asdict(self), "services": services}, separators=(",", ":"))


def _written(service: Service) -> dict[str, Any]:
    volumes = [{"name": name, "path": path} for name, path in service.volumes]
    whole = {**asdict(service), "volumes": volumes}
    # colours are of a host with an edge of its own
    return {name: one for name, one in whole.items() if name not in ("ports", "alone")}


def release(text: str, where: str) -> Release:
    """Read a release document; ``where`` is its parameter.

    :raises StairwayError: when it is none.
    """
    try:
        data = json.loads(text)
        return Release(
            **{name: data[name] for name in ("app", "release", "version", "at", "by", "images")},
            **{name: data[name] for name in ("ports", "domain", "tls", "registry") if name in data},
            services=tuple(service_of(one) for one in data["services"]),
            tasks=tuple(task_of(one) for one in data.get("tasks") or ()),
            env=Secret(data["env"]["secret"], data["env"]["version"]),
            stores=tuple(StoreAt(**one) for one in data.get("stores") or ()),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StairwayError(
            "This is no release document.",
            where=where,
            found=f"{type(error).__name__}: {error}",
            expected="what a release of this version of Stairway writes",
            fix="release again with the same version of Stairway that made the machines' launch template",
        ) from error


def written(status: Machine | Prepared) -> str:
    """As it stands in Parameter Store."""
    return json.dumps(asdict(status), separators=(",", ":"))


@dataclass(frozen=True)
class Machine:
    """What one machine says of itself. ``error`` has the parts of a ``StairwayError``; ``seconds`` is how long it took
    from the agent's start to this state, ``uptime`` how long from the machine's.
    """

    instance: str
    state: str
    at: str
    release: str | None = None
    version: str | None = None
    error: Mapping[str, Any] | None = None
    seconds: float = 0.0
    uptime: float = 0.0


def machine(text: str) -> Machine:
    """Read a machine's status.

    :raises ValueError: when it is none.
    """
    data = json.loads(text)
    return Machine(**{name: data[name] for name in Machine.__dataclass_fields__ if name in data})


@dataclass(frozen=True)
class Prepared:
    """How far the preparation of a release is: ``running``, ``done`` or ``failed``; ``epoch`` is seconds since 1970."""

    state: str
    by: str
    epoch: float
    error: Mapping[str, Any] | None = None


def prepared(text: str) -> Prepared:
    """:raises ValueError: when it is none."""
    data = json.loads(text)
    return Prepared(**{name: data[name] for name in Prepared.__dataclass_fields__ if name in data})
