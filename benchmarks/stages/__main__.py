"""Every benchmark of the stages, one after the other: ``make bench PART=stages``."""

from __future__ import annotations

import sys

from benchmarks.stages import bench_05_nothing_to_do

bench_05_nothing_to_do.main(sys.argv[1:])
