"""Whether a backup can be what it says it is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .model import Manifest

# What even an empty database leaves, compressed and encrypted.
LEAST_BYTES = 64
# A backup that is so much smaller than the ones before is looked at by a person first.
SHRUNK = 0.5
# Below this, sizes say nothing: an app's first days.
NOTABLE_BYTES = 100_000
LOOKED_AT = 5
# How the note of one begins that would have been doubted, had nobody said that it is right.
ACCEPTED = "accepted: "


def doubt(manifest: Manifest, before: Sequence[Manifest]) -> str | None:
    """Why this one is not believed, or None. ``before`` are the good ones of the same store; what was before one that
    somebody has accepted counts no more.
    """
    if manifest.bytes < LEAST_BYTES:
        return f"it has {manifest.bytes} bytes"
    good = sorted(before, key=lambda one: one.sequence)
    accepted = max((number for number, one in enumerate(good) if one.note.startswith(ACCEPTED)), default=0)
    recent = good[accepted:][-LOOKED_AT:]
    if not recent:
        return None
    usual = sorted(one.bytes for one in recent)[len(recent) // 2]
    if usual >= NOTABLE_BYTES and manifest.bytes < usual * SHRUNK:
        return f"it has {manifest.bytes} bytes, and those before it about {usual}"
    rows = sorted(one.rows for one in recent)[len(recent) // 2]
    if rows and not manifest.rows:
        return f"it has no rows at all, and those before it about {rows}"
    return None
