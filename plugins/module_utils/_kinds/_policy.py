"""IAM statements as the blueprint has them: actions, and resources by the name of an entry.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .._resource.joined import Joined
from .._resource.types import Choice, Document, Either, ListOf, Part, Record, Ref, Text

# kinds whose ARN a statement may name
_NAMED = ("bucket", "secret", "parameter", "repository", "database", "cache", "log_group", "topic", "queue", "role")


def _arn(parts: Mapping[str, Any]) -> str:
    """``{bucket, path}`` is what is in the bucket, ``{database, user}`` a login by IAM, a log group its streams too."""
    kind = next(one for one in (*_NAMED, "database_login") if parts.get(one) is not None)
    arn = str(parts[kind])
    if kind == "bucket" and parts.get("path") is not None:
        return f"{arn}/{parts['path'].lstrip('/')}"
    if kind == "log_group":
        return f"{arn}:*"
    if kind == "database_login":
        return f"{arn}/{parts.get('user') or '*'}"
    return arn


RESOURCE = Either(
    (
        Text(r"\*|arn:[^\s]+", "`*` or an ARN", most=2048),
        Joined(
            {
                **{kind: Part(Ref(kind, "arn"), f"A {kind.replace('_', ' ')} of the blueprint.") for kind in _NAMED},
                "database_login": Part(
                    Ref("database", "connect_arn"), "A database, to log in to with IAM instead of a password."
                ),
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
    return json.dumps({"Version": "2012-10-17", "Statement": [_statement(one) for one in statements]})


def _statement(one: Mapping[str, Any]) -> dict[str, Any]:
    result = {
        "Effect": one.get("effect") or "Allow",
        "Action": list(one["actions"]),
        "Resource": list(one["resources"]),
    }
    return {**result, "Condition": one["conditions"]} if one.get("conditions") else result


def statements(policy: Any) -> list[dict[str, Any]]:
    """The way back. What the blueprint has no words for (NotAction, ...) stays as it is, and so differs."""
    loaded = json.loads(policy) if isinstance(policy, str) else policy
    return [_back(one) for one in _several(loaded.get("Statement"))]


def _back(one: Mapping[str, Any]) -> dict[str, Any]:
    if not {"Action", "Resource"} <= set(one) or set(one) - {"Effect", "Action", "Resource", "Condition", "Sid"}:
        return {"effect": one.get("Effect"), "actions": [f"(not in our words: {json.dumps(one, sort_keys=True)})"]}
    return {
        "effect": one["Effect"],
        "actions": _several(one["Action"]),
        "resources": _several(one["Resource"]),
        "conditions": one.get("Condition") or {},
    }


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]
