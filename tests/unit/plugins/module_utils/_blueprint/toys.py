"""Kinds for tests of the pure parts: boxes stand on shelves, shelves in a room; vaults hold data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import (
    APP_TAG,
    NAME_TAG,
    Change,
    Entry,
    Field,
    Found,
    Kind,
    Usage,
    Wanted,
)
from ansible_collections.stairway.cloud.plugins.module_utils._resource.problems import Problem
from ansible_collections.stairway.cloud.plugins.module_utils._resource.types import ListOf, Number, Ref, Text


def _unused(*_arguments: Any) -> Any:
    raise AssertionError("a pure part asked AWS")


def _kind(name: str, fields: Mapping[str, Field], **more: Any) -> Kind:
    given = {"describe": _unused, "create": _unused, "delete": _unused, "retag": _unused, **more}
    return Kind(name=name, doc="A toy.", fields=fields, **given)


def _smaller(found: Found, wanted: Wanted, fields: frozenset[str]) -> Iterator[Problem]:
    if "gb" in fields and wanted.attrs["gb"] < found.attrs["gb"]:
        yield Problem(f"vault/{wanted.name}.gb", "A vault never shrinks.", str(wanted.attrs["gb"]), "more")


ROOM = _kind("room", {"size": Field(Number(1, 9), "How large.", required=True, change="replace")})
SHELF = _kind(
    "shelf",
    {
        "room": Field(Ref("room"), "Where it stands.", required=True, change="replace"),
        "paint": Field(Text(), "Its colour.", default="white"),
        "wood": Field(Text(), "What it is made of.", change="refuse"),
    },
    changes=(Change(frozenset({"paint"}), _unused),),
    aws_name=lambda app, name, _attrs: f"{app}-{name}",
    price=lambda attrs, _related: [Usage("toy/shelf", 1)],
)
BOX = _kind(
    "box",
    {
        "shelf": Field(Ref("shelf"), "What it stands on.", required=True),
        "beside": Field(ListOf(Ref("box")), "Its neighbours.", late=True),
        "label": Field(Text(), "Its text.", secret=True),
    },
    changes=(Change(frozenset({"shelf", "beside", "label"}), _unused),),
    create_first=True,
)
VAULT = _kind(
    "vault",
    {
        "room": Field(Ref("room"), "Where it stands.", required=True, change="replace"),
        "gb": Field(Number(1, 100), "How much it holds.", default=1),
    },
    changes=(Change(frozenset({"gb"}), _unused),),
    data=True,
    refuse=_smaller,
    snapshot=_unused,
)
KINDS = {kind.name: kind for kind in (ROOM, SHELF, BOX, VAULT)}


def found(kind: str, name: str | None, found_id: str, app: str | None = "shop", **attrs: Any) -> Found:
    """As AWS would describe it, with the tags that an apply sets."""
    tags = {}
    if app:
        tags = {APP_TAG: app, NAME_TAG: name or "", "Name": f"{app}-{name}"}
    aws_name = f"shop-{name}" if kind == "shelf" else None
    return Found(kind, found_id, attrs, tags, aws_name=aws_name)


def keys(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.key for entry in entries]
