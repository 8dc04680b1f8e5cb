"""The IAM policy that the collection itself needs, from the calls that its sources make.

``python -m tools.iam_policy`` writes ``docs/iam-policy.json``, whole, and ``docs/iam-policy/``, the same in parts that
are each small enough for a managed policy; with ``--app shop`` it prints one that reaches roles of that app only.

Which calls: every ``aws.call("service", "operation", ...)``, every other call that is handed a service and an operation
(``unless_gone(aws, "iam", "delete_role", ...)``), and every call of a function with a parameter ``operation``
(``describer("describe_vpcs", ...)``), read from the syntax trees of the sources. Which actions: AWS's own lists at
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html;
most are the name of the call, the others are in the tables below.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache
from pathlib import Path
from typing import Any

from tools.sources import ROOT

FILE = ROOT / "docs" / "iam-policy.json"
PARTS = ROOT / "docs" / "iam-policy"
SOURCES = ("plugins/module_utils", "plugins/inventory", "plugins/action", "plugins/modules")
# What runs on a machine, with that machine's own role or keys: the stage's preset says what that one may do.
ON_MACHINES = ("plugins/module_utils/_fleet/agent", "plugins/module_utils/_backups")

# boto3's name of a service -> the prefix of its actions, where they differ
PREFIXES = {
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
}

# What needs no action: everybody may ask who they are, and whom somebody may become is for them to say.
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
NO_ACTION = {("sts", "GetCallerIdentity"), ("sts", "AssumeRole")}

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_S3 = {
    "ListBuckets": ("s3:ListAllMyBuckets",),
    "HeadBucket": ("s3:ListBucket",),
    "ListObjectsV2": ("s3:ListBucket",),
    "ListObjectVersions": ("s3:ListBucketVersions",),
    "GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "DeleteBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "PutBucketLifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
    "DeleteBucketLifecycle": ("s3:PutLifecycleConfiguration",),
    "GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "DeletePublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "DeleteBucketTagging": ("s3:PutBucketTagging",),
    "DeleteBucketOwnershipControls": ("s3:PutBucketOwnershipControls",),
    # with tags and with an ownership: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    "CreateBucket": ("s3:CreateBucket", "s3:TagResource", "s3:PutBucketOwnershipControls"),
}
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html
_BUDGETS = {
    **dict.fromkeys(("CreateBudget", "UpdateBudget", "DeleteBudget"), ("budgets:ModifyBudget",)),
    **dict.fromkeys(("CreateNotification", "DeleteNotification"), ("budgets:ModifyBudget",)),
    **dict.fromkeys(("DescribeBudgets", "DescribeNotificationsForBudget"), ("budgets:ViewBudget",)),
    "DescribeSubscribersForNotification": ("budgets:ViewBudget",),
}
# Calls whose action has another name, or that need several: what is given at once, such as tags, needs its own.
ACTIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "s3": _S3,
    "budgets": _BUDGETS,
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfront.html
    "cloudfront": {"CreateDistributionWithTags": ("cloudfront:CreateDistribution", "cloudfront:TagResource")},
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_instance-profiles.html
    "iam": {"CreateInstanceProfile": ("iam:CreateInstanceProfile", "iam:TagInstanceProfile")},
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html
    "wafv2": {
        "AssociateWebACL": ("wafv2:AssociateWebACL", "elasticloadbalancing:SetWebACL"),
        "DisassociateWebACL": ("wafv2:DisassociateWebACL", "elasticloadbalancing:SetWebACL"),
    },
}

# An IAM managed policy has at most so many characters, blanks not counted. To save some, every Describe of these
# services is one word: they say what there is, and nothing of what is in it.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MOST_CHARACTERS = 6144
DESCRIBED_WHOLE = ("autoscaling", "ec2", "ecs", "elasticache", "elasticloadbalancing", "rds")

# Who is handed a role that the blueprint makes. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
PASSED_TO = ("ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "events.amazonaws.com")
PASSING = {
    ("iam", "AddRoleToInstanceProfile"),
    ("ec2", "RunInstances"),
    ("ec2", "AssociateIamInstanceProfile"),
    ("ecs", "RegisterTaskDefinition"),
    ("events", "PutTargets"),
}
# Services that make a role of their own when they are used for the first time in an account.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
FIRST_USE = {
    ("autoscaling", "CreateAutoScalingGroup"): "autoscaling.amazonaws.com",
    ("ecs", "CreateCluster"): "ecs.amazonaws.com",
    ("application-autoscaling", "RegisterScalableTarget"): "ecs.application-autoscaling.amazonaws.com",
    ("elasticache", "CreateCacheCluster"): "elasticache.amazonaws.com",
    ("elasticache", "CreateReplicationGroup"): "elasticache.amazonaws.com",
    ("elbv2", "CreateLoadBalancer"): "elasticloadbalancing.amazonaws.com",
    # an alarm that recovers or reboots an instance
    ("cloudwatch", "PutMetricAlarm"): "events.amazonaws.com",
    ("rds", "CreateDBInstance"): "rds.amazonaws.com",
}

# Actions of IAM that are about no single role
IAM_AT_LARGE = ("iam:GetAccountAuthorizationDetails",)

Call = tuple[str, str]  # boto3's service, AWS's operation


# -- reading the sources ----------------------------------------------------------------------------------------------


@cache
def calls(root: Path = ROOT) -> frozenset[Call]:
    """Every call that the sources make.

    :raises LookupError: for an operation that the service does not have.
    """
    trees = [ast.parse(path.read_text()) for path in files_read(root)]
    helpers = {name: found for tree in trees for name, found in _helpers(tree)}
    return frozenset(one for tree in trees for one in (*_direct(tree), *_through(tree, helpers)))


def files_read(root: Path = ROOT) -> list[Path]:
    """The sources that work with the policy."""
    apart = [root / folder for folder in ON_MACHINES]
    every = [path for folder in SOURCES for path in sorted((root / folder).rglob("*.py"))]
    return [path for path in every if not any(path.is_relative_to(folder) for folder in apart)]


def _direct(tree: ast.AST) -> Iterator[Call]:
    """A service and an operation side by side among the arguments of any call."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        texts = [_text(one) for one in node.args]
        speaks = isinstance(node.func, ast.Attribute) and node.func.attr in ("call", "pages")
        for service, operation in zip(texts, texts[1:], strict=False):
            if service is not None and service in _services() and operation is not None:
                if operation in _operations(service):
                    yield service, _operations(service)[operation]
                elif speaks:
                    raise LookupError(f"{service} has no {operation}, line {node.lineno}")
                break


