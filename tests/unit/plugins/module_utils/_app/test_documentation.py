"""docs/app-spec.md: its examples are right, they show every field of the schema, and the defaults they name are the
schema's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ansible_collections.stairway.cloud.plugins.module_utils._app.engines import ENGINES
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import find_mistakes
from ansible_collections.stairway.cloud.plugins.module_utils._app.schema import APP
from ansible_collections.stairway.cloud.plugins.module_utils._app.shapes import Field, Items, Record, Shape, Table
from ansible_collections.stairway.cloud.plugins.module_utils._app.source import load

TEXT = (Path(__file__).parents[5] / "docs" / "app-spec.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
# what each example stands on; an example is laid over it
BASE = """app:
  name: chat
  domains: [chat.example.com]
  env: {JWT_SECRET: "{{ vault_jwt_secret }}"}
  services:
    api:
      image: ghcr.io/acme/chat-api
      port: 3000
      volumes: [{name: files, path: /app/files}]
  stores:
    cache: {engine: redis, version: "7", password: "{{ vault_cache_password }}"}
  edge: {server: nginx}
"""


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[1].strip()[:30] for block in BLOCKS])
def test_example_is_right(block: str) -> None:
    text = block.replace("app:", "app_overrides:", 1) if block.startswith("app:") else block
    # in an example {} and [] only stand for what is described below it
    text = re.sub(r"^  (services|stores|edge|release|alerts|stage|cloud): \{\}\n", "", text, flags=re.MULTILINE)
    assert find_mistakes([load(BASE, "base"), load(text, "docs/app-spec.md")]) == []


def fields(shape: Shape, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Field]]:
    """Every field of the schema; names that a user chooses are left out of the path."""
    if isinstance(shape, Record):
        for key, field in shape.fields.items():
            yield (*path, key), field
            yield from fields(field.shape, (*path, key))
    elif isinstance(shape, Table):
        yield from fields(shape.value, path)
    elif isinstance(shape, Items):
        yield from fields(shape.item, path)


def comments() -> dict[tuple[str, ...], str]:
    """The comment above each key in the examples, by its path in the schema."""
    found: dict[tuple[str, ...], str] = {}
    for block in BLOCKS:
        node = yaml.compose(block)
        lines = block.splitlines()
        if isinstance(node, yaml.MappingNode) and node.value[0][0].value == "app":
            for path, line in keys(node.value[0][1], APP, ()):
                above: list[str] = []
                while lines[line - 1].strip().startswith("#"):
                    line -= 1
                    above.insert(0, lines[line].strip("# "))
                if above:
                    found.setdefault(path, " ".join(above))
    return found


def keys(node: yaml.Node, shape: Shape, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(shape, Items) and isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from keys(item, shape.item, path)
    elif isinstance(shape, Table) and isinstance(node, yaml.MappingNode):
        for _key, value in node.value:
            yield from keys(value, shape.value, path)
    elif isinstance(shape, Record) and isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line
            yield from keys(value, shape.fields[key.value].shape, (*path, key.value))


COMMENTS = comments()
FIELDS = dict(fields(APP))


@pytest.mark.parametrize("path", FIELDS, ids=".".join)
def test_every_field_has_an_annotated_example(path: tuple[str, ...]) -> None:
    assert path in COMMENTS
    field, comment = FIELDS[path], COMMENTS[path]
    if field.required:
        assert "Required" in comment
    elif field.default not in (None, [], {}):
        shown = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        assert f"Default: {shown}." in comment
    else:
        assert re.search(r"Optional|Needed", comment)


def test_the_table_of_versions_is_that_of_the_engines() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d., ]+) \|$", TEXT, re.MULTILINE))
    assert rows == {engine.name: ", ".join(engine.versions) for engine in ENGINES.values()}
