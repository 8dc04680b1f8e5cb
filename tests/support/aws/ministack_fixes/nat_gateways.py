"""EC2: a NAT gateway tells its address, and the address tells that it is taken.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNatGateways.html
"""

from __future__ import annotations

import re
from typing import Any

from ministack.services import ec2  # type: ignore[import-not-found]

_described = ec2._describe_nat_gateways
_ITEM = re.compile(rb"<natGatewayId>(nat-\w+)</natGatewayId>.*?<natGatewayAddressSet/>", re.DOTALL)


def _with_address(found: re.Match[bytes]) -> bytes:
    nat = ec2._nat_gateways[found[1].decode()]
    address = ec2._addresses.get(nat["AllocationId"], {})
    inner = (
        f"<natGatewayAddressSet><item><allocationId>{nat['AllocationId']}</allocationId>"
        f"<publicIp>{address.get('PublicIp', '')}</publicIp><isPrimary>true</isPrimary></item></natGatewayAddressSet>"
    )
    return found[0].replace(b"<natGatewayAddressSet/>", inner.encode())


def _describe(params: dict[str, Any]) -> Any:
    status, headers, body = _described(params)
    return status, headers, _ITEM.sub(_with_address, body)


ec2._ACTION_MAP["DescribeNatGateways"] = _describe
