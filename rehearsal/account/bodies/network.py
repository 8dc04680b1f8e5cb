"""VPCs: each that has anything in it is a bridge with the VPC's own addresses."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from ipaddress import IPv4Network

from .. import layout
from ..account import Account
from ..body import Plain


@dataclass(frozen=True)
class Vpc:
    """``cidr`` is the first range of the VPC; secondary ranges have no body."""

    id: str
    cidr: str

    @property
    def network(self) -> str:
        """Docker's name of it."""
        return layout.PREFIX + self.id

    @property
    def bridge(self) -> str:
        return bridge(self.id)


def bridge(vpc: str) -> str:
    """At most 15 letters, as Linux wants it."""
    return f"{layout.BRIDGE}{zlib.crc32(vpc.encode()):08x}"


class Networks(Plain[Vpc]):
    """Default VPCs are in every region with the same range: they get a bridge once somebody stands in them."""

    name = "network"

    def wanted(self, account: Account) -> dict[str, Vpc]:
        used = {one.vpc for one in account.interfaces}
        return {
            vpc.id: Vpc(vpc.id, str(vpc.cidr_block))
            for _region, backend in account.backends("ec2")
            for vpc in list(backend.vpcs.values())
            if not vpc.is_default or vpc.id in used
        }

    def make(self, account: Account, key: str, spec: Vpc) -> None:
        if any(one["Name"] == spec.network for one in account.docker.call("GET", "/networks")):
            return
        gateway = IPv4Network(spec.cidr)[1]  # at AWS too the first address of a VPC is its router's
        account.docker.call(
            "POST",
            "/networks/create",
            {
                "Name": spec.network,
                "Driver": "bridge",
                "CheckDuplicate": True,
                "IPAM": {"Config": [{"Subnet": spec.cidr, "Gateway": str(gateway)}]},
                "Options": {"com.docker.network.bridge.name": spec.bridge},
                "Labels": {layout.LABEL: account.number},
            },
        )

    def change(self, account: Account, key: str, old: Vpc, new: Vpc) -> None:
        self.remove(account, key, old)
        self.make(account, key, new)

    def remove(self, account: Account, key: str, old: Vpc) -> None:
        account.docker.call("DELETE", f"/networks/{old.network}", missing=True)
