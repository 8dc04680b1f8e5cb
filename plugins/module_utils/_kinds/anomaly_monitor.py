"""``anomaly_monitor``: notices unusual spending."""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, ListOf, Number, Ref, Text
from . import _draft
from ._names import namer

KIND = Kind(
    name="anomaly_monitor",
    doc="Notices unusual spending, without a limit set by anybody.",
    fields={
        "watch": Field(
            Choice(("app", "services")),
            "`app`: what is tagged with this app (a cost allocation tag in the account's billing settings); "
            "`services`: everything, by AWS service (an account can have only one of these).",
            default="app",
            change="replace",
        ),
        "least_impact": Field(
            Number(0, 1e9, "USD", whole=False), "How much an anomaly has to cost to be told.", default=10
        ),
        "every": Field(
            Choice(("immediate", "daily", "weekly")),
            "How often people are told; e-mail goes daily or weekly, a topic at once.",
            default="daily",
        ),
        "emails": Field(
            ListOf(Text(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"), most=10),
            "Who is told by e-mail.",
            default=[],
        ),
        "topic": Field(Ref("topic", "arn"), "Whom else to tell, with `every: immediate`."),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"arn": "Its ARN."},
    aws_name=namer(1024),
    global_=True,
)
