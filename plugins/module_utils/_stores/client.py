"""An engine's own client, in a container of its image on this host. Passwords go by a file of root's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .._common.errors import StairwayError
from .._common.run import Finished, run
from .._docker.argv import DOCKER
from .model import Server

SECONDS = 60.0
HOME = Path("/run/stairway")


def argv(server: Server, secrets: str, command: list[str]) -> list[str]:
    """The whole command. The host's network, as that is where the check counts. Pure."""
    folder = os.path.dirname(server.authorities)
    return [
        *(DOCKER, "run", "--rm", "--interactive", "--network", "host", "--env-file", secrets),
        *("--mount", f"type=bind,source={folder},target={folder},readonly"),
        *("--entrypoint", command[0], "--", server.image, *command[1:]),
    ]


def call(server: Server, command: list[str], secrets: Mapping[str, str], script: str) -> Finished:
    """Run ``command`` with ``script`` on its standard input and ``secrets`` in its environment.

    :raises StairwayError: when a secret cannot stand in an environment file.
    """
    for name, value in secrets.items():
        if "\n" in value or "\r" in value:
            raise StairwayError(f"{name} has a line break, which no environment file can hold.")
    HOME.mkdir(parents=True, exist_ok=True)
    handle, path = tempfile.mkstemp(dir=HOME, prefix=".login-")  # 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in secrets.items())
        return run(argv(server, path, command), timeout=SECONDS, stdin=script)
    finally:
        Path(path).unlink(missing_ok=True)
