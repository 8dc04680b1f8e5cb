"""What a request needs to be allowed, as AWS sees it; counts only while moto checks permissions (``guarded.py``).

moto compares the name of the call with the policy and knows nothing else: no action that is called otherwise, no tags
that are given at once, no role that is handed over, no resource, no condition. Written from AWS's lists and not from
``tools/iam_policy.py``, which this is to try:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from moto.core.exceptions import AccessDeniedError, JsonRESTError
from moto.iam.access_control import IAMRequestBase

# the service in a signature -> the prefix of its actions
PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}
OTHER_NAMES = {
    "budgets": {
        r"(Create|Update|Delete)(Budget|Notification|Subscriber)": "ModifyBudget",
        r"Describe(Budget|Budgets|NotificationsForBudget|SubscribersForNotification)": "ViewBudget",
    },
    "cloudfront": {r"CreateDistributionWithTags": "CreateDistribution"},
}
# services that answer errors as https://docs.aws.amazon.com/Route53/latest/APIReference/CommonErrors.html has them
REST = {"cloudfront", "route53"}
# a bucket's parts by the word in the query: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
BUCKET_PARTS = {
    "encryption": "EncryptionConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
}
# what tags that are given at once need besides; TagResource where nothing else is said
TAGGING = {
    "acm": "AddTagsToCertificate",
    "autoscaling": "CreateOrUpdateTags",
    "ec2": "CreateTags",
    "elasticache": "AddTagsToResource",
    "elasticloadbalancing": "AddTags",
    "rds": "AddTagsToResource",
    "ssm": "AddTagsToResource",
}
MAKES = re.compile(r"(Create|Put|Register|Run|Allocate|Import|Request|Restore)(?!OrUpdateTags|Tags)")
TAGS = re.compile(r'"(Tags|TagSpecifications?|TagList|tags|ResourceTags)"|\b(Tags|TagSpecification|TagList)\.')
# who gets a role with a request: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
PASSES = {
    "iam:AddRoleToInstanceProfile": ("ec2.amazonaws.com", "RoleName"),
    "ec2:RunInstances": ("ec2.amazonaws.com", "IamInstanceProfile"),
    "ec2:AssociateIamInstanceProfile": ("ec2.amazonaws.com", "IamInstanceProfile"),
    "ecs:RegisterTaskDefinition": ("ecs-tasks.amazonaws.com", "RoleArn"),
    "events:PutTargets": ("events.amazonaws.com", "RoleArn"),
}
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
FIRST_USE = {
    "autoscaling:CreateAutoScalingGroup": "autoscaling.amazonaws.com",
    "application-autoscaling:RegisterScalableTarget": "ecs.application-autoscaling.amazonaws.com",
    "ecs:CreateCluster": "ecs.amazonaws.com",
    "elasticache:CreateCacheCluster": "elasticache.amazonaws.com",
    "elasticache:CreateReplicationGroup": "elasticache.amazonaws.com",
    "elasticloadbalancing:CreateLoadBalancer": "elasticloadbalancing.amazonaws.com",
    "rds:CreateDBInstance": "rds.amazonaws.com",
}
ACCOUNT = "arn:aws:iam::123456789012"


@dataclass(frozen=True)
class Need:
    """One action on one resource; ``*`` where it is about no single one, or about one that is not known here."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)


def needs(service: str, operation: str, sent: str) -> Iterator[Need]:
    """What a request needs. ``sent`` is all that it says, as text."""
    prefix = PREFIXES.get(service, service)
    name = _name(prefix, operation)
    yield Need(f"{prefix}:{name}", _resource(prefix, sent))
    if MAKES.match(operation) and prefix != "s3" and (TAGS.search(sent) or operation.endswith("WithTags")):
        yield Need(f"{prefix}:{_tagging(prefix, operation)}", _resource(prefix, sent))
    if prefix == "wafv2" and operation in ("AssociateWebACL", "DisassociateWebACL"):
        yield Need("elasticloadbalancing:SetWebACL")
    receiver, part = PASSES.get(f"{prefix}:{operation}", ("", ""))
    if receiver and part in sent:
        yield Need("iam:PassRole", f"{ACCOUNT}:role/any", {"iam:PassedToService": receiver})
    user = FIRST_USE.get(f"{prefix}:{operation}")
    if user:
        yield Need(
            "iam:CreateServiceLinkedRole", f"{ACCOUNT}:role/aws-service-role/{user}/any", {"iam:AWSServiceName": user}
        )


