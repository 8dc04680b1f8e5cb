"""Snapshots of databases: real copies of their data."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from .. import disks, layout
from ..account import Account
from ..body import NotYet, Plain, Standing
from ..lives.rds import Origin
from .databases import container, snapshots


@dataclass(frozen=True)
class Snapshot:
    """``origin`` is what it is a copy of."""

    id: str
    origin: Origin


class Snapshots(Plain[Snapshot]):
    """A folder for each snapshot that somebody made; automated ones have none."""

    name = "snapshot"

    def wanted(self, account: Account) -> dict[str, Snapshot]:
        return {
            one.stairway_key: Snapshot(one.db_snapshot_identifier, one.stairway_origin) for one in snapshots(account)
        }

    def make(self, account: Account, key: str, spec: Snapshot) -> None:
        source = layout.BODIES / spec.origin.kind / spec.origin.key
        if not (source / disks.READY).exists():
            raise NotYet(f"the data of the {spec.origin.kind} {spec.origin.key}")
        writer = container(spec.origin.key) if spec.origin.kind == "database" else None
        disks.copy(account, source, account.folder(self.name, key), writer)

    def change(self, account: Account, key: str, old: Snapshot, new: Snapshot) -> None:
        """Nothing of it changes."""

    def remove(self, account: Account, key: str, old: Snapshot) -> None:
        shutil.rmtree(account.folder(self.name, key), ignore_errors=True)

    def state(self, account: Account, bodies: Mapping[str, Standing[Snapshot]]) -> None:
        for one in snapshots(account):
            body = bodies.get(one.stairway_key)
            if body is not None and body.phase == "standing":
                one.stairway_status, one.percent_progress = "available", 100
