"""Manifests as text, with a checksum of their own: a flipped bit must not make a good backup look bad, or a bad one
good. Pure.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import time
from typing import Any

from .model import PROGRAM, Manifest
from .target import Unreadable

FILE = "manifest.json"
_ID = re.compile(r"(\d{6,})-\d{8}T\d{6}Z")


def new_id(sequence: int, now: float) -> str:
    """``000042-20261121T020000Z``: the order stands first, as a clock can go wrong."""
    return f"{sequence:06d}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}"


def sequence_of(name: str) -> int | None:
    """The place in the order of what is called ``name``, None when that is no backup's."""
    match = _ID.fullmatch(name)
    return int(match[1]) if match else None


def text(manifest: Manifest) -> str:
    body = json.dumps(dataclasses.asdict(manifest), indent=1, sort_keys=True, ensure_ascii=False)
    return json.dumps({"format": PROGRAM, "sha256": _digest(body), "manifest": json.loads(body)}, indent=1) + "\n"


def read(content: str, where: str) -> Manifest:
    """:raises Unreadable: when it was changed or cut off, or is of a newer program."""
    try:
        data: dict[str, Any] = json.loads(content)
        given = data["manifest"]
        body = json.dumps(given, indent=1, sort_keys=True, ensure_ascii=False)
        whole, made_by = _digest(body) == data["sha256"], int(data["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(where, str(error)) from error
    if made_by > PROGRAM:
        raise Unreadable(
            "This backup was made by a newer Stairway.",
            where=where,
            expected=f"format {PROGRAM} at most",
            found=f"format {made_by}",
            fix="bring the host to the newer program first: ansible-playbook playbooks/stage1.yml",
        )
    if not whole:
        raise _damaged(where, "its checksum does not fit")
    for name in ("loose", "roles"):
        given[name] = tuple(given[name])
    return Manifest(**given)


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _damaged(where: str, found: str) -> Unreadable:
    return Unreadable(
        "The manifest of this backup is damaged.",
        where=where,
        found=found,
        expected="the file as it was written",
        fix="take another backup: ansible-playbook playbooks/backup.yml -e list=true",
    )
