"""What a run does about a store whose backup fails in a way that nobody thought of."""

from __future__ import annotations

from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._backups.run import Report, _each, _prove


def broken() -> dict[str, Any]:
    headers: dict[str, Any] = {}
    return {"id": headers["etag"]}


def test_a_mistake_of_the_program_stops_no_other_store() -> None:
    report, part, other = Report("backup"), dict[str, Any](), dict[str, Any]()
    _each(report, "db", part, broken)
    _each(report, "cache", other, lambda: {"name": "cache", "made": 1.0})
    assert "does not foresee" in part["error"]
    assert "KeyError: 'etag'" in report.failed["db"]
    assert "in broken" in report.failed["db"], "where it is"
    assert [one["name"] for one in report.done] == ["cache"]


def test_a_mistake_in_a_drill_is_told() -> None:
    report, part = Report("restore drill"), dict[str, Any]()
    _prove(report, "db", part, broken)
    assert "does not foresee" in part["drill_error"]
    assert "drill" not in part
