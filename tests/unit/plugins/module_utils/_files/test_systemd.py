from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._files import systemd
from ansible_collections.stairway.cloud.plugins.module_utils._files.systemd import Outcome, converge
from ansible_collections.stairway.cloud.plugins.module_utils._files.units import Unit

from .conftest import Programs

UNIT = Unit("a.service", enabled=True, state="started", reload_on=("soft",), restart_on=("hard",))


def shown(active: str, *, load: str = "loaded", file: str = "enabled", condition: str = "yes", stamp: int = 9) -> str:
    return (
        f"Id=a.service\nLoadState={load}\nActiveState={active}\nUnitFileState={file}\nNeedDaemonReload=no\n"
        f"ConditionResult={condition}\nConditionTimestampMonotonic={stamp}\n"
    )


@pytest.fixture(autouse=True)
def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd, "BOOTED", tmp_path)
    monkeypatch.setattr(systemd, "PENDING", tmp_path / "pending")


def go(*labels: str, unit: Unit = UNIT, reload_manager: bool = False, check_mode: bool = False) -> Outcome:
    return converge((unit,), labels, reload_manager=reload_manager, check_mode=check_mode)


def verbs(programs: Programs) -> list[str]:
    return [word for line in programs.started if (word := line.split()[1]) not in ("show", "status", "reset-failed")]


def test_nothing_to_do_is_one_call(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("active"))
    assert go().done == []
    assert len(programs.started) == 1


def test_enable_and_start(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("inactive", file="disabled"))
    programs.answer("systemctl show", 0, shown("active"))
    assert [step["action"] for step in go().done] == ["enable", "start"]
    assert verbs(programs) == ["enable", "start"]


def test_check_mode_starts_nothing(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("inactive", file="disabled"))
    assert [step["action"] for step in go(check_mode=True).done] == ["enable", "start"]
    assert verbs(programs) == []


def test_check_mode_on_a_host_where_the_unit_comes_with_a_package(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("inactive", load="not-found", file="", stamp=0))
    assert [step["action"] for step in go(check_mode=True).done] == ["enable", "start"]


def test_a_new_unit_file_is_read(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("active"))
    go(reload_manager=True)
    assert "systemctl daemon-reload" in programs.started


def test_a_missing_unit_is_an_error(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("inactive", load="not-found"))
    with pytest.raises(StairwayError, match=r"no unit a\.service"):
        go()


def test_an_optional_unit_may_be_missing(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("inactive", load="not-found"))
    outcome = go(unit=Unit("a.service", enabled=True, state="started", optional=True))
    assert (outcome.done, outcome.skipped) == ([], [])


def test_a_unit_that_does_not_start_shows_its_journal(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("inactive"))
    programs.answer("systemctl start", 1, "Job failed")
    programs.answer("journalctl", 0, "no such option: nonsense")
    with pytest.raises(StairwayError, match="did not start") as error:
        go()
    assert "no such option: nonsense" in error.value.log


def test_a_condition_that_is_not_met_is_said_and_is_no_change(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("inactive", condition="no"))
    programs.answer(
        "systemctl status", 3, "  Condition: start condition unmet\n  └─ ConditionVirtualization=!container was not met"
    )
    outcome = go()
    assert outcome.done == []
    assert outcome.skipped == [{"name": "a.service", "reason": "ConditionVirtualization=!container was not met"}]


def test_no_systemd_no_units(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd, "BOOTED", Path("/no/such/folder"))
    assert go().skipped == [{"name": "a.service", "reason": "systemd does not run on this machine"}]
    assert programs.started == []


def test_a_killed_run_is_taken_up_again(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("active"))
    systemd.remember((UNIT,), ("hard", "other"))
    assert systemd.pending(UNIT) == ("hard",)
    assert go().done == [{"name": "a.service", "action": "restart"}], "the label of the run that was killed"
    assert go().done == []


def test_check_mode_tells_of_a_killed_run_and_does_not_forget_it(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("active"))
    systemd.remember((UNIT,), ("soft",))
    for _again in range(2):
        assert go(check_mode=True).done == [{"name": "a.service", "action": "reload-or-restart"}]


def test_a_failed_restart_is_tried_again(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("active"))
    programs.answer("systemctl restart", 1, "no")
    systemd.remember((UNIT,), ("hard",))
    with pytest.raises(StairwayError, match="did not restart"):
        go("hard")
    assert systemd.pending(UNIT) == ("hard",)


def test_reload_first(programs: Programs) -> None:
    programs.answer("systemctl show", 0, shown("active"))
    go("hard", unit=Unit("a.service", state="started", restart_on=("hard",), reload_first=True))
    assert verbs(programs) == ["reload", "restart"]


def test_revert_starts_again_what_fell_over_the_new_files(programs: Programs) -> None:
    systemd.remember((UNIT,), ("soft",))
    programs.answer("systemctl show", 0, shown("failed"))
    assert systemd.revert((UNIT,), ("soft",)) == []
    assert verbs(programs) == ["daemon-reload", "restart"]
    assert systemd.pending(UNIT) == ()


def test_revert_leaves_alone_what_never_heard(programs: Programs) -> None:
    systemd.revert((UNIT,), ("other",))
    assert verbs(programs) == ["daemon-reload"]
