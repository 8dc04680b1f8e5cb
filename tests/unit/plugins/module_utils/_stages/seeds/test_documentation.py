"""docs/seeds.md names every inventory, and each inventory's example of a vault names every secret that it needs."""

from __future__ import annotations

import re

import pytest

from tests.support.inventories import OVERLAYS, ROOT, SEEDS, files

TEXT = (ROOT.parent / "docs" / "seeds.md").read_text(encoding="utf-8")


def test_every_inventory_is_an_app_or_an_overlay() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("rehearsal")}
    assert folders == {*SEEDS, *OVERLAYS}


@pytest.mark.parametrize("name", [*SEEDS, *OVERLAYS])
def test_inventory_is_in_the_table(name: str) -> None:
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("name", [*SEEDS, *OVERLAYS])
def test_every_secret_is_in_the_example_of_the_vault(name: str) -> None:
    needed = {secret for path in files(name) for secret in re.findall(r"vault_\w+", path.read_text(encoding="utf-8"))}
    example = (ROOT / OVERLAYS.get(name, name) / "group_vars" / "vault.example.yml").read_text(encoding="utf-8")
    assert needed <= set(re.findall(r"vault_\w+", example))


@pytest.mark.parametrize("name", OVERLAYS)
def test_an_overlay_says_how_it_is_used(name: str) -> None:
    text = files(name)[-1].read_text(encoding="utf-8")
    assert f"-i inventories/{OVERLAYS[name]} -i inventories/{name}" in text
