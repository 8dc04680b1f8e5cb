"""daemon.json: what to write, and what a change of it costs. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from .._common.errors import StairwayError

# Where the data of this engine lies and how it is reached: another value loses sight of images and containers.
KEEP = (
    "bip",
    "bridge",
    "containerd",
    "containerd-namespace",
    "data-root",
    "default-cgroupns-mode",
    "default-runtime",
    "exec-opts",
    "exec-root",
    "features",
    "fixed-cidr",
    "graph",
    "group",
    "hosts",
    "iptables",
    "runtimes",
    "storage-driver",
    "storage-opts",
    "tls",
    "tlscacert",
    "tlscert",
    "tlskey",
    "tlsverify",
    "userns-remap",
)
# https://docs.docker.com/reference/cli/dockerd/ "Configuration reload behavior": taken over on SIGHUP.
RELOADABLE = frozenset(
    {
        "allow-nondistributable-artifacts",
        "authorization-plugins",
        "debug",
        "default-runtime",
        "features",
        "insecure-registries",
        "labels",
        "live-restore",
        "max-concurrent-downloads",
        "max-concurrent-uploads",
        "max-download-attempts",
        "registry-mirrors",
        "runtimes",
        "shutdown-timeout",
    }
)


def parse(text: str, path: str) -> dict[str, Any]:
    """What a daemon.json holds; an empty file holds nothing.

    :raises StairwayError: when it is not a JSON object, because then nobody knows what it was to keep.
    """
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise StairwayError(
            f"{path} on this host is not JSON: {error}.",
            where=path,
            fix=f"Mend it, or move it away: mv {path} {path}.old",
        ) from error
    if not isinstance(found, dict):
        raise StairwayError(f"{path} on this host is not a JSON object.", where=path, found=type(found).__name__)
    return found


def wanted(options: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The options to write: ours, and those of ``KEEP`` that stand already and that ``options`` do not name.

    An option that is ``None``, or an empty list or object, is left out (and so also takes a kept one away).
    """
    kept = {key: found[key] for key in KEEP if key in found}
    merged = {**kept, **options}
    return {key: value for key, value in sorted(merged.items()) if value is not None and value not in ([], {})}


def render(options: dict[str, Any]) -> str:
    return json.dumps(options, indent=2, sort_keys=True) + "\n"


def needs_restart(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether a reload is not enough for the daemon to take over the difference."""
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    return not changed <= RELOADABLE


def can_validate(version_output: str) -> bool:
    """Whether ``dockerd --version`` says that it knows ``--validate`` (23.0 and later)."""
    match = re.search(r"version (\d+)\.", version_output)
    return match is not None and int(match.group(1)) >= 23
