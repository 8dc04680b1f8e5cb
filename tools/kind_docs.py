"""The pages of ``docs/kinds``, from the kinds' own tables: ``python -m tools.kind_docs`` writes them anew."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind as kind_of
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Field, Kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.types import (
    Either,
    ListOf,
    MapOf,
    Part,
    Record,
    Shape,
)
from tools.sources import ROOT

FOLDER = ROOT / "docs" / "kinds"
INDEX = "README.md"
HEAD = "<!-- Made from the kind's own table by tools/kind_docs.py: edit that. -->\n"
COMMON = """\
| field | what it is |
|---|---|
| `id` | The AWS id of something that is there already: the entry takes it over and tags it. |
| `tags` | Tags of your own. Left out, tags of others are left alone; given, others are taken away. |
| `protect` | `true`: no run deletes or replaces it unless it is named in `give_up`. |
| `after` | Entries (`kind/name`) that it waits for without naming them in a field. |
"""


def pages() -> dict[str, str]:
    """Name of the file -> its text."""
    return {INDEX: _index(kinds()), **{f"{name}.md": "\n".join(_page(kind_of(name))) for name in kinds()}}


def _index(all_of: Mapping[str, Kind]) -> str:
    lines = [
        HEAD,
        "# Kinds",
        "",
        "A blueprint is a list of entries; each starts with its kind and a name, then come the fields of that kind.",
        "A field that names another entry takes its name, or the AWS id of something that exists already.",
        "[Add a kind in ten minutes](adding.md) shows how a new one is written.",
        "",
        "Every entry may also have:",
        "",
        COMMON,
        "| kind | what it is | holds data |",
        "|---|---|---|",
        *(f"| [`{name}`]({name}.md) | {kind.doc} | {'yes' if kind.data else ''} |" for name, kind in all_of.items()),
        "",
    ]
    return "\n".join(lines)


def _page(kind: Kind) -> Iterator[str]:
    yield from (HEAD, f"# `{kind.name}`", "", kind.doc, "")
    if kind.data:
        yield from ("It holds data: no run deletes or replaces it unless it is named in `give_up`.", "")
    yield from ("| field | what it is | what fits | default | a change |", "|---|---|---|---|---|")
    for name, field in kind.fields.items():
        yield f"{_row(name, field)} {_change(field)} |"
    yield ""
    for name, field in kind.fields.items():
        yield from _nested(name, field.shape)
    if kind.outputs:
        yield from ("What it tells others:", "", "| output | what it is |", "|---|---|")
        yield from (f"| `{name}` | {_cell(doc)} |" for name, doc in kind.outputs.items())
        yield ""


def _nested(path: str, shape: Shape) -> Iterator[str]:
    """A table for each dictionary inside a field."""
    if isinstance(shape, Record):
        yield from (f"Keys of `{path}`:", "", "| key | what it is | what fits | default |", "|---|---|---|---|")
        for name, part in shape.parts.items():
            yield _row(name, part)
        yield ""
        for name, part in shape.parts.items():
            yield from _nested(f"{path}.{name}", part.shape)
    elif isinstance(shape, ListOf):
        yield from _nested(f"{path}[]", shape.item)
    elif isinstance(shape, MapOf):
        yield from _nested(f"{path}.<name>", shape.item)
    elif isinstance(shape, Either):
        for one in shape.shapes:
            yield from _nested(path, one)


def _row(name: str, part: Part) -> str:
    shown = f"`{name}`{' (required)' if part.required else ''}"
    return f"| {shown} | {_cell(part.doc)} | {_cell(part.shape.words)} | {_default(part)} |"


def _default(part: Part) -> str:
    return "" if part.default is None else f"`{_yaml(part.default)}`"


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("\n...\n").strip()


def _change(field: Field) -> str:
    if field.write_only:
        return "counts when it is made"
    return {"in_place": "in place", "replace": "a new one in its place", "refuse": "refused"}[field.change]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
