"""An emptied account on each emulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.aws.emulators import Emulator, ministack, moto
from tests.support.aws.trial import Trial


@pytest.fixture(scope="session")
def moto_server() -> Iterator[Emulator]:
    with moto() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def ministack_server() -> Iterator[Emulator]:
    with ministack() as emulator:
        yield emulator


@pytest.fixture
def on_moto(moto_server: Emulator) -> Trial:
    moto_server.reset()
    return Trial(moto_server.account())


@pytest.fixture
def on_ministack(ministack_server: Emulator) -> Trial:
    ministack_server.reset()
    return Trial(ministack_server.account())


@pytest.fixture(params=["moto", "ministack"])
def trial(request: pytest.FixtureRequest) -> Trial:
    """The same test on both."""
    found: Trial = request.getfixturevalue(f"on_{request.param}")
    return found
