"""The search for secrets finds what is there."""

from __future__ import annotations

import base64
import subprocess

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.wait import until
from tests.support.secrets import Arguments, hits, spellings


@pytest.mark.parametrize("before", ["", "a", "ab", "user:", "stairway:", "x" * 10])
def test_base64_is_found_at_every_alignment(before: str) -> None:
    coded = base64.b64encode(f"{before}mrk3r-db-pass:tail".encode()).decode()
    assert hits(coded, spellings("mrk3r-db-pass"))


def test_plain_text_is_found_and_other_text_is_not() -> None:
    assert hits("x=mrk3r-db-pass", spellings("mrk3r-db-pass"))
    assert not hits("nothing here", spellings("mrk3r-db-pass"))


def test_an_argument_is_seen_and_other_arguments_are_not() -> None:
    reads = ["sh", "-c", "read line; : planted-word"]
    with Arguments(["planted-word"]) as arguments, subprocess.Popen(reads, stdin=subprocess.PIPE):
        assert until(lambda: arguments.found or None, seconds=30)
    assert any("planted-word" in line for line in arguments.found)
    with Arguments(["never-planted"]) as quiet:
        assert until(lambda: quiet.looks > 2 or None, seconds=30)
    assert not quiet.found
