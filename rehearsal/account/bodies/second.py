"""The kinds that are no network, machine or balancer: what keeps data, and what carries words."""

from __future__ import annotations

import sys
from typing import Any

from .. import faults, front, levers, registry, truststore
from ..account import Account
from ..body import Kind
from ..lives import ecr, sns, ssm
from .caches import Caches
from .databases import Databases
from .registry import Registries
from .snapshots import Snapshots


def kinds(account: Account) -> list[Kind[Any]]:
    """Once: they bring their doors with them."""
    ecr.apply()
    ssm.apply(account)
    sns.apply(lambda text: print(text, file=sys.stderr, flush=True))
    door = registry.Registry(account)
    front.interceptors += [truststore.bundle, door, faults.Faults(account, door), levers.Levers(account)]
    return [Databases(), Snapshots(), Caches(), Registries(door)]
