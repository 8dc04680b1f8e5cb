"""``alarm``: tells people when something is wrong.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Alarms.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._common.suggest import listing
from .._resource.kind import Change, Entry, Field, Kind, Related, Sight, Usage
from .._resource.problems import Problem
from .._resource.types import Choice, Flag, ListOf, MapOf, Number, Record, Ref, Text
from . import _alarms
from ._metrics import PERIOD, STATISTIC, Dimensions, elsewhere, metric_parts
from ._names import namer

SHORT_PERIODS = (1, 5, 10, 20, 30)
DAY, WEEK = 86_400, 604_800


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """One form of alarm, whole; periods that CloudWatch takes; an instance for what is done with an instance."""
    attrs = entry.attrs
    forms = [form for form in _alarms.FORMS if attrs.get(form) is not None]
    if len(forms) != 1:
        yield Problem(
            entry.key,
            "An alarm watches one thing.",
            listing(forms) or "nothing",
            f"one of {listing(_alarms.FORMS)}",
        )
        return
    yield from _incomplete(entry, forms[0])
    yield from _periods(entry)
    yield from _instance(entry)
    for where, metric in [("of", attrs), *((f"metrics.{k}.of", m) for k, m in (attrs.get("metrics") or {}).items())]:
        yield from elsewhere(entry, sight, where, metric.get("of"))


def _incomplete(entry: Entry, form: str) -> Iterator[Problem]:
    needed = {"metric": ("namespace", "threshold"), "expression": ("metrics", "threshold")}.get(form, ())
    for field in needed:
        if entry.attrs.get(field) is None:
            yield Problem(f"{entry.key}.{field}", f"This field is missing beside `{form}`.", "nothing", "a value")
    for name, metric in (entry.attrs.get("metrics") or {}).items():
        where = f"{entry.key}.metrics.{name}"
        if name == _alarms.RESULT:
            yield Problem(where, "The formula itself has this name.", name, "another name")
        for key in ("namespace", "metric"):
            if metric.get(key) is None:
                yield Problem(f"{where}.{key}", "This key is missing.", "nothing", "a text")


def _periods(entry: Entry) -> Iterator[Problem]:
    attrs = entry.attrs
    period = attrs.get("period_seconds") or _alarms.USUAL["period_seconds"]
    periods = attrs.get("periods") or _alarms.USUAL["periods"]
    own = not str(attrs.get("namespace") or "").startswith("AWS/")
    if period % 60 and not (own and period in SHORT_PERIODS):
        yield Problem(
            f"{entry.key}.period_seconds",
            "CloudWatch does not have this period.",
            str(period),
            "whole minutes" + (", or 1, 5, 10, 20 or 30 seconds" if own else ", for AWS's own metrics"),
            str(max(60, round(period / 60) * 60)),
        )
    longest = WEEK if period >= 3600 else DAY
    if period * periods > longest:
        where = f"{entry.key}.periods"
        yield Problem(where, "Together these periods are too long.", f"{periods} x {period} s", f"at most {longest} s")
    if (attrs.get("periods_over") or 0) > periods:
        where = f"{entry.key}.periods_over"
        found = str(attrs["periods_over"])
        yield Problem(where, "This is more than there are periods.", found, f"at most {periods}", str(periods))


def _instance(entry: Entry) -> Iterator[Problem]:
    action = entry.attrs["instance_action"]
    of = entry.attrs.get("of") or {}
    if action == "none":
        return
    where = f"{entry.key}.instance_action"
    if not {"instance", "InstanceId"} & set(of):
        yield Problem(where, "This needs the instance that it is done with.", str(dict(of)), "of: {instance: ...}")
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/UsingAlarmActions.html
    elif action == "recover" and entry.attrs.get("metric") != "StatusCheckFailed_System":
        yield Problem(
            where, "AWS recovers an instance only when its own check of the hardware failed.",
            str(entry.attrs.get("metric")), "metric: StatusCheckFailed_System", "StatusCheckFailed_System",
        )  # fmt: skip


def price(attrs: Mapping[str, Any], related: Related) -> Iterator[Usage]:
    """Each metric of an alarm counts; https://aws.amazon.com/cloudwatch/pricing/."""
    if attrs.get("any_of") or attrs.get("all_of"):
        yield Usage("cloudwatch/alarm/composite", 1)
        return
    watched = list((attrs.get("metrics") or {}).values()) or [attrs]
    quick = [one for one in watched if (one.get("period_seconds") or 300) < 60]
    if quick:
        yield Usage("cloudwatch/alarm/high_resolution", len(watched))
    else:
        yield Usage("cloudwatch/alarm", len(watched))


FIELDS = {
    "namespace": Field(Text(most=255), "Where the metric is from, such as AWS/RDS."),
    "metric": Field(Text(most=255), "The metric's name, such as CPUUtilization."),
    "of": Field(Dimensions(), "Whose metric it is, such as {database: main}."),
    "statistic": Field(STATISTIC, "How the values of a period become one; Average if left out."),
    "expression": Field(Text(most=2048), "A formula of `metrics`, such as errors / requests * 100."),
    "metrics": Field(
        MapOf(Record(metric_parts()), key=r"[a-z][A-Za-z0-9_]{0,254}", most=9),
        "The metrics in `expression`, by the names it uses.",
    ),
    "any_of": Field(ListOf(Ref("alarm"), least=1, most=100), "Rings when one of these alarms rings."),
    "all_of": Field(ListOf(Ref("alarm"), least=1, most=100), "Rings when all of these alarms ring."),
    "compare": Field(Choice((">", ">=", "<", "<=")), "How the value stands to `threshold`; > if left out."),
    "threshold": Field(Number(-1e18, 1e18, whole=False), "The limit."),
    "period_seconds": Field(PERIOD, "How long a period is; 300 if left out."),
    "periods": Field(Number(1, 1440), "How many periods are looked at; 1 if left out."),
    "periods_over": Field(Number(1, 1440), "How many of them have to be over the limit; all if left out."),
    "missing_data": Field(
        Choice(tuple(_alarms.MISSING_DATA)),
        "What a period without data counts: nothing, good, bad, or as the one before; `missing` if left out.",
    ),
    "topics": Field(ListOf(Ref("topic", "arn"), most=5), "Who is told when it rings.", default=[]),
    "ok_topics": Field(ListOf(Ref("topic", "arn"), most=5), "Who is told when it is over.", default=[]),
    "no_data_topics": Field(ListOf(Ref("topic", "arn"), most=5), "Who is told when data is missing.", default=[]),
    "instance_action": Field(
        Choice(("none", "recover", "reboot", "stop", "terminate")),
        "What is done with the instance that it watches.",
        default="none",
    ),
    "actions": Field(ListOf(Text(r"arn:.+", "an ARN"), most=4), "Anything else that it starts, by ARN.", default=[]),
    "enabled": Field(Flag(), "Whether it tells anybody.", default=True),
    "description": Field(Text(least=0, most=1024), "What to do when it rings; goes with the message.", default=""),
}

KIND = Kind(
    name="alarm",
    doc="Watches a metric, a formula of metrics, or other alarms, and tells people.",
    fields=FIELDS,
    describe=_alarms.describe,
    create=_alarms.create,
    delete=_alarms.delete,
    retag=_alarms.retag,
    changes=(Change(frozenset(FIELDS), _alarms.change),),  # one call sets it all
    outputs={"arn": "Its ARN."},
    aws_name=namer(255),
    check=check,
    price=price,
    seconds=1,
)
