"""Issue 5, 2: a run that nobody hears of any more does nothing behind the back of the next one: what it has sent into a
network that was cut does not arrive, what it holds is let go, and what works for it is ended.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import cut_over
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql import tools, verify
from tests.acceptance.moves.conftest import Marias, Pair
from tests.support.ansible import ROOT
from tests.support.databases import NETWORK, docker
from tests.support.maria import MariaApp, fill_maria
from tests.support.moving import PATIENT_SECONDS, App, Tap, a_move, describe, fill, moved, nothing_left

ROWS = 12_000
# A kernel sends again after 0.2 s, and waits twice as long each time: after this it has sent what the fence's time,
# and the network's coming back, have left to it.
SENT_AGAIN_SECONDS = 16.0


def test_what_was_sent_into_a_cut_network_never_arrives(
    pair: Pair, tap: Tap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the sequences stood then: the app, on its new store, would be given numbers that it has had already."""
    fill(pair[0], ROWS)
    plain = verify.set_sequences
    with App(pair, tap) as app:
        move = a_move(tmp_path, *pair)
        move.begin()

        def cut(*ends: Any) -> None:
            docker("network", "disconnect", NETWORK, pair[1].name)
            plain(*ends)

        monkeypatch.setattr(verify, "set_sequences", cut)
        begun = time.monotonic()
        try:
            with pytest.raises(StairwayError):
                cut_over([move], tap)
        finally:
            docker("network", "connect", "--ip", pair[1].address, NETWORK, pair[1].name)
            move.engine.close()
        monkeypatch.undo()
        app.__exit__()
        assert app.failed == []
    with App(pair, tap, first=50) as app:
        moved(tmp_path, *pair, tap, fence_seconds=PATIENT_SECONDS)
        wait.pause(SENT_AGAIN_SECONDS - (time.monotonic() - begun))
        app.__exit__()
        assert app.failed == []
        assert app.read_back(pair[1]) == (0, 0)
    nothing_left(*pair)


# --- a run that hangs, or was killed ---------------------------------------------------------------------------------


@contextmanager
def a_run(folder: Path, cut: str = "0") -> Iterator[subprocess.Popen[bytes]]:
    """A run of what was described, which stops as the step ``cut`` begins; it is gone behind that."""
    run = subprocess.Popen(
        [sys.executable, "-m", "tests.support.moving", str(folder), cut],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / '.collections'}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield run
    finally:
        run.kill()
        run.wait()


def stopped(run: subprocess.Popen[bytes]) -> bool | None:
    """Whether it has stopped itself; ``False`` where it has come to its end."""
    pid, status = os.waitpid(run.pid, os.WUNTRACED | os.WNOHANG)
    return os.WIFSTOPPED(status) if pid else None


# with nothing but a snapshot, with the tables, and with the fence, which stands when the next step begins
STEPS = pytest.mark.parametrize("step", ["copy", "check", "catch_up"])


def hangs(folder: Path, pair: tuple[Any, Any], users: Callable[..., App], step: str) -> None:
    """As where a laptop's lid was closed: its sessions stay, with all they hold, for as long as a server likes."""
    tap = Tap(folder)
    describe(folder, *pair)
    with a_run(folder, step) as run:
        assert wait.until(partial(stopped, run), seconds=300), f"the run never came to {step}"
        with users(pair, tap) as app:
            moved(folder, *pair, tap, fence_seconds=PATIENT_SECONDS)
            app.__exit__()
            assert app.failed == []
            assert app.read_back(pair[1]) == (0, 0)
        # and while it still hangs
        nothing_left(*pair)


@STEPS
def test_a_run_that_hangs_on_postgresql(pair: Pair, tmp_path: Path, step: str) -> None:
    fill(pair[0], ROWS)
    hangs(tmp_path, pair, App, step)


@STEPS
def test_a_run_that_hangs_on_mariadb(maria_pair: Marias, tmp_path: Path, step: str) -> None:
    fill_maria(maria_pair[0], ROWS)
    hangs(tmp_path, maria_pair, MariaApp, step)


def test_the_tools_of_a_run_that_was_killed(pair: Pair, tap: Tap, tmp_path: Path) -> None:
    """An index takes minutes to make, and nobody waits for it any more."""
    fill(pair[0], 600)
    pair[0].psql(
        "CREATE FUNCTION slow(bigint) RETURNS bigint IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM pg_sleep(coalesce(current_setting('stairway.slow', true), '0')::float); RETURN $1; END $$; "
        "CREATE TABLE much (id bigint PRIMARY KEY); INSERT INTO much SELECT generate_series(1, 600); "
        "CREATE INDEX made_slowly ON much (slow(id)); "
        "ALTER TABLE much OWNER TO shop; ALTER FUNCTION slow OWNER TO shop"
    )
    pair[1].psql("ALTER DATABASE shop SET stairway.slow = 1")
    describe(tmp_path, *pair)
    at_work = "SELECT true FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX made_slowly%' AND state = 'active'"
    with a_run(tmp_path) as run:
        assert wait.until(lambda: pair[1].psql(at_work) or None, seconds=120)
        run.kill()
    assert pair[1].psql(at_work)
    pair[1].psql("ALTER DATABASE shop RESET stairway.slow")
    ours = f"{tools.prefix(a_move(tmp_path, *pair).engine.wish)}*"
    assert list(tools.HOME.glob(f"{ours}/pgpass"))
    moved(tmp_path, *pair, tap, fence_seconds=PATIENT_SECONDS)
    assert not docker("ps", "--all", "--quiet", "--filter", f"label={tools.LABEL}=shop-db to {pair[1].side().words}")
    assert not list(tools.HOME.glob(ours))
    nothing_left(*pair)
