"""Issue 5, 2, MariaDB and Redis: what fails around them. The network goes behind the fence, the target has no room for
what comes, a server dies while it is followed: the app is on its source, whole, and the same command comes to its end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import cut_over
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.engine import Mysql
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.engine import Redis
from tests.support.databases import docker
from tests.support.maria import NETWORK, Maria, MariaApp, fill_maria
from tests.support.moving import PATIENT_SECONDS, App, Tap, a_move, moved, nothing_left
from tests.support.redises import RedisApp, RedisServer, fill_redis

pytestmark = pytest.mark.long


@dataclass
class Kind:
    """One engine, with two servers of it and what users do there."""

    engine: type[Mysql] | type[Redis]
    pair: tuple[Any, Any]
    users: Callable[..., App]
    fill: Callable[[Any, int], None]

    def goes(self, folder: Path, pair: tuple[Any, Any] | None = None) -> None:
        """The same command again comes to its end, with users."""
        both, tap = pair or self.pair, Tap(folder)
        with self.users(both, tap, first=50) as app:
            moved(folder, *both, tap, fence_seconds=PATIENT_SECONDS)
            app.__exit__()
            assert app.failed == []
            assert app.read_back(both[1]) == (0, 0)
        # an idle session of a run that lost its network may stay until the server looks after it
        assert [left for one in both for left in one.left() if not left.endswith(" Sleep")] == []


def of_maria(pair: tuple[Any, Any]) -> Kind:
    return Kind(Mysql, pair, MariaApp, lambda store, rows: fill_maria(store, rows))


def of_redis(pair: tuple[Any, Any]) -> Kind:
    return Kind(Redis, pair, RedisApp, fill_redis)


@pytest.fixture(params=["mariadb", "redis"])
def kind(request: pytest.FixtureRequest) -> Kind:
    if request.param == "mariadb":
        return of_maria(request.getfixturevalue("maria_pair"))
    return of_redis(request.getfixturevalue("redis_pair"))


@pytest.mark.parametrize("which", [0, 1], ids=["source", "target"])
def test_the_network_is_cut_behind_the_fence(
    kind: Kind, which: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing answers any more, and nothing says so. A source that comes back takes writes again by itself."""
    cut = kind.pair[which]
    kind.fill(kind.pair[0], 6000)
    plain = kind.engine.catch_up

    def cut_and_catch_up(self: Any, until: float) -> None:
        docker("network", "disconnect", NETWORK, cut.name)
        plain(self, until)

    tap = Tap(tmp_path)
    with kind.users(kind.pair, tap) as app:
        move = a_move(tmp_path, *kind.pair)
        assert move.begin()
        monkeypatch.setattr(kind.engine, "catch_up", cut_and_catch_up)
        try:
            with pytest.raises(StairwayError):
                cut_over([move], tap)
            assert which == 0 or tap.let_go
        finally:
            docker("network", "connect", "--ip", cut.address, NETWORK, cut.name)
            move.engine.close()
        monkeypatch.undo()
        time.sleep(1)
        app.__exit__()
        assert not app.tap.flipped
        assert which == 0 or app.failed == []
        assert app.read_back(kind.pair[0]) == (0, 0)
    kind.goes(tmp_path)


@pytest.mark.parametrize("which", [0, 1], ids=["source", "target"])
def test_a_server_dies_while_it_is_followed(kind: Kind, which: int, tmp_path: Path) -> None:
    kind.fill(kind.pair[0], 6000)
    tap = Tap(tmp_path)
    with kind.users(kind.pair, tap) as app:
        move = a_move(tmp_path, *kind.pair)
        assert move.begin()
        kind.pair[which].kill()
        time.sleep(0.5)
        with pytest.raises(StairwayError):
            cut_over([move], tap)
        move.engine.close()
        app.__exit__()
        assert not app.tap.flipped
        assert which == 0 or app.failed == []
        kind.pair[which].again()
        if kind.engine is Mysql or which == 1:
            # Redis writes its log each second: what it had not written when it died nobody can carry
            assert app.read_back(kind.pair[0]) == (0, 0)
    if kind.engine is Redis and which == 1:
        # a cache of ElastiCache that was started again is empty: the copy is gone, and that is seen
        with pytest.raises(StairwayError, match="not the same as its source"):
            moved(tmp_path, *kind.pair, tap)
        move = a_move(tmp_path, *kind.pair)
        assert move.abort()
        move.engine.close()
    kind.goes(tmp_path)


