"""Bringing units where they should be, and saying what could not run on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .._common.errors import StairwayError
from .._common.run import check, run
from .units import ABSENT, Standing, Unit, action, parse_show, power, show

# Survives a killed controller, not a reboot (after which everything has started with the new files anyway).
PENDING = Path("/run/stairway-pending")
BOOTED = Path("/run/systemd/system")
START_SECONDS = 300


@dataclass
class Outcome:
    """What was done to units (or would be, in check mode), and which could not be started and why."""

    done: list[dict[str, str]] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)


def booted() -> bool:
    """Whether systemd is the init of this machine (as ``sd_booted(3)`` finds out)."""
    return BOOTED.is_dir()


def standings(units: Iterable[Unit]) -> dict[str, Standing]:
    names = [unit.name for unit in units]
    return parse_show(check(show(names), what="systemctl show"), names) if names else {}


def remember(units: Iterable[Unit], labels: Iterable[str]) -> None:
    """Note the labels that units have to hear of, before any file is replaced: a killed run is taken up again."""
    changed = set(labels)
    for unit in units:
        due = changed & {*unit.restart_on, *unit.reload_on}
        if due and booted():
            PENDING.mkdir(mode=0o755, parents=True, exist_ok=True)
            (PENDING / unit.name).write_text("\n".join(sorted(due | set(pending(unit)))), encoding="utf-8")


def pending(unit: Unit) -> tuple[str, ...]:
    """Labels that an interrupted run left for this unit."""
    try:
        return tuple((PENDING / unit.name).read_text(encoding="utf-8").split())
    except (FileNotFoundError, NotADirectoryError):
        return ()


def forget(unit: Unit) -> None:
    (PENDING / unit.name).unlink(missing_ok=True)


def converge(units: tuple[Unit, ...], labels: tuple[str, ...], *, reload_manager: bool, check_mode: bool) -> Outcome:
    """Enable, start, reload and restart. ``labels`` are those of the files that changed in this call.

    :raises StairwayError: when a unit does not start, with the last lines of its log.
    """
    outcome = Outcome()
    if not booted():
        outcome.skipped.extend({"name": unit.name, "reason": "systemd does not run on this machine"} for unit in units)
        return outcome
    standing = standings(units)
    if (reload_manager or any(state.stale for state in standing.values())) and not check_mode:
        check(["systemctl", "daemon-reload"], what="systemctl daemon-reload")
        standing = standings(units)
    for unit in units:
        _one(unit, standing.get(unit.name, ABSENT), labels, outcome, check_mode)
    return outcome


def _one(unit: Unit, standing: Standing, labels: tuple[str, ...], outcome: Outcome, check_mode: bool) -> None:
    if not standing.loaded and not check_mode:
        if unit.optional or unit.state == "stopped":
            return
        raise StairwayError(f"There is no unit {unit.name} on this host.", where=unit.name)
    if not standing.loaded and unit.optional:
        return  # in check mode nobody knows whether a package will bring it
    switch = power(unit, standing)
    if switch:
        outcome.done.append({"name": unit.name, "action": switch})
        if not check_mode:
            check(["systemctl", switch, "--", unit.name], what=f"systemctl {switch} {unit.name}")
    verb = action(unit, standing, (*labels, *pending(unit)), working=_works(unit, standing))
    if verb == "start" and standing.condition_failed:
        _start_quietly(unit, outcome, check_mode)
    elif verb:
        outcome.done.append({"name": unit.name, "action": verb})
        if not check_mode:
            _act(unit, verb, outcome)
    if not check_mode:
        forget(unit)


def _works(unit: Unit, standing: Standing) -> bool:
    return not (unit.probe and standing.active) or run(list(unit.probe)).ok


def _act(unit: Unit, verb: str, outcome: Outcome) -> None:
    if verb == "restart" and unit.reload_first:
        run(["systemctl", "reload", "--", unit.name])
    if verb in ("start", "restart"):
        run(["systemctl", "reset-failed", "--", unit.name])  # else «start request repeated too quickly»
    _do(unit, verb, outcome)


def _do(unit: Unit, verb: str, outcome: Outcome) -> None:
    done = run(["systemctl", verb, "--", unit.name], timeout=START_SECONDS)
    if not done.ok:
        raise StairwayError(
            f"{unit.name} did not {verb}.",
            where=unit.name,
            fix=f"systemctl status {unit.name}; journalctl -u {unit.name}",
            log=[*done.tail(3), *_journal(unit)],
        )
    if verb == "start" and (reason := _unmet(unit)):
        outcome.done.pop()
        outcome.skipped.append({"name": unit.name, "reason": reason})


def _start_quietly(unit: Unit, outcome: Outcome, check_mode: bool) -> None:
    """A unit whose condition was not met before: try again, and report a change only if it runs now."""
    if not check_mode:
        outcome.done.append({"name": unit.name, "action": "start"})
        _do(unit, "start", outcome)
    else:
        outcome.skipped.append({"name": unit.name, "reason": _unmet(unit) or "its condition is not met"})


def _unmet(unit: Unit) -> str | None:
    """The condition that keeps a unit from running here, such as ConditionVirtualization in a container."""
    text = run(["systemctl", "status", "--no-pager", "--lines=0", "--", unit.name]).stdout  # exits 3 when inactive
    lines = [line.strip(" └├─") for line in text.splitlines() if "was not met" in line]
    if lines:
        return lines[-1]
    standing = standings([unit])[unit.name]
    if standing.active or not standing.condition_failed:
        return None
    return "a condition of the unit is not met on this machine"


def _journal(unit: Unit) -> list[str]:
    return run(["journalctl", "--no-pager", "--output=cat", "--lines=15", f"--unit={unit.name}"]).tail(15)


def revert(units: Iterable[Unit], labels: Iterable[str]) -> list[str]:
    """After the files are back: restart what had to hear of them and stands failed, reload the rest.

    Returns what did not work; the error that led here is what a person has to see first.
    """
    trouble = []
    run(["systemctl", "daemon-reload"])
    changed = set(labels)
    for unit in units:
        if not pending(unit) or not changed & {*unit.restart_on, *unit.reload_on}:
            continue
        state = standings([unit])[unit.name]
        run(["systemctl", "reset-failed", "--", unit.name])
        if state.failed or state.active:
            verb = "restart" if state.failed or changed & set(unit.restart_on) else "reload-or-restart"
            done = run(["systemctl", verb, "--", unit.name], timeout=START_SECONDS)
            trouble.extend([] if done.ok else done.tail(3))
        forget(unit)
    return trouble
