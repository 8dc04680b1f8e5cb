"""Printing what a benchmark saw, and keeping it as JSON in ``.cache/proof/benchmarks.jsonl``."""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.site import PROOF

Row = Mapping[str, object]


def table(rows: Sequence[Row]) -> str:
    """``rows`` as a Markdown table; the columns are the keys of the first one."""
    if not rows:
        return "(nothing)"
    names = list(rows[0])
    cells = [names, *([str(row.get(name, "")) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def machine() -> dict[str, object]:
    """What it ran on, without the machine's name."""
    cpu = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    cores = sum(line.startswith("processor") for line in _lines("/proc/cpuinfo"))
    memory = next((int(line.split()[1]) // 1024**2 for line in _lines("/proc/meminfo") if "MemTotal" in line), 0)
    return {"cpu": cpu, "cores": cores, "memory_gib": memory, "python": platform.python_version()}


def show(name: str, rows: Sequence[Row], note: str = "") -> None:
    """Print the table and append it to the kept results."""
    at = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    print(f"\n## {name} ({at})\n\n{table(rows)}\n{note}", flush=True)
    PROOF.mkdir(parents=True, exist_ok=True)
    kept = {"name": name, "at": at, "machine": machine(), "rows": [dict(row) for row in rows], "note": note}
    with (PROOF / "benchmarks.jsonl").open("a") as file:
        file.write(json.dumps(kept) + "\n")


def spread(seconds: Sequence[float]) -> str:
    """Median and range."""
    return f"{statistics.median(seconds):.1f} ({min(seconds):.1f}-{max(seconds):.1f})"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
