from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._engine import daemon


def test_an_engine_that_was_here_keeps_its_data() -> None:
    found = {"data-root": "/srv/docker", "storage-driver": "btrfs", "log-driver": "syslog", "debug": True}
    assert daemon.wanted({"live-restore": True}, found) == {
        "data-root": "/srv/docker",
        "live-restore": True,
        "storage-driver": "btrfs",
    }


def test_what_is_named_wins_over_what_was_there() -> None:
    assert daemon.wanted({"data-root": "/new"}, {"data-root": "/old"}) == {"data-root": "/new"}


def test_null_and_empty_take_away() -> None:
    assert daemon.wanted({"data-root": None, "dns": [], "log-opts": {}}, {"data-root": "/old"}) == {}


@pytest.mark.parametrize(
    ("before", "after", "restart"),
    [
        pytest.param({}, {"registry-mirrors": ["http://m"]}, False, id="mirror"),
        pytest.param({"insecure-registries": ["a"]}, {}, False, id="insecure registry taken away"),
        pytest.param({"live-restore": False}, {"live-restore": True}, False, id="live-restore"),
        pytest.param({}, {"dns": ["1.1.1.1"]}, True, id="dns"),
        pytest.param({"log-opts": {"max-size": "1m"}}, {"log-opts": {"max-size": "2m"}}, True, id="log-opts"),
        pytest.param({}, {"registry-mirrors": ["m"], "dns": ["d"]}, True, id="one of each"),
        pytest.param({"a": 1}, {"a": 1}, False, id="nothing"),
    ],
)
def test_needs_restart(before: dict[str, Any], after: dict[str, Any], restart: bool) -> None:
    assert daemon.needs_restart(before, after) is restart


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Docker version 26.1.5+dfsg1, build a72d7cd", True),
        ("Docker version 23.0.0, build e92dd87", True),
        ("Docker version 20.10.24+dfsg1, build 297e128", False),
        ("", False),
    ],
)
def test_can_validate(text: str, expected: bool) -> None:
    assert daemon.can_validate(text) is expected


@pytest.mark.parametrize("text", ["{", "[]", "nonsense"])
def test_a_daemon_json_that_nobody_can_read_is_not_overwritten(text: str) -> None:
    with pytest.raises(StairwayError) as error:
        daemon.parse(text, "/etc/docker/daemon.json")
    assert error.value.where == "/etc/docker/daemon.json"


def test_an_empty_daemon_json() -> None:
    assert daemon.parse(" \n", "x") == {}
