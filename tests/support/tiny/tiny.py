"""A service with one table: ``tiny.py migrate`` notes that it ran, ``tiny.py`` says what it finds."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg  # type: ignore[import-not-found]

VERSION = os.environ["VERSION"]
URL = os.environ["DATABASE_URL"]


def ask(statement: str, *given: str) -> list[tuple[object, ...]]:
    with psycopg.connect(URL, connect_timeout=3) as connection:
        done = connection.execute(statement, given)
        return done.fetchall() if done.description else []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        well = self.path != "/health" or (VERSION != "broken" and ask("SELECT 1"))
        said: dict[str, object] = {"version": VERSION, "host": socket.gethostname()}
        if self.path == "/migrations":
            said["migrations"] = [one[0] for one in ask("SELECT version FROM migrations ORDER BY at")]
        self.send_response(200 if well else 500)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())


if sys.argv[1:] == ["migrate"]:
    time.sleep(3)
    ask("CREATE TABLE IF NOT EXISTS migrations (version text, at timestamptz DEFAULT now())")
    ask("INSERT INTO migrations (version) VALUES (%s)", VERSION)
else:
    print(f"version {VERSION} with {URL}")
    ThreadingHTTPServer(("", 8000), Handler).serve_forever()