def _helpers(tree: ast.AST) -> Iterator[tuple[str, tuple[str, int]]]:
    """Functions that take an operation and know the service: name -> service and the operation's place."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
        if "operation" not in names or "service" in names:
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and len(inner.args) > 1 and _name(inner.args[1]) == "operation":
                service = _text(inner.args[0])
                if service is not None and service in _services():
                    yield node.name, (service, names.index("operation"))


def _through(tree: ast.AST, helpers: Mapping[str, tuple[str, int]]) -> Iterator[Call]:
    """Calls of those functions. Where one is handed a variable, every operation that the file writes down counts."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else _name(node.func)
        if name is None or name not in helpers:
            continue
        service, place = helpers[name]
        given = node.args[place] if len(node.args) > place else _keyword(node, "operation")
        if given is None:
            continue
        texts = [_text(given)] if _text(given) is not None else [_text(one) for one in ast.walk(tree)]
        for text in texts:
            if text is not None and text in _operations(service):
                yield service, _operations(service)[text]


def _keyword(node: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in node.keywords if one.arg == name), None)


def _text(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _name(node: ast.AST) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


@cache
def _session() -> Any:
    import botocore.session

    return botocore.session.get_session()


@cache
def _services() -> frozenset[str]:
    return frozenset(_session().get_available_services())


@cache
def _operations(service: str) -> dict[str, str]:
    """Python's name of an operation -> AWS's."""
    from botocore import xform_name

    return {xform_name(one): one for one in _session().get_service_model(service).operation_names}


# -- making the policy ------------------------------------------------------------------------------------------------


def actions(service: str, operation: str) -> tuple[str, ...]:
    """The actions that one call needs."""
    if (service, operation) in NO_ACTION:
        return ()
    own = f"{PREFIXES.get(service, service)}:{operation}"
    return ACTIONS.get(service, {}).get(operation, (own,))


def policy(made: Set[Call], app: str | None = None, partition: str = "aws") -> dict[str, Any]:
    """The policy for these calls, one statement for each service. ``app`` narrows the roles that it reaches."""
    by_prefix: dict[str, set[str]] = {}
    for service, operation in made:
        for action in actions(service, operation):
            by_prefix.setdefault(action.split(":")[0], set()).add(_described(action))
    return {
        "Version": "2012-10-17",
        "Statement": [
            *(one for prefix in sorted(by_prefix) for one in _statements(prefix, by_prefix[prefix], app, partition)),
            *_pass_role(made, app, partition),
            *_first_use(made, partition),
        ],
    }


def _described(action: str) -> str:
    prefix, _colon, name = action.partition(":")
    return f"{prefix}:Describe*" if prefix in DESCRIBED_WHOLE and name.startswith("Describe") else action


def _statements(prefix: str, found: set[str], app: str | None, partition: str) -> Iterator[dict[str, Any]]:
    if prefix != "iam":
        yield _statement(prefix, found, "*")
        return
    large = found & set(IAM_AT_LARGE)
    if large:
        yield _statement("iam read", large, "*")
    yield _statement("iam", found - large, [*_roles(app, partition), *_roles(app, partition, "instance-profile")])


def _statement(name: str, found: set[str], resource: Any) -> dict[str, Any]:
    sid = "".join(word.capitalize() for word in name.replace("-", " ").split())
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(found), "Resource": resource}


