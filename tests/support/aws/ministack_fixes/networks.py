"""EC2's networks: what MiniStack does not keep or answer of key pairs, addresses and endpoints.

Sources: API_ImportKeyPair, API_DescribeKeyPairs, API_DescribeAddresses, API_CreateVpcEndpoint and
API_ModifyVpcEndpoint of https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from ministack.services import ec2  # type: ignore[import-not-found]

Params = dict[str, Any]
_DEFAULT_POLICY = {
    "Version": "2008-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}


def _matches(params: Params, resource_id: str, values: Mapping[str, Any]) -> bool:
    filters = ec2._parse_filters(params)
    plain = {name: wanted for name, wanted in filters.items() if not name.startswith("tag")}
    return ec2._resource_matches_tag_filters(resource_id, filters) and all(
        values.get(name) in wanted for name, wanted in plain.items()
    )


# -- key pairs -------------------------------------------------------------------------------------------------------

_import = ec2._ACTION_MAP["ImportKeyPair"]
_delete = ec2._ACTION_MAP["DeleteKeyPair"]


def _import_key_pair(params: Params) -> Any:
    name = ec2._p(params, "KeyName")
    if name in ec2._key_pairs:
        return ec2._error("InvalidKeyPair.Duplicate", f"The key pair '{name}' already exists", 400)
    answer = _import(params)
    pair = ec2._key_pairs[name]
    pair["PublicKey"] = _decoded(ec2._p(params, "PublicKeyMaterial"))
    ec2._parse_tag_specs(params, "key-pair", pair["KeyPairId"])
    return answer


def _decoded(material: str) -> str:
    return base64.b64decode(material).decode()


def _describe_key_pairs(params: Params) -> Any:
    items = "".join(
        f"<item><keyName>{pair['KeyName']}</keyName><keyFingerprint>{pair['KeyFingerprint']}</keyFingerprint>"
        f"<keyPairId>{pair['KeyPairId']}</keyPairId><publicKey>{ec2._esc(pair.get('PublicKey', ''))}</publicKey>"
        f"{ec2._tag_set_xml(pair['KeyPairId'])}</item>"
        for pair in ec2._key_pairs.values()
        if _matches(params, pair["KeyPairId"], {"key-name": pair["KeyName"], "key-pair-id": pair["KeyPairId"]})
    )
    return ec2._xml(200, "DescribeKeyPairsResponse", f"<keySet>{items}</keySet>")


def _delete_key_pair(params: Params) -> Any:
    key_id = ec2._p(params, "KeyPairId")
    names = [pair["KeyName"] for pair in ec2._key_pairs.values() if pair["KeyPairId"] == key_id]
    return _delete({**params, "KeyName": names[0]} if names else params)


ec2._ACTION_MAP.update(
    ImportKeyPair=_import_key_pair, DescribeKeyPairs=_describe_key_pairs, DeleteKeyPair=_delete_key_pair
)

# -- addresses: the filters, and the machine that has one tells it ----------------------------------------------------

_associate = ec2._ACTION_MAP["AssociateAddress"]


def _describe_addresses(params: Params) -> Any:
    items = ""
    for one in ec2._addresses.values():
        values = {"allocation-id": one["AllocationId"], "instance-id": one["InstanceId"], "public-ip": one["PublicIp"]}
        if not _matches(params, one["AllocationId"], values):
            continue
        parts = (("associationId", "AssociationId"), ("instanceId", "InstanceId"))
        more = "".join(f"<{tag}>{one[key]}</{tag}>" for tag, key in parts if one.get(key))
        items += (
            f"<item><allocationId>{one['AllocationId']}</allocationId><publicIp>{one['PublicIp']}</publicIp>"
            f"<domain>{one['Domain']}</domain>{more}{ec2._tag_set_xml(one['AllocationId'])}</item>"
        )
    return ec2._xml(200, "DescribeAddressesResponse", f"<addressesSet>{items}</addressesSet>")


def _associate_address(params: Params) -> Any:
    answer = _associate(params)
    machine = ec2._instances.get(ec2._p(params, "InstanceId"))
    address = ec2._addresses.get(ec2._p(params, "AllocationId"))
    for other in ec2._addresses.values() if machine and address else ():
        if other is not address and other["InstanceId"] == machine["InstanceId"]:
            other.update(InstanceId=None, AssociationId=None)
    if machine and address:
        machine["PublicIpAddress"] = address["PublicIp"]
    return answer


ec2._ACTION_MAP.update(DescribeAddresses=_describe_addresses, AssociateAddress=_associate_address)

# -- endpoints -------------------------------------------------------------------------------------------------------

_create = ec2._ACTION_MAP["CreateVpcEndpoint"]
_modify = ec2._ACTION_MAP["ModifyVpcEndpoint"]
_fields = ec2._vpce_fields_xml


def _create_endpoint(params: Params) -> Any:
    before = set(ec2._vpc_endpoints)
    answer = _create(params)
    for one in set(ec2._vpc_endpoints) - before:
        ec2._vpc_endpoints[one].update(
            Groups=ec2._parse_member_list(params, "SecurityGroupId"),
            PrivateDnsEnabled=ec2._p(params, "PrivateDnsEnabled") or "false",
            PolicyDocument=ec2._p(params, "PolicyDocument") or json.dumps(_DEFAULT_POLICY),
        )
    return answer


def _modify_endpoint(params: Params) -> Any:
    answer = _modify(params)
    endpoint = ec2._vpc_endpoints.get(ec2._p(params, "VpcEndpointId"))
    if endpoint:
        gone = ec2._parse_member_list(params, "RemoveSecurityGroupId")
        groups = [*endpoint.get("Groups", []), *ec2._parse_member_list(params, "AddSecurityGroupId")]
        endpoint["Groups"] = [one for one in groups if one not in gone]
        endpoint["PrivateDnsEnabled"] = ec2._p(params, "PrivateDnsEnabled") or endpoint.get(
            "PrivateDnsEnabled", "false"
        )
    return answer


def _endpoint_xml(endpoint: Mapping[str, Any], tag: str = "item") -> str:
    groups = "".join(f"<item><groupId>{one}</groupId></item>" for one in endpoint.get("Groups", []))
    more = (
        f"<groupSet>{groups}</groupSet>"
        f"<privateDnsEnabled>{endpoint.get('PrivateDnsEnabled', 'false')}</privateDnsEnabled>"
        f"<policyDocument>{ec2._esc(endpoint.get('PolicyDocument', ''))}</policyDocument></{tag}>"
    )
    return str(_fields(endpoint, tag)).removesuffix(f"</{tag}>") + more


def _describe_endpoints(params: Params) -> Any:
    items = "".join(
        _endpoint_xml(one)
        for key, one in ec2._vpc_endpoints.items()
        if _matches(params, key, {"vpc-endpoint-id": key, "vpc-id": one["VpcId"], "service-name": one["ServiceName"]})
    )
    return ec2._xml(200, "DescribeVpcEndpointsResponse", f"<vpcEndpointSet>{items}</vpcEndpointSet>")


ec2._vpce_fields_xml = _endpoint_xml
ec2._ACTION_MAP.update(
    CreateVpcEndpoint=_create_endpoint, ModifyVpcEndpoint=_modify_endpoint, DescribeVpcEndpoints=_describe_endpoints
)
