"""IAM statements as the blueprint has them: actions, and resources by the name of an entry.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .._resource.joined import Joined
from .._resource.types import AWS_ID, Choice, Document, Either, ListOf, Lookup, Part, Record, Ref, Text, Unknown

VERSION = "2012-10-17"
# kinds that a statement may name, with what of them is their ARN
_NAMED = {
    "bucket": "arn",
    "secret": "id",
    "parameter": "arn",
    "repository": "arn",
    "database": "arn",
    "cache": "arn",
    "log_group": "arn",
    "topic": "arn",
    "queue": "arn",
    "role": "arn",
}


@dataclass(frozen=True)
class Login(Ref):
    """A database as IAM names it for logins: its own ARN, with the id that never changes.

    Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
    """

    kind: str = "database"

    def resolve(self, value: Any, lookup: Lookup) -> Any:
        if AWS_ID.match(value):
            return value
        arn = lookup(Ref(self.kind, "arn"), value)
        resource = lookup(Ref(self.kind, "resource_id"), value)
        if isinstance(arn, Unknown) or isinstance(resource, Unknown):
            return Unknown(self.kind, value, "resource_id")
        parts = str(arn).split(":")
        return ":".join([*parts[:2], "rds-db", *parts[3:5], "dbuser", str(resource)])


def _arn(parts: Mapping[str, Any]) -> str:
    """``{bucket, path}`` is what is in the bucket; a log group stands for its streams too."""
    kind = next(one for one in (*_NAMED, "database_login") if parts.get(one) is not None)
    arn = str(parts[kind])
    if kind == "bucket" and parts.get("path") is not None:
        return f"{arn}/{str(parts['path']).lstrip('/')}"
    if kind == "database_login":
        return f"{arn}/{parts.get('user') or '*'}"
    return f"{arn}:*" if kind == "log_group" else arn


RESOURCE = Either(
    (
        Text(r"\*|arn:[^\s]+", "`*` or an ARN", most=2048),
        Joined(
            {
                **{
                    kind: Part(Ref(kind, of), f"A {kind.replace('_', ' ')} of the blueprint.")
                    for kind, of in _NAMED.items()
                },
                "database_login": Part(Login(), "A database, to log in to with IAM instead of a password."),
                "path": Part(Text(), "With `bucket`: which objects, such as logs/*."),
                "user": Part(Text(), "With `database_login`: the database's user; all of them if left out."),
            },
            exactly_one=(*_NAMED, "database_login"),
            join=_arn,
        ),
    )
)
ACTION = Text(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+", "an action such as s3:GetObject")
STATEMENT = Record(
    {
        "effect": Part(Choice(("Allow", "Deny")), "Whether it allows or forbids.", default="Allow"),
        "actions": Part(ListOf(ACTION, least=1), "What may be done.", required=True),
        "resources": Part(ListOf(RESOURCE, least=1), "With what.", required=True),
        "conditions": Part(Document(), "Under which conditions, as IAM writes them.", default={}),
    }
)


def document(statements: Iterable[Mapping[str, Any]]) -> str:
    """A policy document of resolved statements."""
    return json.dumps({"Version": VERSION, "Statement": [_statement(one) for one in statements]})


def _statement(one: Mapping[str, Any]) -> dict[str, Any]:
    result = {
        "Effect": one.get("effect") or "Allow",
        "Action": list(one["actions"]),
        "Resource": list(one["resources"]),
    }
    return {**result, "Condition": one["conditions"]} if one.get("conditions") else result


def statements(policy: Any) -> list[dict[str, Any]]:
    """The way back. What the blueprint has no words for (NotAction, ...) stays visible, and so differs."""
    return [_back(one) for one in several(loaded(policy).get("Statement"))]


def loaded(policy: Any) -> dict[str, Any]:
    """A policy document as a dictionary, however AWS wrote it."""
    found: dict[str, Any] = json.loads(policy) if isinstance(policy, str) else dict(policy or {})
    return found


def _back(one: Mapping[str, Any]) -> dict[str, Any]:
    if not {"Action", "Resource"} <= set(one) or set(one) - {"Effect", "Action", "Resource", "Condition", "Sid"}:
        return {"effect": one.get("Effect"), "actions": [f"(other words: {json.dumps(one, sort_keys=True)})"]}
    return {
        "effect": one["Effect"],
        "actions": several(one["Action"]),
        "resources": several(one["Resource"]),
        "conditions": one.get("Condition") or {},
    }


def several(value: Any) -> list[Any]:
    """IAM writes a list of one without its brackets, now and then."""
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]
