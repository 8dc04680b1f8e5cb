"""``security_group``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws.errors import AwsError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import security_group
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.security_group import KIND, to_found
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Found
from ansible_collections.stairway.cloud.plugins.module_utils._resource.types import Unknown
from tests.support.aws.trial import Trial

from .networks import NETWORK, a_vpc, problems

ALL_OUT = [{"protocol": "all", "to": "0.0.0.0/0"}]


def test_whole_life(trial: Trial) -> None:
    vpc = a_vpc(trial).id
    other = trial.make("security_group", "alb", vpc=vpc)
    group = trial.make(
        "security_group",
        "app",
        vpc=vpc,
        ingress=[
            {"port": 8080, "from": other.id, "description": "the load balancer"},
            {"port": 22, "from": ["192.0.2.1/32", "192.0.2.2/32"]},
        ],
        egress=[{"port": 443, "to": "0.0.0.0/0"}, {"port": 53, "protocol": "udp", "to": "10.0.0.2/32"}],
    )
    group = trial.alter(
        group,
        vpc=vpc,
        ingress=[
            {"port": 8080, "from": other.id, "description": "the new load balancer"},
            {"from_port": 9000, "to_port": 9100, "from": "10.0.0.0/16"},
            {"protocol": "icmp", "from": "10.0.0.0/16"},
        ],
        egress=ALL_OUT,
    )
    trial.retag(group)
    group = trial.alter(group, vpc=vpc, ingress=[], egress=[])
    trial.remove(group)
    trial.remove(group)


def test_one_may_speak_to_nobody(trial: Trial) -> None:
    group = trial.make(
        "security_group", "db", vpc=a_vpc(trial).id, ingress=[{"port": 3306, "from": "10.0.0.0/16"}], egress=[]
    )
    assert group.attrs["egress"] == []


def test_two_may_name_each_other_and_themselves(trial: Trial) -> None:
    vpc = a_vpc(trial).id
    one = trial.make("security_group", "one", vpc=vpc)
    two = trial.make(
        "security_group", "two", vpc=vpc, ingress=[{"port": 80, "from": one.id}], egress=[{"port": 80, "to": one.id}]
    )
    one = trial.alter(one, vpc=vpc, ingress=[{"port": 81, "from": [one.id, two.id]}])
    trial.remove(one)
    (left,) = trial.all("security_group")
    assert (left.name, left.attrs["ingress"], left.attrs["egress"]) == ("two", [], [])
    trial.remove(left)


def test_a_rule_that_is_there_already_does_not_keep_others_away(trial: Trial) -> None:
    vpc = a_vpc(trial).id
    rules = [{"port": port, "from": "10.0.0.0/16"} for port in (80, 81)]
    group = trial.make("security_group", "web", vpc=vpc, ingress=rules[:1])
    stale = Found(group.kind, group.id, {**group.attrs, "ingress": []}, group.tags)
    trial.alter(stale, vpc=vpc, ingress=rules)


def test_how_ec2_says_it() -> None:
    item: dict[str, Any] = {
        "GroupId": "sg-1",
        "VpcId": "vpc-1",
        "IpPermissions": [
            {
                "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
                "UserIdGroupPairs": [{"GroupId": "sg-2", "UserId": "123456789012"}],
                "PrefixListIds": [{"PrefixListId": "pl-22a6434b"}],
            },
            {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
        ],
        "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    }  # fmt: skip
    attrs = to_found(item).attrs
    as_written = [
        {"port": 443, "from": "0.0.0.0/0", "description": "all"},
        {"port": 443, "from": ["::/0", "sg-2", "pl-22a6434b"]},
        {"protocol": "icmp", "from": "10.0.0.0/8"},
    ]
    ingress, egress = KIND.fields["ingress"].shape, KIND.fields["egress"].shape
    assert ingress.canonical(attrs["ingress"]) == ingress.canonical(as_written)
    assert egress.canonical(attrs["egress"]) == egress.canonical(KIND.fields["egress"].default)


def test_groups_that_are_not_there_yet_can_be_compared() -> None:
    shape = KIND.fields["ingress"].shape
    rules = shape.resolve([{"port": 80, "from": ["web", "10.0.0.0/8"]}], lambda ref, name: Unknown(ref.kind, name))
    assert len(shape.canonical(rules)) == 2
    assert shape.canonical(rules) != shape.canonical([{"port": 80, "from": ["sg-1", "10.0.0.0/8"]}])


def test_references_do_not_order_creation() -> None:
    assert {name: field.late for name, field in KIND.fields.items()} == {"vpc": False, "ingress": True, "egress": True}
    one = {"security_group": "one", "vpc": "main", "ingress": [{"port": 80, "from": "two"}]}
    two = {"security_group": "two", "vpc": "main", "ingress": [{"port": 80, "from": ["one", "two"]}]}
    assert problems(*NETWORK, one, two) == {}


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        pytest.param({"from": "10.0.0.0/8"}, "[0]", id="no-port"),
        pytest.param({"port": 80, "from_port": 80, "from": "10.0.0.0/8"}, "[0]", id="two-ways"),
        pytest.param({"from_port": 80, "from": "10.0.0.0/8"}, "[0]", id="half-a-range"),
        pytest.param({"from_port": 81, "to_port": 80, "from": "10.0.0.0/8"}, "[0].to_port", id="backwards"),
        pytest.param({"port": 80, "protocol": "all", "from": "10.0.0.0/8"}, "[0].port", id="all-with-port"),
        pytest.param({"port": 65536, "from": "10.0.0.0/8"}, "[0].port", id="port-too-big"),
        pytest.param({"port": 80, "protocol": "sctp", "from": "10.0.0.0/8"}, "[0].protocol", id="protocol"),
        pytest.param({"port": 80}, "[0].from", id="nobody"),
        pytest.param({"port": 80, "from": "far"}, "[0].from", id="other-vpc"),
        pytest.param({"port": 80, "from": ["10.0.0.0/8", "10.0.0.0/8"]}, "[0]", id="twice"),
        pytest.param({"port": 80, "from": "nowhere"}, "", id="reference-to-nothing"),
        pytest.param({"port": 80, "form": "web", "from": "web"}, "[0].form", id="unknown-key"),
        pytest.param({"port": 80, "from": "web", "description": "tab\t"}, "[0].description", id="signs-ec2-refuses"),
    ],
)
def test_bad_rules(rule: dict[str, Any], where: str) -> None:
    found = problems(*NETWORK, {"security_group": "x", "vpc": "main", "ingress": [rule]})
    assert set(found) == {f"security_group/x.ingress{where}"}


def test_a_network_with_a_wrong_size_is_no_group() -> None:
    found = problems(*NETWORK, {"security_group": "x", "vpc": "main", "egress": [{"port": 80, "to": "10.0.0.0/33"}]})
    assert "security_group/x.egress[0].to" in found


def test_a_rule_is_gone_with_its_group(trial: Trial) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "203.0.113.7/32"}]}
    nowhere = "sg-00000000000000001"
    security_group._tolerant(trial.account, "revoke_security_group_ingress", nowhere, [rule])
    with pytest.raises(AwsError, match="NotFound"):
        security_group._tolerant(trial.account, "authorize_security_group_ingress", nowhere, [rule])
