"""The AWS API: moto behind plain HTTP for this machine, and behind TLS under AWS's own names for the bodies."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from . import certificates, layout
from .account import Account

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]
# Asked before moto with each request; the first that returns something other than None has answered it.
interceptors: list[Callable[[Environ, Any], Iterable[bytes] | None]] = []
HANDSHAKE_SECONDS = 10
_READS = ("Describe", "Get", "List", "Head", "BatchGet", "Filter")


class Front:
    """A WSGI application: moto, and a word to the reconciler after whatever may have changed something."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._moto: Wsgi = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes]:
        for one in interceptors:
            answer = one(environ, start)
            if answer is not None:
                return answer
        answer = self._moto(environ, start)
        if not _only_reads(environ):
            self._account.changed.set()
        return answer


def _only_reads(environ: Environ) -> bool:
    action = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
    return environ["REQUEST_METHOD"] in ("GET", "HEAD") or action.startswith(_READS)


def serve(account: Account) -> list[BaseWSGIServer]:
    """Every way in, already open: 127.0.0.1 without TLS, and AWS's names with it and without."""
    application = Front(account)
    names = str(layout.FRONT)
    tls = certificates.server_context(layout.FOLDER / "front")
    servers = [
        way_in("127.0.0.1", layout.API_PORT, application),
        way_in(names, 80, application),
        way_in(names, 443, application, tls),
    ]
    for one in servers:
        threading.Thread(target=one.serve_forever, name="front", daemon=True).start()
    return servers


def way_in(address: str, port: int, application: Wsgi, tls: ssl.SSLContext | None = None) -> BaseWSGIServer:
    """Open, and not served yet. One thread takes all connections: hands are shaken in the thread of each request, or a
    client that only connects would keep everybody out.
    """
    server = make_server(address, port, application, threaded=True, request_handler=_Quiet, ssl_context=tls)
    if isinstance(server.socket, ssl.SSLSocket):
        server.socket.do_handshake_on_connect = False  # type: ignore[attr-defined]
    return server


class _Quiet(MotoRequestHandler):
    def handle(self) -> None:
        """The request, of whoever shakes hands."""
        try:
            if isinstance(self.connection, ssl.SSLSocket):
                self.connection.settimeout(HANDSHAKE_SECONDS)
                self.connection.do_handshake()
                self.connection.settimeout(None)
        except OSError:
            return
        super().handle()

    def log_request(self, *_arguments: Any) -> None:
        """Nothing: polls would bury everything else."""
