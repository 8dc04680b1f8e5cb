"""The address of a PostgreSQL, MySQL, MariaDB or Redis that somebody else runs, as its URL says it. Pure.

PostgreSQL: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS; Redis:
https://www.iana.org/assignments/uri-schemes/prov/rediss. MongoDB's have rules of their own (``mongodb/uri.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from .._common.errors import StairwayError

SCHEMES = {
    "postgresql": ("postgresql", "postgres"),
    "mysql": ("mysql",),
    "mariadb": ("mysql", "mariadb"),
    "redis": ("redis", "rediss"),
}
_OPEN = ("disable", "disabled", "false", "0")
_TLS_OPTIONS = ("sslmode", "ssl-mode", "ssl_mode", "ssl", "tls")


@dataclass(frozen=True)
class Address:
    """What a URL says; ``port`` is 0 where it says none."""

    host: str
    port: int
    tls: bool
    user: str
    password: str = field(repr=False)
    database: str


def parsed(url: str, engine: str) -> Address:
    """TLS is on unless the URL switches it off; a Redis has it with ``rediss``.

    :raises StairwayError: when that is no such address; neither the URL nor its password is in the error.
    """
    parts, port = _split(url, engine)
    if parts.scheme not in SCHEMES[engine] or not parts.hostname:
        expected = " or ".join(f"{one}://" for one in SCHEMES[engine])
        raise _wrong(engine, f"{parts.scheme or 'nothing'}://, {parts.hostname or 'no host'}", f"{expected} and a host")
    options = {name.lower(): text.lower() for name, text in parse_qsl(parts.query)}
    secure = not any(options.get(name) in _OPEN for name in _TLS_OPTIONS)
    return Address(
        host=parts.hostname,
        port=port,
        tls=parts.scheme == "rediss" if engine == "redis" else secure,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database="" if engine == "redis" else unquote(parts.path.lstrip("/")),
    )


def _split(url: str, engine: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        return parts, parts.port or 0
    except ValueError:
        raise _wrong(engine, "a host or port that is none", "host:port") from None


def _wrong(engine: str, found: str, expected: str) -> StairwayError:
    return StairwayError(
        f"The URL of a store with the engine {engine} cannot be used.",
        found=found,
        expected=expected,
        fix="see managed.url (or url) of the store in app.yml; a password in it is percent-encoded",
    )
