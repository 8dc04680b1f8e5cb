from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._files.units import (
    Standing,
    Unit,
    action,
    parse_show,
    parse_units,
    power,
)

# systemctl show of systemd 257, three units in one call
SHOW = """\
Id=docker.service
LoadState=loaded
ActiveState=active
UnitFileState=enabled
NeedDaemonReload=no
ConditionResult=yes
ConditionTimestampMonotonic=1234

Id=systemd-timesyncd.service
LoadState=loaded
ActiveState=inactive
UnitFileState=disabled
NeedDaemonReload=yes
ConditionResult=no
ConditionTimestampMonotonic=55

Id=nothing.service
LoadState=not-found
ActiveState=inactive
UnitFileState=
NeedDaemonReload=no
ConditionResult=no
ConditionTimestampMonotonic=0
"""


def standing(*, active: bool = True, enabled: bool = True) -> Standing:
    return Standing(loaded=True, active=active, failed=False, enabled=enabled, stale=False, condition_failed=False)


def test_parse_show() -> None:
    found = parse_show(SHOW, ["docker.service", "systemd-timesyncd.service", "nothing.service"])
    docker, time, nothing = found.values()
    assert (docker.loaded, docker.active, docker.enabled, docker.stale) == (True, True, True, False)
    assert (time.active, time.enabled, time.stale, time.condition_failed) == (False, False, True, True)
    assert (nothing.loaded, nothing.condition_failed) == (False, False), "a condition that was never checked"


def test_a_name_without_a_type_is_a_service() -> None:
    names = [unit.name for unit in parse_units([{"name": "nginx"}, {"name": "apt-daily.timer"}])]
    assert names == ["nginx.service", "apt-daily.timer"]


@pytest.mark.parametrize(
    ("wanted", "stands", "expected"),
    [(None, False, None), (True, True, None), (True, False, "enable"), (False, True, "disable"), (False, False, None)],
)
def test_power(wanted: bool | None, stands: bool, expected: str | None) -> None:
    assert power(Unit("a", enabled=wanted), standing(enabled=stands)) == expected


@pytest.mark.parametrize(
    ("state", "active", "labels", "working", "expected"),
    [
        pytest.param("started", True, [], True, None, id="runs"),
        pytest.param("started", False, [], True, "start", id="does not run"),
        pytest.param("started", False, ["hard"], True, "start", id="a start needs no restart"),
        pytest.param("started", True, ["soft"], True, "reload-or-restart", id="reload"),
        pytest.param("started", True, ["hard"], True, "restart", id="restart"),
        pytest.param("started", True, ["soft", "hard"], True, "restart", id="restart wins"),
        pytest.param("started", True, ["other"], True, None, id="somebody else's label"),
        pytest.param("started", True, [], False, "restart", id="the probe failed"),
        pytest.param(None, False, ["hard"], True, None, id="what is not asked to run is not started"),
        pytest.param(None, True, ["soft"], True, "reload-or-restart", id="but it hears of a change"),
        pytest.param("stopped", True, ["hard"], True, "stop", id="stop"),
        pytest.param("stopped", False, ["hard"], True, None, id="stopped"),
    ],
)
def test_action(state: str | None, active: bool, labels: list[str], working: bool, expected: str | None) -> None:
    unit = Unit("a", state=state, reload_on=("soft",), restart_on=("hard",))
    assert action(unit, standing(active=active), labels, working=working) == expected
