"""The release document from the facts of the app, and the list of good releases. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..._common.errors import StairwayError
from ..model import Release, Secret, release

GOOD, WITHDRAWN = "good", "withdrawn"
# Staging labels of one version of a secret keep it; a secret has 20 at most, two of them AWS's own.
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
MOST_KEPT = 17


def release_id(now: str, version: str) -> str:
    """Sorts by time, and is fit for the name of a parameter: ``20261121T114501Z-2``."""
    return f"{re.sub(r'[-:]', '', now)}-{re.sub(r'[^A-Za-z0-9_.-]', '-', version)}"


def release_document(
    facts: Mapping[str, Any],
    fleet: Mapping[str, Any],
    *,
    version: str,
    images: Mapping[str, str],
    env: Secret,
    registry: str | None,
    endpoints: Mapping[str, Mapping[str, Any]],
    at: str,
    by: str,
) -> Release:
    """``facts`` is the ``release`` part of the app's facts, ``fleet`` the ``fleet`` part.

    :raises StairwayError: when it is not known where a store is, or the document is too long for a parameter.
    """
    whole = {
        **{name: facts[name] for name in ("app", "domain", "tls", "services", "tasks")},
        "release": release_id(at, version),
        "version": version,
        "at": at,
        "by": by,
        "images": dict(images),
        "env": asdict(env),
        "stores": [_store(one, endpoints) for one in fleet["stores"]],
        "ports": dict(fleet["ports"]),
        "registry": registry,
    }
    # as it will be read: what a fleet has no use for is left out
    return release(release(json.dumps(whole), "the facts of the app").text(), "the facts of the app")


def _store(one: Mapping[str, Any], endpoints: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    name = one["name"]
    if name not in endpoints:
        raise StairwayError(
            f"It is not known where the store {name} is.",
            expected="its host and port, as the account has them",
            found=", ".join(sorted(endpoints)) or "no endpoint at all",
            where=f"app.stores.{name}",
            fix="ansible-playbook playbooks/stage4.yml, which makes the store or finds it",
        )
    where = endpoints[name]
    return {
        **{key: one.get(key) or "" for key in ("name", "engine", "image", "database", "user")},
        "host": str(where["host"]),
        "port": int(where["port"]),
        "tls": bool(where["tls"]),
        "secret": where.get("secret") or None,
    }


def same(one: Release, other: Release) -> bool:
    """Whether both run the same: everything but who released it, and when."""

    return replace(one, release="", at="", by="") == replace(other, release="", at="", by="")


@dataclass(frozen=True)
class Kept:
    """A release that served. ``parameter`` is the version of the parameter that holds its document, ``env`` that of
    the secret with its environment.
    """

    release: str
    version: str
    at: str
    by: str
    parameter: int
    env: str = ""
    state: str = GOOD
    seconds: float | None = None


def kept(data: Any) -> list[Kept]:
    """The list as it stands in Parameter Store, newest first; what cannot be read is left out."""
    fields = Kept.__dataclass_fields__
    found = []
    for one in data if isinstance(data, list) else ():
        try:
            found.append(Kept(**{name: one[name] for name in fields if name in one}))
        except (TypeError, KeyError):
            continue
    return found


def listed(all_kept: Sequence[Kept]) -> list[dict[str, Any]]:
    return [asdict(one) for one in all_kept]


def with_good(all_kept: Sequence[Kept], new: Kept, keep: int) -> list[Kept]:
    """The list after ``new`` has served. One that is in it already (a rollback) stays where it is, and those above it
    are withdrawn: a rollback never returns to them.
    """
    if any(one.release == new.release for one in all_kept):
        at = next(index for index, one in enumerate(all_kept) if one.release == new.release)
        above = [replace(one, state=WITHDRAWN) for one in all_kept[:at]]
        return [*above, replace(all_kept[at], parameter=new.parameter), *all_kept[at + 1 :]]
    return [new, *all_kept][: min(keep, MOST_KEPT)]


def before(all_kept: Sequence[Kept], current: str) -> Kept | None:
    """The release to go back to from ``current``: the newest good one below it."""
    ids = [one.release for one in all_kept]
    older = all_kept[ids.index(current) + 1 :] if current in ids else all_kept
    return next((one for one in older if one.state == GOOD), None)
