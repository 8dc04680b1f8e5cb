"""The engines that can be moved; one line for each."""

from __future__ import annotations

from collections.abc import Callable

from .._common.errors import StairwayError
from .engine import Engine
from .model import Wish
from .mongodb.engine import Mongodb
from .mysql.engine import Mysql
from .postgresql.engine import Postgresql
from .redis.engine import Redis

ENGINES: dict[str, Callable[[Wish], Engine]] = {
    "mariadb": Mysql,
    "mongodb": Mongodb,
    "mysql": Mysql,
    "postgresql": Postgresql,
    "redis": Redis,
}


def engine_of(wish: Wish) -> Engine:
    """:raises StairwayError: when that engine cannot be moved yet."""
    if wish.engine not in ENGINES:
        raise StairwayError(
            f"The data of {wish.store} cannot travel: {wish.engine} is not moved yet.",
            expected=", ".join(sorted(ENGINES)),
            found=wish.engine,
            fix=f"carry it by hand, then -e start_empty={wish.store}; what is there stays",
        )
    return ENGINES[wish.engine](wish)
