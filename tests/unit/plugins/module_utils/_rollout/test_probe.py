from __future__ import annotations

import http.server
import threading
import time

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.wait import until
from ansible_collections.stairway.cloud.plugins.module_utils._rollout import probe
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.model import Proof
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.probe import (
    Figures,
    ask,
    open_connections,
    too_bad,
)

# /proc/net/tcp of Linux 6.1: a listener on 20480, an open connection to it, one closing, one to another port.
TABLE = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:5000 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0100007F:9C40 0100007F:5000 01 00000000:00000000 00:00000000 00000000     0        0 2 1
   2: 0100007F:9C41 0100007F:5000 06 00000000:00000000 00:00000000 00000000     0        0 3 1
   3: 0100007F:9C42 0100007F:5004 01 00000000:00000000 00:00000000 00000000     0        0 4 1
   4: 0100007F:5000 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 5 1
"""


@pytest.mark.parametrize(("ports", "count"), [({20480}, 1), ({20484}, 1), ({20480, 20484}, 2), ({1}, 0), (set(), 0)])
def test_only_open_connections_towards_the_ports_count(ports, count):
    assert open_connections(ports, TABLE) == count


class Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/slow":
            time.sleep(2)
        self.send_response(503 if self.path == "/ill" else 200)
        self.end_headers()
        self.wfile.write(b"because")

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def port():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


def test_answers_carry_what_the_service_said(port):
    assert ask(port, "/well", timeout=2).well
    ill = ask(port, "/ill", timeout=2)
    assert (ill.well, str(ill)) == (False, "HTTP 503 because")


def test_a_slow_and_a_silent_service_are_trouble_in_words(port):
    assert "timed out" in str(ask(port, "/slow", timeout=0.2))
    assert "refused" in str(ask(1, "/", timeout=0.2))


PROOF = Proof(path="/", per_second=50, max_failed=1, max_p99_ms=100)


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        (Figures(100, 1, 100.0), None),
        (Figures(100, 2, 10.0, "HTTP 502"), "2 of 100 requests failed"),
        (Figures(100, 0, 100.1), "100.1 ms"),
        (Figures(0, 0, 0.0), None),
    ],
)
def test_figures_are_held_against_their_limits(figures, words):
    found = too_bad(PROOF, figures)
    assert found is None if words is None else words in found


def test_a_proof_run_counts_every_request_and_every_failure(monkeypatch):
    answers = iter([probe.Answer(200), probe.Answer(502), *[probe.Answer(200)] * 10_000])
    monkeypatch.setattr(probe, "ask_edge", lambda *_a, **_k: next(answers))
    run = probe.ProofRun(PROOF, domain="chat.example.com", tls=True)
    begun = time.monotonic()
    run.begin()
    assert until(lambda: run.figures().sent >= 10 or None, seconds=30)
    run.end()
    figures = run.figures()
    assert figures.failed == 1
    assert figures.sent <= 1 + PROOF.per_second * (time.monotonic() - begun)
    assert figures.last_failure == "HTTP 502"
