"""Every benchmark of stage 1, one after the other: ``make bench PART=stage1``."""

from __future__ import annotations

import sys

from benchmarks.stage1 import bench_01_rollout_latency, bench_05_noop_and_rollback, bench_06_comparison

for benchmark in (bench_01_rollout_latency, bench_05_noop_and_rollback, bench_06_comparison):
    benchmark.main(sys.argv[1:])
