"""The rules of a security group: how a person writes them, and how EC2 does. Pure.

A person writes what belongs together (``from: [web, 10.1.0.0/16]``), EC2 keeps one rule for each peer. So both are
brought into one flat form, a sorted list of ``Rule``, in which they are compared and from which calls are made.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .._resource.problems import Problem
from .._resource.types import Choice, Cidr, Either, ListOf, Number, Part, Record, Ref, Shape, Text

_PEER = Either((Cidr(longest=128), Ref("security_group")))
_PORT = Number(0, 65535)


def _record(peer_key: str, peer_doc: str) -> Record:
    return Record(
        {
            "port": Part(_PORT, "One port."),
            "from_port": Part(_PORT, "The first of several ports."),
            "to_port": Part(_PORT, "The last of them."),
            "protocol": Part(Choice(("tcp", "udp", "icmp", "all")), "`all` and `icmp` have no ports.", default="tcp"),
            peer_key: Part(Either((*_PEER.shapes, ListOf(_PEER, least=1))), peer_doc, required=True),
            "description": Part(
                Text(r"[\w .:/()#,@\[\]+=&;{}!$*-]*", "letters, digits and simple signs", least=0, most=255),
                "What the rule is for.",
            ),
        }
    )


@dataclass(frozen=True)
class Rule:
    """One rule as EC2 keeps it: one peer, a network, a prefix list or another group."""

    protocol: str
    first: int
    last: int
    peer: Any  # a text, or what stands for an id that is not known yet
    description: str = ""

    @property
    def what(self) -> tuple[str, int, int, Any]:
        """All but the description: what EC2 knows a rule by."""
        return (self.protocol, self.first, self.last, self.peer)

    def permission(self) -> dict[str, Any]:
        """One of ``IpPermissions``."""
        ports = {} if self.protocol == "all" else {"FromPort": self.first, "ToPort": self.last}
        words = {"Description": self.description} if self.description else {}
        key, name = _peer_names(str(self.peer))
        return {
            "IpProtocol": "-1" if self.protocol == "all" else self.protocol,
            **ports,
            key: [{name: self.peer, **words}],
        }


def _peer_names(peer: str) -> tuple[str, str]:
    if peer.startswith("pl-"):
        return "PrefixListIds", "PrefixListId"
    if ":" in peer:
        return "Ipv6Ranges", "CidrIpv6"
    return ("IpRanges", "CidrIp") if "/" in peer else ("UserIdGroupPairs", "GroupId")


@dataclass(frozen=True)
class Rules(ListOf):
    """A list of rules. ``peer_key`` is ``from`` for what comes in, ``to`` for what goes out."""

    item: Shape = Record()
    peer_key: str = "from"

    def canonical(self, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            return value
        rules = {rule.what: asdict(rule) for rule in flat(value, self.peer_key)}
        return sorted(rules.values(), key=lambda one: json.dumps(one, sort_keys=True, default=str))


INGRESS = Rules(_record("from", "Who may come in: the name of a security group, a network, or a list of them."))
EGRESS = Rules(
    _record("to", "Where it may go: the name of a security group, a network, or a list of them."), peer_key="to"
)
EVERYWHERE = [{"protocol": "all", "to": "0.0.0.0/0"}]


def flat(rules: Iterable[Mapping[str, Any]], peer_key: str) -> Iterator[Rule]:
    """One ``Rule`` for each peer of each rule."""
    for rule in rules:
        protocol = rule.get("protocol") or "tcp"
        first, last = _ports(protocol, rule)
        peers = rule[peer_key] if isinstance(rule[peer_key], (list, tuple)) else [rule[peer_key]]
        for peer in peers:
            yield Rule(protocol, first, last, peer, rule.get("description") or "")


def _ports(protocol: str, rule: Mapping[str, Any]) -> tuple[int, int]:
    if protocol in ("all", "icmp"):
        return -1, -1
    if rule.get("port") is not None:
        return rule["port"], rule["port"]
    return rule.get("from_port", 0), rule.get("to_port", 65535)


def from_permissions(permissions: Iterable[Mapping[str, Any]], peer_key: str) -> list[dict[str, Any]]:
    """``IpPermissions`` in the words of the blueprint."""
    return [
        {**_words(permission), peer_key: one[name], "description": one.get("Description") or ""}
        for permission in permissions
        for key, name in _PEERS
        for one in permission.get(key) or ()
    ]


_PEERS = (
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("UserIdGroupPairs", "GroupId"),
    ("PrefixListIds", "PrefixListId"),
)
_NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp", "-1": "all"}


def _words(permission: Mapping[str, Any]) -> dict[str, Any]:
    protocol = _NUMBERS.get(str(permission["IpProtocol"]), str(permission["IpProtocol"]))
    if protocol in ("all", "icmp"):
        return {"protocol": protocol}
    return {
        "protocol": protocol,
        "from_port": permission.get("FromPort", 0),
        "to_port": permission.get("ToPort", 65535),
    }


def problems(rules: Iterable[Mapping[str, Any]], peer_key: str, where: str) -> Iterator[Problem]:
    """What is wrong between the keys of rules, and between rules."""
    seen: dict[Any, int] = {}
    for index, rule in enumerate(rules):
        place = f"{where}[{index}]"
        yield from _port_problems(rule, place)
        for one in flat([rule], peer_key):
            if "/" in str(one.peer) and any(True for _problem in Cidr(longest=128).problems(one.peer, "")):
                yield Problem(f"{place}.{peer_key}", "This is no network.", str(one.peer), "such as 10.0.0.0/16")
            if one.what in seen:
                yield Problem(place, f"Rule {seen[one.what]} says the same.", str(one.peer), "each rule once")
            seen[one.what] = index


def _port_problems(rule: Mapping[str, Any], place: str) -> Iterator[Problem]:
    protocol = rule.get("protocol") or "tcp"
    given = [key for key in ("port", "from_port", "to_port") if rule.get(key) is not None]
    if protocol in ("all", "icmp"):
        if given:
            yield Problem(
                f"{place}.{given[0]}", f"`{protocol}` has no ports.", str(rule[given[0]]), "no port, or tcp or udp"
            )
    elif given not in (["port"], ["from_port", "to_port"]):
        yield Problem(
            place, "The ports are not clear.", ", ".join(given) or "no port", "port, or from_port and to_port"
        )
    elif given != ["port"] and rule["from_port"] > rule["to_port"]:
        yield Problem(
            f"{place}.to_port", "The last port is before the first.", str(rule["to_port"]), f"from {rule['from_port']}"
        )
