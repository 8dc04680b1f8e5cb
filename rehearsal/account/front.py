"""The AWS API: moto behind plain HTTP for this machine, and behind TLS under AWS's own names for the bodies."""

from __future__ import annotations

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
        make_server("127.0.0.1", layout.API_PORT, application, threaded=True, request_handler=_Quiet),
        make_server(names, 80, application, threaded=True, request_handler=_Quiet),
        make_server(names, 443, application, threaded=True, request_handler=_Quiet, ssl_context=tls),
    ]
    for one in servers:
        threading.Thread(target=one.serve_forever, name="front", daemon=True).start()
    return servers


class _Quiet(MotoRequestHandler):
    def log_request(self, *_arguments: Any) -> None:
        """Nothing: polls would bury everything else."""
