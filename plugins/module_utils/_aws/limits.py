"""What an account may not have more of, and what to do about it. Pure.

Quotas: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html,
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html; errors:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import re

_MORE = "ask AWS for more (Service Quotas in the console, {})"
_AGAIN = "; then run the same command again: it goes on"
_ADVICE = (
    (
        r"VcpuLimitExceeded|vCPU",
        _MORE.format("Amazon EC2, Running On-Demand instances")
        + ", stop machines that nobody needs, or name a smaller size in app.yml (cloud.compute)",
    ),
    (
        r"AddressLimitExceeded",
        _MORE.format("EC2-VPC Elastic IPs: an account begins with 5 in a region") + ", or release one that nobody uses",
    ),
    (r"VpcLimitExceeded", _MORE.format("VPCs per Region: an account begins with 5") + ", or delete one"),
    (
        r"InsufficientFreeAddresses|[Nn]ot enough (free )?(IP|address)|insufficient (free )?(IP )?address",
        "the subnet is full: take away what nobody needs in it, or give it a wider range (cloud.network in app.yml)",
    ),
    (
        r"Insufficient\w*Capacity|do not have sufficient .* capacity",
        "AWS has no such machine left in that zone: wait, or name another size in app.yml (cloud.compute)",
    ),
    (
        r"LimitExceeded|QuotaExceeded|TooMany(?!Requests)",
        _MORE.format("the quota that AWS names") + ", or remove what is not needed any more",
    ),
)


def advice(text: str) -> str | None:
    """What to do when AWS says this, by a code or in a sentence; None where it is not about too many or too little."""
    return next((f"{what}{_AGAIN}" for pattern, what in _ADVICE if re.search(pattern, text)), None)
