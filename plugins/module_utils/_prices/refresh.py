"""A new price book from the old one and the products of AWS's price list. Pure.

What AWS does not answer stays as it was, with its old date; what it answers in two ways stays too and is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from .._common.errors import StairwayError
from .book import Book, Figure, plain
from .catalogue import FREE, Price, price, source

JUMP = Decimal("0.2")  # a change that someone should look at


@dataclass(frozen=True)
class Moved:
    """A price that is another one now."""

    sku: str
    before: Decimal
    after: Decimal

    @property
    def share(self) -> Decimal:
        """How much of the old price the change is: 0.25 for a quarter dearer."""
        return (self.after - self.before) / self.before if self.before else Decimal(1)

    def __str__(self) -> str:
        return f"{self.sku}: {plain(self.before)} -> {plain(self.after)} USD ({self.share * 100:+.0f} %)"


@dataclass(frozen=True)
class Refreshed:
    """The new book, and what there is to say about it."""

    book: Book
    moved: tuple[Moved, ...]
    added: tuple[str, ...]
    kept: tuple[str, ...]  # AWS did not answer them
    unclear: tuple[str, ...]  # AWS answered them with several prices
    absent: tuple[str, ...] = ()  # asked for by name, and not to be had

    @property
    def jumps(self) -> tuple[Moved, ...]:
        """Prices that changed by more than a fifth."""
        return tuple(moved for moved in self.moved if abs(moved.share) > JUMP)

    def lines(self) -> list[str]:
        """The same for a terminal."""
        found = len(self.book.figures) - len(self.kept) - len(self.unclear)
        result = [f"{self.book.region}: {found} of {len(self.book.figures)} prices read from AWS's price list."]
        if self.jumps:
            result += ["Changed by more than 20 %; please look at these:", *(f"  {moved}" for moved in self.jumps)]
        small = [moved for moved in self.moved if moved not in self.jumps]
        result += ["Changed:", *(f"  {moved}" for moved in small)] if small else []
        result += ["New:", *(f"  {sku}" for sku in self.added)] if self.added else []
        result += ["Not answered, so kept as they were:", *(f"  {sku}" for sku in self.kept)] if self.kept else []
        if self.unclear:
            result += ["Answered with several prices, so kept as they were:", *(f"  {sku}" for sku in self.unclear)]
        result += ["AWS has no price of:", *(f"  {sku}" for sku in self.absent)] if self.absent else []
        return result


def product(text: str) -> Mapping[str, Any]:
    """One element of the answer's ``PriceList``: a JSON document as a text.

    :raises StairwayError: when it is not.
    """
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise _strange(str(error)) from error
    if not isinstance(parsed, dict):
        raise _strange(f"a {type(parsed).__name__}")
    return parsed


def _strange(found: str) -> StairwayError:
    return StairwayError(
        "AWS's price list answered something that is no product.",
        expected="a JSON document with product and terms",
        found=found,
        where="pricing:GetProducts",
        fix="run the same command again; the price book is untouched",
    )


def refresh(book: Book, products: Iterable[Mapping[str, Any]], *, add: Iterable[str] = (), date: str) -> Refreshed:
    """The book with every price that ``products`` have for it.

    ``add`` has patterns of SKUs that shall be in the book too (``ec2/instance/m7i.*``), ``date`` is for answers that do
    not say when they were published.

    :raises StairwayError: when there is no price of the region at all.
    """
    patterns = tuple(add)
    answers: dict[str, dict[Decimal, Price]] = {}
    for one in products:
        found = price(one, book.region)
        if found and (found.sku in book.figures or any(fnmatchcase(found.sku, pattern) for pattern in patterns)):
            answers.setdefault(found.sku, {})[found.usd.normalize()] = found
    if not any(sku.startswith("ec2/") for sku in answers):  # some services have one price for the whole world
        raise _nothing(book.region)
    clear = {sku: prices for sku, prices in answers.items() if len(prices) == 1}
    figures = dict(book.figures)
    for sku, prices in clear.items():
        figures[sku] = _figure(next(iter(prices.values())), figures.get(sku), date)
    sources = {code: source(code, book.region) for code in sorted({figure.source for figure in figures.values()})}
    return Refreshed(
        Book(book.region, figures, {**book.sources, **sources}, book.about),
        tuple(
            Moved(sku, old.usd, figures[sku].usd)
            for sku, old in sorted(book.figures.items())
            if figures[sku].usd != old.usd
        ),
        tuple(sorted(set(figures) - set(book.figures))),
        tuple(sorted(set(book.figures) - set(answers))),
        tuple(sorted((set(answers) - set(clear)) & set(book.figures))),
        tuple(sku for sku in patterns if "*" not in sku and sku not in figures),
    )


def _nothing(region: str) -> StairwayError:
    return StairwayError(
        f"AWS's price list has no price of the region {region}.",
        expected="the code of a region, such as ap-northeast-2",
        found=region,
        where="pricing:GetProducts",
        fix="mend the region's name; the price books are untouched",
    )


def _figure(found: Price, old: Figure | None, date: str) -> Figure:
    free = old.free if old else FREE.get(found.sku, Decimal(0))
    return Figure(found.sku, found.unit, found.usd, found.date or date, found.source, checked=True, free=free)
