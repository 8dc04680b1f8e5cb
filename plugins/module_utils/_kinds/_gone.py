"""Deletions that are content when there is nothing left to delete: the run before got that far."""

from __future__ import annotations

from typing import Any

from .._aws.errors import AwsError


def unless_gone(aws: Any, service: str, operation: str, **parameters: Any) -> None:
    """``aws.call`` for what may be gone already."""
    try:
        aws.call(service, operation, **parameters)
    except AwsError as error:
        if not error.missing:
            raise
