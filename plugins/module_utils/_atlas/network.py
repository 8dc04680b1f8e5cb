"""Who may reach a project's clusters: its access list, and its peering with a VPC. Pure.

https://www.mongodb.com/docs/atlas/security/ip-access-list and https://www.mongodb.com/docs/atlas/security-vpc-peering.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._common.errors import StairwayError
from .plan import Change, Part, Step
from .wanted import ATLAS_CIDR, Entry, Peering, Wanted, aws_region

AVAILABLE, PENDING, FAILED = "AVAILABLE", "PENDING_ACCEPTANCE", "FAILED"
COMMENT = "Stairway"
Found = Sequence[Mapping[str, Any]]


def access(want: Wanted, entries: Found, peers: Found) -> Part:
    """Entries that nobody names stay. A security group waits for a peering that AWS's side has accepted."""
    made = Part()
    kept = {_value(one): one for one in entries}
    peered = any(one.get("statusName") == AVAILABLE for one in peers)
    for entry in want.entries:
        there = kept.get(entry.value)
        if there is not None and not there.get("deleteAfterDate"):
            continue
        if entry.is_group and not (peered or want.peering or peers):
            made.problems.append(
                StairwayError(
                    "A security group says nothing to Atlas without a peering with its VPC.",
                    found=entry.value,
                    where="access_list",
                    fix="name peering too, or the addresses of the hosts",
                )
            )
            continue
        steps = made.steps if not entry.is_group or peered else made.later
        steps.append(_let_in(entry, want.open_because, until=there.get("deleteAfterDate") if there else None))
    return made


def is_peer(one: Mapping[str, Any], peering: Peering) -> bool:
    return one.get("vpcId") == peering.vpc and one.get("awsAccountId") == peering.account


def container_of(containers: Found, region: str | None) -> Mapping[str, Any] | None:
    """Atlas's own network in a region; there is one at most."""
    return next((one for one in containers if one.get("regionName") == region), None)


def peering(want: Wanted, region: str | None, containers: Found, peers: Found) -> Part:
    """``region`` is the cluster's. Atlas's network is made before the cluster: afterwards its addresses are fixed."""
    made = Part()
    asked = want.peering
    if asked is None:
        return made
    container = container_of(containers, region)
    made.problems += _clashes(asked, container)
    if container is None:
        made.steps.append(_container(asked, region))
    peer = next((one for one in peers if is_peer(one, asked)), None)
    if peer is not None and peer.get("statusName") in (FAILED, "TERMINATING", "DELETED"):
        if peer.get("statusName") == FAILED:
            change = Change("peering", f"failed: {peer.get('errorStateName')}", None)
            made.steps.append(Step("peering", "DELETE", f"/peers/{peer['id']}", None, (change,)))
        peer = None
    made.steps += _peer(asked, container, peer)
    return made


def _clashes(asked: Peering, container: Mapping[str, Any] | None) -> Iterator[StairwayError]:
    theirs = container.get("atlasCidrBlock") if container else None
    if theirs and asked.atlas_cidr and theirs != asked.atlas_cidr:
        yield StairwayError(
            "Atlas's network in this region has other addresses, and keeps them.",
            found=str(theirs),
            expected=asked.atlas_cidr,
            where="peering.atlas_cidr",
            fix="name its own, or none; or make the cluster in a project of its own",
        )
        return
    both = ipaddress.ip_network(theirs or asked.atlas_cidr or ATLAS_CIDR), ipaddress.ip_network(asked.cidr)
    if both[0].overlaps(both[1]):
        yield StairwayError(
            "The VPC and Atlas's network have the same addresses, so nothing could be routed between them.",
            found=f"{both[1]} and {both[0]}",
            where="peering",
            fix="name another atlas_cidr, such as 10.8.0.0/21"
            + (", in a project of its own: this one's network exists" if theirs else ""),
        )


def _container(asked: Peering, region: str | None) -> Step:
    cidr = asked.atlas_cidr or ATLAS_CIDR
    body = {"providerName": "AWS", "regionName": region, "atlasCidrBlock": cidr}
    return Step("network", "POST", "/containers", body, (Change("network", None, cidr),))


def _peer(asked: Peering, container: Mapping[str, Any] | None, peer: Mapping[str, Any] | None) -> list[Step]:
    if peer is not None:
        if peer.get("routeTableCidrBlock") == asked.cidr:
            return []
        change = Change("peering.cidr", peer.get("routeTableCidrBlock"), asked.cidr)
        body = {**_side(asked), "containerId": peer.get("containerId")}
        return [Step("peering", "PATCH", f"/peers/{peer['id']}", body, (change,))]
    # Where its network is made in this run too, its id is put in then.
    body = {**_side(asked), "containerId": container["id"] if container else None}
    changes = (
        Change("peering", None, asked.vpc),
        Change("peering.cidr", None, asked.cidr),
        Change("peering.account", None, asked.account),
        Change("peering.region", None, asked.region),
    )
    return [Step("peering", "POST", "/peers", body, changes)]


def _side(asked: Peering) -> dict[str, Any]:
    return {
        "providerName": "AWS",
        "accepterRegionName": asked.region,
        "awsAccountId": asked.account,
        "routeTableCidrBlock": asked.cidr,
        "vpcId": asked.vpc,
    }


def _let_in(entry: Entry, because: str | None, *, until: str | None) -> Step:
    body = [{entry.field: entry.value, "comment": because or COMMENT}]
    change = Change("access_list", f"{entry.value} until {until}" if until else None, entry.value)
    return Step("access_list", "POST", "/accessList", body, (change,))


def _value(found: Mapping[str, Any]) -> str:
    """An entry as a task writes it: Atlas tells an address as a network of one, too."""
    group = found.get("awsSecurityGroup")
    if group:
        return str(group)
    try:
        network = ipaddress.ip_network(str(found.get("ipAddress") or found.get("cidrBlock")), strict=False)
    except ValueError:
        return ""
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def told(peer: Mapping[str, Any], region: str | None, containers: Found) -> dict[str, Any]:
    """What the other side needs to know: what to accept, and which addresses to route to it."""
    container = container_of(containers, region) or {}
    return {
        "connection_id": peer.get("connectionId"),
        "status": peer.get("statusName"),
        "atlas_cidr": container.get("atlasCidrBlock"),
        "region": aws_region(str(peer.get("accepterRegionName") or region or "")),
    }
