"""JSON in Parameter Store: read, with its version, and written. Nothing secret may be in any of it."""

from __future__ import annotations

import json
from typing import Any

from ..._aws.account import Account
from ..._aws.errors import AwsError

# Up to 4 KB for nothing, above for a few cents.
# https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
TIER = "Intelligent-Tiering"
_ABSENT = ("ParameterNotFound", "ParameterVersionNotFound")


def text(aws: Account, name: str, version: int | None = None) -> tuple[str, int] | None:
    """What a parameter holds and the number of that version, or None."""
    which = name if version is None else f"{name}:{version}"
    found = aws.call("ssm", "get_parameter", absent=_ABSENT, Name=which)
    return (found["Parameter"]["Value"], int(found["Parameter"]["Version"])) if found else None


def data(aws: Account, name: str, version: int | None = None) -> tuple[Any, int]:
    """The same as JSON; ``(None, 0)`` where nothing is, or nothing that can be read."""
    found = text(aws, name, version)
    if found is None:
        return None, 0
    try:
        return json.loads(found[0]), found[1]
    except ValueError:
        return None, found[1]


def put(aws: Account, name: str, value: str, *, anew: bool = False) -> int:
    """Write it; the number of this version, or 0 where it was to be made ``anew`` and is there already."""
    try:
        answer = aws.call("ssm", "put_parameter", Name=name, Value=value, Type="String", Tier=TIER, Overwrite=not anew)
    except AwsError as error:
        if anew and error.code == "ParameterAlreadyExists":
            return 0
        raise
    return int(answer["Version"])


def drop(aws: Account, name: str) -> None:
    aws.call("ssm", "delete_parameter", absent=("ParameterNotFound",), Name=name)
