"""What is noted of a rollout while it goes on, so that a run that was cut off is finished or undone by the next one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..._aws.account import Account
from ..model import root
from . import parameters

FORWARD, BACK = "forward", "back"


@dataclass(frozen=True)
class Note:
    """``to`` is the release that is rolled out, ``before`` the one that served until then, at version ``parameter`` of
    its parameter (0: there was none). ``suspended`` are the processes of the group that this rollout has stopped,
    ``error`` is why it goes back.
    """

    to: str
    version: str
    before: str
    parameter: int
    kind: str
    by: str
    at: str
    way: str = FORWARD
    suspended: tuple[str, ...] = ()
    error: Mapping[str, Any] | None = None


def path(app: str) -> str:
    return f"{root(app)}/rollout"


def read(aws: Account, app: str) -> Note | None:
    """The note of a rollout that has not come to its end."""
    found, _version = parameters.data(aws, path(app))
    if not isinstance(found, Mapping):
        return None
    known = {name: found[name] for name in Note.__dataclass_fields__ if name in found}
    try:
        return Note(**{**known, "suspended": tuple(known.get("suspended") or ())})
    except TypeError:
        return None


def write(aws: Account, app: str, note: Note) -> Note:
    parameters.put(aws, path(app), json.dumps(asdict(note), separators=(",", ":")))
    return note


def drop(aws: Account, app: str) -> None:
    parameters.drop(aws, path(app))
