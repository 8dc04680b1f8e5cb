"""The text of the packet filter."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from rehearsal.account.body import Interface
from rehearsal.account.packets import Group, Picture, Rule, removal, render

WEB = Interface("i-1", "10.0.1.4", "vpc-1", "subnet-1", "a", ("sg-web",), "198.18.1.0", hops=1)
DATABASE = Interface("db", "10.0.2.4", "vpc-1", "subnet-2", "c", ("sg-db",))
OPEN = (Rule("-1", None, None, ("0.0.0.0/0",)),)
GROUPS = (
    Group("sg-web", (Rule("tcp", 443, 443, ("0.0.0.0/0",)),), OPEN),
    Group("sg-db", (Rule("tcp", 5432, 5433, (), ("sg-web", "sg-gone")),), ()),
)
PICTURE = Picture((WEB, DATABASE), GROUPS, {"vpc-1": "sw-1"}, frozenset({"10.0.2.4"}), frozenset())


def chain(text: str, name: str) -> list[str]:
    body = text.partition(f"  chain {name} {{\n")[2].partition("  }\n")[0]
    return [line.strip() for line in body.splitlines()]


def test_a_group_lets_in_what_its_rules_say_and_nothing_else() -> None:
    assert chain(render(PICTURE), "in_sg_web") == ["ip saddr { 0.0.0.0/0 } tcp dport 443 accept", "drop"]


def test_a_reference_means_the_members_of_the_other_group_by_private_address() -> None:
    text = render(PICTURE)
    assert chain(text, "in_sg_db") == [
        "ct status & dnat == 0 ip saddr @members_sg_web tcp dport 5432-5433 accept",
        "drop",
    ]
    assert "set members_sg_web {\n    type ipv4_addr\n    elements = { 10.0.1.4 }" in text


def test_everything_that_a_group_without_rules_sends_is_dropped() -> None:
    assert chain(render(PICTURE), "out_sg_db") == ["drop"]


def test_nodes_of_one_service_reach_each_other_whatever_their_groups_say() -> None:
    """A cache's replica hears of its primary though its group lets nobody in but the app, and nothing out."""
    nodes = [
        Interface(f"cache-{n}", f"10.0.2.{n}", "vpc-1", "subnet-2", "c", ("sg-db",), service="cache main")
        for n in (5, 6)
    ]
    text = render(Picture((WEB, DATABASE, *nodes), GROUPS))
    assert "elements = { 10.0.2.5 . 10.0.2.6, 10.0.2.6 . 10.0.2.5 }" in text
    for name, after in (("leaving", "ip saddr vmap @out_of"), ("arriving", "ip daddr vmap @in_of")):
        lines = chain(text, name)
        assert lines.index("ip saddr . ip daddr @siblings accept") < lines.index(after)


def test_public_addresses_lead_to_private_ones() -> None:
    assert "elements = { 198.18.1.0 : 10.0.1.4 }" in render(PICTURE)


def test_an_interface_without_groups_is_not_filtered() -> None:
    text = render(Picture((Interface("nlb", "10.0.1.9", "vpc-1", "subnet-1", "a", ()),)))
    assert chain(text, "in") == ["accept"]
    assert "10.0.1.9 : goto in" in text


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (Rule("icmp", 8, -1, ("10.0.0.0/8",)), "ip saddr { 10.0.0.0/8 } icmp type 8 accept"),
        (Rule("icmp", -1, -1, ("10.0.0.0/8",)), "ip saddr { 10.0.0.0/8 } meta l4proto icmp accept"),
        (Rule("50", None, None, ("10.0.0.0/8",)), "ip saddr { 10.0.0.0/8 } meta l4proto 50 accept"),
        (Rule("tcp", 1, 9, ("10.0.0.0/8", "10.1.0.0/16")), "ip saddr { 10.0.0.0/8 } tcp dport 1-9 accept"),
    ],
    ids=["ping", "all of icmp", "a number", "ranges inside each other"],
)
def test_rules(rule: Rule, line: str) -> None:
    picture = Picture((WEB,), (Group("sg-web", (rule,), ()),))
    assert chain(render(picture), "in_sg_web")[0] == line


@pytest.mark.skipif(shutil.which("nft") is None, reason="nft is not installed")
@pytest.mark.parametrize("text", [render(PICTURE), render(Picture()), removal()], ids=["some", "empty", "none"])
def test_nft_understands_it(text: str) -> None:
    checked = subprocess.run(["nft", "--check", "-f", "-"], input=text, capture_output=True, text=True, check=False)
    if "Operation not permitted" in checked.stderr:
        pytest.skip("nft wants root")
    assert checked.stderr == ""
