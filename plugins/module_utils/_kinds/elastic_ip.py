"""``elastic_ip``: a public address that stays the same.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.tags import specification
from .._resource.kind import HOURS, Found, Kind, Related, Usage, Wanted
from . import _ec2


def to_found(item: Mapping[str, Any]) -> Found:
    return Found(
        kind="elastic_ip",
        id=item["AllocationId"],
        attrs={},
        tags=_ec2.tags_of(item),
        outputs={"ip": item["PublicIp"]},
        # a NAT gateway gives its address back itself, and AWS lets nobody else take it away
        detail={"association": item.get("AssociationId") if item.get("InstanceId") else None},
    )


def create(aws: Any, wanted: Wanted) -> str:
    tags = specification("elastic-ip", wanted.tags)
    allocation_id: str = aws.call("ec2", "allocate_address", Domain="vpc", TagSpecifications=tags)["AllocationId"]
    aws.created(allocation_id)
    return allocation_id


def delete(aws: Any, found: Found) -> None:
    if found.detail.get("association"):
        _ec2.gone_is_fine(aws, "disassociate_address", AssociationId=found.detail["association"])
    _ec2.gone_is_fine(aws, "release_address", AllocationId=found.id)


def price(_attrs: Mapping[str, Any], _related: Related) -> Iterator[Usage]:
    yield Usage("ec2/public_ipv4", HOURS)


KIND = Kind(
    name="elastic_ip",
    doc="A public address that stays the same while machines behind it come and go.",
    fields={},
    describe=_ec2.describer("describe_addresses", "Addresses", "allocation-id", to_found),
    create=create,
    delete=delete,
    retag=_ec2.retag,
    outputs={"ip": "The address."},
    price=price,
    seconds=2,
)
