"""``repository``, on both emulators."""

from __future__ import annotations

import json

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws.errors import AwsError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _ecr
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Sight
from tests.support.aws.trial import Trial

DIGEST = "sha256:" + "a" * 64


def test_whole_life(trial: Trial) -> None:
    found = trial.make("repository", "api")
    assert found.id == "shop/api"
    assert found.outputs["uri"].endswith("/shop/api")
    found = trial.alter(found, scan_on_push=False)
    found = trial.alter(found, scan_on_push=False, immutable_tags=True)
    found = trial.alter(found, scan_on_push=False, immutable_tags=True, keep_images=5, untagged_days=3)
    found = trial.alter(found, scan_on_push=False, immutable_tags=True, keep_images=10)
    assert found.attrs["untagged_days"] == 3, "what the entry leaves out stays"
    found = trial.alter(found, scan_on_push=False, immutable_tags=True, keep_images=0, untagged_days=0)
    trial.retag(found)
    trial.remove(found)


def test_made_with_everything(trial: Trial) -> None:
    trial.make("repository", "api", scan_on_push=False, immutable_tags=True, keep_images=5, untagged_days=3)
    trial.make("repository", "web", encryption="kms", kms_key="arn:aws:kms:ap-northeast-2:123456789012:key/abc")
    assert {one.name for one in trial.all("repository")} == {"api", "web"}


def test_images_are_not_thrown_away(trial: Trial) -> None:
    found = trial.make("repository", "api")
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": DIGEST},
            "layers": [],
        }
    )
    trial.account.call("ecr", "put_image", repositoryName=found.id, imageManifest=manifest, imageTag="one")
    with pytest.raises(AwsError) as caught:
        trial.remove(found)
    assert caught.value.code == "RepositoryNotEmptyException"
    assert "delete-repository --force" in str(caught.value)
    assert [one.id for one in trial.all("repository")] == [found.id]


def test_others_are_not_seen(trial: Trial) -> None:
    trial.account.call("ecr", "create_repository", repositoryName="shop/theirs")
    trial.account.call("ecr", "create_repository", repositoryName="blog/api")
    assert trial.all("repository") == []


def test_a_foreign_one_with_our_name_is_seen(trial: Trial) -> None:
    trial.account.call("ecr", "create_repository", repositoryName="shop/api")
    found = trial.only(kind("repository"), "shop/api", "shop/api")
    assert found.app is None
    assert found.aws_name == "shop/api"


@pytest.mark.parametrize(
    ("keep", "days", "statuses"),
    [(5, 3, ["untagged", "any"]), (5, 0, ["any"]), (0, 3, ["untagged"])],
)
def test_the_rule_for_all_images_comes_last(keep: int, days: int, statuses: list[str]) -> None:
    rules = json.loads(_ecr.policy(keep, days))["rules"]
    assert [rule["selection"]["tagStatus"] for rule in rules] == statuses
    assert [rule["rulePriority"] for rule in rules] == list(range(1, len(rules) + 1))


def test_nothing_to_clean_up_is_no_policy() -> None:
    assert _ecr.policy(0, 0) is None


def test_a_key_without_kms_is_refused() -> None:
    entry = Entry("repository", "api", {"encryption": "aes256", "kms_key": "arn:aws:kms:x"})
    assert [one.where for one in kind("repository").check(entry, Sight({}, "ap-northeast-2"))] == [
        "repository/api.kms_key"
    ]
