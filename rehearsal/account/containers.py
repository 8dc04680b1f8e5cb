"""Docker, asked over its socket: a look at everything costs milliseconds; starting the docker program takes longer."""

from __future__ import annotations

import http.client
import json
import os
import socket
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import RehearsalError

SOCKET = "/var/run/docker.sock"
SECONDS = 300


@dataclass(frozen=True)
class Container:
    """One container, as ``docker ps`` lists it."""

    id: str
    name: str
    state: str  # created, running, exited, ...
    labels: Mapping[str, str]

    @property
    def runs(self) -> bool:
        return self.state == "running"


class Docker:
    """The Engine. A path of its API in, what it answers out; https://docs.docker.com/engine/api/v1.41/."""

    def call(self, method: str, path: str, body: object = None, *, missing: bool = False) -> Any:
        """Parsed JSON, or bytes; ``None`` for "is so already" (304), and with ``missing`` for "there is none" (404).

        :raises RehearsalError: with what the Engine says, when it refuses.
        """
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        kind = "application/x-tar" if isinstance(body, bytes) else "application/json"
        line = _Socket("localhost", timeout=SECONDS)
        try:
            line.request(method, f"/v1.41{path}", raw, {"Content-Type": kind} if raw is not None else {})
            answer = line.getresponse()
            said = answer.read()
        finally:
            line.close()
        if answer.status == 304 or (missing and answer.status == 404):
            return None
        if answer.status >= 400:
            raise RehearsalError(f"Docker refuses {method} {path}: {said.decode(errors='replace').strip()}")
        is_json = (answer.headers.get("Content-Type") or "").startswith("application/json")
        return json.loads(said) if is_json and said else said

    def containers(self, labels: Mapping[str, str]) -> list[Container]:
        """Every container that carries these labels, running or not."""
        asked = json.dumps({"label": [f"{name}={value}" for name, value in labels.items()]})
        found = self.call("GET", f"/containers/json?all=1&filters={urllib.parse.quote(asked)}")
        return [Container(one["Id"], one["Names"][0].lstrip("/"), one["State"], one["Labels"]) for one in found]

    def inspect(self, name: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.call("GET", f"/containers/{name}/json", missing=True)
        return found

    def create(self, name: str, config: Mapping[str, Any]) -> None:
        """A new container; it is not started. One of that name goes first."""
        self.remove(name)
        self.call("POST", f"/containers/create?name={name}", config)

    def start(self, name: str) -> None:
        self.call("POST", f"/containers/{name}/start")

    def stop(self, name: str, seconds: int = 10) -> None:
        self.call("POST", f"/containers/{name}/stop?t={seconds}", missing=True)

    def kill(self, name: str, signal: str) -> None:
        self.call("POST", f"/containers/{name}/kill?signal={signal}")

    def remove(self, name: str) -> None:
        """It and its disks are gone when this returns; none is fine too."""
        self.call("DELETE", f"/containers/{name}?force=1&v=1", missing=True)

    def put(self, name: str, tar: bytes) -> None:
        """Unpack a tar at the root of the container, running or not."""
        self.call("PUT", f"/containers/{name}/archive?path=/", tar)


class _Socket(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(os.environ.get("DOCKER_HOST", "").removeprefix("unix://") or SOCKET)
