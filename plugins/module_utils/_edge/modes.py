"""What the module ``edge`` does: from the mode of an edge to another one. Standard library only: this runs on hosts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .._common.errors import StairwayError
from .gates import LONGEST_SECONDS, hold, release_hold
from .page import changed_pages, write_pages
from .switch import EdgeState, Mode


@dataclass(frozen=True)
class Wish:
    """What the edge of ``app`` shall do; ``seconds`` bounds a hold, ``text`` goes to the maintenance page."""

    app: str
    mode: Mode
    seconds: int = 30
    text: str | None = None


def converge(wish: Wish, *, check_mode: bool, state: EdgeState | None = None) -> dict[str, Any]:
    """Bring the edge there, or in check mode tell what that would change; returns the module's result.

    :raises StairwayError: when the host has no such app or refuses; what was before then goes on.
    """
    switch = state or EdgeState.of(wish.app)
    if wish.mode == "holding" and not 0 < wish.seconds <= LONGEST_SECONDS:
        raise StairwayError(
            "A hold has to end before users give up.",
            expected=f"1 to {LONGEST_SECONDS} seconds",
            found=str(wish.seconds),
        )
    if not switch.path.is_dir() and not check_mode:
        raise _no_such_app(wish.app, switch)
    before = switch.mode()
    pages = changed_pages(switch.path, wish.text) if wish.mode == "maintenance" else {}
    result: dict[str, Any] = {
        "changed": before != wish.mode or bool(pages) or (wish.mode == "maintenance" and bool(switch.keeper())),
        "state": wish.mode,
        "colour": switch.colour(),
        "diff": [{"before": f"{before}\n", "after": f"{wish.mode}\n", "before_header": "edge", "after_header": "edge"}],
    }
    result["diff"] += [
        {"before": "", "after": text, "before_header": name, "after_header": name} for name, text in pages.items()
    ]
    if result["changed"] and not check_mode:
        _change(wish, before, switch, result)
    return result


def _change(wish: Wish, before: Mode, switch: EdgeState, result: dict[str, Any]) -> None:
    """The new mode is there before the old one goes, so no request slips through between."""
    if wish.mode == "maintenance":
        write_pages(switch.path, wish.text)
        switch.maintain()
    elif wish.mode == "holding":
        hold(wish.app, wish.seconds, state=switch)
    if wish.mode != "maintenance":
        switch.end_maintenance()
    if wish.mode != "holding":
        released = release_hold(wish.app, switch)
        if released is not None:
            result["released"] = asdict(released)


def _no_such_app(app: str, switch: EdgeState) -> StairwayError:
    apps = sorted(path.parent.name for path in switch.path.parent.parent.glob("*/edge"))
    return StairwayError(
        f"The edge of this host does not know the app {app}.",
        where=str(switch.path),
        expected=f"one of {', '.join(apps)}" if apps else "a host that the role caddy or nginx configured",
        found=app,
        fix="Check the name, or run playbooks/stage1.yml first.",
    )
