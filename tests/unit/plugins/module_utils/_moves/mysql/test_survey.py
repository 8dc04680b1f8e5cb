"""What a preflight says of a server's log; on real servers it is seen in tests/acceptance/moves."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import FOLLOW
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.survey import _VARIABLES, Facts, tells_changes

GOOD = {"version": "8.4.3", "log_bin": "ON", "binlog_format": "ROW", "binlog_row_image": "FULL"}


def said(**more: str) -> list[tuple[str, str, str]]:
    facts = Facts({name: "" for name in _VARIABLES} | GOOD | more, "")
    return [(one.what, one.fix.split(" (")[0], one.hinders) for one in tells_changes(facts, "here")]


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("binlog_transaction_compression", "ON", "SET GLOBAL binlog_transaction_compression = OFF"),
        ("log_bin_compress", "ON", "SET GLOBAL log_bin_compress = OFF"),
        ("binlog_row_value_options", "PARTIAL_JSON", "SET GLOBAL binlog_row_value_options = ''"),
    ],
)
def test_a_log_that_cannot_be_read(name: str, value: str, fix: str) -> None:
    assert said(**{name: value}) == [(f"its {name} is on", fix, FOLLOW)]


def test_one_that_can() -> None:
    assert said() == said(binlog_transaction_compression="OFF", log_bin_compress="OFF") == []
