"""The price book: what one unit of a SKU costs in a region, with the date and the source of each figure.

One JSON file a region, in ``regions/`` beside this file: it is read on the controller only, as files that are no Python
do not travel with a module. ``playbooks/prices.yml`` writes such files anew; a folder of the user's own goes before the
one that the collection brings. Prices are Decimals: a sum of many small ones is exact.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from .._common.errors import StairwayError
from .._common.suggest import listing, nearest

SHIPPED = Path(__file__).parent / "regions"
REFRESH = "ansible-playbook stairway.cloud.prices"
# Where the name of a size stands in a SKU: rds/mysql/db.t3.micro/multi_az
SIZED = {"ec2": ("ec2", "instance"), "rds": ("rds", "*"), "elasticache": ("elasticache", "*")}
PREFIX = {"ec2": "", "rds": "db.", "elasticache": "cache."}


@dataclass(frozen=True)
class Figure:
    """One line of the book. ``usd`` is for one ``unit``; ``date`` is the day (or month) of which it is known.

    ``source`` is the code of an AWS price list, ``checked`` whether the figure was compared with it. ``free`` units a
    month cost nothing in every account, for ever.
    """

    sku: str
    unit: str
    usd: Decimal
    date: str
    source: str
    checked: bool
    free: Decimal = Decimal(0)


@dataclass(frozen=True)
class Book:
    """The prices of one region. ``sources`` has the address of each price list that a figure's ``source`` names."""

    region: str
    figures: Mapping[str, Figure]
    sources: Mapping[str, str] = field(default_factory=dict)
    about: tuple[str, ...] = ()

    def get(self, sku: str) -> Figure | None:
        return self.figures.get(sku)

    def figure(self, sku: str) -> Figure:
        """:raises StairwayError: for a SKU that the book does not have, with the nearest one that it has."""
        found = self.figures.get(sku)
        if found is None:
            raise self.missing(sku)
        return found

    def missing(self, sku: str) -> StairwayError:
        near = nearest(sku, self.figures)
        return StairwayError(
            f"The price book of {self.region} has no {sku}.",
            expected=f"a price, such as that of {near}" if near else "a price",
            found="none",
            fix=f'{REFRESH} -e \'{{"prices_add": ["{sku}"]}}\' asks AWS for it',
        )

    def sizes(self, service: str, engine: str | None = None) -> tuple[str, ...]:
        """The sizes of ``ec2``, ``rds`` or ``elasticache`` (of one engine) that have a price, smallest first."""
        head, kind = SIZED[service]
        kind = engine or kind
        sizes = {
            parts[2]: figure.usd
            for sku, figure in self.figures.items()
            if len(parts := sku.split("/")) == 3 and parts[0] == head and kind in ("*", parts[1])
            if parts[2].startswith(PREFIX[service]) and "." in parts[2]
        }
        return tuple(sorted(sizes, key=lambda size: (sizes[size], size)))

    def unknown_size(self, service: str, size: str, engine: str | None = None) -> StairwayError | None:
        """What to say about a size that has no price here; None for one that has."""
        sizes = self.sizes(service, engine)
        if size in sizes:
            return None
        near = nearest(size, sizes)
        sku = f"{service}/{engine or SIZED[service][1]}/{size}"
        return StairwayError(
            f"The price book of {self.region} does not know the size {size}.",
            expected=near if near else listing(sizes),
            found=size,
            fix=f'if AWS has it, playbooks/prices.yml adds it: {REFRESH} -e \'{{"prices_add": ["{sku}"]}}\'',
        )


def load(region: str, folder: str | Path | None = None) -> Book:
    """The book of ``region`` from ``folder``, or else the one that the collection brings.

    :raises StairwayError: when neither has one, or when the file is no price book.
    """
    folders = [SHIPPED] if folder is None else [Path(folder), SHIPPED]
    for path in (place / f"{region}.json" for place in folders):
        if path.is_file():
            return parse(path.read_text(encoding="utf-8"), str(path))
    raise StairwayError(
        f"There is no price book of the region {region}.",
        expected=listing(regions(folder)),
        found=region,
        where=" and ".join(str(place) for place in folders),
        fix=f'{REFRESH} -e \'{{"prices_regions": ["{region}"]}}\' makes one',
    )


def regions(folder: str | Path | None = None) -> tuple[str, ...]:
    """The regions that have a book."""
    folders = [SHIPPED] if folder is None else [Path(folder), SHIPPED]
    return tuple(sorted({path.stem for place in folders if place.is_dir() for path in place.glob("*.json")}))


def parse(text: str, where: str) -> Book:
    """:raises StairwayError: when ``text`` is no price book; ``where`` is the file's name."""
    try:
        data = json.loads(text, parse_float=Decimal)
        figures = {sku: _figure(sku, entry) for sku, entry in data["prices"].items()}
        return Book(str(data["region"]), figures, dict(data["sources"]), tuple(data["about"]))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise StairwayError(
            "This file is no price book.",
            expected="JSON with region, about, sources and prices",
            found=f"{type(error).__name__}: {error}",
            where=where,
            fix=f"take the file away, then make it anew: {REFRESH}",
        ) from error


def _figure(sku: str, entry: Mapping[str, Any]) -> Figure:
    return Figure(
        sku,
        str(entry["unit"]),
        Decimal(entry["usd"]),
        str(entry["date"]),
        str(entry["source"]),
        bool(entry["checked"]),
        Decimal(entry.get("free", 0)),
    )


def dump(book: Book) -> str:
    """The text of a book's file: one figure a line, sorted, so that a refresh reads well as a diff."""
    lines = [
        "{",
        f' "region": {json.dumps(book.region)},',
        ' "currency": "USD",',
        ' "about": [',
        *_commas(f"  {json.dumps(line)}" for line in book.about),
        " ],",
        ' "sources": {',
        *_commas(f"  {json.dumps(code)}: {json.dumps(book.sources[code])}" for code in sorted(book.sources)),
        " },",
        ' "prices": {',
        *_commas(f"  {json.dumps(sku)}: {_entry(book.figures[sku])}" for sku in sorted(book.figures)),
        " }",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _entry(figure: Figure) -> str:
    parts = {
        "unit": json.dumps(figure.unit),
        "usd": plain(figure.usd),
        "date": json.dumps(figure.date),
        "source": json.dumps(figure.source),
        "checked": json.dumps(figure.checked),
        **({"free": plain(figure.free)} if figure.free else {}),
    }
    return "{" + ", ".join(f'"{key}": {value}' for key, value in parts.items()) + "}"


def plain(number: Decimal) -> str:
    """A number without exponent and without zeros at its end: ``0.0416``, ``3``."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def _commas(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    return [line + "," for line in every[:-1]] + every[-1:]
