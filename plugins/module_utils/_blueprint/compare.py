"""What differs between an entry and what AWS has. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._resource.kind import Field, Kind


@dataclass(frozen=True)
class Difference:
    """One field, in canonical form on both sides."""

    field: str
    before: Any
    after: Any


def differences(kind: Kind, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The fields of ``wanted`` (references resolved) that AWS has otherwise. None leaves alone."""
    return tuple(
        Difference(name, before, after)
        for name, field in kind.fields.items()
        if wanted.get(name) is not None and not field.write_only
        for before, after in [_both(field, found.get(name), wanted[name])]
        if before != after and not (field.fits and field.fits(wanted, found))
    )


def _both(field: Field, found: Any, wanted: Any) -> tuple[Any, Any]:
    # what AWS leaves out is the same as empty
    after = field.shape.canonical(wanted)
    before = field.shape.canonical(found) if found is not None else type(after)() if after in ([], {}) else None
    return before, after
