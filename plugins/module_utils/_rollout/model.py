"""The words of a rollout, as frozen data. The shapes are those of the ``release`` part of the ``stairway`` fact."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COLOURS = ("blue", "green")


@dataclass(frozen=True)
class Health:
    """How a service says that it is well: HTTP 2xx at ``path``; all times in seconds.

    ``path`` is ``None`` for a service without a port: it is well while it keeps running.
    """

    path: str | None
    interval_seconds: float = 0.5
    timeout_seconds: float = 2.0
    start_seconds: float = 60.0


@dataclass(frozen=True)
class Service:
    """One service of a release. ``kind`` is ``routed``, ``worker`` or ``singleton``.

    A routed service may be a singleton too (``alone``): then the edge holds its requests while it is replaced.
    ``ports`` has for each colour the ports of 127.0.0.1, one for each replica.
    """

    name: str
    kind: str
    image: str
    health: Health
    port: int | None = None
    ports: Mapping[str, tuple[int, ...]] | None = None
    command: tuple[str, ...] = ()
    memory: str | None = None
    stop_seconds: int = 10
    replicas: int = 1
    volumes: tuple[tuple[str, str], ...] = ()
    user: str | None = None
    alone: bool = False

    @property
    def routed(self) -> bool:
        return self.port is not None


@dataclass(frozen=True)
class Task:
    """A release task: ``command`` run once in ``service``'s new image before the new colour starts."""

    name: str
    service: str
    command: tuple[str, ...]
    timeout_seconds: float = 300


@dataclass(frozen=True)
class Proof:
    """The bounded probe through the edge while a rollout goes on, and the figures that fail it."""

    path: str
    per_second: float
    max_failed: int
    max_p99_ms: float


@dataclass(frozen=True)
class Document:
    """What a release is made of, without its version: everything a host needs to know to run it."""

    app: str
    services: tuple[Service, ...]
    tasks: tuple[Task, ...] = ()
    keep: int = 5
    watch_seconds: float = 10
    drain_seconds: float = 30
    proof: Proof | None = None
    domain: str | None = None
    tls: bool = True

    @property
    def routed(self) -> tuple[Service, ...]:
        return tuple(service for service in self.services if service.routed)

    def service(self, name: str) -> Service:
        return next(service for service in self.services if service.name == name)


def document(data: Mapping[str, Any]) -> Document:
    """Read the ``release`` part of the fact; its correctness was checked when the fact was made."""
    return Document(
        app=data["app"],
        services=tuple(service_of(item) for item in data["services"]),
        tasks=tuple(task_of(item) for item in data.get("tasks") or ()),
        keep=data.get("keep", 5),
        watch_seconds=data.get("watch_seconds", 10),
        drain_seconds=data.get("drain_seconds", 30),
        proof=Proof(**data["proof"]) if data.get("proof") else None,
        domain=data.get("domain"),
        tls=data.get("tls", True),
    )


def task_of(item: Mapping[str, Any]) -> Task:
    return Task(item["name"], item["service"], tuple(item["command"]), item.get("timeout_seconds", 300))


def service_of(item: Mapping[str, Any]) -> Service:
    ports = item.get("ports") if item.get("port") else None
    return Service(
        name=item["name"],
        kind=item["kind"],
        image=item["image"],
        health=Health(**(item.get("health") or {"path": None})),
        port=item.get("port"),
        ports={colour: tuple(ports[colour]) for colour in COLOURS} if ports else None,
        command=tuple(item.get("command") or ()),
        memory=item.get("memory"),
        stop_seconds=item.get("stop_seconds", 10),
        replicas=item.get("replicas", 1),
        volumes=tuple((volume["name"], volume["path"]) for volume in item.get("volumes") or ()),
        user=item.get("user"),
        alone=item["kind"] == "singleton" or bool(item.get("singleton")),
    )


def fingerprint(data: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """One short text that differs where the document or any service's environment differs.

    ``environment`` maps a service to the text of its env file. The result is kept where only root reads it: a digest
    of a short secret can be guessed.
    """
    text = json.dumps([data, sorted(environment.items())], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]
