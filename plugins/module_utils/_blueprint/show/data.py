"""A plan as data for JSON. Pure. Secrets are hidden here too."""

from __future__ import annotations

from typing import Any

from ..._prices.bill import Line
from .money import number
from .values import plain
from .view import Attribute, Pair, Row, View


def data(view: View) -> dict[str, Any]:
    """Everything that the other renderings show. Money is in USD a month."""
    return {
        "app": view.plan.app,
        "stage": view.plan.stage,
        "region": view.plan.region,
        "changed": view.plan.changed,
        "counts": dict(view.counts),
        "steps": [_step(row) for row in view.rows],
        "month": {
            "now": number(view.now.usd),
            "after": number(view.after.usd),
            "difference": number(view.difference),
            "traffic": number(view.after.traffic),
            "free_tier": view.free_tier,
        },
        "assumptions": list(view.after.assumptions),
        "free": [row.step.key for row in view.free],
        "unknown": list(view.unknown),
        "unchecked": list(view.unchecked),
        "prices_as_of": list(view.dates or ()),
        "notes": list(view.plan.notes),
    }


def _step(row: Row) -> dict[str, Any]:
    return {
        "verb": row.step.verb,
        "kind": row.step.kind,
        "name": row.step.name,
        "id": row.step.id,
        "why": row.step.why,
        "held": row.step.held,
        "attributes": [one for attribute in row.attributes for one in _attribute(attribute)],
        "new": plain(row.new),
        "month": {"now": number(row.now.usd), "after": number(row.after.usd), "difference": number(row.difference)},
        "lines": [_pair(pair) for pair in row.pairs],
    }


def _attribute(attribute: Attribute) -> list[dict[str, Any]]:
    return [
        {
            "path": leaf.path,
            "verb": leaf.verb,
            "before": plain(leaf.before),
            "after": plain(leaf.after),
            "forces_replacement": attribute.forces,
        }
        for leaf in attribute.leaves
    ]


def _pair(pair: Pair) -> dict[str, Any]:
    line = pair.line
    return {
        "sku": line.sku,
        "unit": line.unit,
        "usd_each": None if line.each is None else float(line.each),
        "quantity": {"now": _quantity(pair.now), "after": _quantity(pair.after)},
        "month": {"now": _usd(pair.now), "after": _usd(pair.after)},
        "traffic": line.traffic,
        "checked": line.checked,
    }


def _quantity(line: Line | None) -> float:
    return float(line.quantity) if line else 0.0


def _usd(line: Line | None) -> float | None:
    if line is None:
        return 0.0
    return None if line.usd is None else number(line.usd)
