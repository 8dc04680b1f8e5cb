"""EC2 where moto differs from AWS."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule
from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
from moto.ec2.responses.key_pairs import KeyPairs
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.responses.vpcs import VPCs

# -- key pairs are deleted by their id, too (API_DeleteKeyPair) --------------------------------------------------------


def _delete_key_pair(self: Any) -> ActionResult:
    name, key_id = self._get_param("KeyName"), self._get_param("KeyPairId")
    pairs = self.ec2_backend.key_pairs
    gone = [pair for pair in pairs.values() if name == pair.key_name or key_id == pair.id]
    for pair in gone:
        del pairs[pair.key_name]
    return ActionResult({"Return": True, "KeyPairId": gone[0].id if gone else key_id})


KeyPairs.delete_key_pair = _delete_key_pair  # type: ignore[method-assign]

# -- endpoints: the filter by id, private DNS as a change, and none that is deleted (API_DescribeVpcEndpoints) ---------

_endpoint_filter = VPCEndPoint.get_filter_value
_modify_endpoint = VPCs.modify_vpc_endpoint
_delete_endpoints = VPCBackend.delete_vpc_endpoints


def _filter_value(self: Any, filter_name: str, method_name: str | None = None) -> Any:
    values = {"vpc-endpoint-id": self.id, "vpc-id": self.vpc_id, "service-name": self.service_name}
    return values[filter_name] if filter_name in values else _endpoint_filter(self, filter_name, method_name)


def _modify(self: Any) -> ActionResult:
    endpoint = self.ec2_backend.describe_vpc_endpoints([self._get_param("VpcEndpointId")])[0]
    before = set(endpoint.route_table_ids)
    answer = _modify_endpoint(self)
    _move_routes(self.ec2_backend, endpoint, before, set(endpoint.route_table_ids))
    private_dns = self._get_param("PrivateDnsEnabled")
    if private_dns is not None:
        endpoint.private_dns_enabled = str(private_dns).lower() == "true"
    return answer


def _move_routes(backend: Any, endpoint: Any, before: set[str], after: set[str]) -> None:
    prefix_list = endpoint.destination_prefix_list_id
    for table in after - before if prefix_list else ():
        backend.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list)
    for table in before - after if prefix_list else ():
        backend.delete_route(table, prefix_list)


def _delete(self: Any, vpce_ids: list[str] | None = None) -> None:
    _delete_endpoints(self, vpce_ids)
    for one in vpce_ids or ():
        self.vpc_end_points.pop(one, None)


VPCEndPoint.get_filter_value = _filter_value  # type: ignore[method-assign]
VPCs.modify_vpc_endpoint = _modify  # type: ignore[method-assign]
VPCBackend.delete_vpc_endpoints = _delete  # type: ignore[method-assign]

# -- descriptions of rules: those of groups change too, and an omitted one is taken away -------------------------------
# API_UpdateSecurityGroupRuleDescriptionsIngress


def _describe_rules(self: Any, group_id: str, new: list[SecurityGroupRule], *, egress: bool) -> Any:
    group = self.get_security_group_by_name_or_id(group_id)
    for rule in group.egress_rules if egress else group.ingress_rules:
        for one in new:
            if _what(rule) == _what(one):
                for part in ("ip_range", "source_group", "prefix_list_id"):
                    if getattr(rule, part):
                        words = (getattr(one, part) or {}).get("Description")
                        getattr(rule, part)["Description"] = words or ""
    return group


def _what(rule: Any) -> tuple[str, ...]:
    network, group = rule.ip_range or {}, rule.source_group or {}
    peer = (
        network.get("CidrIp"),
        network.get("CidrIpv6"),
        group.get("GroupId"),
        (rule.prefix_list_id or {}).get("PrefixListId"),
    )
    ports = ("", "") if str(rule.ip_protocol) == "-1" else (str(rule.from_port), str(rule.to_port))
    return (str(rule.ip_protocol), *ports, *map(str, peer))


def _updater(egress: bool) -> Any:
    def update(
        self: Any,
        group_name_or_id: str,
        ip_protocol: str,
        from_port: str,
        to_port: str,
        ip_ranges: list[Any],
        source_groups: list[dict[str, Any]] | None = None,
        prefix_list_ids: list[dict[str, str]] | None = None,
        security_rule_ids: list[str] | None = None,
        vpc_id: str | None = None,
    ) -> Any:
        peers = (ip_ranges or [], self._add_source_group(source_groups, vpc_id), prefix_list_ids or [])
        ports = (ip_protocol, group_name_or_id, from_port, to_port)
        rules = list(self._iterate_security_rules(*ports, *peers, is_egress=egress))
        return _describe_rules(self, group_name_or_id, rules, egress=egress)

    return update


SecurityGroupBackend.update_security_group_rule_descriptions_ingress = _updater(False)  # type: ignore[method-assign]
SecurityGroupBackend.update_security_group_rule_descriptions_egress = _updater(True)  # type: ignore[method-assign]

# -- launch templates: moto cuts every list after 15 and answers no token ----------------------------------------------

_number = LaunchTemplates._get_int_param


def _all_of_them(self: Any, name: str, if_none: Any = None) -> Any:
    return 1_000_000 if name == "MaxResults" else _number(self, name, if_none)


LaunchTemplates._get_int_param = _all_of_them  # type: ignore[assignment, method-assign]

# -- and their tags are what the tagging calls made of them ------------------------------------------------------------


def _tags(self: Any) -> Any:
    return self.get_tags()


LaunchTemplate.tags = property(_tags, lambda _self, _value: None)  # type: ignore[assignment]
