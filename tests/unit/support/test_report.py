"""The arithmetic of load reports."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from tests.support.report import Report, Sample, Summary, audit, numbers, percentile


def sample(at: float = 0.0, latency: float = 0.01, **changes: Any) -> Sample:
    return Sample(at, latency, "GET /", 200, "", "1", -1)._replace(**changes)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        pytest.param([1], 99, 1, id="one"),
        pytest.param(list(range(1, 101)), 99, 99, id="hundred"),
        pytest.param(list(range(1, 101)), 50, 50, id="median"),
        pytest.param([3, 1, 2], 100, 3, id="unsorted-max"),
        pytest.param([5, 1], 50, 1, id="nearest-rank"),
    ],
)
def test_percentile(values: list[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == expected


def test_percentile_of_nothing_compares_with_nothing() -> None:
    nothing = percentile([], 99)
    assert math.isnan(nothing)
    assert not nothing <= 3 * nothing


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        pytest.param({}, False, id="200"),
        pytest.param({"status": 201}, False, id="201"),
        pytest.param({"status": 302}, True, id="redirect"),
        pytest.param({"status": 503}, True, id="503"),
        pytest.param({"status": 199}, True, id="199"),
        pytest.param({"status": 0, "error": "Broken"}, True, id="exception"),
        pytest.param({"error": "late"}, True, id="answered-but-too-late"),
    ],
)
def test_what_counts_as_failed(changes: dict[str, Any], failed: bool) -> None:
    assert sample(**changes).failed is failed


def test_summary_is_in_milliseconds() -> None:
    rows = [sample(latency=ms / 1000) for ms in range(1, 101)] + [sample(latency=0.5, status=500)]
    assert Summary.of(rows) == Summary(sent=101, failed=1, p50_ms=51.0, p99_ms=100.0, max_ms=500.0)


def test_windows_count_each_sample_once() -> None:
    report = Report(tuple(sample(at=float(second)) for second in range(10)))
    assert len(report.within([(0, 5), (3, 6)])) == 6
    assert len(report.between(2, 4)) == 2


def test_versions_show_each_change_in_the_order_of_the_answers() -> None:
    rows = (
        sample(at=0, version="1"),
        sample(at=1, latency=5, version="1"),  # an old answer that comes after a new one
        sample(at=2, version="2"),
        sample(at=3, version=""),
    )
    assert [version for version, _at in Report(rows).versions()] == ["1", "2", "1"]


def test_failures_are_explained_most_frequent_first() -> None:
    rows = (sample(status=502), sample(status=0, error="Broken: closed"), sample(status=502), sample())
    assert Report(rows).why().startswith("2 x GET /: 502 (first at 0.00); 1 x GET /: Broken: closed")


def test_audit_finds_each_kind_of_wrong_write() -> None:
    rows = (
        sample(number=0),
        sample(number=1),
        sample(number=2),
        sample(number=3, status=500),  # not acknowledged: may be there or not
        sample(number=4, status=500),
    )
    ledger = audit(Report(rows), [0, 2, 2, 3, 9])
    assert (ledger.lost, ledger.doubled, ledger.unasked) == ((1,), (2,), (9,))
    assert not ledger.clean
    assert audit(Report(rows), [0, 1, 2]).clean


def test_a_write_that_failed_and_is_there_twice_is_doubled() -> None:
    assert audit(Report((sample(number=3, status=500),)), [3, 3]).doubled == (3,)


def test_numbers_of_one_run_only() -> None:
    assert numbers(["a-1", "b-2", "a-1", "hello"], "a") == [1, 1]


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    report = Report((sample(), sample(at=2, status=0, error="x", number=4)), run="r", late_ms=1.5, meta={"rate": 5})
    report.save(tmp_path / "r.json")
    assert Report.load(tmp_path / "r.json") == report
    assert list(tmp_path.iterdir()) == [tmp_path / "r.json"]
