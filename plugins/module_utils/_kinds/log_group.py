"""``log_group``: where log lines are kept."""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, ListOf, MapOf, Number, Part, Record, Text
from . import _draft


def _aws_name(app: str, name: str, attrs: object) -> str:
    return str(getattr(attrs, "get", dict)("log_name") or f"/{app}/{name}")


KIND = Kind(
    name="log_group",
    doc="Where log lines are kept, for how long, and what is counted in them.",
    fields={
        "log_name": Field(
            Text(r"[\w/.#-]+", "letters, digits and any of _ / . # -", most=512),
            "Its name where AWS or an agent dictates one; /app/name if left out.",
            change="refuse",
        ),
        "keep_days": Field(
            Number(0, 3653, "days"), "After how many days a line goes; 0 keeps it for ever.", required=True
        ),
        "metrics": Field(
            MapOf(
                Record(
                    {
                        "pattern": Part(Text(least=0, most=1024), "Which lines count, such as ERROR.", required=True),
                        "namespace": Part(Text(most=255), "Where the metric goes.", required=True),
                        "metric": Part(Text(most=255), "The metric's name.", required=True),
                        "value": Part(Text(most=100), "What a line counts.", default="1"),
                        "default_value": Part(
                            Number(-1e15, 1e15, whole=False), "What a minute without such a line counts."
                        ),
                        "unit": Part(Text(), "The metric's unit, such as Count or Milliseconds.", default="None"),
                    }
                ),
                key=r"[^:*]{1,512}",
                most=100,
            ),
            "Metrics made of the lines that match a pattern: name to metric.",
            default={},
        ),
        "writers": Field(
            ListOf(Choice(("events", "delivery.logs", "route53", "es"))),
            "AWS services that may write to it by themselves; `events` where an event_rule ends in it.",
            default=[],
        ),
        "kms_key": Field(
            Text(r"(arn:.+)?", "the ARN of a key, or an empty text for AWS's own", least=0), "What encrypts it."
        ),
        "class": Field(
            Choice(("standard", "infrequent_access")),
            "`infrequent_access` costs half and has no metrics and alarms.",
            default="standard",
            change="refuse",
        ),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"arn": "Its ARN, without the streams."},
    aws_name=_aws_name,
)
