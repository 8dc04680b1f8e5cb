"""Emulated accounts, one of each for a file of tests; each test empties the one it uses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.aws.emulators import Emulator, ministack, moto


@pytest.fixture(scope="module")
def moto_server() -> Iterator[Emulator]:
    with moto() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def ministack_server() -> Iterator[Emulator]:
    with ministack() as emulator:
        yield emulator


@pytest.fixture
def on_moto(moto_server: Emulator) -> Emulator:
    moto_server.reset()
    return moto_server


@pytest.fixture(params=["moto", "ministack"])
def emulator(request: pytest.FixtureRequest) -> Emulator:
    """The same test on both."""
    found: Emulator = request.getfixturevalue(f"{request.param}_server")
    found.reset()
    return found
