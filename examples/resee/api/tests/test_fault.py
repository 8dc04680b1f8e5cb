from __future__ import annotations

import os
import time

import pytest

from resee.fault import Fault


@pytest.fixture
def clock(tmp_path):
    return tmp_path / "clock"


def test_normal_never_fails(clock):
    fault = Fault("normal", 0, clock)
    fault.at_boot()
    fault.was_healthy()
    assert fault.reason() is None
    assert not clock.exists()


def test_broken_boot(clock):
    with pytest.raises(RuntimeError, match="broken-boot"):
        Fault("broken-boot", 4, clock).at_boot()


def test_broken_health_from_the_start(clock):
    assert "broken-health" in Fault("broken-health", 4, clock).reason()


@pytest.mark.parametrize(("age", "failing", "ended"), [(3, False, False), (5, True, False), (35, True, True)])
def test_broken_later(clock, monkeypatch, age, failing, ended):
    ends = []
    monkeypatch.setattr(os, "kill", lambda *arguments: ends.append(arguments))
    fault = Fault("broken-later", 4, clock)
    assert fault.reason() is None, "the clock starts with the first good answer"
    fault.was_healthy()
    os.utime(clock, (time.time() - age,) * 2)
    fault.was_healthy()
    assert (fault.reason() is not None) is failing
    assert bool(ends) is ended
