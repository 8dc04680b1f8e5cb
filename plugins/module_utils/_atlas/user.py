"""The app's user, as Atlas has it. Pure.

https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-createdatabaseuser. Nobody can ask Atlas for
a password, so one is set when the user is made, and afterwards where the task says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .._common.errors import StairwayError
from .plan import Change, Part, Step
from .wanted import User, Wanted

WHAT = "user"
SOURCE = "admin"


def path(name: str) -> str:
    return f"/databaseUsers/{SOURCE}/{quote(name, safe='')}"


def part(want: Wanted, found: Mapping[str, Any] | None) -> Part:
    made = Part()
    user = want.user
    if user is None:
        return made
    if found is None:
        if user.password is None:
            made.problems.append(
                StairwayError(
                    f"There is no user {user.name} yet, and a new one needs a password.", where="user.password"
                )
            )
        else:
            made.steps.append(_new(want, user))
        return made
    body, changes = _other(want, user, found)
    if changes:
        base = {"databaseName": SOURCE, "username": user.name}
        made.steps.append(Step(WHAT, "PATCH", path(user.name), {**base, **body}, tuple(changes)))
    return made


def gone(want: Wanted, found: Mapping[str, Any] | None) -> Part:
    """A user that may do nothing but use this cluster goes with it."""
    made = Part()
    if want.user is None or found is None:
        return made
    if _clusters(found) == {want.name}:
        change = Change(WHAT, want.user.name, None)
        made.steps.append(Step(WHAT, "DELETE", path(want.user.name), None, (change,)))
    else:
        made.notes.append(f"user {want.user.name} stays: it is for other clusters too")
    return made


def _new(want: Wanted, user: User) -> Step:
    body = {
        "databaseName": SOURCE,
        "username": user.name,
        "password": user.password,
        "roles": _roles(user),
        "scopes": [{"name": want.name, "type": "CLUSTER"}],
    }
    changes = (Change(WHAT, None, user.name), Change("user.roles", None, _words(user.roles)))
    return Step(WHAT, "POST", "/databaseUsers", body, changes)


def _other(want: Wanted, user: User, found: Mapping[str, Any]) -> tuple[dict[str, Any], list[Change]]:
    body: dict[str, Any] = {}
    changes = []
    roles = _found_roles(found)
    if user.roles and (roles != user.roles or any(one.get("collectionName") for one in found.get("roles") or [])):
        body["roles"] = _roles(user)
        changes.append(Change("user.roles", _words(roles), _words(user.roles)))
    scopes = found.get("scopes") or []
    if scopes and want.name not in _clusters(found):
        body["scopes"] = [*scopes, {"name": want.name, "type": "CLUSTER"}]
        changes.append(Change("user.clusters", ", ".join(sorted(_clusters(found))), f"and {want.name}"))
    if user.always and user.password is not None:
        body["password"] = user.password
        changes.append(Change("user.password", "as it was", "set anew"))
    return body, changes


def _roles(user: User) -> list[dict[str, str]]:
    return [{"roleName": role, "databaseName": database} for role, database in user.roles]


def _found_roles(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((str(one.get("roleName")), str(one.get("databaseName"))) for one in found.get("roles") or []))


def _words(roles: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{role}@{database}" for role, database in roles)


def _clusters(found: Mapping[str, Any]) -> set[str]:
    return {str(one.get("name")) for one in found.get("scopes") or [] if one.get("type") == "CLUSTER"}
