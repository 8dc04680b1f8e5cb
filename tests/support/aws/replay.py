"""Answers DescribeInstances from a recording: thousands of instances at once, and regions that are slow or refuse.

moto needs a minute to answer for 5,000 instances. What it answered is kept, and given out as AWS gives it: all at
once, or in pages with ``MaxResults``. The region is the one that the request was signed for. Filters are not looked at.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

HEAD = (
    b'<?xml version="1.0" encoding="utf-8"?>\n'
    b'<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15">'
    b"<requestId>fdcdcab1-ae5c-489e-9c33-4637c5dda355</requestId><reservationSet>"
)
TAIL = b"</reservationSet>%s</DescribeInstancesResponse>"
REGION = re.compile(r"Credential=[^/]+/\d+/([^/]+)/")
INSTANCE = b"<launchTime>"  # one for each instance


@dataclass
class Region:
    """``reservations`` as XML; ``latency`` in seconds for each call; ``refusal`` is status, code and message."""

    reservations: Sequence[bytes] = ()
    latency: float = 0
    refusal: tuple[int, str, str] | None = None


@dataclass
class Replay:
    """A server that runs. ``calls`` are the regions that were asked, in order."""

    url: str
    regions: dict[str, Region]
    calls: list[str] = field(default_factory=list)


def reservations(answer: bytes) -> list[bytes]:
    """The reservations of a recorded answer, each as XML."""
    inside = answer[answer.index(b"<reservationSet>") + 16 : answer.rindex(b"</reservationSet>")]
    return [b"<item><reservationId>" + part for part in inside.split(b"<item><reservationId>")[1:]]


@contextmanager
def replay(regions: Mapping[str, Region]) -> Iterator[Replay]:
    """Serve ``regions`` on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    found = Replay(f"http://127.0.0.1:{server.server_port}", dict(regions))
    server.found = found  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def page(region: Region, start: int, most: int | None) -> tuple[bytes, int | None]:
    """The XML from reservation ``start`` on, at most ``most`` instances, and where the next page begins."""
    taken: list[bytes] = []
    count = 0
    for number in range(start, len(region.reservations)):
        size = region.reservations[number].count(INSTANCE)
        if most is not None and taken and count + size > most:
            return _answer(taken, number), number
        taken.append(region.reservations[number])
        count += size
    return _answer(taken, None), None


def _answer(taken: Sequence[bytes], following: int | None) -> bytes:
    token = b"" if following is None else b"<nextToken>%d</nextToken>" % following
    return HEAD + b"".join(taken) + TAIL % token


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        found: Replay = self.server.found  # type: ignore[attr-defined]
        asked = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        signed = REGION.search(self.headers.get("Authorization", ""))
        name = signed.group(1) if signed else ""
        found.calls.append(name)
        region = found.regions.get(name, Region())
        time.sleep(region.latency)
        if region.refusal:
            status, code, message = region.refusal
            text = f"<Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
            self._send(status, f"<Response>{text}<RequestID>r-1</RequestID></Response>".encode())
        elif asked.get("Action") == ["DescribeRegions"]:
            items = "".join(f"<item><regionName>{one}</regionName></item>" for one in found.regions)
            self._send(
                200, f"<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>".encode()
            )
        else:
            most = int(asked["MaxResults"][0]) if "MaxResults" in asked else None
            body, _following = page(region, int(asked.get("NextToken", ["0"])[0]), most)
            self._send(200, body)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""
