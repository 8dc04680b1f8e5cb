"""``budget``: warns before a month gets expensive.

Source: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
"""

from __future__ import annotations

from collections.abc import Iterator

from .._resource.kind import Change, Entry, Field, Kind, Sight
from .._resource.problems import Problem
from .._resource.types import Choice, ListOf, MapOf, Number, Part, Record, Ref, Text
from . import _budgets
from ._names import namer

EMAIL = Text(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address", most=50)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """Every warning reaches somebody, and stands there once."""
    seen: set[tuple[str, float]] = set()
    for index, one in enumerate(entry.attrs["notifications"]):
        where = f"{entry.key}.notifications[{index}]"
        if not one.get("emails") and not one.get("topic"):
            yield Problem(where, "Nobody would be told.", "neither `emails` nor `topic`", "one of them, or both")
        point = (one.get("of") or "actual", float(one["percent"]))
        if point in seen:
            yield Problem(
                where, "This point is there twice.", f"{point[1]:g} % {point[0]}", "one entry with all people"
            )
        seen.add(point)


KIND = Kind(
    name="budget",
    doc="Warns before a month gets more expensive than planned.",
    fields={
        "monthly_limit": Field(Number(0.01, 1e9, "USD", whole=False), "What a month may cost.", required=True),
        "notifications": Field(
            ListOf(
                Record(
                    {
                        "of": Part(
                            Choice(tuple(_budgets.KINDS_OF_COST)),
                            "What was spent, or what the month will come to.",
                            default="actual",
                        ),
                        "percent": Part(
                            Number(0.1, 1000, "per cent", whole=False), "At how much of the limit.", required=True
                        ),
                        "emails": Part(ListOf(EMAIL, most=10), "Who is told by e-mail.", default=[]),
                        "topic": Part(Ref("topic", "arn"), "Whom else to tell."),
                    }
                ),
                most=5,
            ),
            "When to warn, and whom.",
            default=[],
        ),
        "tags_counted": Field(
            MapOf(ListOf(Text(), least=1)),
            "Count only what has these tags; they have to be cost allocation tags in the account's billing settings.",
            default={},
        ),
    },
    describe=_budgets.describe,
    create=_budgets.create,
    delete=_budgets.delete,
    retag=_budgets.retag,
    changes=(
        Change(frozenset({"monthly_limit", "tags_counted"}), _budgets.change_budget),
        Change(frozenset({"notifications"}), _budgets.change_notifications),
    ),
    outputs={"arn": "Its ARN."},
    aws_name=namer(100),
    check=check,
    seconds=1,
    global_=True,
)
