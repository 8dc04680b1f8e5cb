"""``anomaly_monitor``: notices unusual spending.

Source: https://docs.aws.amazon.com/cost-management/latest/userguide/manage-ad.html
"""

from __future__ import annotations

from collections.abc import Iterator

from .._resource.kind import Change, Entry, Field, Kind, Sight
from .._resource.problems import Problem
from .._resource.types import Choice, ListOf, Number, Ref, Text
from . import _anomalies
from ._names import namer

EMAIL = Text(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address", most=302)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """Somebody is told, in the way that AWS tells them."""
    attrs = entry.attrs
    at_once = attrs["every"] == "immediate"
    if at_once and not attrs.get("topic"):
        where = f"{entry.key}.topic"
        yield Problem(
            where, "At once AWS tells a topic only.", "no topic", "a `topic`, or every: daily", "every: daily"
        )
    if not at_once and not attrs["emails"]:
        where = f"{entry.key}.emails"
        yield Problem(where, "Nobody would be told.", "no addresses", "`emails`, or a topic with every: immediate")
    wrong = ("emails", attrs["emails"]) if at_once else ("topic", attrs.get("topic"))
    if wrong[1]:
        yield Problem(
            f"{entry.key}.{wrong[0]}",
            "AWS tells people daily or weekly, and a topic at once.",
            f"every: {attrs['every']}",
            "every: daily for `emails`, every: immediate for `topic`",
        )


KIND = Kind(
    name="anomaly_monitor",
    doc="Notices unusual spending, without a limit set by anybody.",
    fields={
        "watch": Field(
            Choice(("app", "services")),
            "`app`: what is tagged for this app (stairway:app has to be a cost allocation tag in the billing "
            "settings); `services`: everything, by AWS service (an account can have one of these only).",
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
        "emails": Field(ListOf(EMAIL, most=10), "Who is told by e-mail.", default=[]),
        "topic": Field(Ref("topic", "arn"), "Whom else to tell, with `every: immediate`."),
    },
    describe=_anomalies.describe,
    create=_anomalies.create,
    delete=_anomalies.delete,
    retag=_anomalies.retag,
    changes=(Change(frozenset({"least_impact", "every", "emails", "topic"}), _anomalies.change),),
    outputs={"arn": "Its ARN."},
    aws_name=namer(200),
    check=check,
    seconds=1,
    global_=True,
)
