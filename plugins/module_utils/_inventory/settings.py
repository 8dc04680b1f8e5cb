"""The options of an inventory file, checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .._common.errors import StairwayError
from .._common.suggest import listing
from . import groups, hostnames
from .fields import APP_TAG

# Instances that are gone, or going, are no hosts; naming the filter changes that, as with aws_ec2.
STATES = ("pending", "running", "stopping", "stopped")
Filters = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Settings:
    """``include`` and ``exclude`` hold one query each; an instance is in when one of ``include`` finds it and none of
    ``exclude``."""

    regions: tuple[str, ...]
    include: tuple[Filters, ...]
    exclude: tuple[Filters, ...]
    hostnames: tuple[hostnames.Preference, ...]
    every_name: bool = False
    full: bool = False
    address: str = "public"
    group_by: tuple[str, ...] = tuple(groups.KINDS)
    partial: bool = False
    profile: str | None = None
    role: str | None = None
    endpoint_url: str | None = None
    timeout: int = 10


def read(options: Mapping[str, Any]) -> Settings:
    """The settings that ``options`` say.

    :raises StairwayError: at the first option that cannot be.
    """
    scope = _scope(options)
    asked = [one for one in (options.get("filters"), *(options.get("include_filters") or ())) if one]
    unknown = [one for one in options["group_by"] if one not in groups.KINDS]
    if unknown:
        raise StairwayError(
            f"There is no group by {listing(unknown)}.",
            expected=listing(groups.KINDS),
            found=", ".join(unknown),
            where="group_by",
            fix="take it out; keyed_groups makes a group of anything else",
        )
    return Settings(
        regions=tuple(dict.fromkeys(str(one) for one in options["regions"] or ())),
        include=tuple(_query(one, scope, "filters or include_filters") for one in asked or [{}]),
        exclude=tuple(_query(one, scope, "exclude_filters") for one in options.get("exclude_filters") or ()),
        hostnames=hostnames.preferences(options.get("hostnames") or ()),
        every_name=bool(options.get("allow_duplicated_hosts")),
        full=options["variables"] == "full",
        address=options["address"],
        group_by=tuple(options["group_by"]),
        partial=bool(options.get("partial")),
        profile=options.get("profile") or None,
        role=options.get("assume_role_arn") or None,
        endpoint_url=options.get("endpoint_url") or None,
        timeout=int(options.get("timeout") or 10),
    )


def digest(settings: Settings, *more: Any) -> str:
    """Differs where a cached inventory would not be the same."""
    text = json.dumps([asdict(settings), more], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _scope(options: Mapping[str, Any]) -> Filters:
    app = options.get("app")
    names = tuple(str(one) for one in ([app] if isinstance(app, str) else app or ()) if one)
    if options.get("every_instance"):
        if names:
            raise StairwayError(
                "app and every_instance exclude each other.",
                expected="one of them",
                found=f"app: {', '.join(names)}, and every_instance: true",
                where="app",
                fix="take every_instance out to see the instances of the app only",
            )
        return ()
    return ((f"tag:{APP_TAG}", names or ("*",)),)


def _query(given: Any, scope: Filters, where: str) -> Filters:
    if not isinstance(given, Mapping):
        raise StairwayError(
            "A filter is a dictionary of names and values.",
            expected="for example instance-state-name: running",
            found=repr(given),
            where=where,
        )
    asked = tuple((str(name), _values(value)) for name, value in given.items())
    names = {name for name, _texts in asked}
    for name, texts in scope:
        if name in names and texts != ("*",):
            raise StairwayError(
                f"Both app and {where} ask for {name}.",
                expected="one of them",
                found=f"app: {', '.join(texts)}",
                where=where,
                fix=f"take {name} out of {where}; app may be a list",
            )
    states: Filters = () if "instance-state-name" in names else (("instance-state-name", STATES),)
    return asked + tuple(one for one in scope if one[0] not in names) + states


def _values(value: Any) -> tuple[str, ...]:
    """As ``aws_ec2`` has it: ``true`` for True, one text or number, or a list of them."""
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_values(one)[0] for one in value)
    return (str(value),)
