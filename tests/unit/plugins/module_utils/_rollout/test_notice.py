from __future__ import annotations

import http.server
import json
import socket
import threading

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._rollout import notice

FACTS = {"app": "chat", "version": "2", "host": "chat-1", "actor": "mina", "seconds": 12.4}


@pytest.mark.parametrize(
    ("outcome", "more", "expected"),
    [
        ("released", {"before": "1"}, ":white_check_mark: *chat* 2 released on chat-1, by mina, in 12 s (was 1)"),
        ("released", {}, ":white_check_mark: *chat* 2 released on chat-1, by mina, in 12 s"),
        (
            "rolled back",
            {"before": "3"},
            ":leftwards_arrow_with_hook: *chat* rolled back to 2 on chat-1, by mina, in 12 s (was 3)",
        ),
        (
            "failed",
            {"before": "1", "reason": "No.\nmore"},
            ":x: *chat* 2 failed on chat-1, by mina, in 12 s. Users are on 1.\nNo.",
        ),
        ("failed", {}, ":x: *chat* 2 failed on chat-1, by mina, in 12 s. Nothing was running before."),
    ],
)
def test_the_notice_says_what_where_who_and_how_long(outcome, more, expected):
    assert notice.text(outcome, **FACTS, **more) == expected


def test_it_arrives_as_slack_wants_it():
    received = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(
                (self.headers["Content-Type"], json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            )
            self.send_response(200 if self.path == "/ok" else 404)
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        base = f"http://127.0.0.1:{server.server_port}"
        assert notice.send(f"{base}/ok", "hello") is None
        assert received == [("application/json", {"text": "hello"})]
        assert notice.send(f"{base}/secret-token", "hello") == "the webhook answered HTTP 404"
    finally:
        server.shutdown()


@pytest.mark.parametrize(
    "webhook",
    [
        "http://127.0.0.1:1/secret-token",
        "not a url secret-token",
        "http://127.0.0.1:1/secret-token and more",
        "http://127.0.0.1:secret-token/",
    ],
)
def test_a_webhook_that_cannot_be_reached_is_a_reason_without_the_address(webhook):
    reason = notice.send(webhook, "hello", timeout=1)
    assert "cannot be reached" in reason
    assert "secret-token" not in reason


@pytest.mark.parametrize("answer", [b"no HTTP\r\n\r\n", b"HTTP/1.1 200 " + b"x" * 70_000])
def test_an_answer_that_is_no_http_fails_no_release(answer):
    def once():
        peer, _unused = door.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=once, daemon=True)
        thread.start()
        reason = notice.send(f"http://127.0.0.1:{door.getsockname()[1]}/secret-token", "hello")
        thread.join(5)
    assert "cannot be reached" in reason
    assert "secret-token" not in reason
