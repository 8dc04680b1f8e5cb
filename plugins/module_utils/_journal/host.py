"""The journal in the record of a host, ``/etc/stairway/<app>.json``. Standard library only: this runs on hosts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._common import atomic
from .._common.errors import StairwayError

KEY = "journal"


def path_of(app: str, root: Path = Path("/")) -> Path:
    return root / "etc/stairway" / f"{app}.json"


def load(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The whole record, and the journal in it; a host from before the journal stands where its release says.

    :raises StairwayError: when the file cannot be read.
    """
    if not path.exists():
        return {}, {}
    try:
        record = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise StairwayError(
            f"{path} cannot be read.",
            where=str(path),
            expected="JSON, as Stairway wrote it",
            found=str(error),
            fix=f"Move it away (mv {path} /root/) and run the same command again.",
        ) from error
    stage = record.get("stage") if record.get("current") else None
    return record, record.get(KEY) or ({"app": record.get("app"), "stage": stage} if stage else {})


def save(path: Path, record: Mapping[str, Any], journal: Mapping[str, Any]) -> None:
    """Write the record with this journal; where the app stands is told at its top too."""
    stage = {"stage": journal["stage"]} if journal.get("stage") else {}
    text = json.dumps({**record, **stage, KEY: journal}, indent=1, sort_keys=True)
    atomic.write(path, text + "\n", mode=0o644)
