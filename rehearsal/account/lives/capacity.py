"""How many machines a group wants, within its bounds, and what it says it has done."""

from __future__ import annotations

import uuid
from typing import Any

from moto.core.utils import utcnow

KEPT = 50  # activities of a group


def bounded(group: Any, wanted: int) -> int:
    """As near as the group's smallest and largest size let it come."""
    return max(int(group.min_size or 0), min(int(group.max_size or 0), wanted))


def change(backend: Any, group: Any, wanted: int, cause: str) -> bool:
    """The group wants so many from now on, within its bounds; whether that is news."""
    wanted, before = bounded(group, wanted), int(group.desired_capacity or 0)
    if wanted == before:
        return False
    note(group, f"Changing the desired capacity from {before} to {wanted}", cause)
    backend.set_desired_capacity(group.name, wanted)
    return True


def note(group: Any, description: str, cause: str, status: str = "Successful", message: str = "") -> None:
    """One more of the group's activities, the newest first; what fails in the same way again is noted once."""
    known = vars(group).setdefault("stairway_activities", [])
    if status == "Failed" and known and known[0].get("StatusMessage") == message:
        return
    now = utcnow()
    one = {
        "ActivityId": str(uuid.uuid4()),
        "AutoScalingGroupName": group.name,
        "Description": description,
        "Cause": f"At {now.strftime('%Y-%m-%dT%H:%M:%SZ')} {cause}",
        "StartTime": now,
        "EndTime": now,
        "StatusCode": status,
        "Progress": 100,
        **({"StatusMessage": message} if message else {}),
    }
    known.insert(0, one)
    del known[KEPT:]
