"""How time, API calls and memory grow with the account: 48, 624 and 3,024 resources of many apps.

Each app is shop at stage 4 with names and a network of its own: 48 entries of 29 kinds. «One app» is a run with
nothing to do for one app among all of them, as a team has it; «all apps» is such a run for each, one after the other.
Each run is measured in a process of its own, as every playbook is one. «Own CPU» is what our process worked; the rest
of the time it waits for moto, which looks through all that it has for every answer, where AWS has indexes.
``python -m benchmarks.blueprint.bench_04_growth [APPS ...]``
"""

from __future__ import annotations

import multiprocessing
import queue
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from benchmarks.table import show
from tests.support.aws.apps import resources
from tests.support.aws.emulators import Emulator, moto
from tests.support.aws.runs import converge, planned, verbs

SIZES = (1, 13, 63)
TIMES = 3


def blueprint(number: int) -> list[dict[str, Any]]:
    """Entries of the ``number``-th app: shop's at stage 4, with names and a network of its own."""
    entries = []
    for entry in resources("shop", "stage4"):
        text = str(entry)
        entries.append(eval(_renamed(text, number), {"__builtins__": {}}))  # noqa: S307 - our own literal, edited
    return entries


def _renamed(text: str, number: int) -> str:
    for old, new in (
        ("10.0.", f"10.{number}."),
        ("ecommerce", f"ecommerce{number}"),
        ("example.com", f"example{number}.com"),
        ("rds/", f"rds{number}/"),
        ("jwt/", f"jwt{number}/"),
        ("/shop-", f"/shop{number}-"),
    ):
        text = text.replace(old, new)
    return text


@dataclass(frozen=True)
class Took:
    """What a plan with nothing to do took: seconds, those of them that our process worked, calls, MiB."""

    seconds: float
    cpu: float
    calls: int
    before: int
    peak: int


def _measured(url: str, number: int, answers: Any) -> None:
    """In a process of its own: plan one app."""
    emulator = Emulator("moto", url, "")
    entries = blueprint(number)
    kinds()
    account = emulator.account()
    before, began, worked = _memory(), time.monotonic(), time.process_time()
    plan = planned(account, entries, f"shop{number}")
    assert not plan.changed, f"shop{number}: {verbs(plan)}"
    calls = sum(account.calls.values())
    answers.put(Took(time.monotonic() - began, time.process_time() - worked, calls, before, _memory()))


def _memory() -> int:
    """The most so far. Not ``ru_maxrss``: that starts with what the parent had."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1024


def measured(emulator: Emulator, number: int) -> Took:
    context = multiprocessing.get_context("spawn")
    answers: Any = context.Queue()
    process = context.Process(target=_measured, args=(emulator.url, number, answers))
    process.start()
    while True:
        try:
            took: Took = answers.get(timeout=1)
            break
        except queue.Empty:
            if not process.is_alive():
                raise RuntimeError(f"the process that measures ended with {process.exitcode}") from None
    process.join()
    return took


def build(emulator: Emulator, first: int, last: int) -> str:
    """Make the apps ``first`` to ``last``; seconds and calls."""
    began, calls = time.monotonic(), 0
    for number in range(first, last + 1):
        account = emulator.account()
        converge(account, blueprint(number), f"shop{number}")
        calls += sum(account.calls.values())
    return f"{time.monotonic() - began:.0f} ({calls})"


def row(emulator: Emulator, apps: int, built: str) -> dict[str, object]:
    total = sum(len(blueprint(number)) for number in range(1, apps + 1))
    one = [measured(emulator, 1) for _ in range(TIMES)]
    every = [measured(emulator, number) for number in range(1, apps + 1)]
    return {
        "apps": apps,
        "resources": total,
        "built s (calls)": built,
        "one app: s": f"{statistics.median(took.seconds for took in one):.2f}",
        "one app: own CPU s": f"{statistics.median(took.cpu for took in one):.2f}",
        "one app: calls": one[0].calls,
        "all apps: s": f"{sum(took.seconds for took in every):.1f}",
        "all apps: own CPU ms a resource": f"{1000 * sum(took.cpu for took in every) / total:.1f}",
        "all apps: calls a resource": f"{sum(took.calls for took in every) / total:.2f}",
        "MiB, one app (before, peak)": f"{one[0].before}, {one[0].peak}",
        "MiB, the most of all apps": max(took.peak for took in every),
    }


def main(sizes: list[str]) -> None:
    rows, made = [], 0
    with moto() as emulator:
        for apps in sorted(int(size) for size in sizes) or SIZES:
            built = build(emulator, made + 1, apps)
            made = apps
            rows.append(row(emulator, apps, built))
            print(rows[-1], flush=True)
    show("Growth: nothing to do in an account of many apps", rows, "issue: no worse than linear, calls bounded")


if __name__ == "__main__":
    main(sys.argv[1:])
