"""Whether a store can be reached from this host at all: its name, its port, and TLS where that comes first."""

from __future__ import annotations

import os
import socket
import ssl
import struct

from .._common import tls, wait
from .._common.errors import StairwayError
from .model import Server

SECONDS = 5.0
# A name that was just made is not known to every name server at once.
NAME_SECONDS = 15.0
# https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-SSLREQUEST
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def context(authorities: str) -> ssl.SSLContext:
    """The system's authorities, and those of the bundle where there is one: other people's stores need none."""
    made = tls.context()
    if os.path.exists(authorities):
        made.load_verify_locations(authorities)
    return made


def _known(host: str, seconds: float) -> None:
    """:raises socket.gaierror: when no name server knows the name in that time."""
    wait.until(lambda: _address(host), seconds=seconds, every=1)
    socket.getaddrinfo(host, None)


def _address(host: str) -> str | None:
    try:
        return str(socket.getaddrinfo(host, None)[0][4][0])
    except socket.gaierror:
        return None


def connected(server: Server, seconds: float = SECONDS, name_seconds: float = NAME_SECONDS) -> socket.socket:
    """A connection, by TLS where the server wants that.

    :raises StairwayError: with what to change, by what went wrong.
    """
    where = f"{server.host}:{server.port}"
    try:
        _known(server.host, name_seconds)
        plain = socket.create_connection((server.host, server.port), seconds)
    except socket.gaierror as error:
        raise StairwayError(
            f"The name of the store {server.name} is not known on this host.",
            where=where,
            found=error.strerror or str(error),
            expected="an address inside the VPC",
            fix="the host has to ask the VPC's name server, or stand in a network that is joined to it",
        ) from error
    except TimeoutError as error:
        raise StairwayError(
            f"The store {server.name} does not answer: nothing came back within {seconds:g} s.",
            where=where,
            expected=f"port {server.port} open for this host",
            found="silence, as from a security group without the rule",
            fix=f"let port {server.port} in from the app's security group (security_group/{server.name} has that rule: "
            "run the stage again), or name this host's address in the store's managed.access_from",
        ) from error
    except OSError as error:
        raise StairwayError(
            f"The store {server.name} refuses connections.",
            where=where,
            found=error.strerror or str(error),
            fix="see in the console whether it is starting, stopped, or listens on another port",
        ) from error
    if not server.tls or server.engine in ("mysql", "mariadb"):
        return plain  # MySQL begins TLS inside its own protocol, and its client looks at the certificate
    try:
        if server.engine == "postgresql":
            plain.sendall(_SSL_REQUEST)
            if plain.recv(1) != b"S":
                raise ssl.SSLError("the server speaks no TLS")
        return context(server.authorities).wrap_socket(plain, server_hostname=server.host)
    except (OSError, ssl.SSLError) as error:
        plain.close()
        raise StairwayError(
            f"The store {server.name} cannot prove who it is.",
            where=where,
            expected=f"a certificate for {server.host}, signed by an authority in {server.authorities}",
            found=str(error),
            fix="see that stores_ca_url is the bundle of your region, or, where TLS is not wanted, say "
            "managed: {encryption: at_rest} in the store",
        ) from error
