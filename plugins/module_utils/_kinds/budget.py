"""``budget``: warns before a month gets expensive."""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, ListOf, MapOf, Number, Part, Record, Ref, Text
from . import _draft
from ._names import namer

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
                            Choice(("actual", "forecast")),
                            "What was spent, or what the month will come to.",
                            default="actual",
                        ),
                        "percent": Part(
                            Number(0.1, 1000, "per cent", whole=False), "At how much of the limit.", required=True
                        ),
                        "emails": Part(
                            ListOf(Text(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"), most=10),
                            "Who is told by e-mail.",
                            default=[],
                        ),
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
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"arn": "Its ARN."},
    aws_name=namer(100),
    global_=True,
)
