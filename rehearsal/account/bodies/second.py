"""The kinds that are no network, machine or balancer: what keeps data, and what carries words."""

from __future__ import annotations

from typing import Any

from ..account import Account
from ..body import Kind
from .caches import Caches
from .databases import Databases
from .snapshots import Snapshots


def kinds(account: Account) -> list[Kind[Any]]:
    return [Databases(), Snapshots(), Caches()]
