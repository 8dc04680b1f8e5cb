"""Finds the files of an inventory that define the app spec, in the order in which Ansible lets one win over another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ansible_collections.stairway.cloud.plugins.module_utils._app.source import Document, load

_DEFINES = re.compile(r"""^\s{0,2}["']?(?:app|app_overrides)["']?\s*:""", re.MULTILINE)
_ENDINGS = ("", ".yml", ".yaml", ".json")
_VAULT = "$ANSIBLE_VAULT"


def folders(sources: Iterable[str]) -> list[Path]:
    """The folders of the inventory's sources; lists of hosts (``a,b``) have none."""
    found = [Path(source) if Path(source).is_dir() else Path(source).parent for source in sources if "," not in source]
    return list(dict.fromkeys(found))


def candidates(inventory: list[Path], playbook: Path | None, groups: Iterable[str], host: str) -> Iterator[Path]:
    """Files of variables that apply to a host, the weakest first.

    The order is Ansible's: all, then groups, then hosts, and in each the inventory before the playbook's folder
    (https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_variables.html#understanding-variable-precedence).
    """
    bases = inventory + ([playbook] if playbook is not None else [])
    others = [group for group in groups if group != "all"]
    for kind, names in (("group_vars", ["all"]), ("group_vars", others), ("host_vars", [host])):
        for base in bases:
            for name in names:
                yield from _files_of(base / kind / name)


def _files_of(stem: Path) -> Iterator[Path]:
    """``stem`` as a file with one of the endings, and every file of a folder of that name."""
    for ending in _ENDINGS:
        path = stem.with_name(stem.name + ending)
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from (
                one for one in sorted(path.rglob("*")) if one.is_file() and one.suffix in _ENDINGS and not _ignored(one)
            )


def _ignored(path: Path) -> bool:
    return path.name.startswith(".") or path.name.endswith(("~", ".bak", ".retry"))


def documents(paths: Iterable[Path], decrypt: Callable[[str], str], here: Path) -> list[Document]:
    """The files that define ``app`` or ``app_overrides``.

    ``decrypt`` reads a file that is encrypted as a whole; files are named from ``here``.
    """
    found = []
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="replace")
        encrypted = text.startswith(_VAULT)
        if encrypted:
            text = decrypt(str(path))
        if _DEFINES.search(text):
            found.append(load(text, _shown(path, here), encrypted=encrypted))
    return [document for document in found if document.mistakes or {"app", "app_overrides"} & set(document.variables)]


def _shown(path: Path, here: Path) -> str:
    """A path as a person in ``here`` would type it."""
    absolute = path.absolute()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)
