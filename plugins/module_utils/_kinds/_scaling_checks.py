"""What is wrong with the way an Auto Scaling group is to scale. Pure."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any

from .._common.suggest import nearest
from .._resource.kind import Entry
from .._resource.problems import Problem

_NUMBERS = ("minimum", "desired", "maximum")


def check(entry: Entry) -> Iterator[Problem]:
    yield from _order(entry.attrs, entry.key)
    yield from _capacity(entry)
    for name, policy in (entry.attrs["target_tracking"] or {}).items():
        yield from _requests(policy, f"{entry.key}.target_tracking.{name}")
        if policy["metric"] == "cpu" and policy["target"] > 100:
            yield Problem(
                f"{entry.key}.target_tracking.{name}.target", "CPU is kept at a percentage.", str(policy["target"]),
                "at most 100", "60",
            )  # fmt: skip
        if name in (entry.attrs["step_scaling"] or {}):
            yield Problem(f"{entry.key}.step_scaling.{name}", "Two policies have this name.", name, "a name for each")
    for name, policy in (entry.attrs["step_scaling"] or {}).items():
        where = f"{entry.key}.step_scaling.{name}"
        yield from _requests(policy, where)
        yield from _steps(policy, where)
    for name, action in (entry.attrs["schedules"] or {}).items():
        yield from _schedule(action, f"{entry.key}.schedules.{name}")


def _order(numbers: Mapping[str, Any], where: str) -> Iterator[Problem]:
    given = [(key, numbers[key]) for key in _NUMBERS if numbers.get(key) is not None]
    for (low, less), (high, more) in zip(given, given[1:], strict=False):
        if less > more:
            yield Problem(
                f"{where}.{high}", f"`{high}` is less than `{low}`.", str(more), f"at least {less}", str(less)
            )


def _capacity(entry: Entry) -> Iterator[Problem]:
    if entry.attrs["health_check"] == "elb" and entry.attrs["target_groups"] == []:
        yield Problem(
            f"{entry.key}.health_check", "No load balancer knows these machines.", "elb", "target_groups, or ec2", "ec2"
        )


def _requests(policy: Mapping[str, Any], where: str) -> Iterator[Problem]:
    """Which counter it is: AWS finds none without."""
    needed = {
        "requests": ("load_balancer",),
        "requests_per_target": ("load_balancer", "target_group"),
    }.get(policy["metric"], ())
    for key in needed:
        if not policy.get(key):
            yield Problem(f"{where}.{key}", f"`{policy['metric']}` needs this.", "nothing", f"the name of a {key}")
    for key in ("load_balancer", "target_group"):
        if policy.get(key) and not policy["metric"].startswith("requests"):
            yield Problem(f"{where}.{key}", f"`{policy['metric']}` has none.", str(policy[key]), "nothing here")


def _steps(policy: Mapping[str, Any], where: str) -> Iterator[Problem]:
    """As AWS wants them: side by side, from the limit to infinity."""
    given = [key for key in ("add", "steps") if policy.get(key) is not None]
    if len(given) != 1:
        yield Problem(where, "How many machines come is not clear.", ", ".join(given) or "nothing", "add, or steps")
    reached: float | None = 0
    for index, step in enumerate(policy.get("steps") or ()):
        begin = step.get("from") or 0
        if begin != reached:
            yield Problem(f"{where}.steps[{index}].from", "The steps do not join.", f"{begin:g}", f"{reached}")
        reached = step.get("to")
    if policy.get("steps") and reached is not None:
        last = len(policy["steps"]) - 1
        yield Problem(f"{where}.steps[{last}].to", "The last step has to be open.", f"{reached:g}", "nothing here")


def _schedule(action: Mapping[str, Any], where: str) -> Iterator[Problem]:
    yield from _order(action, where)
    if not any(action.get(key) is not None for key in _NUMBERS):
        yield Problem(where, "This schedule changes nothing.", "nothing", "minimum, maximum or desired")
    zones = zoneinfo.available_timezones()  # empty where the controller has no list of them
    zone = action.get("zone") or "UTC"
    if zones and zone not in zones:
        yield Problem(f"{where}.zone", "There is no such time zone.", zone, "such as Asia/Seoul", nearest(zone, zones))
    yield from _cron(action["cron"], f"{where}.cron")


_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 7))
_WORDS = {
    "month": ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
    "day of the week": ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"),
}


def _cron(text: str, where: str) -> Iterator[Problem]:
    for part, (name, low, high) in zip(text.split(), _FIELDS, strict=True):
        for value in part.replace("-", ",").replace("/", ",").split(","):
            known = value == "*" or value.upper() in _WORDS.get(name, ())
            if not known and not (value.isdigit() and low <= int(value) <= high):
                yield Problem(where, f"This is no {name}.", part, f"{low} to {high}, * or a list")
                break
