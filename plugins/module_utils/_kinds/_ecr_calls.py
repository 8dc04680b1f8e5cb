"""The calls behind repositories (ECR)."""

from __future__ import annotations

from typing import Any

from .._resource.kind import Change, Found, Scope, Wanted


def describe(aws: Any, scope: Scope) -> list[Found]:
    return []


def create(aws: Any, wanted: Wanted) -> str:
    raise NotImplementedError


def delete(aws: Any, found: Found) -> None:
    raise NotImplementedError


retag = None
snapshot = None
CHANGES: tuple[Change, ...] = ()
