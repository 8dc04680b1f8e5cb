"""Stage 1 from a bare host on every distribution that is supported: it serves, releases, goes back, and then rests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rehearsal.engine import registry_reachable
from tests.support.site import Site

# Ubuntu's base image comes from a registry, and there Docker's and Caddy's own packages can be had too: both ways in.
OWN_REPOSITORIES = {"docker_source": "repository", "caddy_source": "repository"}
HOSTS = {
    "debian12": Site("accept-debian12", "10.213.0.109", "caddy", distribution="debian12"),
    "ubuntu2404": Site(
        "accept-ubuntu2404", "10.213.0.110", "caddy", distribution="ubuntu2404", variables=OWN_REPOSITORIES
    ),
    "ubuntu2204": Site(
        "accept-ubuntu2204", "10.213.0.111", "caddy", distribution="ubuntu2204", variables=OWN_REPOSITORIES
    ),
}


@pytest.fixture(params=sorted(HOSTS))
def site(request: pytest.FixtureRequest, parts: None) -> Iterator[Site]:
    if request.param.startswith("ubuntu") and not registry_reachable():
        pytest.skip("Ubuntu's base image comes from a container registry, and none is reachable here")
    found = HOSTS[request.param]
    found.up(fresh=True)
    found.write_inventory()
    yield found
    found.down()


def test_from_bare_to_resting(site: Site) -> None:
    checked = site.play("stage1.yml", "--check")
    assert checked.rc == 0, checked.tail()
    site.good("stage1.yml")
    assert site.version() == "1"
    site.good("release.yml", version="2")
    assert site.version() == "2"
    site.good("rollback.yml")
    assert site.version() == "1"
    again = site.good("stage1.yml", version="1")
    assert again.changed() == 0, again.tail()
