"""The calls of ``role``: a role, what is attached to it, and the instance profile of its name.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._resource.kind import Found, Scope, Wanted
from . import _policy
from ._gone import unless_gone

EC2 = "ec2"


# -- pure -------------------------------------------------------------------------------------------------------------


def trust_of(services: list[str]) -> dict[str, Any]:
    """The trust policy of a role that services take."""
    principals = [f"{one}.amazonaws.com" for one in sorted(services)]
    statement = {"Effect": "Allow", "Principal": {"Service": principals}, "Action": "sts:AssumeRole"}
    return {"Version": _policy.VERSION, "Statement": [statement]}


def services_of(trust: Mapping[str, Any]) -> list[str] | None:
    """The way back; None for a policy that says more than that services may take the role."""
    found = []
    for one in _policy.several(trust.get("Statement")):
        plain = set(one) <= {"Effect", "Principal", "Action", "Sid"} and one.get("Effect") == "Allow"
        principal = one.get("Principal")
        if not plain or one.get("Action") != "sts:AssumeRole" or not isinstance(principal, Mapping):
            return None
        if set(principal) != {"Service"}:
            return None
        found += [str(name).removesuffix(".amazonaws.com") for name in _policy.several(principal["Service"])]
    return sorted(found)


def trust_document(wanted: Wanted) -> str:
    return json.dumps(wanted.get("trust") or trust_of(wanted.get("services", [])))


def to_found(item: Mapping[str, Any]) -> Found:
    """One of ``RoleDetailList``."""
    trust = _policy.loaded(item["AssumeRolePolicyDocument"])
    services = services_of(trust)
    profiles = [one for one in item["InstanceProfileList"] if one["InstanceProfileName"] == item["RoleName"]]
    if services is not None and not profiles:
        # without a profile EC2 cannot take it, whatever its trust policy says: a run was cut here
        services = [one for one in services if one != EC2]
    return Found(
        kind="role",
        id=item["RoleName"],
        attrs={
            "services": services,
            "trust": trust,
            "policies": [one["PolicyArn"] for one in item["AttachedManagedPolicies"]],
            "statements": {
                one["PolicyName"]: _policy.statements(one["PolicyDocument"]) for one in item["RolePolicyList"]
            },
            "boundary": (item.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", ""),
            "path": item["Path"],
        },
        tags=as_dict(item.get("Tags")),
        aws_name=item["RoleName"],
        outputs={"arn": item["Arn"], "instance_profile": profiles[0]["Arn"] if profiles else ""},
        detail={"profiles": [one["InstanceProfileName"] for one in item["InstanceProfileList"]]},
    )


# -- describe ---------------------------------------------------------------------------------------------------------


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """Everything of every role comes in one list, up to a thousand a page: an account has that many at most, unless
    AWS allowed more. Asking for each role by itself takes five calls, so that is for the one that is waited for.
    """
    if scope.only:
        for name in sorted(scope.names | scope.ids):
            yield from _one(aws, name)
        return
    pages = aws.pages("iam", "get_account_authorization_details", "RoleDetailList", Filter=["Role"], MaxItems=1000)
    for item in pages:
        found = to_found(item)
        if scope.wants(found):
            yield found


def _one(aws: Any, name: str) -> Iterator[Found]:
    try:
        role = aws.call("iam", "get_role", RoleName=name)["Role"]
    except AwsError as error:
        if error.missing:
            return
        raise
    inline = aws.pages("iam", "list_role_policies", "PolicyNames", RoleName=name)
    yield to_found(
        {
            **role,
            "AttachedManagedPolicies": list(
                aws.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name)
            ),
            "RolePolicyList": [
                aws.call("iam", "get_role_policy", RoleName=name, PolicyName=policy) for policy in inline
            ],
            "InstanceProfileList": list(
                aws.pages("iam", "list_instance_profiles_for_role", "InstanceProfiles", RoleName=name)
            ),
        }
    )


# -- create and change ------------------------------------------------------------------------------------------------


def create(aws: Any, wanted: Wanted) -> str:
    name = wanted.aws_name
    answer = aws.call(
        "iam",
        "create_role",
        RoleName=name,
        Path=wanted.attrs["path"],
        AssumeRolePolicyDocument=trust_document(wanted),
        PermissionsBoundary=wanted.get("boundary") or None,
        Tags=as_list(wanted.tags),
    )
    aws.created(name, answer["Role"]["Arn"])
    for policy in wanted.get("policies", []):
        aws.call("iam", "attach_role_policy", RoleName=name, PolicyArn=policy_arn(aws, policy))
    for policy, statements in wanted.get("statements", {}).items():
        _put(aws, name, policy, statements)
    set_profile(aws, name, wanted, [])
    return name


def policy_arn(aws: Any, policy: str) -> str:
    return policy if policy.startswith("arn:") else f"arn:{aws.partition}:iam::aws:policy/{policy}"


def _put(aws: Any, name: str, policy: str, statements: list[Mapping[str, Any]]) -> None:
    document = _policy.document(statements)
    aws.call("iam", "put_role_policy", RoleName=name, PolicyName=policy, PolicyDocument=document)


def set_profile(aws: Any, name: str, wanted: Wanted, there: list[str]) -> None:
    """The instance profile through which EC2 takes the role. One that is not needed any more does no harm; something
    may still use it, so it goes with the role.
    """
    if EC2 not in wanted.get("services", []) or name in there:
        return
    try:
        answer = aws.call(
            "iam",
            "create_instance_profile",
            InstanceProfileName=name,
            Path=wanted.attrs["path"],
            Tags=as_list(wanted.tags),
        )
        aws.created(answer["InstanceProfile"]["Arn"])
    except AwsError as error:
        if error.code != "EntityAlreadyExists":  # a run was cut right here
            raise
    aws.call("iam", "add_role_to_instance_profile", InstanceProfileName=name, RoleName=name)


def change_trust(aws: Any, found: Found, wanted: Wanted) -> None:
    aws.call("iam", "update_assume_role_policy", RoleName=found.id, PolicyDocument=trust_document(wanted))
    set_profile(aws, found.id, wanted, list(found.detail["profiles"]))


def change_policies(aws: Any, found: Found, wanted: Wanted) -> None:
    arns = {policy_arn(aws, one) for one in wanted.attrs["policies"]}
    for arn in sorted(arns - set(found.attrs["policies"])):
        aws.call("iam", "attach_role_policy", RoleName=found.id, PolicyArn=arn)
    for arn in sorted(set(found.attrs["policies"]) - arns):
        aws.call("iam", "detach_role_policy", RoleName=found.id, PolicyArn=arn)


def change_statements(aws: Any, found: Found, wanted: Wanted) -> None:
    for policy, statements in wanted.attrs["statements"].items():
        _put(aws, found.id, policy, statements)
    for policy in sorted(set(found.attrs["statements"]) - set(wanted.attrs["statements"])):
        aws.call("iam", "delete_role_policy", RoleName=found.id, PolicyName=policy)


def change_boundary(aws: Any, found: Found, wanted: Wanted) -> None:
    if wanted.attrs["boundary"]:
        aws.call(
            "iam",
            "put_role_permissions_boundary",
            RoleName=found.id,
            PermissionsBoundary=wanted.attrs["boundary"],
        )
    else:
        aws.call("iam", "delete_role_permissions_boundary", RoleName=found.id)


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    if add:
        aws.call("iam", "tag_role", RoleName=found.id, Tags=as_list(add))
    if remove:
        aws.call("iam", "untag_role", RoleName=found.id, TagKeys=remove)


# -- delete -----------------------------------------------------------------------------------------------------------


def delete(aws: Any, found: Found) -> None:
    """What hangs on the role first: IAM refuses to delete it before, and it is what the next run finds."""
    name = found.id
    aws.deleted(name, found.outputs["arn"], found.outputs["instance_profile"])
    for arn in found.attrs["policies"]:
        unless_gone(aws, "iam", "detach_role_policy", RoleName=name, PolicyArn=arn)
    for policy in found.attrs["statements"]:
        unless_gone(aws, "iam", "delete_role_policy", RoleName=name, PolicyName=policy)
    for profile in found.detail["profiles"]:
        unless_gone(aws, "iam", "remove_role_from_instance_profile", InstanceProfileName=profile, RoleName=name)
    # also one that a run made and did not get to fill
    unless_gone(aws, "iam", "delete_instance_profile", InstanceProfileName=name)
    unless_gone(aws, "iam", "delete_role", RoleName=name)
