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

# 3 GB of memory in place of the host's own disk, which is this machine's and must not be filled
SMALL_DOCKER = (
    "findmnt -n -t tmpfs /var/lib/docker ||"
    " { umount /var/lib/docker; mkdir -p /var/lib/docker && mount -t tmpfs -o size=3g,mode=710 tmpfs /var/lib/docker; }"
)
KEEP = os.environ.get("STAIRWAY_KEEP_HOSTS") == "1"


@pytest.fixture(scope="session")
def parts() -> None:
    """Registry, certificate authority, webhook receiver and the example images in the registry."""
    if not (ROOT / "rehearsal" / "__main__.py").exists() or shutil.which("docker") is None:
        pytest.fail("The acceptance tests need the rehearsal and Docker. Type: make rehearse")
    rehearsal("parts", "up")
    rehearsal("app", "chat", "1", "2", "broken-boot", "broken-health", "broken-later")


def _site(site: Site, prepare: str = "true") -> Iterator[Site]:
    site.up(fresh=not KEEP)
    site.sh(prepare)
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
    """A host of its own for what breaks a host: its Docker stands on a small filesystem that may fill up."""
    yield from _site(Site("accept-faults", "10.213.0.103", "caddy"), prepare=SMALL_DOCKER)


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Site:
    """The host behind the edge that the test's parameter names."""
    found: Site = request.getfixturevalue(request.param)
    return found
