"""Operations that are not written yet; goes away with the last of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._common.errors import StairwayError
from .._resource.kind import Found


def describe(aws: Any, scope: Any) -> Iterator[Found]:
    return iter(())


def create(aws: Any, wanted: Any) -> str:
    raise StairwayError(f"{wanted.kind} cannot be created yet.")


def delete(aws: Any, found: Any) -> None:
    raise StairwayError(f"{found.kind} cannot be deleted yet.")


def retag(aws: Any, found: Any, add: Any, remove: Any) -> None:
    raise StairwayError(f"{found.kind} cannot be tagged yet.")
