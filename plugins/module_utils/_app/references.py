"""``${db.url}`` inside an env value: what a store tells about itself, put together by Stairway.

``$${`` stands for a plain ``${``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_REFERENCE = re.compile(r"(?<!\$)\$\{([A-Za-z0-9_-]+)\.([A-Za-z0-9_]+)\}")


@dataclass(frozen=True)
class Reference:
    store: str
    form: str

    def __str__(self) -> str:
        return f"${{{self.store}.{self.form}}}"


def references_in(text: str) -> Iterator[Reference]:
    for match in _REFERENCE.finditer(text):
        yield Reference(match[1], match[2])


def resolve(text: str, value_of: Callable[[Reference], str]) -> str:
    """The text with each reference replaced by its value."""
    return _REFERENCE.sub(lambda match: value_of(Reference(match[1], match[2])), text).replace("$${", "${")
