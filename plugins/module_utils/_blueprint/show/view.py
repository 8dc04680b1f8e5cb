"""A plan with its prices, as data: what all renderings read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..._prices.bill import Bill, Line, bills
from ..._prices.book import Book
from ..._resource.kind import Kind
from ..model import Plan, Step, Verb
from .values import HIDDEN, Leaf, leaves

# In the order in which people want to read them: what can hurt first.
VERBS: tuple[Verb, ...] = ("delete", "replace", "change", "create", "adopt", "keep")


@dataclass(frozen=True)
class Attribute:
    """One attribute that differs. ``forces``: because of it the resource is replaced."""

    name: str
    leaves: tuple[Leaf, ...]
    forces: bool = False


@dataclass(frozen=True)
class Pair:
    """One SKU of one resource, now and after the plan. ``line`` is one of both, for what they have in common."""

    line: Line
    now: Line | None
    after: Line | None

    @property
    def difference(self) -> Decimal | None:
        """None where the book has no price."""
        if self.line.usd is None:
            return None
        return (self.after.usd or Decimal(0) if self.after else Decimal(0)) - (
            self.now.usd or Decimal(0) if self.now else Decimal(0)
        )


@dataclass(frozen=True)
class Row:
    """One resource of the plan. ``new`` has the fields of one that is created, secrets hidden."""

    step: Step
    attributes: tuple[Attribute, ...]
    new: Mapping[str, Any]
    now: Bill
    after: Bill

    @property
    def difference(self) -> Decimal:
        return self.after.usd - self.now.usd

    @property
    def free(self) -> bool:
        """Whether nothing of it costs anything, now or after."""
        return not (self.now.lines or self.after.lines)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """What it costs, SKU by SKU."""
        now = {(line.sku, line.traffic): line for line in self.now.lines}
        after = {(line.sku, line.traffic): line for line in self.after.lines}
        return tuple(Pair(line, now.get(key), after.get(key)) for key, line in {**now, **after}.items())


@dataclass(frozen=True)
class View:
    """The whole plan. ``rows`` stand in the plan's order."""

    plan: Plan
    book: Book
    rows: tuple[Row, ...]
    free_tier: bool

    @property
    def now(self) -> Bill:
        return sum((row.now for row in self.rows), Bill())

    @property
    def after(self) -> Bill:
        return sum((row.after for row in self.rows), Bill())

    @property
    def difference(self) -> Decimal:
        return self.after.usd - self.now.usd

    @property
    def counts(self) -> dict[Verb, int]:
        return {verb: self.plan.count(verb) for verb in VERBS}

    def of(self, *verbs: Verb) -> list[Row]:
        """The rows of ``verbs``, verb by verb."""
        return [row for verb in verbs for row in self.rows if row.step.verb == verb]

    @property
    def free(self) -> list[Row]:
        """What stays or comes and costs nothing."""
        return [row for row in self.rows if row.free and row.step.verb != "delete"]

    @property
    def unknown(self) -> tuple[str, ...]:
        """SKUs that the book has no price of: they are in no sum."""
        return tuple(dict.fromkeys((*self.now.unknown, *self.after.unknown)))

    @property
    def unchecked(self) -> tuple[str, ...]:
        """SKUs whose price nobody compared with AWS's price list."""
        lines = (*self.now.lines, *self.after.lines)
        return tuple(dict.fromkeys(line.sku for line in lines if line.usd is not None and not line.checked))

    @property
    def dates(self) -> tuple[str, str] | None:
        """The oldest and the newest date of the prices that were used."""
        skus = {line.sku for line in (*self.now.lines, *self.after.lines)}
        dates = sorted(figure.date for sku in skus if (figure := self.book.get(sku)))
        return (dates[0], dates[-1]) if dates else None


def view(plan: Plan, kinds: Mapping[str, Kind], book: Book, *, free_tier: bool = False) -> View:
    """``free_tier`` takes off what AWS gives to an account each month; other apps in it may use that up too."""
    steps = {str(number): step for number, step in enumerate(plan.steps)}
    now = bills(book, {number: step.cost_before for number, step in steps.items()}, free_tier=free_tier)
    after = bills(book, {number: step.cost_after for number, step in steps.items()}, free_tier=free_tier)
    rows = tuple(
        Row(
            step, tuple(_attributes(step, kinds.get(step.kind))), _new(step, kinds.get(step.kind)), now[key], after[key]
        )
        for key, step in steps.items()
    )
    return View(plan, book, rows, free_tier)


def _attributes(step: Step, kind: Kind | None) -> Iterator[Attribute]:
    for one in step.differences:
        field = kind.fields.get(one.field) if kind else None
        forces = bool(field and field.change == "replace" and step.verb == "replace")
        if field is None or field.secret:
            yield Attribute(one.field, (Leaf(one.field, HIDDEN, HIDDEN),), forces)
        else:
            yield Attribute(one.field, tuple(leaves(one.field, one.before, one.after)), forces)
    if step.verb in ("create", "replace"):
        return
    before = step.found.tags if step.found else {}
    tags = [Leaf(f"tags.{key}", before.get(key), value) for key, value in step.tags.items() if before.get(key) != value]
    tags += [Leaf(f"tags.{key}", before.get(key), None) for key in step.untag]
    if tags:
        yield Attribute("tags", tuple(tags))


def _new(step: Step, kind: Kind | None) -> dict[str, Any]:
    if step.entry is None or kind is None or step.verb not in ("create", "replace"):
        return {}
    return {
        name: HIDDEN if kind.fields[name].secret else value
        for name, value in step.entry.attrs.items()
        if value is not None and name in kind.fields
    }
