"""A bucket whose server is not well: busy for a moment, or gone in the middle of an answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups import catalogue, s3
from ansible_collections.stairway.cloud.plugins.module_utils._backups.bucket import InBucket
from ansible_collections.stairway.cloud.plugins.module_utils._backups.s3 import Bucket, Refused
from ansible_collections.stairway.cloud.plugins.module_utils._backups.target import Gone
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._identity.signature import Keys

DATA = bytes(range(256)) * 4096
BUSY = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
MISSING = b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>"
LISTED = (
    b"<Contents><Key>chat/db/000001-20261121T020000Z/manifest.json</Key><Size>9</Size>"
    b"<LastModified>2026-11-21T02:00:00.000Z</LastModified></Contents>"
)


class Server(ThreadingHTTPServer):
    """Says ``answers`` to one GET of an object after the other, the last of them for ever: ``busy``, ``missing``,
    ``half`` of what was asked for, or ``whole``.
    """

    answers: list[str]
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        if "list-type" in self.path:
            return self._say(200, b"<ListBucketResult>" + LISTED + b"</ListBucketResult>")
        self.server.asked.append(self.headers.get("Range", ""))
        answers = self.server.answers
        word = answers.pop(0) if len(answers) > 1 else answers[0]
        if word in ("busy", "missing"):
            return self._say(*((503, BUSY) if word == "busy" else (404, MISSING)))
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        return self._say(206 if start else 200, DATA[start:], half=word == "half")

    def _say(self, status: int, body: bytes, *, half: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if half else body)
        self.close_connection = half

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(*answers: str) -> Iterator[tuple[Server, InBucket]]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.answers, server.asked = list(answers), []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        yield (
            server,
            InBucket(Bucket("backups", "eu-central-1", url, lambda: Keys("a", "b")), "chat/", "s3://backups/chat"),
        )
        server.shutdown()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3.wait, "pause", lambda seconds: None)


def test_an_answer_that_ends_too_early_is_gone_on_with() -> None:
    with serving("half", "half", "whole") as (server, bucket):
        assert b"".join(bucket.blocks("db/1/data")) == DATA
        half = len(DATA) // 2
        assert server.asked == ["", f"bytes={half}-", f"bytes={half + half // 2}-"]


def test_a_server_that_is_busy_is_asked_again() -> None:
    with serving("busy", "half", "busy", "whole") as (_server, bucket):
        assert b"".join(bucket.blocks("db/1/data")) == DATA


def test_a_server_that_stays_busy_is_said_to_be_so() -> None:
    with serving("busy") as (server, bucket), pytest.raises(Refused, match="SlowDown"):
        list(bucket.blocks("db/1/data"))
    assert len(server.asked) == s3.TRIES


def test_what_is_not_there_is_asked_for_once() -> None:
    with serving("missing") as (server, bucket), pytest.raises(Gone):
        bucket.get("db/1/data")
    assert len(server.asked) == 1


def test_a_busy_server_makes_no_older_backup_the_latest() -> None:
    """The newest manifest cannot be had: that is the place's fault, and the backup stays the newest."""
    with serving("busy") as (_server, bucket), pytest.raises(StairwayError, match="SlowDown"):
        catalogue.read(bucket, "db")
    with serving("missing") as (_server, bucket):
        assert catalogue.read(bucket, "db").bad == (), "another run has just let it go"
    with serving("whole") as (_server, bucket):
        assert [one.id for one in catalogue.read(bucket, "db").bad] == ["000001-20261121T020000Z"], "it is damaged"
