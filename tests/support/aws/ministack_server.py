"""MiniStack with what it lacks, as a process of its own: run by the Python of its virtualenv."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

Tags = list[dict[str, str]]


def _alarms() -> Iterator[tuple[str, Tags]]:
    import ministack.services.cloudwatch as service  # type: ignore[import-not-found]

    for arn, tags in service._resource_tags.items():
        yield arn, _as_list(tags)


def _log_groups() -> Iterator[tuple[str, Tags]]:
    import ministack.services.cloudwatch_logs as service  # type: ignore[import-not-found]

    for group in service._log_groups.values():
        yield group["arn"].removesuffix(":*"), _as_list(group.get("tags") or {})


def _as_list(tags: dict[str, str]) -> Tags:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def index_more_tags() -> None:
    """GetResources of the tagging API answers alarms and log groups on AWS: the list of what it supports is
    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
    """
    import ministack.services.tagging as tagging  # type: ignore[import-not-found]

    collectors: dict[str, Any] = tagging._COLLECTORS
    collectors["cloudwatch"] = _alarms
    collectors["logs"] = _log_groups


def main() -> None:
    index_more_tags()
    from ministack.app import main as serve  # type: ignore[import-not-found]

    sys.exit(serve())


if __name__ == "__main__":
    main()
