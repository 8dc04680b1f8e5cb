from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._files import apt

from .conftest import Programs

LOCKED = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 77 (unattended-upgr)"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "pause", lambda seconds: None)
    monkeypatch.setattr(apt, "_has_lists", lambda: True)


def verbs(programs: Programs) -> list[str]:
    return [line.split()[1] for line in programs.started]


def test_lists_that_are_there_are_not_read_again(programs: Programs) -> None:
    apt.Apt(300).install(("a",), refresh=False)
    assert verbs(programs) == ["install"]


def test_a_new_repository_is_read_first(programs: Programs) -> None:
    apt.Apt(300).install(("a",), refresh=True)
    assert verbs(programs) == ["update", "install"]


def test_old_lists_are_read_again(programs: Programs) -> None:
    programs.answer("apt-get install", 100, "E: Unable to locate package a")
    programs.answer("apt-get install", 0)
    apt.Apt(300).install(("a",), refresh=False)
    assert verbs(programs) == ["install", "update", "install"]


def test_a_lock_is_waited_for_and_named(programs: Programs) -> None:
    programs.answer("apt-get install", 100, LOCKED)
    programs.answer("apt-get install", 0)
    installer = apt.Apt(300)
    installer.install(("a",), refresh=False)
    assert "process 77 (unattended-upgr)" in installer.notes[0]


def test_the_wait_for_a_lock_ends(programs: Programs) -> None:
    programs.answer("apt-get install", 100, LOCKED)
    with pytest.raises(StairwayError, match="Another program has been installing packages") as error:
        apt.Apt(0).install(("a",), refresh=False)
    assert error.value.found is not None
    assert "process 77" in error.value.found


def test_an_interrupted_dpkg_is_finished(programs: Programs) -> None:
    programs.answer("apt-get install", 100, "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'")
    programs.answer("apt-get install", 0)
    apt.Apt(300).install(("a",), refresh=False)
    assert programs.started[1] == "dpkg --configure -a"


def test_no_network(programs: Programs) -> None:
    programs.answer("apt-get install", 100, "E: Unable to locate package a")
    programs.answer("apt-get update", 0, "W: Failed to fetch https://x/InRelease  Could not resolve 'x'")
    with pytest.raises(StairwayError, match="a repository cannot be read") as error:
        apt.Apt(300).install(("a",), refresh=True)
    assert "Could not resolve 'x'" in error.value.log[0]


def test_a_wrong_key(programs: Programs) -> None:
    programs.answer("apt-get install", 100, "E: Unable to locate package a")
    programs.answer("apt-get update", 0, "W: Failed to fetch https://x/InRelease  ... NO_PUBKEY 123")
    with pytest.raises(StairwayError, match="signed with another key"):
        apt.Apt(300).install(("a",), refresh=True)


def test_a_package_that_nobody_has(programs: Programs) -> None:
    programs.answer("apt-get install", 100, "E: Unable to locate package a")
    with pytest.raises(StairwayError, match="No repository of this host has a"):
        apt.Apt(300).install(("a",), refresh=True)


def test_a_full_disk(programs: Programs) -> None:
    programs.answer("apt-get install", 100, "E: You don't have enough free space in /var/cache/apt/archives/.")
    with pytest.raises(StairwayError, match="Installing a failed") as error:
        apt.Apt(300).install(("a",), refresh=False)
    assert "enough free space" in error.value.log[-1]
