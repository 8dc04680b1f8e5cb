"""The search for secrets finds what is there."""

from __future__ import annotations

import base64
import subprocess
import time

import pytest

from tests.support.secrets import Arguments, hits, spellings


@pytest.mark.parametrize("before", ["", "a", "ab", "user:", "stairway:", "x" * 10])
def test_base64_is_found_at_every_alignment(before: str) -> None:
    coded = base64.b64encode(f"{before}mrk3r-db-pass:tail".encode()).decode()
    assert hits(coded, spellings("mrk3r-db-pass"))


def test_plain_text_is_found_and_other_text_is_not() -> None:
    assert hits("x=mrk3r-db-pass", spellings("mrk3r-db-pass"))
    assert not hits("nothing here", spellings("mrk3r-db-pass"))


def test_an_argument_is_seen_and_other_arguments_are_not() -> None:
    with Arguments(["planted-word"]) as arguments:
        subprocess.run(["sh", "-c", "sleep 0.5; : planted-word"], check=True)
    assert any("planted-word" in line for line in arguments.found)
    with Arguments(["never-planted"]) as quiet:
        time.sleep(0.2)
    assert not quiet.found
    assert quiet.looks > 2
