"""One line of a seed's cost table beside the lines of our plan that pay for the same.

``line`` is where the document has the figure, ``said`` the figure in USD a month (from, to). ``of`` are lines of plans
of the presets, as ``plan.yml`` prints them; ``others`` is the part that AWS does not bill and that is taken as the seed
says. A ``reason`` stands where our figure is more than 10 % outside of what the seed says.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._prices.bill import Line
from tests.support.priced import printed

Over = dict[str, Any]
Said = tuple[float, float]


@dataclass(frozen=True)
class Lines:
    """The lines of one preset's plan whose «kind/name sku» fits one of ``picks``, ``times`` so much."""

    preset: str
    stage: str
    over: str
    picks: tuple[str, ...]
    times: float = 1

    @property
    def lines(self) -> list[Line]:
        """:raises AssertionError: when one of ``picks`` is in no line, or a line has no price."""
        rows = printed(self.preset, self.stage, self.over).rows
        every = [(f"{row.step.key} {line.sku}", line) for row in rows for line in row.after.lines]
        for pick in self.picks:
            assert any(fnmatchcase(name, pick) for name, _line in every), f"the plan of {self.preset} has no «{pick}»"
        return [line for name, line in every if any(fnmatchcase(name, pick) for pick in self.picks)]

    @property
    def usd(self) -> Decimal:
        found = self.lines
        assert all(line.usd is not None for line in found)
        return Decimal(str(self.times)) * sum((line.usd for line in found if line.usd is not None), Decimal(0))


@dataclass(frozen=True)
class Preset:
    """An inventory at a stage, with something laid over its app."""

    name: str
    stage: str
    over: str = "{}"

    def lines(self, *picks: str, times: float = 1) -> Lines:
        """``*`` and nothing else is the whole plan: its line «Together»."""
        return Lines(self.name, self.stage, self.over, picks or ("*",), times)

    def but(self, **over: Any) -> Preset:
        """The same with ``over`` laid over it."""
        return Preset(self.name, self.stage, json.dumps(over))


@dataclass(frozen=True)
class Item:
    seed: str
    line: int
    name: str
    said: Said
    of: tuple[Lines, ...] = ()
    reason: str = ""
    others: float = 0

    @property
    def ours(self) -> Decimal:
        return sum((one.usd for one in self.of), Decimal(str(self.others)))

    @property
    def differs(self) -> bool:
        low, high = (Decimal(str(one)) for one in self.said)
        return not low * Decimal("0.9") <= self.ours <= high * Decimal("1.1")


def less(one: Lines) -> Lines:
    """What is not paid any more."""
    return Lines(one.preset, one.stage, one.over, one.picks, -one.times)


def six(*parts: Lines) -> Sequence[Lines]:
    """Half a year of it."""
    return [Lines(one.preset, one.stage, one.over, one.picks, 6 * one.times) for one in parts]


RESERVED = "The seed counts a reservation; a plan prices on demand, as a reservation is the account's, not the app's."
EXTENDED = "AWS charges 175.20 for MySQL 8.0 since 2026-08, twice that on two zones; 8.4 costs nothing more."
