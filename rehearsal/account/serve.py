"""The account's process: API, metadata, names and the reconciler, until it is told to end."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
from typing import Any

from .. import state
from . import bodies, front, ground, layout, metadata, moto_fixes, names
from .account import Account
from .reconcile import Reconciler


def main() -> None:
    """Serve in the foreground. SIGTERM and SIGINT end it; bodies stay, ``account down`` takes them away."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto_fixes.apply()
    account = Account()
    book = names.Book()
    reconciler = Reconciler(account, bodies.kinds(account, book), _log)
    ground.prepare()
    names.serve(book, (str(layout.GATEWAY), layout.DNS_PORT))
    metadata.serve(account, metadata.ADDRESS)
    front.serve(account)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: reconciler.end())
    state.write(layout.PID, f"{os.getpid()}\n")
    threading.Thread(target=_report, args=(reconciler,), name="report", daemon=True).start()
    _log(f"serves http://127.0.0.1:{layout.API_PORT}")
    reconciler.run()
    _log("ends")
    os._exit(0)  # jobs that still run would only make bodies that nobody wants any more


def _report(reconciler: Reconciler) -> None:
    """Once a second what stands, for ``account status`` and for tests."""
    while True:
        state.write(layout.STATUS, json.dumps(_standing(reconciler), indent=1))
        time.sleep(1)


def _standing(reconciler: Reconciler) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "key": key, "phase": body.phase, "error": body.error, "spec": _short(body.spec)}
        for kind, held in reconciler.bodies.items()
        for key, body in list(held.items())
    ]


def _short(spec: Any) -> str:
    return str(spec).replace("\n", " ")[:200]


def _log(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)
