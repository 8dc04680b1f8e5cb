"""Names and addresses of the rehearsal."""

from __future__ import annotations

import pytest

from rehearsal import layout


def test_no_address_is_given_twice() -> None:
    addresses = [part.address for part in (*layout.PARTS, layout.ATLAS)] + [host.address for host in layout.HOSTS]
    assert len(set(addresses)) == len(addresses)
    assert all(address in layout.SUBNET for address in addresses)
    assert not set(addresses) & {layout.GATEWAY, *layout.SPARE}


def test_no_port_is_published_twice() -> None:
    ports = [port for part in layout.PARTS for port in part.publish]
    assert len(set(ports)) == len(ports)


@pytest.mark.parametrize(("name", "alias"), [("chat-1", "chat.stairway.test"), ("resee-1", "resee.stairway.test")])
def test_hosts_of_the_apps_have_their_domains(name: str, alias: str) -> None:
    host = layout.known_host(name)
    assert host is not None
    assert host.aliases == (alias,)


def test_a_stranger_is_not_known() -> None:
    assert layout.known_host("web-1") is None


def test_the_first_free_address_is_taken() -> None:
    first, second = layout.SPARE[:2]
    assert layout.free_address(set()) == first
    assert layout.free_address({first}) == second
    assert layout.free_address(set(layout.SPARE)) is None
