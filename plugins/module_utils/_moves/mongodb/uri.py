"""``mongodb://`` and ``mongodb+srv://``: https://www.mongodb.com/docs/manual/reference/connection-string/. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from ..._common.errors import StairwayError

PLAIN, SRV = "mongodb://", "mongodb+srv://"
PORT = 27017
_LOOSE = ("tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames", "sslinvalidcertificatesallowed")
_MECHANISMS = ("", "SCRAM-SHA-256", "SCRAM-SHA-1", "DEFAULT")


@dataclass(frozen=True)
class Address:
    """What a URL says. ``srv`` is the name under which the hosts have still to be looked up."""

    hosts: tuple[tuple[str, int], ...]
    tls: bool
    user: str
    password: str = field(repr=False)
    database: str
    source: str
    authorities: str = ""
    srv: str = ""


def parsed(url: str) -> Address:
    """:raises StairwayError: when that is no address, or asks for what is not spoken here; the URL is not in it."""
    srv = url.startswith(SRV)
    if not srv and not url.startswith(PLAIN):
        raise _wrong("it begins with something else", "mongodb:// or mongodb+srv://")
    rest, _mark, query = url[len(SRV if srv else PLAIN) :].partition("?")
    where, _slash, database = rest.partition("/")
    login, _at, names = where.rpartition("@")
    user, _colon, password = login.partition(":")
    options = {name.lower(): text for name, text in parse_qsl(query, keep_blank_values=True)}
    _spoken(options)
    hosts = tuple(_host(one, srv=srv) for one in names.split(","))
    if srv and len(hosts) != 1:
        raise _wrong("several names", "one name after mongodb+srv://")
    secure = options.get("tls", options.get("ssl", "true" if srv else "false")).lower() == "true"
    database = unquote(database)
    return Address(
        hosts=() if srv else hosts,
        tls=secure,
        user=unquote(user),
        password=unquote(password),
        database=database,
        source=options.get("authsource", "") or ("" if srv else database or "admin"),
        authorities=options.get("tlscafile", ""),
        srv=hosts[0][0] if srv else "",
    )


def _spoken(options: dict[str, str]) -> None:
    loose = [name for name in _LOOSE if options.get(name, "").lower() == "true"]
    if loose:
        raise _wrong(f"{loose[0]}=true", "a certificate that can be compared; take that option out of the URL")
    if options.get("authmechanism", "") not in _MECHANISMS:
        raise _wrong(f"authMechanism={options['authmechanism']}", "a user with a password (SCRAM)")


def _host(text: str, *, srv: bool) -> tuple[str, int]:
    name, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        name, port = text, str(PORT)
    elif srv:
        raise _wrong("a port behind mongodb+srv://", "the name alone; its ports are looked up")
    if not name or not port.isdigit():
        raise _wrong("no host in it", "mongodb://user:password@host:27017/database")
    return unquote(name).strip("[]"), int(port)


def _wrong(found: str, expected: str) -> StairwayError:
    return StairwayError(
        "The URL of a MongoDB cannot be used.",
        found=found,
        expected=expected,
        fix="see managed.url (or url) of the store in app.yml; a password in it is percent-encoded",
    )
