"""One file for each kind of body."""

from __future__ import annotations

from typing import Any

from ..account import Account
from ..body import Kind
from ..names import Book
from . import groups, second
from .balancers import Balancers
from .groups import PacketFilter
from .growth import Growth
from .instances import Instances
from .network import Networks
from .records import Records
from .scaling import Scaling


def kinds(account: Account, book: Book) -> list[Kind[Any]]:
    """Every kind, in the order in which they are looked at in each round. A new one is named here."""
    groups.use_public_range(account)
    hosts: list[Kind[Any]] = [Instances(), Balancers(), Scaling(account)]
    return [Networks(), PacketFilter(), Records(book), *hosts, *second.kinds(account), Growth()]
