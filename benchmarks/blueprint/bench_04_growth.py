"""How time, API calls and memory grow with the account: 60, 600 and 3,000 resources of many apps.

Each app is one blueprint of about 60 entries: networks, groups, a load balancer with its parts, buckets, secrets,
roles, alarms. «One app» is a run with nothing to do for one app among all of them, as a team has it; «all apps» one
run after the other for each. Every figure is measured in a process of its own, so that memory is that of the run.
``python -m benchmarks.blueprint.bench_04_growth``
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from benchmarks.table import show
from tests.support.aws.apps import resources
from tests.support.aws.emulators import Emulator, moto
from tests.support.aws.runs import converge, goal, planned

# Named by their owner in AWS, so that two apps would take them from each other.
NOT_TWICE = {"dns_zone", "dns_record", "certificate", "bucket", "log_group", "secret", "parameter", "repository"}
SIZES = (1, 10, 50)


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


def _measured(url: str, numbers: list[int], answers: Any) -> None:
    """In a process of its own: plan each app, and say what it took."""
    emulator = Emulator("moto", url, "")
    wanted = [(goal(blueprint(number), f"shop{number}"), number) for number in numbers]
    known = kinds()
    emulator.account()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    account = emulator.account()
    began, described = time.monotonic(), 0
    for one, number in wanted:
        plan = planned(account, blueprint(number), f"shop{number}")
        assert not plan.changed, [step.key for step in plan.steps if step.verb != "keep"][:5]
        described += len(one.entries)
    seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers.put((seconds, described, sum(account.calls.values()), before // 1024, peak // 1024, len(known)))


def measured(emulator: Emulator, numbers: list[int]) -> tuple[float, int, int, int, int, int]:
    context = multiprocessing.get_context("spawn")
    answers: Any = context.Queue()
    process = context.Process(target=_measured, args=(emulator.url, numbers, answers))
    process.start()
    answer: tuple[float, int, int, int, int, int] = answers.get()
    process.join()
    return answer


def main(sizes: list[str]) -> None:
    rows = []
    with moto() as emulator:
        made = 0
        total = 0
        for apps in [int(size) for size in sizes] or SIZES:
            began, calls = time.monotonic(), 0
            for number in range(made + 1, apps + 1):
                account = emulator.account()
                converge(account, blueprint(number), f"shop{number}")
                calls += sum(account.calls.values())
                total += len(blueprint(number))
            building = time.monotonic() - began
            one = measured(emulator, [1])
            every = measured(emulator, list(range(1, apps + 1)))
            rows.append(
                {
                    "apps": apps,
                    "resources": total,
                    "built s (calls)": f"{building:.0f} ({calls})" if apps > made else "",
                    "one app: s": f"{one[0]:.2f}",
                    "one app: calls": one[2],
                    "all apps: s": f"{every[0]:.1f}",
                    "all apps: ms a resource": f"{1000 * every[0] / total:.1f}",
                    "all apps: calls": every[2],
                    "all apps: calls a resource": f"{every[2] / total:.2f}",
                    "memory MiB (before, peak)": f"{every[3]}, {every[4]}",
                }
            )
            made = apps
    show("Growth: nothing to do in an account of many apps", rows, "issue: no worse than linear, calls bounded")


if __name__ == "__main__":
    main(sys.argv[1:])
