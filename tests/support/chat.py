"""What the tests know of the chat app's interface."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable

from tests.support.report import Ledger, Report, audit, numbers
from tests.support.site import Site

# The app's own interface lists the newest 50 only; the store itself is asked, with the driver that the image has.
READ_ALL = """
import { MongoClient } from "mongodb";
const client = await MongoClient.connect(process.env.MONGO_URI);
const found = client.db().collection("messages").find({}, { projection: { text: 1 } });
for await (const { text } of found) if (text.startsWith(process.argv[1])) console.log(text);
await client.close();
"""


def stored(shell: Callable[[str], str], run: str) -> list[int]:
    """The numbers of one load run's messages as the database has them, doubles kept; ``shell`` is one of a host's."""
    running = "docker ps --quiet --filter label=stairway.app=chat --filter label=stairway.release"
    container = shell(running).split()[0]
    argv = ["docker", "exec", "-w", "/app", container, "node", "--input-type=module", "-e", READ_ALL, run + "-"]
    return numbers(shell(shlex.join(argv)).splitlines(), run)


def newest(site: Site) -> list[str]:
    """The texts that users get from ``GET /messages``."""
    status, _headers, body = site.fetch("/messages")
    assert status == 200, f"GET /messages: {status} {body[:200]!r}"
    page = json.loads(body)
    return [row["text"] for row in (page["messages"] if isinstance(page, dict) else page)]


def ledger(site: Site, report: Report) -> Ledger:
    """The load's writes against what the app has."""
    return audit(report, stored(lambda script: site.sh(script, seconds=120), report.run))
