"""``role``, on both emulators."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _iam, _policy
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Scope, Sight
from ansible_collections.stairway.cloud.plugins.module_utils._resource.types import Unknown
from tests.support.aws.trial import Trial

ROLE = kind("role")
SEED = {
    "services": ["ec2"],
    "policies": ["AmazonEC2ContainerRegistryReadOnly", "AmazonSSMManagedInstanceCore"],
    "statements": {
        "S3Access": [{"actions": ["s3:PutObject"], "resources": ["arn:aws:s3:::shop-data/logs/*"]}],
        "SecretsAccess": [
            {
                "actions": ["secretsmanager:GetSecretValue"],
                "resources": ["*"],
                "conditions": {"StringEquals": {"aws:ResourceTag/stairway:app": "shop"}},
            }
        ],
    },
}


def test_whole_life(trial: Trial) -> None:
    role = trial.make("role", "app", **SEED)
    assert role.aws_name == "shop-app"
    assert role.outputs["arn"].endswith(":role/shop-app")
    assert role.outputs["instance_profile"].endswith(":instance-profile/shop-app")
    assert trial.all("role")[0] == role, "the list and the single question answer the same"
    role = trial.alter(role, **{**SEED, "policies": ["AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy"]})
    role = trial.alter(role, **{**SEED, "policies": [], "statements": {"S3Access": SEED["statements"]["S3Access"]}})  # type: ignore[index]
    role = trial.alter(role, services=["ec2", "ecs-tasks"])
    trial.retag(role)
    trial.remove(role)
    kind("role").delete(trial.account, role)


def test_boundary(trial: Trial) -> None:
    policy = "arn:aws:iam::aws:policy/PowerUserAccess"
    role = trial.make("role", "app", services=["ec2"], boundary=policy, path="/apps/")
    role = trial.alter(role, services=["ec2"], boundary="", path="/apps/")
    role = trial.alter(role, services=["ec2"], boundary=policy, path="/apps/")
    assert trial.all("role")[0].attrs["boundary"] == policy
    trial.remove(role)


def test_own_trust_policy(trial: Trial) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ],
    }
    role = trial.make("role", "ci", trust=trust)
    assert role.attrs["services"] is None
    assert role.outputs["instance_profile"] == ""
    trial.alter(role, services=["ecs-tasks"])


def test_goes_on_where_a_run_was_cut(trial: Trial) -> None:
    """The role is there, its profile is made and empty: the next run sees a difference and finishes."""
    calls = 0
    call = trial.account.call

    def cut(service: str, operation: str, **parameters: Any) -> Any:
        nonlocal calls
        if operation == "add_role_to_instance_profile":
            raise KeyboardInterrupt
        calls += 1
        return call(service, operation, **parameters)

    trial.account.call = cut  # type: ignore[assignment, method-assign]
    with pytest.raises(KeyboardInterrupt):
        trial.make("role", "app", services=["ec2"])
    trial.account.call = call  # type: ignore[method-assign]
    [found] = trial.all("role")
    assert found.attrs["services"] == []
    found = trial.alter(found, services=["ec2"])
    trial.remove(found)


def test_one_list_for_all(trial: Trial) -> None:
    for name in ("a", "b", "c"):
        trial.make("role", name, services=["ecs-tasks"])
    trial.account.calls.clear()
    assert len(list(ROLE.describe(trial.account, Scope("shop")))) == 3
    assert dict(trial.account.calls) == {"iam:GetAccountAuthorizationDetails": 1}


def test_foreign_role_of_our_name_is_shown(trial: Trial) -> None:
    trial.account.call(
        "iam", "create_role", RoleName="shop-app", AssumeRolePolicyDocument=json.dumps(_iam.trust_of(["ec2"]))
    )
    [found] = ROLE.describe(trial.account, Scope("shop", frozenset({"shop-app"})))
    assert found.app is None


@pytest.mark.parametrize(
    ("attrs", "words"),
    [
        ({"services": None}, "neither"),
        ({"services": ["ec2"], "trust": {"Statement": []}}, "services and trust"),
        ({"services": ["ec2"], "policies": ["AmazonECSTaskExecutionRolePolicy"]}, "service-role/"),
        ({"services": ["ec2"], "statements": {"A": [{"actions": ["s3:Get*"] * 2000, "resources": ["*"]}]}}, "10240"),
    ],
)
def test_refuses(attrs: dict[str, Any], words: str) -> None:
    entry = Entry("role", "app", {"policies": [], "statements": {}, **attrs})
    problems = list(ROLE.check(entry, Sight({}, "ap-northeast-2")))
    assert words in "\n".join(map(str, problems))


@pytest.mark.parametrize("service", ["ec2.amazonaws.com", "EC2", "", "arn:aws:iam::1:root"])
def test_refuses_service(service: str) -> None:
    assert list(ROLE.fields["services"].shape.problems([service], "services"))


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        ({"bucket": "data"}, "arn:bucket"),
        ({"bucket": "data", "path": "/logs/*"}, "arn:bucket/logs/*"),
        ({"log_group": "app"}, "arn:log_group:*"),
        ({"database_login": "main", "user": "app"}, "arn:aws:rds-db:ap-northeast-2:1:dbuser:db-ABC/app"),
        ("*", "*"),
    ],
)
def test_resources_by_name(resource: Any, found: str) -> None:
    answers = {
        ("database", "arn"): "arn:aws:rds:ap-northeast-2:1:db:shop-main",
        ("database", "resource_id"): "db-ABC",
    }
    shape = ROLE.fields["statements"].shape
    value = {"A": [{"actions": ["a:B"], "resources": [resource]}]}
    assert list(shape.problems(value, "")) == []
    resolved = shape.resolve(value, lambda ref, name: answers.get((ref.kind, ref.output), f"arn:{ref.kind}"))
    assert resolved["A"][0]["resources"] == [found]


def test_resource_that_is_not_there_yet_differs_from_everything() -> None:
    shape = ROLE.fields["statements"].shape
    value = {"A": [{"actions": ["a:B"], "resources": [{"database_login": "main"}, {"bucket": "data", "path": "x"}]}]}
    resolved = shape.resolve(value, lambda ref, name: Unknown(ref.kind, name, ref.output))
    assert all(isinstance(one, Unknown) for one in resolved["A"][0]["resources"])


def test_statement_in_other_words_differs() -> None:
    [found] = _policy.statements({"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}})
    assert "NotAction" in found["actions"][0]
