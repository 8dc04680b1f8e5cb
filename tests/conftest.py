"""What holds for every test: a marker by its folder, and silence for those that measure."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

TESTS = Path(__file__).resolve().parent
LOCKS = TESTS.parent / ".cache" / "locks"
LAYERS = ("unit", "lint", "examples", "molecule", "acceptance")
# Tests that share hosts run one after the other, in one process; the others go file by file.
SHARING_HOSTS = ("examples", "molecule", "acceptance/moves", "acceptance/stage1", "acceptance/stages")
# Backups have stores of their own, and go file by file although they stand beside what moves.
WITH_THEIR_OWN = ("test_04_backup", "test_04_restore", "test_05_drill", "test_06_backup_secrets")
# The longest begin first, or one process would be alone with the last of them; those that want silence have it beside
# what measures nothing.
FIRST = ("acceptance/stage1", "unit", "acceptance/moves", "molecule", "lint")


def pytest_itemcollected(item: pytest.Item) -> None:
    layer = item.path.relative_to(TESTS).parts[0]
    if layer in LAYERS:
        item.add_marker(layer)


class ByHosts(LoadScopeScheduling):
    """Tests that share hosts go to one process, the others file by file.

    Not by ``xdist_group``: xdist 3.8 writes the group into the id of a test, where pytest 9.2 does not let it.
    """

    def _split_scope(self, nodeid: str) -> str:
        inside = nodeid.removeprefix(f"{TESTS.name}/")
        if inside.removeprefix("acceptance/moves/").startswith(WITH_THEIR_OWN):
            return nodeid.split("::")[0]
        return next((group for group in SHARING_HOSTS if inside.startswith(f"{group}/")), nodeid.split("::")[0])


class AtOnce:
    """Says at once what failed, and why in a line: a run that is cut off never comes to its summary."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            crash = getattr(report.longrepr, "reprcrash", None)
            why = (crash.message if crash else str(report.longrepr)).strip().splitlines()[:1]
            terminal.write_line(f"\n{report.when} of {report.nodeid} failed: {''.join(why)[:300]}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(AtOnce(config))
    config.option.loadscopereorder = False  # by the number of tests, which says nothing of their length


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    inside = str(item.path.relative_to(TESTS))
    return next((number for number, one in enumerate(FIRST) if inside.startswith(f"{one}/")), len(FIRST))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return ByHosts(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test marked ``quiet`` waits until no heavy test runs beside it, and none starts before it has ended.

    Around the whole test and not in a fixture: what a module sets up once, such as ten rollouts, is set up before any
    fixture of a single test.
    """
    if item.get_closest_marker("unit"):
        return (yield)
    quiet = item.get_closest_marker("quiet") is not None
    LOCKS.mkdir(parents=True, exist_ok=True)
    with (LOCKS / "room").open("w") as room:
        # Who waits for silence holds the door, or the others would take turns before it for ever.
        with (LOCKS / "door").open("w") as door, held(door, fcntl.LOCK_EX):
            fcntl.flock(room, fcntl.LOCK_EX if quiet else fcntl.LOCK_SH)
        return (yield)


@contextmanager
def held(file: IO[str], how: int) -> Iterator[None]:
    fcntl.flock(file, how)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
