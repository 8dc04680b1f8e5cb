"""A record that becomes one text: the ARN of ``{bucket: files, path: logs/*}``, say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .types import Lookup, Record, Unknown


@dataclass(frozen=True)
class Joined(Record):
    """A ``Record`` whose references, once they are known, are put together by ``join``: from then on it is what AWS
    has, and compared as such. Stands in an ``Either`` beside the shape that it becomes.
    """

    join: Callable[[Mapping[str, Any]], Any] = dict

    def resolve(self, value: Any, lookup: Lookup) -> Any:
        known = super().resolve(value, lookup)
        if not isinstance(known, Mapping):
            return known
        unknown = next((one for one in known.values() if isinstance(one, Unknown)), None)
        return self.join(known) if unknown is None else unknown
