"""``event_rule``: starts something when something happens, or at a time.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._resource.kind import Change, Entry, Field, Kind, Sight
from .._resource.problems import Problem
from .._resource.types import Document, Flag, ListOf, MapOf, Part, Record, Ref, Text
from . import _events
from ._names import namer

RATE = re.compile(r"rate\((1 (minute|hour|day)|(?!1 )[1-9]\d* (minutes|hours|days))\)")

TARGET = Record(
    {
        "topic": Part(Ref("topic", "arn"), "Send a message."),
        "log_group": Part(Ref("log_group", "arn"), "Write the event down."),
        "automation": Part(Ref("ssm_document", "automation_arn"), "Run an SSM automation."),
        "command": Part(Ref("ssm_document", "arn"), "Run an SSM command on instances."),
        "arn": Part(Text(r"arn:.+", "an ARN"), "Anything else."),
        "role": Part(Ref("role", "arn"), "The role that EventBridge does it with."),
        "input": Part(Document(), "What it gets instead of the event."),
        "input_paths": Part(MapOf(Text(), most=100), "Names for parts of the event, for `input_template`.", default={}),
        "input_template": Part(Text(most=8192), "What it gets, with <names> from `input_paths`."),
        "instances": Part(
            MapOf(ListOf(Text(), least=1, most=50), most=5),
            "With `command`: on which, such as {'tag:stairway:app': [shop]}.",
            default={},
        ),
    },
    exactly_one=_events.WORDS,
)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """When, what, and whether EventBridge may."""
    attrs = entry.attrs
    if attrs.get("pattern") is None and attrs.get("schedule") is None:
        yield Problem(entry.key, "A rule needs to know when.", "nothing", "`pattern`, `schedule`, or both")
    schedule = attrs.get("schedule")
    if schedule is not None:
        yield from _schedule(entry, schedule)
    for name, target in attrs["targets"].items():
        yield from _target(f"{entry.key}.targets.{name}", target)
        yield from _allowed(f"{entry.key}.targets.{name}", target, sight)


def _schedule(entry: Entry, schedule: str) -> Iterator[Problem]:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    where = f"{entry.key}.schedule"
    if schedule.startswith("rate(") and not RATE.fullmatch(schedule):
        yield Problem(where, "EventBridge does not read this rate.", schedule, "rate(1 hour), rate(5 minutes), ...")
    if schedule.startswith("cron("):
        fields = schedule[5:-1].split()
        if len(fields) != 6:
            expected = "six fields: minutes hours day month weekday year"
            yield Problem(where, f"This has {len(fields)} fields.", schedule, expected, "cron(0 3 * * ? *)")
        elif (fields[2] == "?") == (fields[4] == "?"):
            expected = "a ? for the day of the month or for the weekday, and not for both"
            yield Problem(where, "EventBridge does not take both days.", schedule, expected, "cron(0 3 * * ? *)")


def _target(where: str, target: Mapping[str, Any]) -> Iterator[Problem]:
    arn = target.get("arn")
    if arn and arn.count(":") >= 5 and _events.word_of(arn) != "arn":
        word = _events.word_of(arn)
        yield Problem(f"{where}.arn", "There is a key for this.", arn, f"`{word}`", f"{word}: {arn}")
    if (target.get("automation") or target.get("command")) and not target.get("role"):
        expected = "a role that events.amazonaws.com may take"
        yield Problem(f"{where}.role", "EventBridge needs a role for this.", "nothing", expected)
    if bool(target.get("command")) != bool(target.get("instances")):
        yield Problem(f"{where}.instances", "A command runs on instances.", "one of both", "`command` and `instances`")
    if target.get("input") is not None and target.get("input_template") is not None:
        found = "`input` and `input_template`"
        yield Problem(f"{where}.input", "A target gets one thing.", found, "one of them")
    if target.get("input_paths") and target.get("input_template") is None:
        yield Problem(f"{where}.input_paths", "No template uses these.", "no `input_template`", "`input_template`")


def _allowed(where: str, target: Mapping[str, Any], sight: Sight) -> Iterator[Problem]:
    for kind, field in (("topic", "publishers"), ("log_group", "writers")):
        entry = sight.get(kind, target.get(kind)) if target.get(kind) else None
        if entry is not None and "events" not in (entry.attrs.get(field) or []):
            yield Problem(
                f"{where}.{kind}",
                f"EventBridge may not write to {entry.key}.",
                f"{field}: {list(entry.attrs.get(field) or [])}",
                f"`events` among the {field} of {entry.key}",
                f"{field}: [{', '.join([*(entry.attrs.get(field) or []), 'events'])}]",
            )


KIND = Kind(
    name="event_rule",
    doc="Starts something when something happens in AWS, or at a time.",
    fields={
        "pattern": Field(Document(), "Which events, as EventBridge writes them."),
        "schedule": Field(
            Text(r"(rate|cron)\(.+\)", "rate(...) or cron(...), in UTC", most=256), "When, such as rate(5 minutes)."
        ),
        "targets": Field(MapOf(TARGET, key=r"[.\w-]{1,64}", most=5), "What is started: name to target.", required=True),
        "enabled": Field(Flag(), "Whether it works.", default=True),
        "description": Field(Text(least=0, most=512), "What it is for.", default=""),
    },
    describe=_events.describe,
    create=_events.create,
    delete=_events.delete,
    retag=_events.retag,
    changes=(
        Change(
            frozenset({"pattern", "schedule", "enabled", "description"}),
            _events.change,
        ),
        Change(
            frozenset({"targets"}),
            lambda aws, found, wanted: _events.put_targets(aws, wanted, found.attrs["targets"]),
        ),
    ),
    outputs={"arn": "Its ARN."},
    aws_name=namer(64),
    check=check,
    seconds=1,
)
