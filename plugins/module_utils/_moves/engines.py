"""The engines that can be moved; one line for each."""

from __future__ import annotations

from collections.abc import Callable

from .._common.errors import StairwayError
from .engine import Engine
from .model import USE, Wish
from .mongodb.engine import Mongodb
from .mysql.engine import Mysql
from .mysql.returning import Returning as MysqlReturning
from .postgresql.engine import Postgresql
from .postgresql.returning import Returning as PostgresqlReturning
from .redis.engine import Redis

ENGINES: dict[str, Callable[[Wish], Engine]] = {
    "mariadb": Mysql,
    "mongodb": Mongodb,
    "mysql": Mysql,
    "postgresql": Postgresql,
    "redis": Redis,
}
# Those that can keep a way back, and what goes it.
RETURNING: dict[str, Callable[[Wish], Engine]] = {
    "mariadb": MysqlReturning,
    "mysql": MysqlReturning,
    "postgresql": PostgresqlReturning,
}


def engine_of(wish: Wish) -> Engine:
    """:raises StairwayError: when that engine cannot be moved yet, or keeps no way back."""
    if wish.engine not in ENGINES:
        raise StairwayError(
            f"The data of {wish.store} cannot travel: {wish.engine} is not moved yet.",
            expected=", ".join(sorted(ENGINES)),
            found=wish.engine,
            fix=f"carry it by hand, then -e start_empty={wish.store}; what is there stays",
        )
    if wish.way_back and wish.engine not in RETURNING:
        raise StairwayError(
            f"{wish.store} cannot keep a way back: {wish.engine} does not yet.",
            expected=", ".join(sorted(RETURNING)),
            found=wish.engine,
            fix="leave way_back out; the move back then copies everything anew",
        )
    return (RETURNING if wish.way_back == USE else ENGINES)[wish.engine](wish)
