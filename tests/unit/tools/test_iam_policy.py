"""The policy in ``docs`` is what the sources need, and each word of it counts."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws.errors import AwsError
from tests.support.aws.guarded import Guard, guarded
from tools import iam_policy


@pytest.fixture(scope="module")
def document() -> dict:
    return iam_policy.policy(iam_policy.calls())


def test_files_are_up_to_date(document: dict) -> None:
    wanted = iam_policy.files(document)
    there = {path: path.read_text() for path in (iam_policy.FILE, *iam_policy.PARTS.glob("*.json"))}
    assert there == wanted, "run: make docs"


def test_every_call_of_the_sources_is_read() -> None:
    """An operation in a variable is the parameter ``operation`` of a function around it, whose callers are read."""
    for path in iam_policy.files_read():
        if path.name != "account.py" and not {"_moves", "_stores"} & set(path.parts):  # those call databases
            assert list(_unread(ast.parse(path.read_text()), frozenset())) == [], path


def test_what_runs_on_machines_has_their_role(tmp_path: Path) -> None:
    for folder, operation in ((iam_policy.SOURCES[0], "create_vpc"), (iam_policy.ON_MACHINES[0], "delete_vpc")):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "one.py").write_text(f'aws.call("ec2", "{operation}")')
    assert iam_policy.calls(tmp_path) == {("ec2", "CreateVpc")}


def _unread(node: ast.AST, parameters: frozenset[str]) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        given = node.args
        parameters |= {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("call", "pages"):
        names = [one.id for one in node.args[:2] if isinstance(one, ast.Name)]
        if any(name not in parameters or name not in ("service", "client", "operation") for name in names):
            yield ast.unparse(node)
    for child in ast.iter_child_nodes(node):
        yield from _unread(child, parameters)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('aws.call("ec2", "create_vpc", CidrBlock="x")', {("ec2", "CreateVpc")}),
        ('aws.pages("elbv2", "describe_tags", "Tags")', {("elbv2", "DescribeTags")}),
        ('unless_gone(aws, "iam", "delete_role", RoleName="x")', {("iam", "DeleteRole")}),
        (
            'def describer(operation, key):\n    return lambda aws: aws.pages("ec2", operation, key)\n'
            'describe = describer("describe_vpcs", "Vpcs")',
            {("ec2", "DescribeVpcs")},
        ),
        (
            'def _do(aws, operation):\n    aws.call("ec2", operation)\n'
            'for one in ("start_instances", "stop_instances"):\n    _do(aws, one)',
            {("ec2", "StartInstances"), ("ec2", "StopInstances")},
        ),
        ('print("ec2", "no operation")', set()),
    ],
)
def test_reads(tmp_path: Path, source: str, found: set[iam_policy.Call]) -> None:
    folder = tmp_path / iam_policy.SOURCES[0]
    folder.mkdir(parents=True)
    (folder / "one.py").write_text(source)
    assert iam_policy.calls(tmp_path) == found


def test_a_mistyped_operation_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / iam_policy.SOURCES[0]
    folder.mkdir(parents=True)
    (folder / "one.py").write_text('aws.call("ec2", "create_vcp")')
    with pytest.raises(LookupError, match="create_vcp"):
        iam_policy.calls(tmp_path)


@pytest.mark.parametrize(
    ("call", "actions"),
    [
        (("elbv2", "CreateLoadBalancer"), ("elasticloadbalancing:CreateLoadBalancer",)),
        (("resourcegroupstaggingapi", "GetResources"), ("tag:GetResources",)),
        (("s3", "ListBuckets"), ("s3:ListAllMyBuckets",)),
        (("budgets", "CreateBudget"), ("budgets:ModifyBudget",)),
        (("sts", "GetCallerIdentity"), ()),
    ],
)
def test_actions(call: iam_policy.Call, actions: tuple[str, ...]) -> None:
    assert iam_policy.actions(*call) == actions


def test_parts_are_the_whole_and_each_fits(document: dict) -> None:
    parts = iam_policy.parts(document)
    assert [one for part in parts for one in part["Statement"]] == document["Statement"]
    assert all(iam_policy.characters(part) <= iam_policy.MOST_CHARACTERS for part in parts)
    assert len(parts) <= 10


def test_for_one_app_it_reaches_the_roles_of_that_app(capsys: pytest.CaptureFixture) -> None:
    iam_policy.main(["--app", "shop"])
    narrow = {one["Sid"]: one for one in json.loads(capsys.readouterr().out)["Statement"]}
    assert all("shop-" in one for one in narrow["Iam"]["Resource"] + narrow["PassRole"]["Resource"])


# -- the guard --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def _server() -> Iterator[Guard]:
    with guarded() as guard:
        yield guard


@pytest.fixture
def guard(_server: Guard) -> Guard:
    _server.reset()
    return _server


TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
TAGS = [{"Key": "stairway:app", "Value": "shop"}]


def _do(account) -> None:
    """One of each thing that a permission is about."""
    account.call(
        "ec2", "create_vpc", CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": TAGS}]
    )
    list(account.pages("ec2", "describe_vpcs", "Vpcs"))
    account.call("iam", "create_role", RoleName="shop-app", AssumeRolePolicyDocument=TRUST, Tags=TAGS)
    account.call("iam", "create_instance_profile", InstanceProfileName="shop-app", Tags=TAGS)
    account.call("iam", "add_role_to_instance_profile", InstanceProfileName="shop-app", RoleName="shop-app")
    list(account.pages("iam", "get_account_authorization_details", "RoleDetailList", Filter=["Role"]))
    list(account.pages("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList"))
    account.call("ecs", "create_cluster", clusterName="shop-main", tags=[{"key": "a", "value": "b"}])
    account.call("sns", "create_topic", Name="shop-alerts", Tags=TAGS)
    account.call("cloudwatch", "put_dashboard", DashboardName="shop", DashboardBody="{}")
    limit = {"Amount": "1", "Unit": "USD"}
    budget = {"BudgetName": "shop", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit}
    account.call("budgets", "create_budget", AccountId=account.account_id, Budget=budget, ResourceTags=TAGS)
    where = {"LocationConstraint": "ap-northeast-2"}
    account.call("s3", "create_bucket", Bucket="shop-files", CreateBucketConfiguration=where)
    account.call(
        "s3", "get_bucket_encryption", Bucket="shop-files", absent=("ServerSideEncryptionConfigurationNotFoundError",)
    )
    account.call("s3", "list_buckets")


def test_with_the_policy_everything_goes(guard: Guard, document: dict) -> None:
    _do(guard.account(document))


NEEDED = ["Budgets", "Cloudwatch", "Ec2", "Ecs", "FirstUse", "Iam", "IamRead", "PassRole", "S3", "Sns", "Tag"]


@pytest.mark.parametrize("sid", NEEDED)
def test_without_one_statement_it_does_not(guard: Guard, document: dict, sid: str) -> None:
    less = {**document, "Statement": [one for one in document["Statement"] if one["Sid"] != sid]}
    [gone] = [one for one in document["Statement"] if one["Sid"] == sid]
    with pytest.raises(AwsError, match=r"AccessDenied|UnauthorizedOperation") as refused:
        _do(guard.account(less))
    assert "docs/iam-policy.json" in str(refused.value)
    assert any(one.split(":")[0] in f"{refused.value.call} {refused.value.text}" for one in gone["Action"])


@pytest.mark.parametrize(
    "action",
    [
        "ec2:CreateTags",
        "iam:TagRole",
        "iam:TagInstanceProfile",
        "ecs:TagResource",
        "sns:TagResource",
        "budgets:TagResource",
    ],
)
def test_tags_that_are_given_at_once_need_their_action(guard: Guard, document: dict, action: str) -> None:
    statements = [{**one, "Action": [a for a in one["Action"] if a != action]} for one in document["Statement"]]
    with pytest.raises(AwsError, match=r"AccessDenied|UnauthorizedOperation") as refused:
        _do(guard.account({**document, "Statement": statements}))
    assert action.split(":")[0] in refused.value.call
