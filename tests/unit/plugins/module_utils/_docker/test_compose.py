"""A service is well as soon as its own question says so, whenever Docker would put it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.run import Finished
from ansible_collections.stairway.cloud.plugins.module_utils._docker import compose


@pytest.mark.parametrize(
    ("config", "asked"),
    [
        ({"Healthcheck": {"Test": ["CMD", "pg_isready", "--quiet"]}}, ["pg_isready", "--quiet"]),
        ({"Healthcheck": {"Test": ["CMD-SHELL", "ping | grep PONG"]}}, ["/bin/sh", "-c", "ping | grep PONG"]),
        ({"Healthcheck": {"Test": ["NONE"]}}, None),
        ({"Healthcheck": {"Test": []}}, None),
        ({"Healthcheck": None}, None),
        ({}, None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("answer", [0, 1])
def test_the_question_is_put_at_once(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, Any], asked: list[str] | None, answer: int
) -> None:
    calls: list[list[str]] = []

    def run(argv: list[str], *, timeout: float) -> Finished:
        calls.append(argv)
        return Finished(tuple(argv), answer, "", "")

    monkeypatch.setattr(compose, "run", run)
    assert compose._is_well({"Id": "abc", "Config": config}) is (asked is not None and answer == 0)
    assert calls == ([["docker", "exec", "--", "abc", *asked]] if asked else [])
