"""All of them: ``python -m benchmarks.moves``."""

from __future__ import annotations

from benchmarks.moves import bench_01_copy

bench_01_copy.main(bench_01_copy.ROWS, bench_01_copy.ROUNDS)
