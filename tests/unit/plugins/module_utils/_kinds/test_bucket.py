"""``bucket``, on both emulators."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._aws.errors import AwsError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _s3
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Sight
from tests.support.aws.trial import Trial

READ = {
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::{bucket}/*",
        }
    ]
}
# seed 003: logs go after 30 days, backups to Glacier after 30 and away after 90
RULES = [
    {"name": "logs", "prefix": "logs/", "expire_days": 30},
    {"name": "backups", "prefix": "backups/", "transitions": [{"days": 30, "to": "glacier"}], "expire_days": 90},
]
HERE = {"LocationConstraint": "ap-northeast-2"}
EARLY = [{"days": 3, "to": "infrequent"}]
LATE = [{"days": 30, "to": "glacier"}]
KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/abc"


def test_whole_life(trial: Trial) -> None:
    found = trial.make("bucket", "data")
    assert found.id == f"shop-data-{trial.account.account_id}"
    assert found.outputs["arn"] == f"arn:aws:s3:::{found.id}"
    state: dict[str, Any] = {}
    for change in (
        {"versioned": True},
        {"encryption": "kms", "kms_key": KEY},
        {"public_access_blocked": False},
        {"ownership": "preferred"},
        {"policy": READ},
        {"require_tls": False},
        {"lifecycle": RULES},
        {"policy": {}},
        {"require_tls": True},
        {"lifecycle": []},
        {"versioned": False},
    ):
        state.update(change)
        found = trial.alter(found, **state)
    trial.retag(found)
    trial.remove(found)


def test_made_with_everything(trial: Trial) -> None:
    trial.make(
        "bucket",
        "data",
        bucket_name="ecommerce-data-{account}",
        encryption="kms",
        kms_key=KEY,
        versioned=True,
        ownership="writer",
        policy=READ,
        lifecycle=[
            *RULES,
            {
                "name": "old",
                "tags": {"kind": "draft"},
                "transitions": [{"days": 30, "to": "infrequent"}, {"days": 90, "to": "deep_archive"}],
                "old_version_transitions": [{"days": 30, "to": "infrequent"}],
                "old_versions_expire_days": 60,
                "abort_uploads_days": 7,
                "delete_markers": True,
            },
        ],
    )
    trial.account.call("s3", "create_bucket", Bucket="shop-theirs", CreateBucketConfiguration=HERE)
    assert [one.name for one in trial.all("bucket")] == ["data"]


def test_some_old_versions_stay(on_ministack: Trial) -> None:
    # moto forgets how many
    rule = {"name": "old", "old_versions_expire_days": 60, "old_versions_keep": 3}
    on_ministack.make("bucket", "data", versioned=True, lifecycle=[rule])


def test_tags_come_with_the_creating_call(trial: Trial) -> None:
    """Killed right after it, the next run finds its bucket."""
    trial.account.call(
        "s3",
        "create_bucket",
        Bucket="shop-cut",
        CreateBucketConfiguration={
            **HERE,
            "Tags": [{"Key": "stairway:app", "Value": "shop"}, {"Key": "stairway:name", "Value": "cut"}],
        },
    )
    (found,) = trial.all("bucket")
    assert found.name == "cut"


def test_files_are_not_thrown_away(trial: Trial) -> None:
    found = trial.make("bucket", "data", versioned=True, require_tls=False)
    trial.account.call("s3", "put_object", Bucket=found.id, Key="one", Body=b"1")
    trial.account.call("s3", "delete_object", Bucket=found.id, Key="one")
    with pytest.raises(AwsError) as caught:
        trial.remove(found)
    assert caught.value.code == "BucketNotEmpty"
    assert f"aws s3 ls --recursive s3://{found.id}" in str(caught.value)
    assert len(trial.all("bucket")) == 1


def test_a_foreign_one_with_our_name_is_seen(trial: Trial) -> None:
    name = f"shop-data-{trial.account.account_id}"
    trial.account.call("s3", "create_bucket", Bucket=name, CreateBucketConfiguration=HERE)
    found = trial.only(kind("bucket"), name, "shop-data-{account}")
    assert (found.app, found.aws_name) == (None, "shop-data-{account}")


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        ({"bucket_name": "192.168.5.4"}, "bucket_name"),
        ({"bucket_name": "xn--data"}, "bucket_name"),
        ({"bucket_name": "a..b"}, "bucket_name"),
        ({"bucket_name": "data.example.com"}, "bucket_name"),
        ({"bucket_name": "a" * 60 + "-{account}"}, "bucket_name"),
        ({"bucket_name": "{elsewhere}-data"}, "bucket_name"),
        ({"kms_key": KEY, "encryption": "s3"}, "kms_key"),
        ({"lifecycle": [{"name": "x"}]}, "lifecycle[0]"),
        ({"lifecycle": [{"name": "x", "expire_days": 3}, {"name": "x", "expire_days": 3}]}, "lifecycle[1].name"),
        ({"lifecycle": [{"name": "x", "transitions": EARLY}]}, "lifecycle[0].transitions[0].days"),
        ({"lifecycle": [{"name": "x", "transitions": LATE, "expire_days": 30}]}, "lifecycle[0].expire_days"),
        ({"lifecycle": [{"name": "x", "expire_days": 3, "delete_markers": True}]}, "lifecycle[0].delete_markers"),
        ({"lifecycle": [{"name": "x", "expire_days": 3, "old_versions_keep": 3}]}, "lifecycle[0].old_versions_keep"),
        ({"lifecycle": [{"name": "x", "old_versions_expire_days": 3}]}, "lifecycle[0]"),
    ],
)  # fmt: skip
def test_bad_entries(attrs: dict[str, Any], where: str) -> None:
    entry = Entry("bucket", "data", attrs)
    assert [one.where for one in kind("bucket").check(entry, Sight({}, "x"))] == [f"bucket/data.{where}"]


def test_a_rule_comes_back_as_it_was_said() -> None:
    for one in RULES:
        assert {**one, **_s3.rule_attrs(_s3.rule(one))} == _s3.rule_attrs(_s3.rule(one))
