"""x"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._resource.kind import Usage
from ._names import joined

ENGINES = {"mysql": 1, "postgresql": 1, "mariadb": 1}


def aws_name(app: str, name: str, attrs: Mapping[str, Any]) -> str:
    return joined(app, name, most=40)


def check(*_arguments: Any) -> tuple[()]:
    return ()


def refuse(*_arguments: Any) -> tuple[()]:
    return ()


def price(*_arguments: Any) -> tuple[Usage, ...]:
    return ()


def _fits(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return False


storage_fits = nothing_waits = value_fits = secret_fits = value_of_fits = _fits
