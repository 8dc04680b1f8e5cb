"""Security groups, routes and public addresses: one packet filter for the whole account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ec2.models import elastic_ip_addresses, elastic_network_interfaces

from ... import run
from .. import packets
from ..account import Account
from ..body import Interface, Plain
from .network import bridge

KEY = "filter"


class PacketFilter(Plain[str]):
    """The one body is the rules of nft; its spec is their text."""

    name = "groups"

    def wanted(self, account: Account) -> dict[str, str]:
        return {KEY: packets.render(picture(account))}

    def make(self, account: Account, key: str, spec: str) -> None:
        run.check(["nft", "-f", "-"], what="Setting the packet filter", stdin=spec.encode())

    def change(self, account: Account, key: str, old: str, new: str) -> None:
        self.make(account, key, new)

    def remove(self, account: Account, key: str, old: str) -> None:
        self.make(account, key, packets.removal())


def use_public_range(account: Account) -> None:
    """moto gives away addresses of our range in place of random ones."""
    elastic_network_interfaces.random_public_ip = account.new_public
    elastic_ip_addresses.random_ip = account.new_public


def picture(account: Account) -> packets.Picture:
    interfaces = account.interfaces
    routes = {subnet: way_out(account, subnet) for subnet in {one.subnet for one in interfaces}}
    return packets.Picture(
        tuple(_reachable(one, routes[one.subnet]) for one in interfaces),
        tuple(_groups(account)),
        {one.vpc: bridge(one.vpc) for one in interfaces},
        frozenset(one.address for one in interfaces if not _leaves(one, routes[one.subnet])),
        frozenset(one.address for one in interfaces if one.zone in account.dead_zones),
    )


def way_out(account: Account, subnet: str) -> str:
    """Where the default route of a subnet leads: ``internet``, ``nat`` or nowhere at all."""
    for _region, backend in account.backends("ec2"):
        if not any(subnet in zone for zone in backend.subnets.values()):
            continue
        tables = list(backend.route_tables.values())
        vpc = account.subnet(subnet).vpc_id
        own = [table for table in tables if subnet in table._associations.values()]
        main = [table for table in tables if table.vpc_id == vpc and table.main_association_id]
        for table in own or main:
            for route in table.routes:
                if str(route.destination_cidr_block) == "0.0.0.0/0":
                    return _kind_of(route)
    return ""


def _kind_of(route: Any) -> str:
    if route.gateway is not None and route.gateway.id.startswith("igw-"):
        return "internet"
    if route.nat_gateway is not None and route.nat_gateway.state == "available":
        return "nat"
    return "nat" if route.instance is not None else ""


def _reachable(one: Interface, way: str) -> Interface:
    """A public address leads nowhere where no route goes to an internet gateway."""
    if way == "internet" or one.public is None:
        return one
    return Interface(**{**vars(one), "public": None})


def _leaves(one: Interface, way: str) -> bool:
    return way == "nat" or (way == "internet" and one.public is not None)


def _groups(account: Account) -> Iterator[packets.Group]:
    for _region, backend in account.backends("ec2"):
        for groups in list(backend.groups.values()):
            for group in list(groups.values()):
                yield packets.Group(group.id, _rules(group.ingress_rules), _rules(group.egress_rules))


def _rules(rules: Any) -> tuple[packets.Rule, ...]:
    return tuple(
        packets.Rule(
            str(rule.ip_protocol or "-1"),
            None if rule.from_port is None else int(rule.from_port),
            None if rule.to_port is None else int(rule.to_port),
            (rule.cidr_ipv4,) if rule.cidr_ipv4 else (),
            (rule.source_group["GroupId"],) if rule.source_group.get("GroupId") else (),
        )
        for rule in list(rules)
    )
