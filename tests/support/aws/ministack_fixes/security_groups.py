"""Security groups: descriptions of rules can be changed.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsIngress.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import ec2  # type: ignore[import-not-found]

_PEERS = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}


def _what(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(rule.get(key) for key in ("IpProtocol", "FromPort", "ToPort"))


def _describe(rule: dict[str, Any], new: Mapping[str, Any]) -> None:
    for several, key in _PEERS.items():
        words = {peer[key]: peer.get("Description") for peer in new.get(several, [])}
        for peer in rule.get(several, []):
            if peer.get(key) in words:
                peer.pop("Description", None)
                if words[peer[key]]:
                    peer["Description"] = words[peer[key]]


def _updater(direction: str, key: str) -> Any:
    def update(params: dict[str, Any]) -> Any:
        group = ec2._security_groups[ec2._p(params, "GroupId")]
        for new in ec2._parse_ip_permissions(params, "IpPermissions"):
            for rule in group[key]:
                if _what(rule) == _what(new):
                    _describe(rule, new)
        return ec2._xml(200, f"UpdateSecurityGroupRuleDescriptions{direction}Response", "<return>true</return>")

    return update


ec2._ACTION_MAP.update(
    UpdateSecurityGroupRuleDescriptionsIngress=_updater("Ingress", "IpPermissions"),
    UpdateSecurityGroupRuleDescriptionsEgress=_updater("Egress", "IpPermissionsEgress"),
)
