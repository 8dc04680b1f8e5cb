"""The groups that every instance gets by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .hostnames import NOT_IN_GROUPS

# The name of the option's choice: the beginning of the group's name, and the variable it is made from.
KINDS = {
    "app": ("app", "stairway_app"),
    "stage": ("stage", "stairway_stage"),
    "service": ("service", "stairway_service"),
    "zone": ("zone", "availability_zone"),
    "autoscaling_group": ("asg", "autoscaling_group"),
    "state": ("state", "instance_state"),
}
# The group that the playbooks play on.
ALL_APPS = "app"


def of(instance: Mapping[str, Any], kinds: Collection[str]) -> Iterator[str]:
    """Names of groups, such as ``app_shop`` and ``zone_ap_northeast_2a``; none where the instance has no value."""
    for kind in kinds:
        prefix, variable = KINDS[kind]
        value = instance.get(variable)
        if value:
            yield f"{prefix}_{safe(str(value))}"


def safe(name: str) -> str:
    """What is no letter, digit or underscore of ASCII becomes an underscore."""
    return NOT_IN_GROUPS.sub("_", name)
