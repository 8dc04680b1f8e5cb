"""Registry logins in Docker's config.json, and what a refused login means. Pure."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from .._common.errors import StairwayError

HUB = "https://index.docker.io/v1/"


@dataclass(frozen=True)
class Registry:
    """One login. The password is in no representation of it."""

    server: str
    username: str
    password: str = field(repr=False)

    @property
    def key(self) -> str:
        """The name under which Docker keeps the login."""
        return HUB if self.server in ("", "docker.io", "index.docker.io") else self.server


def holds(config: str, registry: Registry, path: str) -> bool:
    """Whether ``config`` (the text of config.json) has this login with this password.

    With a credential store the password is not in the file; then an entry for the server is taken as enough.

    :raises StairwayError: when the text is not JSON.
    """
    try:
        found: Any = json.loads(config or "{}")
    except json.JSONDecodeError as error:
        raise StairwayError(f"{path} is not JSON: {error}.", where=path, fix=f"mv {path} {path}.old") from error
    entry = found.get("auths", {}).get(registry.key)
    if entry is None:
        return False
    if found.get("credsStore") or registry.server in found.get("credHelpers", {}):
        return True
    expected = base64.b64encode(f"{registry.username}:{registry.password}".encode()).decode()
    return bool(entry.get("auth") == expected)


def argv(registry: Registry, folder: str) -> list[str]:
    """``docker login`` with the password on standard input."""
    server = [] if registry.key == HUB else [registry.server]
    return ["docker", "--config", folder, "login", "--username", registry.username, "--password-stdin", "--", *server]


_REASONS = (
    (
        ("http response to https client", "wrong version number"),
        "it speaks HTTP, not HTTPS.",
        "Name it in docker_insecure_registries if it is a registry of your own in a private network.",
    ),
    (
        ("x509", "certificate"),
        "its certificate is not trusted by this host.",
        "Put the certificate of its authority at /etc/docker/certs.d/<server>/ca.crt.",
    ),
    (
        ("unauthorized", "401", "incorrect username or password", "denied", "403"),
        "it refuses this user and password.",
        "Check username and password (or token, and its right to read packages) of the registry in docker_registries.",
    ),
    (
        ("404 not found", "unexpected status code 404"),
        "there is no registry at this address.",
        "Check the name and port of the registry.",
    ),
    (
        (
            "no such host",
            "lookup",
            "connection refused",
            "timeout",
            "deadline exceeded",
            "no route",
            "eof",
            "502",
            "503",
        ),
        "it does not answer.",
        "Check that the registry is up and that this host reaches it: curl -I https://<server>/v2/",
    ),
)


def refused(registry: Registry, output: str, log: list[str]) -> StairwayError:
    """The error for a login that failed; ``output`` is what docker printed."""
    text = output.lower()
    reason, fix = next(
        ((why, fix) for words, why, fix in _REASONS if any(word in text for word in words)),
        ("docker login failed.", "See the last lines for the reason."),
    )
    server = "docker.io" if registry.key == HUB else registry.server
    return StairwayError(
        f"No login to the registry {server} as {registry.username}: {reason}",
        where=server,
        fix=fix.replace("<server>", server),
        log=[line for line in log if registry.password not in line],
    )
