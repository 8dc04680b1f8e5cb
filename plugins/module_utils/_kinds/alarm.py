"""``alarm``: tells people when something is wrong."""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag, ListOf, MapOf, Number, Record, Ref, Text
from . import _draft
from ._metrics import PERIOD, STATISTIC, Dimensions, metric_parts
from ._names import namer

KIND = Kind(
    name="alarm",
    doc="Watches a metric, a formula of metrics, or other alarms, and tells people.",
    fields={
        "namespace": Field(Text(most=255), "Where the metric is from, such as AWS/RDS."),
        "metric": Field(Text(most=255), "The metric's name, such as CPUUtilization."),
        "of": Field(Dimensions(), "Whose metric it is, such as {database: main}."),
        "statistic": Field(STATISTIC, "How the values of a period become one; Average if left out."),
        "expression": Field(Text(most=2048), "A formula of `metrics`, such as errors / requests * 100."),
        "metrics": Field(
            MapOf(Record(metric_parts()), key=r"[a-z][A-Za-z0-9_]{0,254}", most=10),
            "The metrics in `expression`, by the names it uses.",
        ),
        "any_of": Field(ListOf(Ref("alarm"), least=1), "Rings when one of these alarms rings."),
        "all_of": Field(ListOf(Ref("alarm"), least=1), "Rings when all of these alarms ring."),
        "compare": Field(Choice((">", ">=", "<", "<=")), "How the value stands to `threshold`; > if left out."),
        "threshold": Field(Number(-1e18, 1e18, whole=False), "The limit."),
        "period_seconds": Field(PERIOD, "How long a period is; 300 if left out."),
        "periods": Field(Number(1, 1440), "How many periods are looked at; 1 if left out."),
        "periods_over": Field(Number(1, 1440), "How many of them have to be over the limit; all if left out."),
        "missing_data": Field(
            Choice(("missing", "good", "bad", "ignore")),
            "What a period without data counts: nothing, good, bad, or as the one before.",
        ),
        "topics": Field(ListOf(Ref("topic", "arn"), most=5), "Who is told when it rings.", default=[]),
        "ok_topics": Field(ListOf(Ref("topic", "arn"), most=5), "Who is told when it is over.", default=[]),
        "no_data_topics": Field(ListOf(Ref("topic", "arn"), most=5), "Who is told when data is missing.", default=[]),
        "instance_action": Field(
            Choice(("none", "recover", "reboot", "stop", "terminate")),
            "What is done with the instance that it watches.",
            default="none",
        ),
        "actions": Field(
            ListOf(Text(r"arn:.+", "an ARN"), most=4), "Anything else that it starts, by ARN.", default=[]
        ),
        "enabled": Field(Flag(), "Whether it tells anybody.", default=True),
        "description": Field(Text(least=0, most=1024), "What to do when it rings; goes with the message.", default=""),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"arn": "Its ARN."},
    aws_name=namer(255),
)
