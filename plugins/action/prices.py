"""Reads the prices of AWS anew, into files on the controller. Asks no host."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._common import atomic
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import SHIPPED, Book, dump, load, regions
from ansible_collections.stairway.cloud.plugins.module_utils._prices.catalogue import Question, questions
from ansible_collections.stairway.cloud.plugins.module_utils._prices.refresh import Refreshed, product, refresh

ARGUMENTS = {
    "regions": {"type": "list", "elements": "str", "default": []},
    "folder": {"type": "path"},
    "add": {"type": "list", "elements": "str", "default": []},
    "profile": {"type": "str"},
    "endpoint_url": {"type": "str"},
}
# The Price List API answers in few regions only, for all of them.
ASK_IN = "us-east-1"
# A region's first book has what this one has.
MODEL = "us-east-1"


class ActionModule(ActionBase):
    """``stairway.cloud.prices``."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _valid, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        try:
            return {**result, **self._refreshed(arguments)}
        except StairwayError as error:
            return {**result, "failed": True, **error.result()}

    def _refreshed(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        folder = Path(arguments["folder"]) if arguments["folder"] else SHIPPED
        account = Account(ASK_IN, profile=arguments["profile"], endpoint_url=arguments["endpoint_url"])
        today = datetime.date.today().isoformat()
        done: list[Refreshed] = []
        diffs = []
        # every region is asked before any file is written
        for region in arguments["regions"] or regions(folder):
            book, wanted = _book(region, folder)
            done.append(refresh(book, _products(account, region), add=[*wanted, *arguments["add"]], date=today))
        for one in done:
            diffs.append(self._written(folder / f"{one.book.region}.json", dump(one.book)))
        jumps = [str(moved) for one in done for moved in one.jumps]
        return {
            "changed": any(diff["before"] != diff["after"] for diff in diffs),
            "diff": diffs,
            "text": [line for one in done for line in one.lines()],
            "jumps": jumps,
            "kept": {one.book.region: [*one.kept, *one.unclear] for one in done},
            "absent": {one.book.region: list(one.absent) for one in done},
            "files": [str(folder / f"{one.book.region}.json") for one in done],
        }

    def _written(self, path: Path, text: str) -> dict[str, str]:
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        if text != before and not self._task.check_mode:
            atomic.write(path, text)
        return {"before": before, "after": text, "before_header": str(path), "after_header": str(path)}


def _book(region: str, folder: Path) -> tuple[Book, tuple[str, ...]]:
    """The book to make anew; for a region without one an empty one, and the SKUs that it shall have."""
    if region in regions(folder):
        return load(region, folder), ()
    model = load(MODEL, folder)
    return Book(region, {}, {}, model.about), tuple(sorted(model.figures))


def _products(account: Account, region: str) -> Iterator[Mapping[str, Any]]:
    for question in questions(region):
        for text in _answer(account, question):
            yield product(text)


def _answer(account: Account, question: Question) -> Iterator[str]:
    filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in question.filters.items()]
    return account.pages(
        "pricing",
        "get_products",
        "PriceList",
        ServiceCode=question.service,
        Filters=filters,
        FormatVersion="aws_v1",
        MaxResults=100,
    )
