"""What stands beside a backup is believed only when it is whole."""

from __future__ import annotations

import json

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups import manifest
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError

from .conftest import Make


def test_comes_back_as_it_was(make: Make) -> None:
    one = make(7, 1.5, counts={"사용자": 3}, loose=("x",), roles=("chat",))
    assert manifest.read(manifest.text(one), "here") == one
    assert one.rows == 3


def test_any_changed_figure_is_found(make: Make) -> None:
    text = manifest.text(make())
    for before, after in (
        ('"users": 10', '"users": 11'),
        ('"bytes": 1000000', '"bytes": 1000001'),
        ("chat.pg", "chau.pg"),
    ):
        assert before in text
        with pytest.raises(StairwayError, match="damaged"):
            manifest.read(text.replace(before, after), "here")


def test_any_flipped_bit_is_found_or_means_nothing(make: Make) -> None:
    one = make()
    data = manifest.text(one).encode()
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        try:
            found = manifest.read(changed.decode(errors="replace"), "here")
        except StairwayError:
            continue
        assert found == one, f"byte {at}: {bytes(changed[max(0, at - 20) : at + 20])!r}"


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"manifest": {}, "sha256": "x", "format": 1}', '{"a"'])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(StairwayError, match="damaged"):
        manifest.read(text, "here")


def test_one_of_a_newer_program_says_so(make: Make) -> None:
    data = json.loads(manifest.text(make()))
    with pytest.raises(StairwayError, match="newer Stairway"):
        manifest.read(json.dumps({**data, "format": 99}), "here")


def test_names_are_in_order_whatever_the_clock() -> None:
    names = [manifest.new_id(9, 2e9), manifest.new_id(10, 0), manifest.new_id(1_000_000, 5)]
    assert [manifest.sequence_of(name) for name in names] == [9, 10, 1_000_000]
    assert names[0] < names[1]


@pytest.mark.parametrize("name", ["", "x", "1-20261121T020000Z", "000001", "000001-20261121T020000Z.part"])
def test_other_names_are_nobodys(name: str) -> None:
    assert manifest.sequence_of(name) is None
