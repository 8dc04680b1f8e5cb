"""moto with our corrections, and with a count of the requests that it gets: the same count for whoever asks.

As a process: ``python -m benchmarks.counted_moto PORT``.
"""

from __future__ import annotations

import json
import re
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import moto.server
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from tests.support.aws import moto_server

PATH = "/stairway/counted"
SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")


class Counted(DomainDispatcherApplication):
    """What is asked for ``PATH`` gets the count so far, by service."""

    def __init__(self, create_app: Callable[[Any], Any]) -> None:
        super().__init__(create_app)
        self.requests: Counter[str] = Counter()
        self.guard = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PATH:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self.requests).encode()]
        signed = SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
        with self.guard:
            self.requests[signed[1] if signed else "unsigned"] += 1
        answer: Iterable[bytes] = super().__call__(environ, start_response)
        return answer


def counted(url: str) -> Counter[str]:
    """How many requests the server at ``url`` got until now, by service."""
    with urllib.request.urlopen(url + PATH, timeout=60) as answer:
        return Counter(json.load(answer))


if __name__ == "__main__":
    moto.server.DomainDispatcherApplication = Counted  # type: ignore[misc]
    moto_server.main()
