"""What secrets and parameters share, apart from calls: values that are compared without being shown. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._resource.kind import Entry, Sight, Usage
from .._resource.problems import Problem
from .._resource.types import Text
from ._names import joined

CHARACTERS = {
    "letters_digits": string.ascii_letters + string.digits,
    # RDS refuses / @ " and spaces; URLs want the rest of these encoded nowhere
    "punctuation": string.ascii_letters + string.digits + "-._~",
    "hex": "0123456789abcdef",
}
_DIGEST = re.compile(r"hmac:[0-9a-f]{64}")
# of this process alone: a digest that is printed all the same tells nobody anything
_KEY = secrets.token_bytes(32)


def digest(value: str) -> str:
    """What stands for a value wherever it is compared. Equal to that of no other process."""
    return value if _DIGEST.fullmatch(value) else "hmac:" + hmac.new(_KEY, value.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Hidden(Text):
    """A text that is compared by its digest only."""

    most: int = 65536

    def canonical(self, value: Any) -> Any:
        return digest(value) if isinstance(value, str) else value


def aws_name(app: str, name: str, attrs: Mapping[str, Any]) -> str:
    return str(attrs.get("path") or joined(app, name, most=500, by="/"))


def value_fits(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return False


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    yield from ()


def price(*_arguments: Any) -> Iterator[Usage]:
    yield Usage("secretsmanager/secret", 1)
