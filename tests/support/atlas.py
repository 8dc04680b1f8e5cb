"""A server that stands for MongoDB Atlas: the Administration API cannot be had where these tests run.

It is a real HTTP server, so the client's own way is gone: digest authentication with nonces that grow old, tokens,
pages, rate limits, broken connections. What it answers is taken from these pages and from no real Atlas:

- https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/ and the OpenAPI document behind it: paths, fields, states,
  versions in ``Accept``; ``atlas_model.py`` beside this file has what it remembers
- https://www.mongodb.com/docs/atlas/reference/api-errors/: ``{error, errorCode, detail, reason, parameters}`` and codes
- https://www.mongodb.com/docs/atlas/api/api-authentication: the realm «MMS Public API», nonces
- https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token: tokens, good for an hour
- https://www.mongodb.com/docs/atlas/api/api-rate-limit: 429, ``RATE_LIMITED_TOKEN_BUCKET``, ``Retry-After``
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.atlas_model import Model, Refused

PUBLIC, PRIVATE = "kxqzvwab", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
CLIENT, SECRET = "mdb_sa_id_67f0", "mdb_sa_sk_Zq+/secret=of-a-service"
REALM = "MMS Public API"
PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass
class Fault:
    """What goes wrong with the next ``times`` requests that match. ``done`` says whether it is done all the same."""

    method: str
    path: str
    how: str | int
    times: int = 1
    done: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def fits(self, method: str, path: str) -> bool:
        return self.times > 0 and method == self.method and re.search(self.path, path) is not None


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    body: Any


class Atlas:
    """``with Atlas() as atlas``: serves at ``atlas.url``; ``seen`` is every request that was let in."""

    def __init__(self) -> None:
        self.model = Model()
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.lost: list[tuple[str, str]] = []
        self.paused: list[float] = []
        self.let_in = lambda: True
        self.after: Callable[[str, str], None] = lambda _method, _path: None
        self.nonce_uses = 1000
        self.qop = True
        self.quiet = 2.0
        self.tokens: set[str] = set()
        self.token_requests = 0
        self.challenges = 0
        self._nonces: dict[str, set[str]] = {}
        self._lock = threading.RLock()

    def __enter__(self) -> Atlas:
        atlas = self

        class Handler(_Handler):
            server_of_tests = atlas

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fault(self, method: str, path: str, how: str | int, **more: Any) -> None:
        """``how`` is a status, ``reset``, ``silence`` (for ``quiet`` seconds), ``half``, or ``garbage``."""
        self.faults.append(Fault(method, path, how, **more))

    def refuse(self, method: str, path: str, status: int, code: str, detail: str = "", times: int = 1) -> None:
        """Atlas's own form of a refusal."""
        body = json.dumps({"error": status, "errorCode": code, "detail": detail, "reason": "Refused", "parameters": []})
        self.faults.append(Fault(method, path, status, times=times, body=body.encode()))

    def writes(self) -> list[tuple[str, str]]:
        """What was asked to be changed, below the project."""
        return [
            (one.method, re.sub(r"^/api/atlas/v2/groups/[0-9a-f]{24}", "", one.path))
            for one in self.seen
            if one.method != "GET"
        ]

    def body(self, method: str, path: str) -> Any:
        """That of the last such request."""
        return [one.body for one in self.seen if one.method == method and one.path.endswith(path)][-1]

    # who asks

    def knows(self, method: str, uri: str, header: str) -> str:
        """``yes``, ``no`` or ``stale``."""
        scheme, _space, rest = header.partition(" ")
        if scheme == "Bearer":
            return "yes" if rest in self.tokens else "no"
        if scheme != "Digest":
            return "no"
        said = {name: quoted or plain for name, quoted, plain in PAIR.findall(rest)}
        uses = self._nonces.get(said.get("nonce", ""))
        if said.get("username") != PUBLIC or said.get("uri") != uri or said.get("realm") != REALM:
            return "no"
        if uses is None or len(uses) >= self.nonce_uses:
            return "stale"
        counted = said.get("qop") == "auth"
        if counted != self.qop or (counted and said.get("nc") in uses):
            return "no"  # the same count twice is a replay
        uses.add(said.get("nc", str(len(uses))))
        middle = f"{said['nc']}:{said['cnonce']}:auth:" if counted else ""
        expected = _md5(f"{_md5(f'{PUBLIC}:{REALM}:{PRIVATE}')}:{said['nonce']}:{middle}{_md5(f'{method}:{uri}')}")
        return "yes" if secrets.compare_digest(expected, said.get("response", "")) else "no"

    def challenge(self, *, stale: bool) -> str:
        self.challenges += 1
        nonce = secrets.token_urlsafe(16)
        self._nonces[nonce] = set()
        qop = ', qop="auth"' if self.qop else ', op="auth"'
        return f'Digest realm="{REALM}", domain="", nonce="{nonce}", algorithm=MD5{qop}, stale={str(stale).lower()}'

    def token(self, header: str, body: bytes) -> tuple[int, dict[str, Any]]:
        self.token_requests += 1
        expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if header != expected or parse_qs(body.decode()).get("grant_type") != ["client_credentials"]:
            return 401, {"error": 401, "errorCode": "UNAUTHORIZED", "detail": "Invalid client credentials."}
        token = f"eyJ{secrets.token_urlsafe(24)}"
        self.tokens.add(token)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600}

    # what is asked

    def answered(self, method: str, uri: str, body: bytes) -> tuple[int, dict[str, Any]]:
        with self._lock:
            split = urlsplit(uri)
            parsed = json.loads(body) if body else None
            self.seen.append(Seen(method, split.path, parsed))
            pieces = [unquote(one) for one in split.path.removeprefix("/api/atlas/v2/").split("/")]
            query = {name: values[-1] for name, values in parse_qs(split.query).items()}
            try:
                status, found = self.model.answer(method, pieces, query, parsed)
            except Refused as no:
                return no.status, no.body()
            finally:
                self.after(method, split.path)
            return status, found

    def faulty(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.fits(method, path):
                    fault.times -= 1
                    return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    server_of_tests: Atlas
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._do("GET")

    def do_POST(self) -> None:
        self._do("POST")

    def do_PATCH(self) -> None:
        self._do("PATCH")

    def do_DELETE(self) -> None:
        self._do("DELETE")

    def _do(self, method: str) -> None:
        atlas = self.server_of_tests
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = urlsplit(self.path).path
        if path == "/api/oauth/token":
            fault = atlas.faulty(method, path)
            if fault is None:
                status, answer = atlas.token(self.headers.get("Authorization", ""), body)
                return self._say(status, json.dumps(answer).encode())
            return self._go_wrong(fault)
        if not self._let_in(method):
            return None
        fault = atlas.faulty(method, self.path)
        if fault is None:
            status, answer = atlas.answered(method, self.path, body)
            return self._say(status, json.dumps(answer).encode() if answer or status != 204 else b"")
        if fault.done:
            atlas.answered(method, self.path, body)
        else:
            atlas.lost.append((method, path))
        return self._go_wrong(fault)

    def _let_in(self, method: str) -> bool:
        atlas = self.server_of_tests
        header = self.headers.get("Authorization", "")
        known = atlas.knows(method, self.path, header)
        if known != "yes":
            said = {"error": 401, "errorCode": "UNEXPECTED_ERROR", "reason": "Unauthorized",
                    "detail": "You are not authorized for this resource."}  # fmt: skip
            asked = {} if header.startswith("Bearer") else {"WWW-Authenticate": atlas.challenge(stale=known == "stale")}
            self._say(401, b"" if header.startswith("Bearer") else json.dumps(said).encode(), asked)
            return False
        if not re.fullmatch(r"application/vnd\.atlas\.\d{4}-\d\d-\d\d\+json", self.headers.get("Accept", "")):
            self._say(406, Refused(406, "INVALID_VERSION_DATE", "There is no version number in the request.").json())
            return False
        if not atlas.let_in():
            no = Refused(
                403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", "IP address 203.0.113.9 is not allowed to access this resource."
            )
            self._say(403, no.json())
            return False
        return True

    def _go_wrong(self, fault: Fault) -> None:
        if isinstance(fault.how, int):
            body = fault.body if fault.body is not None else _in_words(fault.how)
            return self._say(fault.how, body, fault.headers)
        if fault.how == "garbage":
            return self._say(200, fault.body if fault.body is not None else b"<html>Sign in</html>", fault.headers)
        if fault.how == "silence":
            time.sleep(self.server_of_tests.quiet)
        if fault.how == "half":
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"results": [')
        self.close_connection = True
        # A reset, and not an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        return None

    def _say(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.atlas.2024-10-23+json;charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _in_words(status: int) -> bytes:
    if status == 429:
        return Refused(429, "RATE_LIMITED_TOKEN_BUCKET", "Rate limit exceeded for api/atlas/v2/groups.").json()
    if status >= 500:
        return Refused(status, "UNEXPECTED_ERROR", "Unexpected error.").json()
    return b""
