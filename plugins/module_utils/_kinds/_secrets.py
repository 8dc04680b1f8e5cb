"""What there is to say of secrets without calling AWS: values that are made, and compared without being shown. Pure but
for chance.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._aws.tags import as_dict
from .._resource.kind import Entry, Found, Sight, Usage
from .._resource.problems import Problem
from .._resource.types import Text
from ._names import joined

RECOVERY_TAG = "stairway:recovery_days"
DEFAULT_RECOVERY_DAYS = 30
CHARACTERS = {
    "letters_digits": string.ascii_letters + string.digits,
    # RDS refuses / @ " and spaces, and these stand in a URL as they are
    "punctuation": string.ascii_letters + string.digits + "-._~",
    "hex": "0123456789abcdef",
}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# of this process alone: a digest that is printed all the same tells nobody anything
_KEY = secrets.token_bytes(32)


def digest(value: str) -> str:
    """What stands for a value wherever it is compared. Equal to that of no other process."""
    return value if _DIGEST.fullmatch(value) else "sha256:" + hmac.new(_KEY, value.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Hidden(Text):
    """A text that is compared by its digest only."""

    most: int = 65536

    def canonical(self, value: Any) -> Any:
        return digest(value) if isinstance(value, str) else value


def aws_name(app: str, name: str, attrs: Mapping[str, Any]) -> str:
    return str(attrs.get("path") or joined(app, name, most=500, separator="/"))


def to_found(item: Mapping[str, Any], value: str | None, version: str | None = None) -> Found:
    """``value`` is what it holds, None for nothing; only its digest is kept. ``version`` is the id of that value."""
    tags = as_dict(item.get("Tags"))
    recovery_days = int(tags.pop(RECOVERY_TAG, DEFAULT_RECOVERY_DAYS))
    return Found(
        kind="secret",
        id=item["ARN"],
        attrs={
            "path": item["Name"],
            "value": digests(value),
            "description": item.get("Description") or "",
            "kms_key": item.get("KmsKeyId"),
            "recovery_days": recovery_days,
        },
        tags=tags,
        aws_name=item["Name"],
        outputs={"path": item["Name"], "version": version},
    )


def digests(value: str | None) -> str | dict[str, str] | None:
    """The digest of a text, or those of a dictionary's values."""
    held = None if value is None else as_dictionary(value)
    if held is not None:
        return {key: digest(one if isinstance(one, str) else json.dumps(one)) for key, one in held.items()}
    return None if value is None else digest(value)


def as_dictionary(value: str) -> dict[str, Any] | None:
    """What a value holds if it is a JSON object, else None."""
    try:
        held = json.loads(value)
    except ValueError:
        return None
    return held if isinstance(held, dict) else None


def value_fits(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """A dictionary fits when it has every key as given, and none beside them but the generated one."""
    given, held = wanted["value"], found.get("value")
    if not isinstance(given, Mapping) or not isinstance(held, Mapping):
        return isinstance(given, str) and digests(given) == held  # a dictionary, written as a text
    generated = {(wanted.get("generate") or {}).get("key")} - {None}
    same = all(held.get(key) == digest(one) for key, one in given.items())
    return same and generated <= set(held) and set(held) <= set(given) | generated


def says(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Which keys get another value. Never a value."""
    given, held = wanted.get("value"), found.get("value")
    if not found or given is None or value_fits(wanted, found):
        return ""
    keys = []
    if isinstance(given, Mapping):
        before = held if isinstance(held, Mapping) else {}
        keys = [str(key) for key, one in given.items() if before.get(key) != digest(one)]
    what = f"another value of {', '.join(keys)}" if keys else "another value"
    kept = (wanted.get("generate") or {}).get("key")
    stays = f"; {kept} stays as it is" if kept and isinstance(held, Mapping) and kept in held else ""
    return f"{what}{stays}; who uses it follows: a cache and a database's user in this run, the app with its release"


def composed(
    value: str | Mapping[str, str] | None, generate: Mapping[str, Any] | None, old: str | None = None
) -> str | None:
    """What to put into the secret. A generated part that ``old`` has already stays as it is."""
    if generate is None:
        return json.dumps(dict(value)) if isinstance(value, Mapping) else value
    key = generate.get("key")
    if key is None:
        return old or random_text(generate)
    held = (as_dictionary(old) if old else None) or {}
    return json.dumps({**(value if isinstance(value, Mapping) else {}), key: held.get(key) or random_text(generate)})


def random_text(generate: Mapping[str, Any]) -> str:
    alphabet = CHARACTERS[generate.get("characters") or "letters_digits"]
    return "".join(secrets.choice(alphabet) for _each in range(int(generate.get("length") or 32)))


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    value, generate = entry.attrs.get("value"), entry.attrs.get("generate")
    key = (generate or {}).get("key")
    if generate is not None and value is not None and (key is None or not isinstance(value, Mapping)):
        yield Problem(
            f"{entry.key}.generate", "A given value and a generated one need a key each.", "both",
            "a dictionary as `value`, and a `key` for what is generated", "generate: {key: password}",
        )  # fmt: skip
    if isinstance(value, Mapping) and key in value:
        yield Problem(
            f"{entry.key}.generate.key",
            "This key is given and generated.",
            str(key),
            "a key that `value` does not have",
        )
    days = entry.attrs.get("recovery_days")
    if days is not None and 0 < days < 7:
        yield Problem(
            f"{entry.key}.recovery_days",
            "AWS keeps a deleted secret for a week at least.",
            str(days),
            "7 to 30, or 0",
            "7",
        )
    for other in sight.all("secret"):
        path = entry.attrs.get("path")
        if path is not None and other.attrs.get("path") == path and other.name > entry.name:
            yield Problem(f"{other.key}.path", f"This is the path of {entry.key} too.", path, "a path of its own")


def price(_attrs: Mapping[str, Any], _related: Any) -> Iterator[Usage]:
    yield Usage("secretsmanager/secret", 1)
