"""What the end of ``make rehearse STAGE=4`` says."""

from __future__ import annotations

import json
import socketserver
import threading
from pathlib import Path

import pytest

from rehearsal.account import layout, names, report
from rehearsal.errors import RehearsalError


def test_bodies_are_counted_and_what_is_ill_says_why(tmp_path: Path) -> None:
    status = tmp_path / "status.json"
    one = {"kind": "instances", "key": "i-1", "phase": "standing", "error": ""}
    ill = {"kind": "databases", "key": "db", "phase": "making", "error": "no room"}
    status.write_text(json.dumps([one, one, ill]))
    assert report.standing(status) == "  2  machines\n     databases db making: no room\n"


def test_how_to_reach_an_app() -> None:
    told = report.reach("shop", report.SITES["shop"], ["198.18.1.2", "198.18.1.3"])
    assert "--resolve shop.example.com:443:198.18.1.2 https://shop.example.com/actuator/health" in told
    assert "leads nowhere" in report.reach("shop", report.SITES["shop"], [])


@pytest.mark.parametrize(("seconds", "wanted"), [(59.4, "59 s"), (60, "1 min 0 s"), (754, "12 min 34 s")])
def test_minutes(seconds: float, wanted: str) -> None:
    assert report.minutes(seconds) == wanted


def test_no_other_app() -> None:
    with pytest.raises(RehearsalError, match="no example app promo"):
        report.text("promo")


def test_addresses_are_those_of_the_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    book = names.Book()
    book.zones = ("example.com",)
    book.names = {
        "shop.example.com": names.Answer(points_to="b.elb.amazonaws.com"),
        "b.elb.amazonaws.com": names.Answer(("198.18.1.3", "198.18.1.2")),
    }
    servers = names.serve(book, ("127.0.0.1", 0))
    udp = servers[0]
    assert isinstance(udp, socketserver.UDPServer)
    try:
        monkeypatch.setattr(layout, "GATEWAY", "127.0.0.1")
        monkeypatch.setattr(layout, "DNS_PORT", udp.socket.getsockname()[1])
        assert report.addresses("shop.example.com") == ["198.18.1.2", "198.18.1.3"]
        assert report.addresses("other.example.com") == []
    finally:
        for server in servers:
            threading.Thread(target=server.shutdown).start()
            server.server_close()
