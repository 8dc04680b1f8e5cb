"""Whether a subnet of a blueprint is public: whether its routes lead to an internet gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._resource.kind import Sight
from .._resource.problems import Problem


def private_ones(sight: Sight, where: str, names: list[str], why: str) -> Iterator[Problem]:
    """A problem for each of ``names`` that is in the blueprint and has no way in from the internet.

    A subnet that no route table of the blueprint names has the routes of its network's main table: local ones only.
    """
    tables = [table.attrs for table in sight.all("route_table")]
    public = [name for table in tables if _leads_out(table) for name in table.get("subnets") or ()]
    for name in names:
        if sight.get("subnet", name) is not None and name not in public:
            yield Problem(
                where, why, name, "a subnet whose route table has a route to an internet gateway",
                next(iter(public), "a route_table with {to: 0.0.0.0/0, internet_gateway: ...} for it"),
            )  # fmt: skip


def _leads_out(attrs: Mapping[str, Any]) -> bool:
    return any(route.get("internet_gateway") for route in attrs.get("routes") or ())
