"""``log_group``: where log lines are kept.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._resource.kind import Change, Entry, Field, Kind, Related, Sight, Usage
from .._resource.problems import Problem
from .._resource.types import Choice, ListOf, MapOf, Number, Part, Record, Text
from . import _logs

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html; 0 is for ever
DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
# the price book's assumption: AWS bills what is written, and keeps it packed to about 15 % of that
WRITTEN_GB = 1
PACKED = 0.15


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """A number of days that CloudWatch knows; no metrics where AWS makes none."""
    days = entry.attrs["keep_days"]
    if days and days not in DAYS:
        nearest = min(DAYS, key=lambda one: (abs(one - days), -one))
        yield Problem(
            f"{entry.key}.keep_days",
            "CloudWatch does not know this number of days.",
            str(days),
            "0 or one of " + ", ".join(map(str, DAYS)),
            str(nearest),
        )
    if entry.attrs["class"] == "infrequent_access" and entry.attrs["metrics"]:
        yield Problem(
            f"{entry.key}.metrics",
            "CloudWatch makes no metrics of a group of this class.",
            "class: infrequent_access",
            "class: standard, or no metrics",
        )
    for name, metric in entry.attrs["metrics"].items():
        if metric["namespace"].startswith("AWS/"):
            where = f"{entry.key}.metrics.{name}.namespace"
            yield Problem(where, "AWS keeps these namespaces for itself.", metric["namespace"], "another", "App")


def price(attrs: Mapping[str, Any], related: Related) -> Iterator[Usage]:
    written = f"{WRITTEN_GB} GB of log lines a month"
    yield Usage("cloudwatch/logs/ingest", WRITTEN_GB, traffic=written)
    months = (attrs.get("keep_days") or 365) / 30
    yield Usage("cloudwatch/logs/storage", WRITTEN_GB * PACKED * months, traffic=written)
    if attrs.get("metrics"):
        yield Usage("cloudwatch/metric", len(attrs["metrics"]))


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
            ListOf(Choice(tuple(_logs.WRITERS))),
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
    describe=_logs.describe,
    create=_logs.create,
    delete=_logs.delete,
    retag=_logs.retag,
    changes=(
        Change(frozenset({"keep_days"}), lambda aws, found, wanted: _logs.set_retention(aws, found.id, wanted)),
        Change(
            frozenset({"metrics"}),
            lambda aws, found, wanted: _logs.set_metrics(aws, found.id, wanted, found.attrs["metrics"]),
        ),
        Change(frozenset({"writers"}), lambda aws, found, wanted: _logs.set_writers(aws, found.outputs["arn"], wanted)),
        Change(frozenset({"kms_key"}), _logs.set_key),
    ),
    outputs={"arn": "Its ARN, without the streams."},
    aws_name=_logs.aws_name,
    check=check,
    price=price,
    seconds=2,
)
