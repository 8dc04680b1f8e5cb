"""Hosts for the acceptance tests: real, shared by a whole session, each brought up when a test first asks for it.

``STAIRWAY_KEEP_HOSTS=1`` leaves them standing afterwards and takes them over as they are, which saves minutes while
working on a test.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.support.ansible import ROOT
from tests.support.site import Site, rehearsal

KEEP = os.environ.get("STAIRWAY_KEEP_HOSTS") == "1"


@pytest.fixture(scope="session")
def parts() -> None:
    """Registry, certificate authority, webhook receiver and the example images in the registry."""
    if not (ROOT / "rehearsal" / "__main__.py").exists() or shutil.which("docker") is None:
        pytest.fail("The acceptance tests need the rehearsal and Docker. Type: make rehearse")
    rehearsal("parts", "up")


def _site(site: Site) -> Iterator[Site]:
    site.up(fresh=not KEEP)
    site.write_inventory()
    if not (KEEP and site.version()):
        site.good("stage1.yml")
    assert site.version() == site.record()["version"]
    yield site
    if not KEEP:
        site.down()


@pytest.fixture(scope="session")
def caddy(parts: None) -> Iterator[Site]:
    yield from _site(Site("accept-caddy", "10.213.0.101", "caddy"))


@pytest.fixture(scope="session")
def nginx(parts: None) -> Iterator[Site]:
    yield from _site(Site("accept-nginx", "10.213.0.102", "nginx"))


@pytest.fixture(scope="module")
def faulty(parts: None) -> Iterator[Site]:
    """A host of its own for what breaks a host."""
    yield from _site(Site("accept-faults", "10.213.0.103", "caddy"))


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Site:
    """The host behind the edge that the test's parameter names."""
    found: Site = request.getfixturevalue(request.param)
    return found
