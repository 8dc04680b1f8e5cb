"""The rehearsal's account: started for the first test that asks for it, taken away after the last.

``STAIRWAY_KEEP_ACCOUNT=1`` leaves it standing, and takes over one that stands.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.site import rehearsal

KEEP = os.environ.get("STAIRWAY_KEEP_ACCOUNT") == "1"


@pytest.fixture(scope="session")
def account() -> Iterator[None]:
    if not KEEP:
        rehearsal("account", "down")
    rehearsal("account", "up")
    yield
    if not KEEP:
        rehearsal("account", "down")
