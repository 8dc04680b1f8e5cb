"""The index of tags knows alarms and log groups, and the types of those whose names have slashes.

Source: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import ministack.services.cloudwatch as cloudwatch  # type: ignore[import-not-found]
import ministack.services.cloudwatch_logs as logs  # type: ignore[import-not-found]
import ministack.services.tagging as tagging  # type: ignore[import-not-found]

Tags = list[dict[str, str]]


def _alarms() -> Iterator[tuple[str, Tags]]:
    for arn, tags in cloudwatch._resource_tags.items():
        yield arn, _as_list(tags)


def _log_groups() -> Iterator[tuple[str, Tags]]:
    for group in logs._log_groups.values():
        yield group["arn"].removesuffix(":*"), _as_list(group.get("tags") or {})


def _as_list(tags: dict[str, str]) -> Tags:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _of_type(arn: str, wanted: list[str]) -> bool:
    _arn, _partition, service, _region, _account, rest = arn.split(":", 5)
    return not wanted or bool({service, f"{service}:{re.split('[:/]', rest)[0]}"} & set(wanted))


tagging._matches_type_filters = _of_type
tagging._COLLECTORS["cloudwatch"] = _alarms
tagging._COLLECTORS["logs"] = _log_groups
