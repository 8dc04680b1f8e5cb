"""Sentences that the renderings for people share. Pure."""

from __future__ import annotations

from ..model import Step, Verb
from .money import amount, change, dollars
from .values import HIDDEN, Leaf, shown
from .view import Pair, Row, View

SIGNS: dict[Verb, str] = {
    "delete": "-",
    "replace": "±",
    "change": "~",
    "create": "+",
    "adopt": "=",
    "keep": " ",
}
DOES: dict[Verb, str] = {
    "delete": "delete",
    "replace": "replace",
    "change": "change",
    "create": "create",
    "adopt": "adopt",
    "keep": "leave alone",
}


def reason_word(step: Step) -> str:
    """Before ``why``: it gives the reason of what takes something away, and a remark on everything else."""
    return "why" if step.verb in ("replace", "delete") else "note"


def summary(view: View) -> str:
    """``1 to delete, 2 to create; 40 left alone.``"""
    todo = [f"{count} to {DOES[verb]}" for verb, count in view.counts.items() if count and verb != "keep"]
    return f"{', '.join(todo) or 'Nothing to do'}; {view.counts['keep']} left alone."


def leaf(one: Leaf) -> str:
    """One difference on one line."""
    if one.before == one.after == HIDDEN:
        return f"{one.path}: changes {HIDDEN}"
    if one.verb == "add":
        return f"{one.path}: + {shown(one.after)}"
    if one.verb == "remove":
        return f"{one.path}: - {shown(one.before)}"
    return f"{one.path}: {shown(one.before)} -> {shown(one.after)}"


def usage(pair: Pair) -> str:
    """``730 hour x 0.026``, before and after where they differ."""
    line = pair.line
    if line.each is None:
        return f"{amount(line.quantity)}, price unknown"
    quantities = [amount(one.quantity) for one in (pair.now, pair.after) if one]
    quantity = " -> ".join(dict.fromkeys(quantities))
    text = f"{quantity} {line.unit} x {amount(line.each)}"
    return text if line.checked else f"{text} ?"


def month(view: View) -> list[tuple[str, str]]:
    """The sums."""
    return [
        ("a month now", dollars(view.now.usd)),
        ("a month after", dollars(view.after.usd)),
        ("difference", change(view.difference)),
    ]


def remarks(view: View) -> list[str]:
    """What one has to know about the sums."""
    after = view.after
    result = [
        f"USD without tax, on demand, {'with' if view.free_tier else 'without'} the free tier, a month of 730 hours."
    ]
    if view.dates:
        result.append(f"Prices of {view.book.region} as of {' to '.join(dict.fromkeys(view.dates))}.")
    if after.assumptions:
        result.append(f"{dollars(after.traffic)} of the month after depend on traffic:")
        result += [f"  assumed: {one}" for one in after.assumptions]
    if view.unknown:
        result.append(
            f"No price known, so in no sum: {', '.join(view.unknown)}. Try: ansible-playbook stairway.cloud.prices"
        )
    if view.unchecked:
        result.append("?: a price that was not compared with AWS's price list; playbooks/prices.yml does it.")
    return result


def names(rows: list[Row]) -> str:
    return ", ".join(row.step.key for row in rows)
