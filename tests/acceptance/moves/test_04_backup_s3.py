"""The same to S3: in parts, read again by a drill, and nothing that counts when the network is cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups import catalogue, s3
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from tests.support.aws.emulators import CREDENTIALS, REGION, moto
from tests.support.backups import Stand, age_key

ACCESS, SECRET = CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
STORES = ["postg", "maria", "redis"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Three stores."""
    root = tmp_path_factory.mktemp("s3")
    public, _private = age_key(root)
    stand = Stand(root, ("postgresql", "mariadb", "redis"), {"to": f"file://{root}/out", "encrypt": {"age": [public]}})
    try:
        stand.up()
        stand.fill()
        yield stand
    finally:
        stand.down()


def bucket_client(url: str) -> Any:
    return boto3.client(
        "s3", endpoint_url=url, region_name=REGION, aws_access_key_id=ACCESS, aws_secret_access_key=SECRET
    )


@pytest.fixture(scope="module")
def cloud(folder: Stand) -> Iterator[Stand]:
    """The same stores, with their backups in a bucket."""
    with moto() as emulator:
        client = bucket_client(emulator.url)
        client.create_bucket(Bucket="backups", CreateBucketConfiguration={"LocationConstraint": REGION})
        folder.s3 = client
        yield folder
    folder.write()


def in_bucket(stand: Stand) -> None:
    endpoint = stand.s3.meta.endpoint_url
    keys = {"access_key": ACCESS, "secret_key": SECRET}
    stand.write(place={"to": "s3://backups/pre/fix", "region": REGION, "endpoint": endpoint, **keys})


@pytest.mark.parametrize("store", STORES)
def test_s3_holds_what_a_drill_reads(cloud: Stand, store: str) -> None:
    in_bucket(cloud)
    assert cloud.backup(store).failed == {}
    known = catalogue.read(cloud.target, store)
    assert known.good
    listed = cloud.s3.list_objects_v2(Bucket="backups", Prefix=f"pre/fix/{cloud.name}/{store}/")
    assert listed["KeyCount"] == 2
    assert cloud.drill(store).failed == {}


def test_large_ones_go_in_parts(cloud: Stand) -> None:
    """More than two parts, and the last a small one."""
    in_bucket(cloud)
    text = "(SELECT string_agg(md5((i * 32 + j)::text || random()::text), '') FROM generate_series(1, 32) j)"
    cloud.ask("postg", f"CREATE TABLE large AS SELECT i, {text} AS t FROM generate_series(1, 90000) i;")
    try:
        assert cloud.backup("postg").failed == {}
        one = catalogue.read(cloud.target, "postg").good[-1]
        key = f"pre/fix/{cloud.name}/postg/{one.id}/{one.file}"
        head = cloud.s3.head_object(Bucket="backups", Key=key)
        assert head["ContentLength"] == one.bytes > 2 * (16 << 20)
        assert head["ETag"].strip('"').endswith(f"-{-(-one.bytes // (16 << 20))}")
        assert cloud.drill("postg").failed == {}
    finally:
        cloud.ask("postg", "DROP TABLE large;")


def test_a_network_that_is_cut_leaves_nothing_that_counts(folder: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "TRIES", 2)
    with moto() as emulator:
        client = bucket_client(emulator.url)
        client.create_bucket(Bucket="backups", CreateBucketConfiguration={"LocationConstraint": REGION})
        folder.s3 = client
        in_bucket(folder)
        assert folder.backup("redis").failed == {}
    try:
        with pytest.raises(StairwayError, match="cannot be reached"):
            catalogue.read(folder.target, "redis")
        report = folder.backup("redis")
        assert "cannot be reached" in report.failed["redis"]
        assert SECRET not in report.failed["redis"]
    finally:
        folder.write()
