"""What there is to say of parameters without calling AWS. Pure.

What AWS accepts: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._resource.kind import Entry, Found, Sight, Usage, Wanted
from .._resource.problems import Problem
from ._names import joined
from ._secrets import digest

TYPES = {"text": "String", "list": "StringList", "secret": "SecureString"}
TIERS = {"standard": "Standard", "advanced": "Advanced"}
_WORDS = {aws: word for word, aws in {**TYPES, **TIERS}.items()}
STANDARD_BYTES = 4096
WITHOUT_A_PATH = "AmazonCloudWatch-"
VALUES = ("value", "secret_value", "value_of")


def aws_name(app: str, name: str, attrs: Mapping[str, Any]) -> str:
    return str(attrs.get("path") or "/" + joined(app, name, most=1000, separator="/"))


def name_of(arn: str) -> str:
    """An ARN has no room for the slash that begins a path; a name without a path has none."""
    name = arn.partition(":parameter/")[2]
    return name if name.startswith(WITHOUT_A_PATH) else f"/{name}"


def to_found(item: Mapping[str, Any], arn: str, value: str | None, tags: Mapping[str, str]) -> Found:
    """``value`` is what GetParameters answers; of an encrypted one only its digest is kept."""
    word = _WORDS[item["Type"]]
    attrs: dict[str, Any] = {
        "path": item["Name"],
        "type": word,
        "tier": _WORDS.get(item.get("Tier") or "Standard", "standard"),
        "description": item.get("Description") or "",
        "kms_key": item.get("KeyId") if word == "secret" else None,
    }
    if value is not None:
        attrs["secret_value" if word == "secret" else "value"] = {
            "secret": digest(value), "list": value.split(","), "text": value,
        }[word]  # fmt: skip
    return Found(
        kind="parameter",
        id=item["Name"],
        attrs=attrs,
        tags=tags,
        aws_name=item["Name"],
        outputs={"arn": arn, "path": item["Name"]},
    )


def value_of_fits(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """The one thing that it refers to is the text that it holds."""
    return found.get("value") is not None and list(wanted["value_of"].values()) == [found["value"]]


def value(wanted: Wanted) -> str:
    """What to put into it, as AWS takes it."""
    if wanted.get("value_of"):
        return str(next(iter(wanted.attrs["value_of"].values())))
    given = wanted.get("secret_value", wanted.get("value"))
    return ",".join(given) if isinstance(given, (list, tuple)) else str(given)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    kind, path = entry.attrs.get("type"), entry.attrs.get("path")
    given = [name for name in VALUES if entry.attrs.get(name) is not None]
    fitting = ["secret_value"] if kind == "secret" else ["value"] if kind == "list" else ["value", "value_of"]
    if len(given) != 1 or given[0] not in fitting:
        yield Problem(
            entry.key, f"A parameter of type {kind} needs a value.", ", ".join(given) or "none",
            " or ".join(fitting), fitting[0],
        )  # fmt: skip
    yield from _value_problems(entry)
    if path is not None and path.lower().lstrip("/").startswith(("aws", "ssm")):
        yield Problem(f"{entry.key}.path", "AWS keeps these paths for itself.", path, "a path that starts otherwise")
    for other in sight.all("parameter"):
        if path is not None and other.attrs.get("path") == path and other.name > entry.name:
            yield Problem(f"{other.key}.path", f"This is the path of {entry.key} too.", path, "a path of its own")


def _value_problems(entry: Entry) -> Iterator[Problem]:
    kind = entry.attrs.get("type")
    held = entry.attrs.get("value")
    if held is not None and isinstance(held, list) != (kind == "list"):
        yield Problem(
            f"{entry.key}.value",
            f"This does not fit its type {kind}.",
            repr(held),
            "a list with `type: list`, a text with `type: text`",
        )
    size = len(
        (",".join(held) if isinstance(held, list) else str(held or entry.attrs.get("secret_value") or "")).encode()
    )
    if size > STANDARD_BYTES and entry.attrs.get("tier") == "standard":
        yield Problem(
            f"{entry.key}.tier",
            "This value is too large for the standard tier.",
            f"{size} bytes",
            f"{STANDARD_BYTES} bytes, or tier: advanced",
            "advanced",
        )
    if entry.attrs.get("kms_key") and kind != "secret":
        yield Problem(
            f"{entry.key}.kms_key",
            "Only a secret one is encrypted.",
            str(entry.attrs["kms_key"]),
            "type: secret, or no key",
        )


def refuse(found: Found, wanted: Wanted, fields: frozenset[str]) -> Iterator[Problem]:
    if "tier" in fields and found.attrs["tier"] == "advanced":
        yield Problem(
            f"parameter/{wanted.name}.tier", "AWS does not turn an advanced parameter into a standard one.", "advanced",
            "tier: advanced, or an entry with a new name",
        )  # fmt: skip


def price(attrs: Mapping[str, Any], _related: Any) -> Iterator[Usage]:
    if attrs.get("tier") == "advanced":
        yield Usage("ssm/parameter/advanced", 1)
