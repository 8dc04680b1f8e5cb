"""``dashboard``: one page with graphs."""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag, ListOf, Number, Part, Record, Ref, Text
from . import _draft
from ._metrics import PERIOD, STATISTIC, Dimensions
from ._names import namer

LINE = Record(
    {
        "namespace": Part(Text(most=255), "Where the metric is from, such as AWS/RDS."),
        "metric": Part(Text(most=255), "The metric's name."),
        "of": Part(Dimensions(), "Whose metric it is.", default={}),
        "expression": Part(Text(), "A formula of other lines by their `key`, instead of a metric."),
        "key": Part(Text(r"[a-z]\w*", "a small letter, then letters and digits"), "What formulas call this line."),
        "label": Part(Text(), "What the legend calls it."),
        "statistic": Part(STATISTIC, "How the values of a period become one; the widget's if left out."),
        "right_axis": Part(Flag(), "Whether it is measured on the right.", default=False),
        "hidden": Part(Flag(), "Whether only formulas see it.", default=False),
        "color": Part(Text(r"#[0-9a-f]{6}", "a colour such as #d62728"), "Its colour."),
    }
)
WIDGET = Record(
    {
        "title": Part(Text(), "What stands above it."),
        "width": Part(Number(1, 24, "of 24 columns"), "How wide it is.", default=12),
        "height": Part(Number(1, 1000, "rows"), "How high it is.", default=6),
        "lines": Part(ListOf(LINE, ordered=True, least=1), "A graph of these metrics."),
        "text": Part(Text(), "A text in Markdown."),
        "alarms": Part(ListOf(Ref("alarm", "arn"), ordered=True, least=1), "The state of these alarms."),
        "log_query": Part(Text(), "A table of log lines, by a Logs Insights query."),
        "log_groups": Part(ListOf(Ref("log_group"), ordered=True), "With `log_query`: where to look."),
        "view": Part(Choice(("lines", "stacked", "number", "bars", "pie", "gauge", "table")), "How it looks."),
        "statistic": Part(STATISTIC, "How the values of a period become one.", default="Average"),
        "period_seconds": Part(PERIOD, "How long a period is.", default=300),
        "least": Part(Number(-1e18, 1e18, whole=False), "Where the left axis starts."),
        "most": Part(Number(-1e18, 1e18, whole=False), "Where the left axis ends."),
        "mark": Part(Number(-1e18, 1e18, whole=False), "A horizontal line at this value, such as an alarm's limit."),
    },
    exactly_one=("lines", "text", "alarms", "log_query"),
)

KIND = Kind(
    name="dashboard",
    doc="One page of CloudWatch with graphs, texts, alarms and log lines.",
    fields={
        "widgets": Field(
            ListOf(WIDGET, ordered=True, least=1, most=500),
            "What is on it, from left to right and from top to bottom.",
            required=True,
        ),
        "past": Field(
            Text(r"-P(\d+D|T\d+[HM])", "a duration such as -PT3H or -P7D"), "How far back it looks.", default="-PT3H"
        ),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"arn": "Its ARN."},
    aws_name=namer(255),
)
