"""The network: a VPC with a public and a private subnet in each zone, and the ways out. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from .site import Entry, Part, Site

# Interfaces of AWS that a name in the app spec stands for.
ENDPOINTS = {
    "ecr": ("ecr.api", "ecr.dkr"),
    "secretsmanager": ("secretsmanager",),
    "ssm": ("ssm", "ssmmessages", "ec2messages"),
    "logs": ("logs",),
}
# Where subnets start when the app names none: 10.0.1.0/24 and 10.0.2.0/24, 10.0.11.0/24 and 10.0.12.0/24.
FIRST = {"public": 1, "private": 11}


def network(site: Site) -> Part:
    """Nothing where the VPC was there before. Private subnets come with the first managed store."""
    if site.cloud.network.vpc is not None:
        return Part()
    entries = [_vpc(site), *_subnets(site, "public"), *_door(site)]
    if needs_private(site):
        entries += [*_subnets(site, "private"), *_ways_out(site)]
    entries += _endpoints(site)
    return Part(tuple(entries))


def needs_private(site: Site) -> bool:
    stores = site.managed("postgresql", "mysql", "mariadb", "redis")
    return bool(stores) or (site.fleet and not site.outside)


def _vpc(site: Site) -> Entry:
    return {"vpc": "main", "cidr": site.cloud.network.cidr}


def _subnets(site: Site, kind: str) -> Iterator[Entry]:
    given = site.cloud.network.public if kind == "public" else site.cloud.network.private
    for index, zone in enumerate(site.zones):
        cidr = given[index] if given else part(site.cloud.network.cidr, FIRST[kind] + index)
        entry: Entry = {"subnet": f"{kind}-{zone[-1]}", "vpc": site.vpc, "cidr": cidr, "zone": zone}
        yield {**entry, "public_ips": True} if kind == "public" else entry


def part(cidr: str, number: int) -> str:
    """The ``number``-th /24 of a network; of a smaller one its ``number``-th sixteenth."""
    whole = ipaddress.ip_network(cidr)
    size = 24 if whole.prefixlen <= 20 else min(whole.prefixlen + 4, 28)
    parts = 2 ** (size - whole.prefixlen)
    start = int(whole.network_address) + (number % parts) * 2 ** (32 - size)
    return f"{ipaddress.ip_address(start)}/{size}"


def _door(site: Site) -> Iterator[Entry]:
    yield {"internet_gateway": "main", "vpc": site.vpc}
    yield {
        "route_table": "public",
        "vpc": site.vpc,
        "routes": [{"to": "0.0.0.0/0", "internet_gateway": "main"}],
        "subnets": site.public,
    }


def _ways_out(site: Site) -> Iterator[Entry]:
    """One route table for each way out; the first one serves the zones that have none of their own."""
    net = site.cloud.network
    if not site.fleet or net.nat == "none":
        yield {"route_table": "private", "vpc": site.vpc, "routes": [], "subnets": site.private}
        return
    count = min(net.nat_count, len(site.zones))
    for index in range(count):
        name = _numbered("nat", site, index)
        if net.nat == "gateway":
            yield {"elastic_ip": name}
            yield {"nat_gateway": name, "subnet": site.public[index], "elastic_ip": name}
        else:
            yield from _nat_instance(site, name, index)
        served = [subnet for place, subnet in enumerate(site.private) if (place if place < count else 0) == index]
        yield {
            "route_table": _numbered("private", site, index),
            "vpc": site.vpc,
            "routes": [{"to": "0.0.0.0/0", f"nat_{net.nat}": name}],
            "subnets": served,
        }


def _nat_instance(site: Site, name: str, index: int) -> Iterator[Entry]:
    yield {
        "security_group": name,
        "vpc": site.vpc,
        "ingress": [{"protocol": "all", "from": "app", "description": "the way out of the app"}],
    }
    yield {"elastic_ip": name}
    yield {
        "nat_instance": name,
        "subnet": site.public[index],
        "size": site.cloud.network.nat_size,
        "security_groups": [name],
        "elastic_ip": name,
    }


def _numbered(name: str, site: Site, index: int) -> str:
    return name if index == 0 else f"{name}-{site.zones[index][-1]}"


def _private_tables(site: Site) -> list[str]:
    net = site.cloud.network
    count = min(net.nat_count, len(site.zones)) if site.fleet and net.nat != "none" else 1
    return [_numbered("private", site, index) for index in range(count)]


def _endpoints(site: Site) -> Iterator[Entry]:
    """S3 has a gateway, which is free; the others are interfaces, and only a fleet in private subnets needs them."""
    wanted = site.cloud.network.endpoints
    if "s3" in wanted:
        tables = ["public", *(_private_tables(site) if needs_private(site) else [])]
        yield {"vpc_endpoint": "s3", "vpc": site.vpc, "service": "s3", "route_tables": tables}
    if not site.fleet or site.outside or set(wanted) <= {"s3"}:
        return
    yield {
        "security_group": "endpoints",
        "vpc": site.vpc,
        "ingress": [{"port": 443, "from": "app", "description": "the app"}],
        "egress": [],
    }
    for service in (service for name in wanted if name != "s3" for service in ENDPOINTS[name]):
        yield {
            "vpc_endpoint": service.replace(".", "-"),
            "vpc": site.vpc,
            "service": service,
            "subnets": site.private,
            "security_groups": ["endpoints"],
        }
