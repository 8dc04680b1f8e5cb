from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._files.model import parse_entries, parse_mode


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        pytest.param({"path": "/a", "content": ""}, "file", id="an empty file is a file"),
        pytest.param({"path": "/a", "secret_content": "x"}, "file", id="secret"),
        pytest.param({"path": "/a", "link": "b"}, "link", id="link"),
        pytest.param({"path": "/a", "state": "directory"}, "directory", id="directory"),
        pytest.param({"path": "/a", "state": "absent"}, "absent", id="absent"),
        pytest.param({"path": "/a", "state": "file"}, "file", id="attributes of a file that is there"),
    ],
)
def test_kind(raw: dict[str, Any], kind: str) -> None:
    assert parse_entries([raw])[0].kind == kind


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        pytest.param({"path": "a", "content": ""}, "'a' is not a path", id="relative"),
        pytest.param({"path": "/a/../b", "content": ""}, "is not a path", id="dots"),
        pytest.param({"path": "/a/", "content": ""}, "is not a path", id="slash at the end"),
        pytest.param({"path": "/a"}, "Nothing says what /a should be", id="nothing"),
        pytest.param({"path": "/a", "content": "", "link": "b"}, "/a has content and link", id="two"),
        pytest.param({"path": "/a", "content": "", "secret_content": "b"}, "content and secret_content", id="both"),
        pytest.param({"path": "/a", "content": "", "state": "absent"}, "state absent", id="absent with content"),
        pytest.param({"path": "/a", "content": "", "state": "directory"}, "state directory", id="directory"),
        pytest.param({"path": "/a", "state": "link"}, "state link", id="link to nowhere"),
        pytest.param({"path": "/a", "content": "", "mode": "0999"}, "The mode of /a is '0999'", id="mode"),
        pytest.param({"path": "/a", "content": "", "validate": ["true"]}, "does not name the file", id="validate"),
    ],
)
def test_contradictions_are_refused(raw: dict[str, Any], words: str) -> None:
    with pytest.raises(StairwayError) as error:
        parse_entries([raw])
    assert words in str(error.value)


def test_a_path_comes_once() -> None:
    with pytest.raises(StairwayError, match="named twice"):
        parse_entries([{"path": "/a", "content": ""}, {"path": "/a", "state": "absent"}])


def test_a_secret_is_marked_as_one() -> None:
    entry = parse_entries([{"path": "/a", "secret_content": "s"}])[0]
    assert (entry.secret, entry.text) == (True, "s")


@pytest.mark.parametrize(("text", "number"), [("0644", 0o644), ("755", 0o755), ("1777", 0o1777), (None, None)])
def test_mode(text: str | None, number: int | None) -> None:
    assert parse_mode("/a", text) == number


@pytest.mark.parametrize("mode", ["u+x", "", "00644", "0648"])
def test_a_mode_is_octal_digits(mode: str) -> None:
    with pytest.raises(StairwayError) as error:
        parse_mode("/a", mode)
    assert "octal" in str(error.value.expected)