def _name(prefix: str, operation: str) -> str:
    for pattern, other in OTHER_NAMES.get(prefix, {}).items():
        if re.fullmatch(pattern, operation):
            return other
    return operation


def _of_bucket(method: str, path: str, operation: str) -> str:
    """moto takes every part of a bucket that it does not know for the bucket."""
    query = {one.partition("=")[0] for one in path.partition("?")[2].split("&")}
    part = next((BUCKET_PARTS[one] for one in BUCKET_PARTS if one in query), None)
    if part is None:
        return operation
    if method == "DELETE" and part == "BucketPolicy":
        return "DeleteBucketPolicy"
    return ("Get" if method == "GET" else "Put") + part


def _tagging(prefix: str, operation: str) -> str:
    if prefix == "iam":
        return "Tag" + operation.removeprefix("Create")
    return TAGGING.get(prefix, "TagResource")


def _resource(prefix: str, sent: str) -> str:
    if prefix == "iam":
        for key, kind in (("InstanceProfileName", "instance-profile"), ("RoleName", "role")):
            found = re.search(rf"""\b{key}(=|": "?\[?['"]?)([\w+=,.@-]+)""", sent)
            if found:
                return f"{ACCOUNT}:{kind}/{found.group(2)}"
    return "*"


def allowed(policies: list[dict[str, Any]], need: Need) -> bool:
    """Whether some statement allows it, and none forbids it."""
    matching = [one["Effect"] for policy in policies for one in policy["Statement"] if _matches(one, need)]
    return "Allow" in matching and "Deny" not in matching


def _matches(statement: Mapping[str, Any], need: Need) -> bool:
    actions = any(fnmatchcase(need.action.lower(), one.lower()) for one in _list(statement["Action"]))
    patterns = _list(statement["Resource"])
    resources = "*" in patterns or any(fnmatchcase(need.resource, one) for one in patterns if need.resource != "*")
    return actions and resources and _conditions(statement.get("Condition") or {}, need)


def _conditions(conditions: Mapping[str, Any], need: Need) -> bool:
    unknown = set(conditions) - {"StringEquals"}
    if unknown:
        raise ValueError(f"these conditions are not known here: {unknown}")
    return all(need.context.get(key) in _list(values) for key, values in conditions.get("StringEquals", {}).items())


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def check_action_permitted(self: IAMRequestBase, _resource: str) -> None:
    """In place of moto's: all that the request needs."""
    if self._action == "sts:GetCallerIdentity":
        return
    policies = [_document(one) for one in self._access_key.collect_policies()]
    body = self._body.decode(errors="replace") if isinstance(self._body, bytes) else str(self._body or "")
    sent = json.dumps({str(key): str(value) for key, value in dict(self._data or {}).items()}) + body
    service, _colon, operation = self._action.partition(":")
    if service == "s3":
        operation = _of_bucket(self._method, self._path, operation)
    for need in needs(service, operation, sent):
        if not allowed(policies, need):
            self._action = need.action
            _refuse(self)


def _refuse(self: IAMRequestBase) -> None:
    """moto answers the XML of EC2 to everybody; services that speak JSON refuse in JSON, REST ones without a list."""
    words = f"User: {self._access_key.arn} is not authorized to perform: {self._action}"
    if self._headers.get("X-Amz-Target"):
        raise JsonRESTError("AccessDeniedException", words)
    if self._action.partition(":")[0] in REST:
        error = AccessDeniedError(user_arn=self._access_key.arn, action=self._action)
        error.description = (error.description or "").replace("<Errors>", "").replace("</Errors>", "")
        raise error
    self._raise_access_denied()


def _document(policy: Any) -> dict[str, Any]:
    from moto.iam.access_control import IAMPolicy

    document: dict[str, Any] = IAMPolicy(policy)._policy_json
    return document


IAMRequestBase.check_action_permitted = check_action_permitted  # type: ignore[method-assign, assignment]


def _signed_by_somebody(_self: IAMRequestBase) -> None:
    """moto signs some paths of Route 53 otherwise than botocore does; whose key it is, it has looked up before."""


IAMRequestBase.check_signature = _signed_by_somebody  # type: ignore[assignment, method-assign]
