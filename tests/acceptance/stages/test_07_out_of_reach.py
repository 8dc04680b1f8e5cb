"""What cannot be reached: a host that is not the one it was, and a store behind a rule that is missing. Each is a clear
error with the fix, and the app serves where it was; with the fix, the same command goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.bodies import client, wait
from tests.support.roads import CHAT, Road, walking

REDIS = 6379

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("account")]


@pytest.fixture(scope="module")
def chat(account: None) -> Iterator[Road]:
    for road in walking(CHAT):
        road.play("stage2", "-e", "start_empty=db")
        wait(road.version, "1", 300)
        yield road


def test_a_host_key_that_has_changed(chat: Road) -> None:
    """As when somebody else answers at the address, or the machine was made anew behind our back."""
    chat.shell("mkdir /root/keys && mv /etc/ssh/ssh_host_* /root/keys && ssh-keygen -A && systemctl restart ssh")
    hang_up(chat)
    refused = chat.attempt("stage2")
    chat.shell("rm /etc/ssh/ssh_host_* && mv /root/keys/* /etc/ssh && rmdir /root/keys && systemctl restart ssh")
    assert refused.rc != 0
    assert "shows another host key than the one that it had" in refused.text, refused.tail()
    assert "ssh-keygen -R" in refused.text, "what to type when the change was meant"
    assert chat.version() == "1"
    assert chat.play("stage2").changed() == 0


def hang_up(road: Road) -> None:
    """Ansible keeps a connection for the next run; that one knew the host."""
    road.shell("pkill -f '[s]shd-session: |[s]shd: [^/]' || true")


def test_a_store_behind_a_missing_rule(chat: Road) -> None:
    with nothing_let_in(REDIS):
        refused = chat.attempt("stage3")
    assert refused.rc != 0
    assert "The store cache does not answer" in refused.text, refused.tail()
    assert f"let port {REDIS} in from the app's security group" in refused.text
    assert chat.version() == "1"
    told = chat.attempt("status", "-e", "plan=false")
    assert "stands on stage2" in told.output
    assert "on its way to stage3" in told.output
    chat.play("stage3")
    assert chat.version() == "1"
    assert chat.play("stage3").changed() == 0


@contextmanager
def nothing_let_in(port: int) -> Iterator[None]:
    """Whoever makes a rule for this port loses it at once."""
    ec2, over = client("ec2"), threading.Event()

    def take_away() -> None:
        while not over.wait(0.2):
            for group in ec2.describe_security_groups()["SecurityGroups"]:
                rules = [one for one in group["IpPermissions"] if one.get("FromPort") == port]
                if rules:
                    ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=rules)

    thread = threading.Thread(target=take_away, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