def _roles(app: str | None, partition: str, kind: str = "role") -> list[str]:
    # a role may be filed under a path
    start = f"arn:{partition}:iam::*:{kind}/"
    return [f"{start}*"] if app is None else [f"{start}{app}-*", f"{start}*/{app}-*"]


def _pass_role(made: Set[Call], app: str | None, partition: str) -> Iterator[dict[str, Any]]:
    if made & PASSING:
        passed = {"StringEquals": {"iam:PassedToService": list(PASSED_TO)}}
        yield {**_statement("pass role", {"iam:PassRole"}, _roles(app, partition)), "Condition": passed}


def _first_use(made: Set[Call], partition: str) -> Iterator[dict[str, Any]]:
    names = sorted({FIRST_USE[one] for one in made if one in FIRST_USE})
    if names:
        resource = f"arn:{partition}:iam::*:role/aws-service-role/*"
        statement = _statement("first use", {"iam:CreateServiceLinkedRole"}, resource)
        yield {**statement, "Condition": {"StringEquals": {"iam:AWSServiceName": names}}}


def characters(document: Mapping[str, Any]) -> int:
    """As IAM counts them: without blanks."""
    return len("".join(json.dumps(document).split()))


def parts(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same statements in documents that each fit into a managed policy; up to ten of those fit a role."""
    result: list[dict[str, Any]] = []
    for statement in document["Statement"]:
        last = result[-1] if result else {"Version": document["Version"], "Statement": []}
        more = {**last, "Statement": [*last["Statement"], statement]}
        if result and characters(more) <= MOST_CHARACTERS:
            result[-1] = more
        else:
            result.append({"Version": document["Version"], "Statement": [statement]})
    return result


def files(document: Mapping[str, Any]) -> dict[Path, str]:
    """Every file and what is in it."""
    numbered = {PARTS / f"{number}.json": text(one) for number, one in enumerate(parts(document), 1)}
    return {FILE: text(document), **numbered}


def text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="The IAM policy that Stairway needs.")
    parser.add_argument("--app", help="print one that reaches only roles of this app")
    parser.add_argument("--partition", default="aws", choices=("aws", "aws-cn", "aws-us-gov"))
    given = parser.parse_args(arguments)
    document = policy(calls(), given.app, given.partition)
    if given.app is None and given.partition == "aws":
        PARTS.mkdir(exist_ok=True)
        for old in PARTS.glob("*.json"):
            old.unlink()
        for path, content in files(document).items():
            path.write_text(content)
    else:
        sys.stdout.write(text(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
