"""What the tests know of the chat app's interface."""

from __future__ import annotations

import json

from tests.support.report import Ledger, Report, audit, numbers
from tests.support.site import Site

PAGE = 500


def stored(site: Site, run: str) -> list[int]:
    """The numbers of one load run's messages as the app gives them back, doubles kept."""
    texts: list[str] = []
    before = ""
    while True:
        status, _headers, body = site.fetch(f"/messages?limit={PAGE}{before}")
        assert status == 200, f"reading back: {status} {body[:200]!r}"
        page = json.loads(body)
        rows = page["messages"] if isinstance(page, dict) else page
        texts += [row["text"] for row in rows]
        if len(rows) < PAGE:
            return numbers(texts, run)
        before = f"&before={rows[-1]['id']}"


def ledger(site: Site, report: Report) -> Ledger:
    """The load's writes against what the app has."""
    return audit(report, stored(site, report.run))
