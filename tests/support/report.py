"""What a load run saw, and the arithmetic over it. Pure: no network, no clock."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple


class Sample(NamedTuple):
    """One request. ``at`` is when it was due (epoch seconds); ``latency`` counts from then, in seconds.

    ``status`` is 0 when no answer came, and ``error`` then says why. ``number`` is the write's number, else -1.
    """

    at: float
    latency: float
    kind: str
    status: int
    error: str
    version: str
    number: int

    @property
    def failed(self) -> bool:
        return bool(self.error) or not 200 <= self.status < 300


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile; ``nan`` of nothing, so that no comparison with it is ever true."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


@dataclass(frozen=True)
class Summary:
    """Figures of some samples; times in milliseconds."""

    sent: int
    failed: int
    p50_ms: float
    p99_ms: float
    max_ms: float

    @classmethod
    def of(cls, samples: Iterable[Sample]) -> Summary:
        rows = list(samples)
        times = [row.latency * 1000 for row in rows]
        return cls(
            sent=len(rows),
            failed=sum(row.failed for row in rows),
            p50_ms=round(percentile(times, 50), 2),
            p99_ms=round(percentile(times, 99), 2),
            max_ms=round(max(times, default=math.nan), 2),
        )


@dataclass(frozen=True)
class Report:
    """A whole run: every request that was due, in the order in which they were due."""

    samples: tuple[Sample, ...]
    run: str = ""
    late_ms: float = 0.0
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def summary(self) -> Summary:
        return Summary.of(self.samples)

    @property
    def failures(self) -> list[Sample]:
        return [row for row in self.samples if row.failed]

    def between(self, start: float, end: float) -> list[Sample]:
        """Samples due from ``start`` until before ``end`` (epoch seconds)."""
        return [row for row in self.samples if start <= row.at < end]

    def within(self, windows: Iterable[tuple[float, float]]) -> list[Sample]:
        """Samples due in any of the ``windows``, each once."""
        spans = list(windows)
        return [row for row in self.samples if any(start <= row.at < end for start, end in spans)]

    def versions(self) -> list[tuple[str, float]]:
        """Each change of the version that answered, as (version, when its answer came); answers that overlap show."""
        seen: list[tuple[str, float]] = []
        for row in sorted(self.samples, key=lambda row: row.at + row.latency):
            if row.version and (not seen or seen[-1][0] != row.version):
                seen.append((row.version, row.at + row.latency))
        return seen

    def why(self, limit: int = 10) -> str:
        """The failures by reason, the most frequent first, with the first time of each; for an assertion's message."""
        first: dict[str, float] = {}
        counts: Counter[str] = Counter()
        for row in self.failures:
            reason = f"{row.kind}: {row.error or row.status}"
            first.setdefault(reason, row.at)
            counts[reason] += 1
        return "; ".join(f"{count} x {why} (first at {first[why]:.2f})" for why, count in counts.most_common(limit))

    @property
    def acknowledged(self) -> set[int]:
        """Numbers of the writes that were answered with 2xx."""
        return {row.number for row in self.samples if row.number >= 0 and not row.failed}

    @property
    def written(self) -> set[int]:
        """Numbers of all writes that were sent, acknowledged or not."""
        return {row.number for row in self.samples if row.number >= 0}

    def save(self, path: Path) -> None:
        """Write as JSON, completely or not at all."""
        body = {
            "run": self.run,
            "late_ms": self.late_ms,
            "meta": self.meta,
            "summary": vars(self.summary),
            "samples": [list(row) for row in self.samples],
        }
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(body))
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Report:
        body = json.loads(path.read_text())
        return cls(
            samples=tuple(Sample(*row) for row in body["samples"]),
            run=body["run"],
            late_ms=body["late_ms"],
            meta=body["meta"],
        )


@dataclass(frozen=True)
class Ledger:
    """Acknowledged writes against what the app gives back."""

    lost: tuple[int, ...]
    doubled: tuple[int, ...]
    unasked: tuple[int, ...]

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.unasked)


def audit(report: Report, stored: Iterable[int]) -> Ledger:
    """``lost`` were acknowledged and are not there, ``doubled`` are there twice, ``unasked`` were never sent."""
    counts = Counter(stored)
    return Ledger(
        lost=tuple(sorted(number for number in report.acknowledged if not counts[number])),
        doubled=tuple(sorted(number for number, count in counts.items() if count > 1)),
        unasked=tuple(sorted(set(counts) - report.written)),
    )


def numbers(texts: Iterable[str], run: str) -> list[int]:
    """The numbers of the messages ``<run>-<number>`` of one run, doubles kept."""
    prefix = run + "-"
    return [int(text[len(prefix) :]) for text in texts if text.startswith(prefix)]


def first(samples: Iterable[Sample], wanted: Callable[[Sample], bool]) -> Sample | None:
    """The first sample, by the time its answer came, for which ``wanted`` is true."""
    return min((row for row in samples if wanted(row)), key=lambda row: row.at + row.latency, default=None)
