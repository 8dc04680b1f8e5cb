"""Where an app stands on this host, for people and for programs."""

from __future__ import annotations

from typing import Any

from .._docker.engine import Docker
from .._docker.parse import Container
from .._edge.switch import EdgeState
from .layout import LABEL, Layout
from .record import Records, Release


def standing(app: str, *, layout: Layout | None = None) -> dict[str, Any]:
    """The release that serves, the edge's mode and colour, every container, and the last releases, newest first.

    :raises StairwayError: when the record or Docker cannot be read.
    """
    layout = layout or Layout(app)
    edge = EdgeState(layout.edge, layout.lock.parent)
    records = Records(layout)
    current = records.current()
    containers = Docker().containers({f"{LABEL}.app": app})
    return {
        "current": current.summary() if current else None,
        "edge": {"mode": edge.mode(), "colour": edge.colour()},
        "containers": [_facts(one) for one in containers],
        "releases": [release.summary() for release in reversed(records.all())],
        "text": text(app, current, edge.mode(), containers, records.all()),
    }


def _facts(container: Container) -> dict[str, Any]:
    label = container.labels.get
    return {
        "name": container.name,
        "service": label(f"{LABEL}.service"),
        "version": label(f"{LABEL}.version"),
        "colour": label(f"{LABEL}.colour"),
        "status": container.status,
        "restarts": container.restarts,
        "image": container.image,
    }


def text(
    app: str, current: Release | None, mode: str, containers: list[Container], releases: list[Release]
) -> list[str]:
    """The same as lines for a terminal. Pure."""
    if current is None:
        return [
            f"{app}: nothing was released here yet. Type: ansible-playbook playbooks/stage1.yml -e version=<version>"
        ]
    lines = [
        f"{app}: version {current.version} (release {current.number}, {current.at}, by {current.actor})",
        f"  the edge is {mode}",
    ]
    for one in sorted(containers, key=lambda one: one.name):
        stray = (
            ""
            if one.labels.get(f"{LABEL}.release") == str(current.number)
            else "  <- not of this release; the next run removes it"
        )
        lines.append(f"  {one.name:32} {one.status:10} {one.labels.get(f'{LABEL}.version', '')}{stray}")
    lines.append("last releases:")
    for release in sorted(releases, key=lambda release: -release.number)[:8]:
        took = f"{release.seconds:.0f} s" if release.seconds is not None else ""
        why = f"  {release.reason}" if release.reason else ""
        lines.append(
            f"  {release.number:4} {release.version:20} {release.state:10} {release.at} {release.actor} {took}{why}"
        )
    return lines
