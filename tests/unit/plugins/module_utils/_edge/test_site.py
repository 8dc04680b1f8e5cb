from __future__ import annotations

import ipaddress
import json
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._edge.cloudflare import trusted
from ansible_collections.stairway.cloud.plugins.module_utils._edge.page import render
from ansible_collections.stairway.cloud.plugins.module_utils._edge.site import hold_file, port, state_files


def site(**changes: Any) -> dict[str, Any]:
    route = {
        "path": "/",
        "service": "api",
        "blue": ["127.0.0.1:20480", "127.0.0.1:20481"],
        "green": ["127.0.0.1:20484", "127.0.0.1:20485"],
        "hold": "/run/stairway/chat/api.sock",
    }
    return {"name": "chat", "state_dir": "/var/lib/stairway/chat/edge", "routes": [route], **changes}


def test_the_files_of_a_switch() -> None:
    entries = {entry["path"].removeprefix("/var/lib/stairway/chat/edge"): entry for entry in state_files([site()])}
    assert list(entries) == ["", "/routes.json", "/hold", "/maintenance.html", "/maintenance.json"]
    assert entries[""]["state"] == "directory"
    assert entries["/hold"]["link"] == "/run/stairway/chat/hold"
    assert json.loads(entries["/routes.json"]["content"]) == {
        "api": {"socket": "/run/stairway/chat/api.sock", "blue": [20480, 20481], "green": [20484, 20485]}
    }
    assert entries["/maintenance.html"]["create_only"] is True


def test_a_site_without_routes_has_no_hold() -> None:
    assert hold_file(site(routes=[])) is None
    assert not any(entry["path"].endswith("/hold") for entry in state_files([site(routes=[])]))


def test_two_sites_have_a_switch_each() -> None:
    entries = state_files([site(), site(name="shop", state_dir="/var/lib/stairway/shop/edge")])
    assert sum(entry["path"].endswith("routes.json") for entry in entries) == 2


@pytest.mark.parametrize(("address", "expected"), [("127.0.0.1:20480", 20480), ("[::1]:80", 80)])
def test_port(address: str, expected: int) -> None:
    assert port(address) == expected


def test_cloudflare_ranges_are_networks_and_public() -> None:
    ranges = [ipaddress.ip_network(one) for one in trusted("cloudflare")]
    assert {one.version for one in ranges} == {4, 6}
    assert all(one.is_global for one in ranges)


def test_nobody_is_trusted_when_nothing_stands_in_front() -> None:
    assert trusted(None) == []


def test_an_unknown_service_in_front_is_refused() -> None:
    with pytest.raises(ValueError, match="expected cloudflare or null, found 'akamai'"):
        trusted("akamai")


def test_a_message_is_text_and_never_html() -> None:
    pages = render("<script>alert(1)</script>")
    assert "<script>" not in pages["maintenance.html"]
    assert json.loads(pages["maintenance.json"])["message"] == "<script>alert(1)</script>"
