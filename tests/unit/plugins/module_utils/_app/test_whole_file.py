"""Mistakes of a file as a whole, and many in one file."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.mistakes import SpecError
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import check_files, find_mistakes
from ansible_collections.stairway.cloud.plugins.module_utils._app.source import load

WHOLE = {
    "empty file": ("", "(file)", 1, "nothing", "the variable app", "app:"),
    "only comments": ("# nothing\n", "(file)", 1, "nothing", "the variable app", "app:"),
    "a list": ("- app\n", "(file)", 1, "a list", "variables by name", "app:"),
    "a text": ("app\n", "(file)", 1, "a text", "variables by name", "app:"),
    "no app": ("apps: {}\n", "app", None, "nothing", "the variable app", "app:"),
    "app is nothing": ("app:\n", "app", 1, "nothing", "the variable app", "app:"),
    "app is a list": ("app: []\n", "app", 1, "a list", "a mapping with name", None),
    "only workers": (
        "app:\n  name: ab\n  domains: [a.example.com]\n  services: {worker: {image: ab}}\n",
        "app.services", 4, "only workers: worker", "a port on at least one service", "port: 8000",
    ),
    "no services": (
        "app:\n  name: ab\n  domains: [a.b.c]\n  services: {}\n",
        "app.services", 4, "an empty mapping", "at least one", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_mistake_of_the_whole_file(name: str) -> None:
    text, path, line, found, expected, suggestion = WHOLE[name]
    (mistake,) = find_mistakes([load(text, "app.yml")])
    assert (mistake.path, mistake.line) == (path, line)
    assert found in mistake.found
    assert expected in mistake.expected
    assert (suggestion or "") in (mistake.suggestion or "")


TEN = """app:
  name: Chat
  domains: [chat.example.com.]
  services:
    api:
      image: acme/api:1
      prot: 3000
      port: 80000
      memory: 1GB
  tasks: [{name: migrate, service: ap, command: [x]}]
  stores:
    db: {engine: mongo, version: "7"}
  edge: {server: apache}
  release: {keep: 1}
  backups: {at: "2am", to: s3://bucket}
"""


def test_ten_mistakes_are_reported_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        check_files([load(TEN, "app.yml")])
    assert [(mistake.line, mistake.path) for mistake in caught.value.mistakes] == [
        (2, "app.name"),
        (3, "app.domains[0]"),
        (6, "app.services.api.image"),
        (7, "app.services.api.prot"),
        (8, "app.services.api.port"),
        (9, "app.services.api.memory"),
        (10, "app.tasks[0].service"),
        (12, "app.stores.db.engine"),
        (13, "app.edge.server"),
        (14, "app.release.keep"),
        (15, "app.backups.at"),
    ]
    text = str(caught.value)
    assert text.startswith("The app spec has 11 mistakes; nothing was touched.")
    assert "app.yml:7: app.services.api.prot" in text
    assert len(caught.value.result()["mistakes"]) == 11
