from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._files.model import Change, Entry, Found, parse_entries
from ansible_collections.stairway.cloud.plugins.module_utils._files.plan import Ids, diff, labels, plan

FILE = Found("file", data=b"old\n", mode=0o644, uid=0, gid=0)
GONE = Found("absent")


def changes(raw: dict[str, Any], found: Found, ids: tuple[int | None, int | None] = (None, None)) -> tuple[Change, ...]:
    return plan(parse_entries([{"path": "/a", **raw}]), lambda _: found, lambda _: Ids(*ids))


@pytest.mark.parametrize(
    ("raw", "found", "ids"),
    [
        pytest.param({"content": "old\n"}, FILE, (None, None), id="same content"),
        pytest.param({"content": "old\n", "mode": "0644"}, FILE, (0, 0), id="same mode and owner"),
        pytest.param({"content": "new\n", "create_only": True}, FILE, (None, None), id="create_only leaves alone"),
        pytest.param({"link": "b"}, Found("link", link="b", mode=0o777), (None, None), id="same link"),
        pytest.param({"link": "b", "mode": "0644"}, Found("link", link="b", mode=0o777), (None, None), id="link mode"),
        pytest.param({"state": "directory"}, Found("directory", mode=0o700), (None, None), id="directory"),
        pytest.param({"state": "absent"}, GONE, (None, None), id="absent"),
        pytest.param({"state": "file"}, FILE, (None, None), id="file that is there"),
    ],
)
def test_nothing_to_do(raw: dict[str, Any], found: Found, ids: tuple[int | None, int | None]) -> None:
    assert changes(raw, found, ids) == ()


@pytest.mark.parametrize(
    ("raw", "found", "ids", "replaces"),
    [
        pytest.param({"content": "new\n"}, FILE, (None, None), True, id="content"),
        pytest.param({"content": "old\n", "mode": "0600"}, FILE, (None, None), False, id="mode"),
        pytest.param({"content": "old\n", "owner": "x"}, FILE, (7, None), False, id="owner"),
        pytest.param({"content": "old\n", "owner": "x"}, FILE, (-1, None), False, id="owner that comes later"),
        pytest.param({"content": "x"}, GONE, (None, None), True, id="new file"),
        pytest.param({"content": "x"}, Found("link", link="b"), (None, None), True, id="a file in place of a link"),
        pytest.param({"link": "c"}, Found("link", link="b"), (None, None), True, id="link"),
        pytest.param({"link": "c"}, FILE, (None, None), True, id="a link in place of a file"),
        pytest.param({"state": "absent"}, FILE, (None, None), True, id="file away"),
        pytest.param({"state": "absent"}, Found("directory"), (None, None), True, id="folder away"),
        pytest.param({"content": "x", "create_only": True}, GONE, (None, None), True, id="create_only creates"),
    ],
)
def test_one_change(raw: dict[str, Any], found: Found, ids: tuple[int | None, int | None], replaces: bool) -> None:
    found_changes = changes(raw, found, ids)
    assert [change.replaces for change in found_changes] == [replaces]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        pytest.param({"content": "x"}, Found("directory"), id="a file over a folder"),
        pytest.param({"link": "x"}, Found("directory"), id="a link over a folder"),
        pytest.param({"state": "directory"}, FILE, id="a folder over a file"),
        pytest.param({"content": "x"}, Found("device"), id="a file over a device"),
        pytest.param({"state": "absent"}, Found("device"), id="a device is not removed"),
    ],
)
def test_what_stands_in_the_way_is_never_replaced(raw: dict[str, Any], found: Found) -> None:
    with pytest.raises(StairwayError, match="is not replaced") as error:
        changes(raw, found)
    assert error.value.where == "/a"


def test_a_file_without_content_has_to_be_there() -> None:
    with pytest.raises(StairwayError, match="has no content"):
        changes({"state": "file", "mode": "0600"}, GONE)


def test_diff_shows_content_and_attributes() -> None:
    (change,) = changes({"content": "new\n", "mode": "0600"}, FILE)
    shown = diff(change)
    assert shown["before"] == "file 0644 0:0\nold\n"
    assert shown["after"] == "file 0600 0:0\nnew\n"
    assert shown["before_header"] == "/a"


@pytest.mark.parametrize("found", [FILE, GONE, Found("link", link="x")], ids=["old file", "nothing", "link"])
def test_diff_of_a_secret_shows_neither_side(found: Found) -> None:
    (change,) = changes({"secret_content": "MARKER"}, found)
    text = str(diff(change))
    assert "MARKER" not in text
    assert "old" not in text
    assert "not shown" in text


def test_diff_of_mode_only_does_not_repeat_the_content() -> None:
    (change,) = changes({"content": "old\n", "mode": "0600"}, FILE)
    assert "old" not in str(diff(change))


def test_diff_of_a_binary_file() -> None:
    (change,) = changes({"content": "text"}, Found("file", data=b"\xff\xfe"))
    assert "(binary, 2 bytes)" in diff(change)["before"]


def test_a_new_secret_is_closed_by_default_and_an_old_mode_is_kept() -> None:
    (new,) = changes({"secret_content": "x"}, GONE)
    (old,) = changes({"content": "x"}, Found("file", data=b"", mode=0o640))
    assert "file 0600" in diff(new)["after"]
    assert "file 0640" in diff(old)["after"]


def test_labels_come_once_and_in_order() -> None:
    found = [Change(Entry(f"/{n}", "file", label=label), GONE, None, None) for n, label in enumerate("baab")]
    assert labels([*found, Change(Entry("/x", "file"), GONE, None, None)]) == ("b", "a")
