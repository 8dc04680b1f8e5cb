"""HTTP to this host, by the standard library: the health path of a container, and the edge as a user meets it."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from dataclasses import dataclass

from .health import Answer
from .model import Proof

LOOPBACK = "127.0.0.1"


def ask(port: int, path: str, *, timeout: float, domain: str | None = None, tls: bool = True) -> Answer:
    """GET ``path`` at ``port`` of 127.0.0.1, within ``timeout`` seconds.

    It asks as the edge does, with the app's ``domain`` and scheme: Django answers 400 to a host it does not know, and
    many frameworks redirect what did not come by HTTPS.
    """
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout)
    headers = {
        "Host": domain or f"{LOOPBACK}:{port}",
        "User-Agent": "stairway-health",
        "X-Forwarded-Proto": "https" if tls else "http",
        "Connection": "close",
    }
    return _get(connection, path, headers)


def ask_edge(domain: str, path: str, *, tls: bool, timeout: float) -> Answer:
    """GET ``https://domain/path`` (or http) at this host's own edge, whatever DNS says of ``domain``."""
    headers = {"Host": domain, "User-Agent": "stairway-proof", "Connection": "close"}
    if not tls:
        return _get(http.client.HTTPConnection(LOOPBACK, 80, timeout=timeout), path, headers)
    return _get(_Edge(domain, timeout=timeout), path, headers)


class _Edge(http.client.HTTPSConnection):
    """TLS to 127.0.0.1 with the domain as server name. The certificate is the edge's business and not checked here:
    it may be a placeholder, or an origin certificate that only Cloudflare trusts."""

    def __init__(self, domain: str, *, timeout: float) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().__init__(domain, 443, timeout=timeout, context=context)
        self._stairway_context = context

    def connect(self) -> None:
        plain = socket.create_connection((LOOPBACK, 443), self.timeout)
        self.sock = self._stairway_context.wrap_socket(plain, server_hostname=self.host)


def _get(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> Answer:
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return Answer(response.status, body=response.read(2000).decode(errors="replace"))
    except (OSError, http.client.HTTPException) as error:
        return Answer(None, trouble=f"{type(error).__name__}: {error}")
    finally:
        connection.close()


@dataclass(frozen=True)
class Figures:
    """What a proof run saw: requests ``sent``, how many ``failed``, the 99th percentile in milliseconds."""

    sent: int
    failed: int
    p99_ms: float
    last_failure: str | None = None

    def numbers(self) -> dict[str, float]:
        return {"sent": self.sent, "failed": self.failed, "p99_ms": self.p99_ms}


class ProofRun:
    """Sends ``proof.per_second`` requests a second through the edge, from ``begin`` to ``end``, in a thread."""

    def __init__(self, proof: Proof, *, domain: str, tls: bool) -> None:
        self.proof = proof
        self.domain = domain
        self.tls = tls
        self._milliseconds: list[float] = []
        self._failures: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="proof", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def figures(self) -> Figures:
        """The figures so far; may be read while it runs."""
        times = sorted(self._milliseconds)
        p99 = times[min(len(times) - 1, int(len(times) * 0.99))] if times else 0.0
        failures = list(self._failures)
        return Figures(len(times), len(failures), round(p99, 1), failures[-1] if failures else None)

    def _work(self) -> None:
        gap = 1 / self.proof.per_second
        due = time.monotonic()
        while not self._over.is_set():
            answer = ask_edge(self.domain, self.proof.path, tls=self.tls, timeout=10)
            # From the moment it was due, so that a slow answer also counts against those it delayed.
            self._milliseconds.append((time.monotonic() - due) * 1000)
            if not answer.well:
                self._failures.append(str(answer))
            due = max(due + gap, time.monotonic() - 10)
            self._over.wait(max(0.0, due - time.monotonic()))


def too_bad(proof: Proof, figures: Figures) -> str | None:
    """What of ``figures`` is past the limits of ``proof``, in words; ``None`` when all is within."""
    if figures.failed > proof.max_failed:
        last = figures.last_failure
        return f"{figures.failed} of {figures.sent} requests failed, allowed are {proof.max_failed} (the last: {last})"
    if figures.p99_ms > proof.max_p99_ms:
        return f"99 % of {figures.sent} requests took up to {figures.p99_ms:g} ms, allowed are {proof.max_p99_ms:g} ms"
    return None


def open_connections(ports: set[int], table: str) -> int:
    """How many connections from this host to ``ports`` are open, in the text of ``/proc/net/tcp``.

    The third column is the remote address as ``hex:hex``, the fourth the state; 01 is ESTABLISHED
    (proc_pid_net(5)).
    """
    count = 0
    for line in table.splitlines()[1:]:
        columns = line.split()
        if len(columns) > 3 and columns[3] == "01" and int(columns[2].rpartition(":")[2], 16) in ports:
            count += 1
    return count
