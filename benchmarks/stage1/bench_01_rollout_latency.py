"""Latency at rest and during rollouts, behind both edges: ``python -m benchmarks.stage1.bench_01_rollout_latency``."""

from __future__ import annotations

import sys
import time

from benchmarks.hosts import site
from benchmarks.table import show
from tests.support.report import Report, Summary
from tests.support.site import Site

ROLLOUTS = 5
RATE = 200
REST_SECONDS = 30


def measure(found: Site, rollouts: int) -> list[dict[str, object]]:
    """Two rows, at rest and during, of one run."""
    load = found.start_load(1200, rate=RATE)
    windows = []
    try:
        time.sleep(REST_SECONDS + 3)
        for number in range(rollouts):
            played = found.good("release.yml", version="2" if number % 2 == 0 else "1")
            windows.append((played.started, played.ended))
            time.sleep(2)
        time.sleep(REST_SECONDS)
        load.stop()
    finally:
        load.kill()
    report = Report.load(load.out)
    begin, end = windows[0][0], windows[-1][1]
    rest = Summary.of([row for row in report.samples if report.samples[0].at + 3 <= row.at < begin or row.at > end + 1])
    during = Summary.of(report.within(windows))
    rows = []
    for what, figures in (("at rest", rest), ("during rollouts", during)):
        rows.append({"edge": found.edge, "when": what, **vars(figures), "p99 ratio": ""})
    rows[1]["p99 ratio"] = f"{during.p99_ms / rest.p99_ms:.2f}"
    return rows


def main(edges: list[str]) -> None:
    rows = []
    for edge in edges or ["caddy", "nginx"]:
        with site(edge) as found:
            rows += measure(found, ROLLOUTS)
    show("Latency at rest and during rollouts", rows, f"{RATE} requests/s, {ROLLOUTS} rollouts each")


if __name__ == "__main__":
    main(sys.argv[1:])
