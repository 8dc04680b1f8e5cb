"""``dashboard``: one page with graphs.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._resource.kind import Change, Entry, Field, Found, Kind, Related, Scope, Sight, Usage, Wanted
from .._resource.problems import Problem
from .._resource.types import Choice, Flag, ListOf, Number, Part, Record, Ref, Text
from . import _widgets
from ._gone import unless_gone
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
        "view": Part(
            Choice((*_widgets.VIEWS, "stacked")),
            "How it looks: `lines` is a graph, or the lines that a `log_query` finds.",
            default="lines",
        ),
        "statistic": Part(STATISTIC, "How the values of a period become one.", default="Average"),
        "period_seconds": Part(PERIOD, "How long a period is.", default=300),
        "least": Part(Number(-1e18, 1e18, whole=False), "Where the left axis starts."),
        "most": Part(Number(-1e18, 1e18, whole=False), "Where the left axis ends."),
        "mark": Part(Number(-1e18, 1e18, whole=False), "A horizontal line at this value, such as an alarm's limit."),
    },
    exactly_one=("lines", "text", "alarms", "log_query"),
)


def to_found(item: Mapping[str, Any]) -> Found:
    widgets, past, tags = _widgets.read(item["DashboardBody"])
    return Found(
        kind="dashboard",
        id=item["DashboardName"],
        attrs={"widgets": widgets, "past": past},
        tags=tags,
        aws_name=item["DashboardName"],
        outputs={"arn": item["DashboardArn"]},
    )


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """A list knows the names only; what is on a page is asked for page by page, of this app."""
    names = set(scope.names | scope.ids)
    if not scope.only:
        listed = aws.pages("cloudwatch", "list_dashboards", "DashboardEntries", DashboardNamePrefix=f"{scope.app}-")
        own = {one["DashboardName"] for one in listed}
        names = own | {one for one in names if not one.startswith(f"{scope.app}-")}
    for name in sorted(names):
        try:
            found = to_found(aws.call("cloudwatch", "get_dashboard", DashboardName=name))
        except AwsError as error:
            if not error.missing:
                raise
            continue
        if scope.wants(found):
            yield found


def put(aws: Any, wanted: Wanted, tags: Mapping[str, str]) -> None:
    drawn = _widgets.body(wanted.attrs["widgets"], wanted.attrs["past"], aws.region, tags)
    aws.call("cloudwatch", "put_dashboard", DashboardName=wanted.aws_name, DashboardBody=drawn)


def create(aws: Any, wanted: Wanted) -> str:
    put(aws, wanted, wanted.tags)
    aws.created(wanted.aws_name)
    return wanted.aws_name


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    """The tags are on the page itself; the rest of it stays as it is."""
    tags = {key: value for key, value in {**found.tags, **add}.items() if key not in remove}
    drawn = _widgets.body(found.attrs["widgets"], found.attrs["past"], aws.region, tags)
    aws.call("cloudwatch", "put_dashboard", DashboardName=found.id, DashboardBody=drawn)


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id)
    unless_gone(aws, "cloudwatch", "delete_dashboards", DashboardNames=[found.id])


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """Every graph draws something, and every query looks somewhere."""
    for index, widget in enumerate(entry.attrs["widgets"]):
        where = f"{entry.key}.widgets[{index}]"
        for number, line in enumerate(widget.get("lines") or []):
            yield from _line(f"{where}.lines[{number}]", line)
        if widget.get("log_query") is not None:
            if not widget.get("log_groups"):
                yield Problem(f"{where}.log_groups", "A query needs a log group to look into.", "nothing", "a list")
            if widget.get("view") not in (None, "lines", "bars", "pie"):
                yield Problem(f"{where}.view", "A query is not shown like this.", widget["view"], "lines, bars or pie")
        if widget.get("text") is not None and widget.get("title"):
            yield Problem(
                f"{where}.title", "A text has no title of its own.", widget["title"], "a heading in the text",
                f"text: '## {widget['title']}'",
            )  # fmt: skip


def _line(where: str, line: Mapping[str, Any]) -> Iterator[Problem]:
    metric = [key for key in ("namespace", "metric") if line.get(key)]
    if len(metric) != (0 if line.get("expression") else 2):
        found = ", ".join([*metric, *(["expression"] if line.get("expression") else [])]) or "neither"
        yield Problem(where, "A line is a metric or a formula.", found, "`namespace` and `metric`, or `expression`")


def price(attrs: Mapping[str, Any], related: Related) -> Iterator[Usage]:
    yield Usage("cloudwatch/dashboard", 1)


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
    describe=describe,
    create=create,
    delete=delete,
    retag=retag,
    changes=(Change(frozenset({"widgets", "past"}), lambda aws, found, wanted: put(aws, wanted, found.tags)),),
    outputs={"arn": "Its ARN."},
    aws_name=namer(255),
    check=check,
    price=price,
    seconds=1,
)
