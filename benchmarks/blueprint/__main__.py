"""Every benchmark of the AWS part, one after the other: ``make bench PART=blueprint``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

for path in sorted(Path(__file__).parent.glob("bench_*.py")):
    import_module(f"benchmarks.blueprint.{path.stem}").main([])
