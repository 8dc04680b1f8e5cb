"""Settings from the environment: every mistake is found, and all are reported at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

BEHAVIOURS = ("normal", "broken-boot", "broken-health", "broken-later")
SHORTEST_SECRET = 32


class EnvironmentMistake(ValueError):
    """Names every variable that is missing or wrong. Never shows a value that may hold a secret."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__(f"the environment has {len(mistakes)} mistake(s):\n" + "\n".join(f"  - {m}" for m in mistakes))


@dataclass(frozen=True)
class Environment:
    """What the environment says. Times are in seconds."""

    database: dict[str, object]
    redis_url: str
    broker_url: str
    secret_key: str
    allowed_hosts: tuple[str, ...]
    version: str
    behaviour: str
    fail_after: float
    heartbeat: float
    log_level: str

    @property
    def knows_search(self) -> bool:
        """One source stands for two versions here: version 1 has no ``/api/cards/?search=``."""
        return self.version.split(".")[0] != "1"


def database_from_url(url: str) -> dict[str, object]:
    """Django's ``DATABASES`` entry for ``postgresql://user:password@host:port/name`` or ``sqlite:///path``.

    :raises ValueError: for any other URL, without showing it.
    """
    parts: SplitResult = urlsplit(url)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path[1:]}
    if parts.scheme not in ("postgres", "postgresql") or not parts.hostname or len(parts.path) < 2:
        raise ValueError("expected postgresql://user:password@host:port/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parts.hostname,
        "PORT": parts.port or 5432,
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A kept connection is tried before it is used again, so a restarted database does no harm.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 2},
    }


def read_environment(env: Mapping[str, str]) -> Environment:
    """Check an environment.

    :raises EnvironmentMistake: naming all mistakes.
    """
    mistakes: list[str] = []

    def required(name: str, expected: str) -> str:
        if not env.get(name):
            mistakes.append(f"{name} is missing, expected {expected}")
        return env.get(name, "")

    def seconds(name: str, fallback: str) -> float:
        try:
            return float(env.get(name) or fallback)
        except ValueError:
            mistakes.append(f'{name} must be a number of seconds, found "{env[name]}"')
            return 0.0

    database: dict[str, object] = {}
    database_url = required("DATABASE_URL", "postgresql://...")
    try:
        database = database_from_url(database_url) if database_url else {}
    except ValueError as error:
        mistakes.append(f"DATABASE_URL cannot be read: {error}")
    redis_url = required("REDIS_URL", "redis://...")
    secret_key = required("DJANGO_SECRET_KEY", f"{SHORTEST_SECRET} characters or more")
    if secret_key and len(secret_key) < SHORTEST_SECRET:
        mistakes.append(f"DJANGO_SECRET_KEY is too short, expected {SHORTEST_SECRET} characters or more")
    behaviour = env.get("BEHAVIOUR") or "normal"
    if behaviour not in BEHAVIOURS:
        mistakes.append(f'BEHAVIOUR must be one of {", ".join(BEHAVIOURS)}, found "{behaviour}"')
    hosts = required("DJANGO_ALLOWED_HOSTS", "names with commas between them")
    result = Environment(
        database=database,
        redis_url=redis_url,
        broker_url=env.get("CELERY_BROKER_URL") or redis_url,
        secret_key=secret_key,
        allowed_hosts=tuple(host.strip() for host in hosts.split(",") if host.strip()),
        version=env.get("APP_VERSION") or "1",
        behaviour=behaviour,
        fail_after=seconds("FAIL_AFTER_SECONDS", "4"),
        heartbeat=seconds("HEARTBEAT_SECONDS", "2"),
        log_level=(env.get("LOG_LEVEL") or "info").upper(),
    )
    if mistakes:
        raise EnvironmentMistake(mistakes)
    return result
