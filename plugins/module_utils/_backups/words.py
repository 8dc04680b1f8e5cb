"""What is said of backups: to Slack, and on a terminal. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

HOUR, DAY = 3600, 86_400


def size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def span(seconds: float) -> str:
    """A time that somebody can picture."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 2 * HOUR:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / HOUR:.0f} h" if seconds < 2 * DAY else f"{seconds / DAY:.0f} days"


def notice(app: str, host: str, what: str, done: Sequence[Mapping[str, Any]], failed: Mapping[str, str]) -> str:
    """A message for Slack: what went wrong first, in one line each."""
    if not failed:
        parts = ", ".join(f"{one['name']} {size(one['bytes'])} in {span(one['seconds'])}" for one in done)
        return f":white_check_mark: *{app}* {what} on {host}: {parts}"
    lines = [f":x: *{app}* {what} failed on {host}: {', '.join(sorted(failed))}"]
    lines += [f"{name}: {' '.join(why.split())[:300]}" for name, why in sorted(failed.items())]
    if done:
        lines.append(f"Good: {', '.join(str(one['name']) for one in done)}.")
    return "\n".join(lines)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns below each other."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))] if rows else []
    return ["  ".join(part.ljust(width) for part, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def standing(
    state: Mapping[str, Any], now: float, *, rpo_minutes: int, rto_minutes: int, alarm: int | None
) -> list[str]:
    """How the backups are, beside what the app has to reach."""
    rows: list[tuple[str, ...]] = [("store", "last good", "size", "rows", "last try", "last drill", "RPO", "RTO")]
    for name, part in sorted(state.get("stores", {}).items()):
        rows.append(_row(name, part, now, rpo_minutes, rto_minutes))
    files = state.get("files")
    if files:
        rows.append(_row("files", files, now, rpo_minutes, rto_minutes))
    if len(rows) == 1:
        return ["No backup was made yet: ansible-playbook playbooks/backup.yml"]
    lines = table(rows)
    lines.append(f"Wanted: RPO {rpo_minutes} min (how much may be lost), RTO {rto_minutes} min (how long it may take).")
    parts = {**state["stores"], **({"files": files} if files else {})}
    for name, part in sorted(parts.items()):
        lines += [f"{name}: {part[word]}" for word in ("error", "drill_error") if part.get(word)]
    if alarm is not None:
        late = [name for name, part in sorted(state["stores"].items()) if _days(part, now) > alarm]
        lines += [f"No good drill of {name} for more than {alarm} days." for name in late]
    return lines


def _days(part: Mapping[str, Any], now: float) -> float:
    last = (part.get("drill") or {}).get("at", part.get("first", now))
    return float(now - last) / DAY


def _row(name: str, part: Mapping[str, Any], now: float, rpo: int, rto: int) -> tuple[str, ...]:
    good, proof = part.get("good"), part.get("drill")
    lost = widest(part.get("times", []), now)
    return (
        name,
        f"{span(now - good['made'])} ago" if good else "never",
        size(good["bytes"]) if good else "-",
        str(good.get("rows", "-")) if good else "-",
        "good" if part.get("error") is None else "failed",
        f"{span(now - proof['at'])} ago" if proof else "never",
        _reached(lost, rpo) if good else "-",
        # a drill with a note has restored nothing: how long it read says nothing of how long a restore takes
        _reached(proof["seconds"], rto) if proof and "note" not in proof else "not proven",
    )


def widest(times: Sequence[float], now: float) -> float:
    """The longest time between two good backups, the one since the last included: what a fault at the worst moment
    would have cost.
    """
    return max((later - earlier for earlier, later in pairwise([*sorted(times), now])), default=0.0)


def _reached(seconds: float, minutes: int) -> str:
    return f"{span(seconds)}{'' if seconds <= minutes * 60 else ' (missed)'}"