@pytest.fixture
def small(maria_pair: tuple[Maria, Maria], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maria]:
    """A target that is still to be started."""
    small = Maria(f"{maria_pair[1].name}-small", "10.214.78.33", True, tmp_path_factory.mktemp("small"))
    yield small
    small.remove()


def _without_room(kind: Kind, folder: Path, pair: tuple[Maria, Maria]) -> StairwayError:
    """How a move ends, with users all the while, who see nothing of it."""
    tap = Tap(folder)
    with kind.users(pair, tap) as app:
        with pytest.raises(StairwayError) as caught:
            moved(folder, *pair, tap)
        app.__exit__()
        assert app.failed == []
        assert app.read_back(pair[0]) == (0, 0)
    nothing_left(pair[0])
    return caught.value


def test_the_disk_of_mariadb_is_full(maria_pair: tuple[Maria, Maria], small: Maria, tmp_path: Path) -> None:
    """After some tens of megabytes, whoever meets that first: InnoDB refuses, the binary log waits."""
    kind = of_maria(maria_pair)
    kind.fill(maria_pair[0], 300_000)
    small.start("--tmpfs", "/var/lib/mysql:size=230m", arguments=("--innodb-log-file-size=16M",))
    error = _without_room(kind, tmp_path, (maria_pair[0], small))
    assert any(word in str(error) for word in ("is full", "No space left", "room on its disk"))
    kind.goes(tmp_path, maria_pair)


def test_the_binary_log_of_mariadb_has_no_room(maria_pair: tuple[Maria, Maria], small: Maria, tmp_path: Path) -> None:
    """Its server waits for ever, and says so to nobody. Whoever ended that would leave half a transaction in the log,
    which nobody could read any more. When there is room again, the same command comes to its end.
    """
    kind = of_maria(maria_pair)
    kind.fill(maria_pair[0], 300_000)
    # what a transaction gathers before has room in memory, or it would be refused
    small.start("--tmpfs", "/log:size=400m,mode=1777", arguments=("--log-bin=/log/binlog", "--binlog-cache-size=64M"))
    docker("exec", small.name, "fallocate", "--length", "390M", "/log/filler")
    error = _without_room(kind, tmp_path, (maria_pair[0], small))
    assert error.message == "The disk of the store db is full: its server waits for room."
    assert error.fix == "make room there, or take a larger disk; then run the same command again"
    assert error.log[-1].endswith("run the same command again, or -e abort=true")
    docker("exec", small.name, "rm", "/log/filler")
    kind.goes(tmp_path, (maria_pair[0], small))


def test_the_memory_of_redis_is_full(redis_pair: tuple[RedisServer, RedisServer], tmp_path: Path) -> None:
    """Beforehand it is seen; when it comes in the middle, the target's own words are told."""
    kind = of_redis(redis_pair)
    kind.fill(redis_pair[0], 60_000)
    tap = Tap(tmp_path)
    with kind.users(redis_pair, tap) as app:
        redis_pair[1].allow("6mb")
        with pytest.raises(StairwayError, match="the target may hold 6 MB, and there are") as caught:
            moved(tmp_path, *redis_pair, tap)
        assert caught.value.fix == "take a larger one"

        redis_pair[1].allow("0")
        move = a_move(tmp_path, *redis_pair)
        assert move.begin()
        redis_pair[1].allow("6mb")
        time.sleep(1)
        with pytest.raises(StairwayError, match="maxmemory"):
            cut_over([move], tap)
        move.engine.close()
        app.__exit__()
        assert app.failed == []
        assert app.read_back(redis_pair[0]) == (0, 0)
    redis_pair[1].allow("0")
    kind.goes(tmp_path)
