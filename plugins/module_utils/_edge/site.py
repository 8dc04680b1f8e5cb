"""From the sites that a role of the edge serves to the files of their switches. Pure: it touches nothing."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

from .page import render


def state_files(sites: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Entries for ``stairway.cloud.files``: the state folder of each site, its routes, its first maintenance pages.

    A page that is there already is left alone: the module ``edge`` may have put a message into it.
    """
    entries: list[dict[str, Any]] = []
    for site in sites:
        folder = site["state_dir"]
        entries.append({"path": folder, "state": "directory", "mode": "0755", "owner": "root", "group": "root"})
        entries.append(_file(folder, "routes.json", routes_text(site)))
        hold = hold_file(site)
        if hold is not None:
            entries.append({"path": posixpath.join(folder, "hold"), "link": hold})
        entries.extend({**_file(folder, name, text), "create_only": True} for name, text in render().items())
    return entries


def routes_text(site: Mapping[str, Any]) -> str:
    """``routes.json``: which sockets the gate listens on and which ports it lets the requests go to."""
    services = {
        route["service"]: {
            "socket": route["hold"],
            "blue": [port(address) for address in route["blue"]],
            "green": [port(address) for address in route["green"]],
        }
        for route in site["routes"]
    }
    return json.dumps(services, indent=2, sort_keys=True) + "\n"


def hold_file(site: Mapping[str, Any]) -> str | None:
    """Where the gate says that it holds: beside its sockets; ``None`` for a site without a routed service."""
    sockets = [route["hold"] for route in site["routes"]]
    return posixpath.join(posixpath.dirname(sockets[0]), "hold") if sockets else None


def port(address: str) -> int:
    """The port of ``127.0.0.1:20480``."""
    return int(address.rpartition(":")[2])


def _file(folder: str, name: str, text: str) -> dict[str, Any]:
    path = posixpath.join(folder, name)
    return {"path": path, "content": text, "mode": "0644", "owner": "root", "group": "root"}
