from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws.errors import AwsError
from ansible_collections.stairway.cloud.plugins.module_utils._aws.limits import advice

# What AWS really says: a code of the API, or the sentence of a scaling activity.
SENTENCE = (
    "Launching a new EC2 instance. Status Reason: You have requested more vCPU capacity than your current vCPU limit "
    "of 32 allows for the instance bucket that the specified instance type belongs to. Launching EC2 instance failed."
)
SAID = {
    "VcpuLimitExceeded": "On-Demand",
    "AddressLimitExceeded": "Elastic IPs",
    "InsufficientFreeAddressesInSubnet": "the subnet is full",
    "InvalidSubnet Not enough IP space available in subnet-0. ELB requires at least 8": "the subnet is full",
    "We currently do not have sufficient t3.small capacity in the zone you requested": "wait",
    "InsufficientInstanceCapacity": "wait",
    "InstanceQuotaExceeded": "Service Quotas",
}


@pytest.mark.parametrize(("text", "expected"), SAID.items())
def test_each_says_what_to_do(text: str, expected: str) -> None:
    assert expected in (advice(text) or "")


def test_vcpus_of_a_group_are_the_same_quota_as_those_of_a_call() -> None:
    assert "On-Demand" in (advice(SENTENCE) or "")
    assert advice(SENTENCE) == advice("VcpuLimitExceeded")


@pytest.mark.parametrize("text", ["", "AccessDenied", "DependencyViolation", "TooManyRequestsException"])
def test_what_is_no_limit_is_left_to_others(text: str) -> None:
    assert advice(text) is None


def test_a_refused_call_says_it() -> None:
    error = AwsError("ec2:RunInstances", "VcpuLimitExceeded", "You have requested more", region="us-east-1")
    assert error.fix == advice("VcpuLimitExceeded")
