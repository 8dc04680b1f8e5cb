"""How a server is shown that we know a password: what MySQL and MariaDB ask for. Pure.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html
"""

from __future__ import annotations

import hashlib

from ..._common.errors import StairwayError

NATIVE, CACHING, PLAIN = "mysql_native_password", "caching_sha2_password", "mysql_clear_password"


def answer(plugin: str, password: str, salt: bytes, *, secure: bool) -> bytes:
    """What is sent for ``plugin``.

    :raises StairwayError: for a way that we do not go.
    """
    if plugin == NATIVE:
        return _native(password, salt)
    if plugin == CACHING:
        return _caching(password, salt)
    if plugin == PLAIN and secure:
        return password.encode() + b"\0"
    raise StairwayError(
        "The server asks for a way to log in that Stairway does not give.",
        expected=f"{NATIVE} or {CACHING}",
        found=plugin,
        fix=f"ALTER USER ... IDENTIFIED VIA {NATIVE} (MariaDB), or IDENTIFIED WITH {CACHING} (MySQL)",
    )


def _native(password: str, salt: bytes) -> bytes:
    if not password:
        return b""
    once = hashlib.sha1(password.encode()).digest()  # noqa: S324 the server's way of keeping it
    twice = hashlib.sha1(once).digest()  # noqa: S324
    return _mixed(once, hashlib.sha1(salt[:20] + twice).digest())  # noqa: S324


def _caching(password: str, salt: bytes) -> bytes:
    if not password:
        return b""
    once = hashlib.sha256(password.encode()).digest()
    twice = hashlib.sha256(once).digest()
    return _mixed(once, hashlib.sha256(twice + salt[:20]).digest())


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
