"""The settings (environment) of a release's services, kept as it was started with them.

The role writes those of the next release to ``env/``. A release may fail, be killed, or belong to a move that is given
up; then they are nobody's, and may name a store that the app does not use. So each release starts from a copy of its
own, and a rollback takes that of the release which serves: it knows where the stores are, whatever was written since.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from .._common import atomic
from .._common.errors import StairwayError
from .layout import Layout
from .record import Release


def given(layout: Layout, data: Mapping[str, Any]) -> dict[str, str]:
    """What the role has written for the services of the document ``data``: service -> text of its env file.

    :raises StairwayError: when one is missing.
    """
    return {service["name"]: _given(layout, service["name"]) for service in data["services"]}


def _given(layout: Layout, service: str) -> str:
    path = layout.environment / service
    if not path.exists():
        raise StairwayError(
            f"The environment of {service} is missing.",
            where=str(path),
            expected="the file that the role app writes",
            found="no such file",
            fix="Run stage1.yml once; it writes the environment of every service.",
        )
    return path.read_text(encoding="utf-8")


def keep(layout: Layout, number: int, texts: Mapping[str, str]) -> None:
    """Write them down for release ``number``, before any container of it starts.

    :raises StairwayError: when the disk is full or read-only.
    """
    for service, text in texts.items():
        atomic.write(layout.settings(number) / service, text, mode=0o600)


def forget_others(layout: Layout, number: int) -> None:
    """Release ``number`` serves: what others were started with holds old passwords, and nobody reads it any more."""
    kept = layout.settings(number)
    for folder in kept.parent.glob("*"):
        if folder != kept:
            shutil.rmtree(folder, ignore_errors=True)


def to_go_back(layout: Layout, target: Release, serving: Release) -> dict[str, str]:
    """What the services of ``target`` are started with now: the settings of ``serving``. A service that it has not
    gets what was written for it last, unless a store has changed its place since.

    :raises StairwayError: when that is so, or nothing is there.
    """
    found = {}
    for service in (one["name"] for one in target.document["services"]):
        path = layout.settings(serving.number) / service
        if path.is_file():
            found[service] = path.read_text(encoding="utf-8")
            continue
        if serving.document.get("stores") != target.document.get("stores"):
            raise StairwayError(
                f"Version {target.version} has the service {service}, which {serving.version} has not, and a store has "
                f"changed its place since: what is known of its environment leads to the old one.",
                where=str(layout.environment / service),
                expected=_said(serving),
                found=_said(target),
                fix=f"Name {service} in app.yml again, then: ansible-playbook playbooks/release.yml "
                f"-e version={target.version}",
            )
        found[service] = _given(layout, service)
    return found


def _said(release: Release) -> str:
    stores = ", ".join(f"{name}: {place}" for name, place in (release.document.get("stores") or {}).items())
    return f"version {release.version} with {stores or 'none'}"
