"""From what is used in a month to what it costs. Pure.

A usage is anything with ``sku``, ``quantity`` (of a month) and ``traffic`` (None, or the assumption that the quantity
rests on).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from .book import Book


class Used(Protocol):
    """What a kind's ``price`` yields."""

    @property
    def sku(self) -> str: ...

    @property
    def quantity(self) -> float: ...

    @property
    def traffic(self) -> str | None: ...


@dataclass(frozen=True)
class Line:
    """One line of a bill. ``each`` and ``usd`` are None where the book has no price for the SKU.

    ``free`` of the ``quantity`` are given by AWS's free tier, where that was asked for.
    """

    sku: str
    quantity: Decimal
    unit: str
    each: Decimal | None
    usd: Decimal | None
    traffic: str | None = None
    checked: bool = True
    free: Decimal = Decimal(0)


@dataclass(frozen=True)
class Bill:
    """What one thing, or several, cost in a month of 730 hours."""

    lines: tuple[Line, ...] = ()

    @property
    def usd(self) -> Decimal:
        """The sum of all lines that have a price."""
        return sum((line.usd for line in self.lines if line.usd is not None), Decimal(0))

    @property
    def traffic(self) -> Decimal:
        """The part of the sum that rests on an assumption about traffic."""
        return sum((line.usd for line in self.lines if line.usd is not None and line.traffic), Decimal(0))

    @property
    def unknown(self) -> tuple[str, ...]:
        """SKUs without a price, once each."""
        return tuple(dict.fromkeys(line.sku for line in self.lines if line.usd is None))

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What is assumed about traffic, once each."""
        return tuple(dict.fromkeys(line.traffic for line in self.lines if line.traffic))

    def __add__(self, other: Bill) -> Bill:
        return Bill(self.lines + other.lines)


def bill(book: Book, usages: Iterable[Used], *, free_tier: bool = False) -> Bill:
    """The bill of one thing. ``free_tier`` takes off what AWS gives to every account each month."""
    return bills(book, {"": usages}, free_tier=free_tier)[""]


def bills(book: Book, usages: Mapping[str, Iterable[Used]], *, free_tier: bool = False) -> dict[str, Bill]:
    """The bill of each thing, by its name. The free tier is an account's: it is used up in the order of ``usages``.

    Usages of one SKU with the same assumption become one line.
    """
    left = {sku: figure.free for sku, figure in book.figures.items()} if free_tier else {}
    return {name: Bill(tuple(_lines(book, one, left))) for name, one in usages.items()}


def _lines(book: Book, usages: Iterable[Used], left: dict[str, Decimal]) -> Iterable[Line]:
    sums: dict[tuple[str, str | None], Decimal] = {}
    for used in usages:
        key = (used.sku, used.traffic)
        sums[key] = sums.get(key, Decimal(0)) + Decimal(str(used.quantity))
    for (sku, traffic), quantity in sums.items():
        figure = book.get(sku)
        if figure is None:
            yield Line(sku, quantity, "", None, None, traffic, checked=False)
            continue
        free = max(min(quantity, left.get(sku, Decimal(0))), Decimal(0))
        if free:
            left[sku] -= free
        usd = (quantity - free) * figure.usd
        yield Line(sku, quantity, figure.unit, figure.usd, usd, traffic, figure.checked, free)
