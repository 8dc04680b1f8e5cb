"""Deleting what is gone already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .._aws.errors import AwsError


@contextmanager
def content_if_gone() -> Iterator[None]:
    """Whatever is called inside may find nothing: a run before this one got that far."""
    try:
        yield
    except AwsError as error:
        if not error.missing:
            raise


def unless_gone(aws: Any, client: str, operation: str, /, **parameters: Any) -> None:
    """One such call."""
    with content_if_gone():
        aws.call(client, operation, **parameters)
