"""A plan as lines for a terminal. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from decimal import Decimal

from ..._prices.bill import Line
from .money import change, dollars
from .values import shown
from .view import Row, View
from .words import DOES, SIGNS, leaf, month, names, reason_word, remarks, summary, usage

WIDTH = 110
COLUMN = 12


def text(view: View, *, details: bool = False) -> list[str]:
    """The whole plan. ``details`` shows every field of what is created, too."""
    return [
        f"{view.plan.app} {view.plan.stage} in {view.plan.region}: {summary(view)}",
        *(line for row in view.of("delete", "replace", "change", "create", "adopt") for line in _row(row, details)),
        *_kept(view),
        "",
        *_prices(view),
        *_notes(view),
    ]


def _row(row: Row, details: bool) -> Iterator[str]:
    step = row.step
    head = f"{SIGNS[step.verb]} {DOES[step.verb]:<8} {step.key}{f' ({step.id})' if step.id else ''}"
    price = change(row.difference) if row.difference else ""
    yield f"{head:<{WIDTH - COLUMN}}{price:>{COLUMN}}".rstrip()
    for attribute in row.attributes:
        for number, one in enumerate(attribute.leaves):
            reason = "   # forces the replacement" if attribute.forces and number == 0 else ""
            yield f"      {leaf(one)}{reason}"
    if step.why:
        yield f"      {reason_word(step)}: {step.why}"
    if details:
        yield from (f"      {name}: {shown(value)}" for name, value in row.new.items())


def _kept(view: View) -> Iterator[str]:
    """What is left alone: by name, and apart what is left although nothing names it any more."""
    kept = view.of("keep")
    told = [row for row in kept if row.step.why]
    yield from (f"  left     {row.step.key}: {row.step.why}" for row in told)
    rest = [row for row in kept if row not in told]
    if rest:
        yield from textwrap.wrap(f"left alone: {names(rest)}", WIDTH, initial_indent="  ", subsequent_indent="    ")


def _prices(view: View) -> Iterator[str]:
    yield _columns("What a month costs", "now", "after", "difference")
    for row in view.rows:
        if row.free:
            continue
        yield _columns(row.step.key, _usd(row.now.usd), _usd(row.after.usd), change(row.difference))
        for pair in row.pairs:
            head = f"    {pair.line.sku}: {usage(pair)}{' (traffic)' if pair.line.traffic else ''}"
            yield _columns(head, _line(pair.now), _line(pair.after), "").rstrip()
    sums = dict(month(view))
    yield _columns("Together", *sums.values())
    if view.free:
        yield from textwrap.wrap(f"free: {names(view.free)}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    yield from (f"  {line}" for line in remarks(view))


def _usd(usd: Decimal) -> str:
    return dollars(usd) if usd else "-"


def _line(line: Line | None) -> str:
    """The amount of one line; nothing where there is none, or no price."""
    return dollars(line.usd) if line and line.usd is not None else ""


def _columns(name: str, *cells: str) -> str:
    return f"{name:<{WIDTH - COLUMN * len(cells)}}" + "".join(f"{cell:>{COLUMN}}" for cell in cells)


def _notes(view: View) -> Iterator[str]:
    yield from (f"note: {note}" for note in view.plan.notes)
