"""``nat_instance``: the way out of private subnets, as a small machine.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._resource.kind import Change, Entry, Field, Found, Kind, Related, Scope, Sight, Usage, Wanted
from .._resource.problems import Problem
from .._resource.types import Flag, ListOf, Ref
from . import _disks, _ec2, _images, _instances, _machine, _subnets, instance
from ._instances import KIND_TAG, Seen

ROOT = {"size_gb": 8}
# Rules in a file that Debian and Ubuntu load at every boot. Packages come from the internet, which the machine reaches
# only when it has got its address: hence the loop.
USER_DATA = """#!/bin/sh
set -eu
echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/90-nat.conf
sysctl -p /etc/sysctl.d/90-nat.conf
export DEBIAN_FRONTEND=noninteractive
until command -v nft > /dev/null; do
  apt-get update && apt-get install -y nftables || sleep 5
done
cat > /etc/nftables.conf << 'RULES'
#!/usr/sbin/nft -f
flush ruleset
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname != "lo" masquerade
  }
}
RULES
systemctl enable nftables
systemctl restart nftables
"""


def to_found(seen: Seen) -> Found:
    outputs = {"private_ip": seen.item.get("PrivateIpAddress"), "public_ip": seen.item.get("PublicIpAddress")}
    found = _instances.found_of("nat_instance", seen, KIND.fields, outputs)
    attrs = {**found.attrs, "forwards": not seen.item.get("SourceDestCheck", True)}
    return Found(found.kind, found.id, attrs, found.tags, state=found.state, outputs=outputs, detail=found.detail)


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    for seen in _instances.see(aws, scope, "nat_instance"):
        yield to_found(seen)


def create(aws: Any, wanted: Wanted) -> str:
    attrs = {**wanted.attrs, "root_volume": wanted.get("root_volume", ROOT), "user_data": USER_DATA}
    instance_id = _instances.run(aws, wanted, attrs, {**wanted.tags, KIND_TAG: "nat_instance"})
    new = Found("nat_instance", instance_id, {}, wanted.tags)
    _instances.wait_for(aws, instance_id, "running")
    _change_forwards(aws, new, wanted)
    _instances.change_address(aws, new, wanted)
    return instance_id


def _change_forwards(aws: Any, found: Found, wanted: Wanted) -> None:
    _instances.set_source_dest_check(aws, found.id, wanted.attrs["forwards"] is False)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    yield from _machine.check(entry)
    yield from _subnets.private_ones(
        sight, f"{entry.key}.subnet", [entry.attrs["subnet"]], "A NAT instance stands in a public subnet."
    )
    yield from instance.same_vpc(entry, sight)
    yield from instance.own_address(entry, sight)


def refuse(found: Found, wanted: Wanted, fields: frozenset[str]) -> Iterator[Problem]:
    yield from instance.refuse(found, wanted, fields)


def price(attrs: Mapping[str, Any], _related: Related) -> Iterator[Usage]:
    yield from _machine.price({**attrs, "root_volume": attrs.get("root_volume") or ROOT})


KIND = Kind(
    name="nat_instance",
    doc="The way out to the internet for machines without a public address, as one small machine: a tenth of the price "
    "of a `nat_gateway`, with less throughput, and yours to look after. It passes on what its security groups let in, "
    "so these have to let the private subnets in.",
    fields={
        "image": Field(_images.SHAPE, _images.DOC, default="debian-13", write_only=True),
        "size": Field(_machine.SIZE, "How big it is. A change stops it for a minute or two.", default="t4g.nano"),
        "subnet": Field(Ref("subnet"), "A public subnet to stand in.", required=True, change="replace"),
        "security_groups": Field(ListOf(Ref("security_group"), least=1), "Who may send through it.", required=True),
        "elastic_ip": Field(Ref("elastic_ip"), "The address that the internet sees.", required=True),
        "role": Field(_machine.PROFILE, "What it may do in AWS."),
        "key_pair": Field(_machine.KEY, "Who may enter it over SSH at first.", write_only=True),
        "root_volume": Field(
            _machine.ROOT, "The disk that it boots from, always gp3. Left out, an encrypted one of 8 GB."
        ),
        "forwards": Field(Flag(), "Whether it passes on packets of others: false stops the NAT.", default=True),
        "running": Field(Flag(), "Whether it runs.", default=True),
    },
    describe=describe,
    create=create,
    delete=_instances.delete,
    retag=_ec2.retag,
    changes=(
        Change(frozenset({"size"}), _instances.change_size),
        Change(frozenset({"security_groups"}), _instances.change_groups),
        Change(frozenset({"role"}), _instances.change_role),
        Change(frozenset({"root_volume"}), _disks.change),
        Change(frozenset({"elastic_ip"}), _instances.change_address),
        Change(frozenset({"forwards"}), _change_forwards),
        Change(frozenset({"running"}), _instances.change_running),
    ),
    outputs={"private_ip": "Its address in the VPC.", "public_ip": "The address that the internet sees."},
    check=check,
    refuse=refuse,
    price=price,
    waits_for=("internet_gateway",),
    seconds=40,
)
