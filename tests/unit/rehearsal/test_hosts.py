"""Hosts, without a Docker to run them."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

import pytest

from rehearsal import hosts, state
from rehearsal.errors import RehearsalError
from rehearsal.layout import Host
from rehearsal.run import Finished

HOST = Host("one", "debian13", IPv4Address("10.213.0.99"), ())


@pytest.mark.parametrize("shown", ["another key", "no host"])
def test_a_host_with_the_keys_of_another_checkout_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shown: str
) -> None:
    monkeypatch.setattr(state, "HOST_KEY", tmp_path / "key")
    (tmp_path / "key.pub").write_text("our key")
    monkeypatch.setattr(hosts, "_answers", lambda _host: False)
    monkeypatch.setattr(hosts, "run", lambda argv: Finished(int(shown == "no host"), shown, ""))
    said = "Another checkout" if shown == "another key" else "did not answer"
    with pytest.raises(RehearsalError, match=said):
        hosts.wait(HOST, seconds=300 if shown == "another key" else 0)
