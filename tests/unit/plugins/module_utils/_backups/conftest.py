"""A manifest to change."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups.manifest import new_id
from ansible_collections.stairway.cloud.plugins.module_utils._backups.model import Manifest

Make = Callable[..., Manifest]


@pytest.fixture
def make() -> Make:
    base = Manifest(
        app="chat",
        store="db",
        engine="postgresql",
        id="000001-20261121T020000Z",
        sequence=1,
        began=0,
        made=0,
        host="h",
        server="17.2",
        image="postgres:17",
        database="chat",
        file="chat.pgdump.zst.age",
        bytes=1_000_000,
        sha256="0" * 64,
        sealed="age",
        counts={"users": 10, "posts": 5},
        objects={"indexes": 2},
    )

    def made(sequence: int = 1, at: float = 0, **changes: Any) -> Manifest:
        given = {"sequence": sequence, "made": at, "id": new_id(sequence, max(0, at)), **changes}
        return dataclasses.replace(base, **given)

    return made
