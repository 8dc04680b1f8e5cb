"""All kinds by name. A kind is one file of this folder with a ``KIND``; files with an underscore are shared by some."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from .._resource.kind import Kind

NOT_KINDS = {"registry"}


def names() -> list[str]:
    """The names of all kinds, without importing one."""
    found = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return sorted(name for name in found if not name.startswith("_") and name not in NOT_KINDS)


@cache
def kind(name: str) -> Kind:
    """One kind; its file is imported when it is asked for the first time."""
    loaded: Kind = importlib.import_module(f"{__package__}.{name}").KIND
    return loaded


def kinds() -> dict[str, Kind]:
    """All of them."""
    return {name: kind(name) for name in names()}
