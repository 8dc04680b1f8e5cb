"""The engines by their names."""

from __future__ import annotations

from . import mongodb, mysql, postgresql, redis
from .words import Engine

ENGINES: dict[str, Engine] = {
    "postgresql": postgresql.PostgreSQL(),
    "mysql": mysql.MySQL("mysql"),
    "mariadb": mysql.MySQL("mariadb"),
    "mongodb": mongodb.MongoDB(),
    "redis": redis.Redis(),
}
