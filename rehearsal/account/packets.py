"""The packet filter of the account as text for nft: security groups, public addresses, ways out. Pure.

It stands in this machine's own network, where every packet between two bodies passes (Docker has bridges ask
netfilter), so nothing that runs inside a body can open it. Return traffic of what was let through passes, as at AWS.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, collapse_addresses
from itertools import permutations

from . import layout
from .body import Interface


@dataclass(frozen=True)
class Rule:
    """One permission of a group. ``protocol`` is tcp, udp, icmp, a number, or ``-1`` for everything."""

    protocol: str
    first: int | None
    last: int | None
    ranges: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """One security group."""

    id: str
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]


@dataclass(frozen=True)
class Picture:
    """All that decides which packet goes where. ``bridges`` are VPC -> bridge; ``locked_in`` are private addresses
    without a way out of their VPC; ``dead`` are those that a fault has cut off."""

    interfaces: tuple[Interface, ...] = ()
    groups: tuple[Group, ...] = ()
    bridges: Mapping[str, str] = field(default_factory=dict)
    locked_in: frozenset[str] = frozenset()
    dead: frozenset[str] = frozenset()


def render(picture: Picture) -> str:
    """A file for ``nft -f`` that puts this picture in the place of the one before, at once."""
    lines = [f"table inet {layout.TABLE}", f"delete table inet {layout.TABLE}", f"table inet {layout.TABLE} {{"]
    public = {one.public: one.address for one in picture.interfaces if one.public}
    lines += _map("to_private", "ipv4_addr : ipv4_addr", public)
    lines += _map("to_public", "ipv4_addr : ipv4_addr", {private: to for to, private in public.items()})
    for name, addresses in (
        ("dead", picture.dead),
        ("locked_in", picture.locked_in),
        ("near", {one.address for one in picture.interfaces if one.hops == 1}),
        *((_set(group.id), _members(picture, group.id)) for group in picture.groups),
    ):
        lines += _addresses(name, addresses)
    combinations = sorted({one.groups for one in picture.interfaces})
    known = {group.id: group for group in picture.groups}
    for groups in combinations:
        if not groups:
            lines += [*_chain("in", [], end="accept"), *_chain("out", [], end="accept")]
            continue
        lines += _chain(
            _name("in", groups), [line for one in groups if one in known for line in _in(known[one], known)]
        )
        lines += _chain(
            _name("out", groups), [line for one in groups if one in known for line in _out(known[one], known)]
        )
    lines += _set_of("siblings", "ipv4_addr . ipv4_addr", _siblings(picture))
    for way in ("in", "out"):
        jumps = {one.address: f"goto {_name(way, one.groups)}" for one in picture.interfaces}
        lines += _map(f"{way}_of", "ipv4_addr : verdict", jumps)
    return "\n".join([*lines, *_hooks(picture), "}", ""])


def removal() -> str:
    """Takes the filter away; it does no harm when there is none."""
    return f"table inet {layout.TABLE}\ndelete table inet {layout.TABLE}\n"


def _hooks(picture: Picture) -> list[str]:
    ours = f'"{layout.BRIDGE}*"'
    cut = ["ip saddr @dead drop", "ip daddr @dead drop"]
    passing = ["ct state established,related accept"]
    apart = [
        f'iifname "{bridge}" oifname {ours} oifname != "{bridge}" ct status & dnat == 0 drop'
        for bridge in sorted(set(picture.bridges.values()))
    ]
    return [
        *_base(
            "to_bodies",
            "nat hook prerouting priority -110",
            [
                f"iifname {ours} ip daddr {layout.IMDS} tcp dport 80 dnat ip to {layout.GATEWAY}:{layout.IMDS_PORT}",
                *(
                    f"iifname {ours} ip daddr {layout.RESOLVER} {protocol} dport 53 "
                    f"dnat ip to {layout.GATEWAY}:{layout.DNS_PORT}"
                    for protocol in ("udp", "tcp")
                ),
                "dnat ip to ip daddr map @to_private",
            ],
        ),
        *_base("to_bodies_from_here", "nat hook output priority -110", ["dnat ip to ip daddr map @to_private"]),
        *_base(
            "sender",
            "nat hook postrouting priority 90",
            [f"oifname {ours} ct status & dnat != 0 snat ip to ip saddr map @to_public"],
        ),
        *_base(
            "leaving",
            "filter hook forward priority -6",
            [
                *cut,
                *passing,
                f"iifname != {ours} accept",
                *apart,
                f"ip saddr @locked_in oifname != {ours} reject with icmp type net-unreachable",
                "ip saddr @locked_in ct status & dnat != 0 reject with icmp type net-unreachable",
                "ip saddr . ip daddr @siblings accept",
                "ip saddr vmap @out_of",
                "drop",
            ],
        ),
        *_base(
            "arriving",
            "filter hook forward priority -5",
            [
                *cut,
                *passing,
                f"oifname != {ours} accept",
                "ip saddr . ip daddr @siblings accept",
                "ip daddr vmap @in_of",
                "drop",
            ],
        ),
        *_base(
            "from_here",
            "filter hook output priority 0",
            [
                f"ip saddr {layout.GATEWAY} tcp sport {layout.IMDS_PORT} ip daddr @near ip ttl set 1",
                f"oifname != {ours} ct status & dnat == 0 accept",  # redirected here, a packet keeps its first way
                *cut,
                *passing,
                "ip daddr vmap @in_of",
                f"oifname {ours} drop",
            ],
        ),
        *_base(
            "to_here",
            "filter hook input priority -6",
            [
                f"iifname != {ours} accept",
                *cut,
                *passing,
                f"ip daddr {layout.GATEWAY} ct status & dnat != 0 accept",
                f"ip daddr != {{ {layout.FRONT}, {layout.CONTROLLER} }} drop",
                "ip saddr @locked_in reject with icmp type net-unreachable",
                "ip saddr vmap @out_of",
                "drop",
            ],
        ),
    ]


def _base(name: str, hook: str, rules: Iterable[str]) -> list[str]:
    return _chain(name, [f"type {hook}; policy accept;", *rules], end="")


def _chain(name: str, rules: Iterable[str], end: str = "drop") -> list[str]:
    return [f"  chain {name} {{", *(f"    {rule}" for rule in rules), *([f"    {end}"] if end else []), "  }"]


def _map(name: str, sort: str, pairs: Mapping[str, str]) -> list[str]:
    held = ", ".join(f"{key} : {value}" for key, value in sorted(pairs.items()))
    return [f"  map {name} {{", f"    type {sort}", *([f"    elements = {{ {held} }}"] if held else []), "  }"]


def _addresses(name: str, addresses: Iterable[str]) -> list[str]:
    return _set_of(name, "ipv4_addr", addresses)


def _set_of(name: str, sort: str, elements: Iterable[str]) -> list[str]:
    held = ", ".join(sorted(elements))
    return [f"  set {name} {{", f"    type {sort}", *([f"    elements = {{ {held} }}"] if held else []), "  }"]


def _siblings(picture: Picture) -> set[str]:
    """Both ways between any two bodies of one service."""
    pairs = permutations([one for one in picture.interfaces if one.service], 2)
    return {f"{one.address} . {other.address}" for one, other in pairs if one.service == other.service}


def _members(picture: Picture, group: str) -> set[str]:
    return {one.address for one in picture.interfaces if group in one.groups}


def _set(group: str) -> str:
    return "members_" + group.replace("-", "_")


def _name(way: str, groups: tuple[str, ...]) -> str:
    return "_".join([way, *(group.replace("-", "_") for group in groups)])


def _in(group: Group, known: Collection[str]) -> list[str]:
    return [line for rule in group.ingress for line in _lines(rule, "saddr", known)]


def _out(group: Group, known: Collection[str]) -> list[str]:
    return [line for rule in group.egress for line in _lines(rule, "daddr", known)]


def _lines(rule: Rule, side: str, known: Collection[str]) -> list[str]:
    what = _what(rule)
    who = [] if rule.ranges == () else [f"ip {side} {{ {', '.join(_apart(rule.ranges))} }}"]
    # from outside a VPC nobody is a member of a group: over a public address, references do not count
    who += [f"ct status & dnat == 0 ip {side} @{_set(group)}" for group in rule.groups if group in known]
    return [f"{one} {what} accept".replace("  ", " ") for one in who]


def _apart(ranges: Iterable[str]) -> list[str]:
    """nft wants no range twice and none inside another; the whole of IPv4 has no shorter name."""
    return [str(one) for one in collapse_addresses(IPv4Network(one, strict=False) for one in ranges if ":" not in one)]


def _what(rule: Rule) -> str:
    if rule.protocol == "-1":
        return ""
    if rule.protocol in ("tcp", "udp"):
        first, last = rule.first or 0, 65535 if rule.last is None else rule.last
        return f"{rule.protocol} dport {first}" if first == last else f"{rule.protocol} dport {first}-{last}"
    if rule.protocol == "icmp" and rule.first is not None and rule.first >= 0:
        return f"icmp type {rule.first}"
    return f"meta l4proto {rule.protocol}"
