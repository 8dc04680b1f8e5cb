"""The calls behind buckets (S3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._resource.kind import Change, Found, Scope, Wanted
from . import _s3
from ._tagged import tags_by_arn

# the region that has no name of its own in S3's API
FIRST_REGION = "us-east-1"


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """The names of all buckets of the region in pages; then each of the app's own setting by setting: S3 has no call
    that answers more than one.
    """
    templates = {_fill(aws, name): name for name in scope.names}
    ours = {arn.rpartition(":")[2] for arn in tags_by_arn(aws, scope, "s3")}
    candidates = {*templates, *scope.ids, *ours}
    for bucket in aws.pages("s3", "list_buckets", "Buckets", BucketRegion=aws.region, MaxBuckets=1000):
        name = bucket["Name"]
        if name in candidates or (not scope.only and name.startswith(f"{scope.app}-")):
            tags = as_dict(aws.call("s3", "get_bucket_tagging", absent=("NoSuchTagSet",), Bucket=name).get("TagSet"))
            found = _found(aws, name, templates.get(name) or _template(aws, name), tags)
            if scope.wants(found):
                yield found


def _fill(aws: Any, name: str) -> str:
    account = aws.account_id if "{account}" in name else ""
    return _s3.filled(name, account, aws.region)


def _template(aws: Any, name: str) -> str:
    return name.replace(aws.account_id, "{account}")


def _arn(aws: Any, name: str) -> str:
    return f"arn:{aws.partition}:s3:::{name}"


def _found(aws: Any, name: str, template: str, tags: Mapping[str, str]) -> Found:
    no_encryption = ("ServerSideEncryptionConfigurationNotFoundError",)
    no_owner = ("OwnershipControlsNotFoundError",)
    no_block = ("NoSuchPublicAccessBlockConfiguration",)
    block = aws.call("s3", "get_public_access_block", absent=no_block, Bucket=name)
    owner = aws.call("s3", "get_bucket_ownership_controls", absent=no_owner, Bucket=name)
    encryption = aws.call("s3", "get_bucket_encryption", absent=no_encryption, Bucket=name)
    no_rules = ("NoSuchLifecycleConfiguration",)
    rules = aws.call("s3", "get_bucket_lifecycle_configuration", absent=no_rules, Bucket=name)
    parts = {
        "encryption": encryption.get("ServerSideEncryptionConfiguration") or {},
        "versioning": aws.call("s3", "get_bucket_versioning", Bucket=name).get("Status"),
        "block": block.get("PublicAccessBlockConfiguration") or {},
        "ownership": owner.get("OwnershipControls") or {},
        "policy": aws.call("s3", "get_bucket_policy", absent=("NoSuchBucketPolicy",), Bucket=name).get("Policy"),
        "lifecycle": rules.get("Rules", []),
        "domain": f"{name}.s3.{aws.region}.amazonaws.com",
    }
    return _s3.to_found(name, template, parts, _arn(aws, name), tags)


def create(aws: Any, wanted: Wanted) -> str:
    name = _fill(aws, wanted.aws_name)
    where = {} if aws.region == FIRST_REGION else {"LocationConstraint": aws.region}
    try:
        aws.call(
            "s3",
            "create_bucket",
            Bucket=name,
            CreateBucketConfiguration={**where, "Tags": as_list(wanted.tags)},
            ObjectOwnership=_s3.OWNERSHIP[wanted.get("ownership", "bucket")],
        )
    except AwsError as error:
        if error.code != "BucketAlreadyExists":
            raise
        raise AwsError(
            error.call,
            error.code,
            error.text,
            region=aws.region,
            fix=f"somebody else has {name}: give bucket/{wanted.name} a `bucket_name` that nobody has",
        ) from error
    aws.created(name)
    _set_block(aws, name, wanted)
    _set_encryption(aws, name, wanted)
    if wanted.get("versioned"):
        _set_versioning(aws, name, wanted)
    if wanted.get("policy") or wanted.get("require_tls"):
        _set_policy(aws, name, wanted.get("policy"), bool(wanted.get("require_tls")))
    if wanted.get("lifecycle"):
        _set_lifecycle(aws, name, wanted)
    return name


def _set_block(aws: Any, name: str, wanted: Wanted) -> None:
    blocked = bool(wanted.get("public_access_blocked", True))
    aws.call(
        "s3",
        "put_public_access_block",
        Bucket=name,
        PublicAccessBlockConfiguration={one: blocked for one in _s3.BLOCK},
    )


def _set_encryption(aws: Any, name: str, wanted: Wanted) -> None:
    kms = wanted.get("encryption") == "kms"
    key = {"KMSMasterKeyID": wanted.attrs["kms_key"]} if kms and wanted.get("kms_key") else {}
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms" if kms else "AES256", **key},
        # one data key a bucket in place of one a file: a hundredth of the KMS calls
        "BucketKeyEnabled": kms,
    }
    aws.call("s3", "put_bucket_encryption", Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _set_versioning(aws: Any, name: str, wanted: Wanted) -> None:
    status = "Enabled" if wanted.get("versioned") else "Suspended"
    aws.call("s3", "put_bucket_versioning", Bucket=name, VersioningConfiguration={"Status": status})


def _set_ownership(aws: Any, name: str, wanted: Wanted) -> None:
    rules = [{"ObjectOwnership": _s3.OWNERSHIP[wanted.attrs["ownership"]]}]
    aws.call("s3", "put_bucket_ownership_controls", Bucket=name, OwnershipControls={"Rules": rules})


def _set_policy(aws: Any, name: str, statements: Mapping[str, Any] | None, require_tls: bool) -> None:
    text = _s3.policy(name, _arn(aws, name), statements, require_tls)
    if text is None:
        aws.call("s3", "delete_bucket_policy", Bucket=name)
    else:
        aws.call("s3", "put_bucket_policy", Bucket=name, Policy=text)


def _change_policy(aws: Any, found: Found, wanted: Wanted) -> None:
    statements = wanted.get("policy", found.attrs["policy"])
    _set_policy(aws, found.id, statements, wanted.get("require_tls", found.attrs["require_tls"]))


def _set_lifecycle(aws: Any, name: str, wanted: Wanted) -> None:
    rules = [_s3.rule(one) for one in wanted.get("lifecycle") or ()]
    if rules:
        configuration = {"Rules": rules}
        aws.call("s3", "put_bucket_lifecycle_configuration", Bucket=name, LifecycleConfiguration=configuration)
    else:
        aws.call("s3", "delete_bucket_lifecycle", Bucket=name)


def delete(aws: Any, found: Found) -> None:
    """Refused by AWS while anything is in it, old versions too: nobody empties it but a person."""
    aws.deleted(found.id)
    try:
        aws.call("s3", "delete_bucket", absent=("NoSuchBucket",), Bucket=found.id)
    except AwsError as error:
        if error.code != "BucketNotEmpty":
            raise
        raise AwsError(
            error.call,
            error.code,
            error.text,
            region=aws.region,
            fix=f"look what is in it: aws s3 ls --recursive s3://{found.id} (aws s3api list-object-versions --bucket "
            f"{found.id} shows old versions); if nothing of it is needed: aws s3 rm --recursive s3://{found.id}, and "
            "with versions «Empty» in the S3 console; then run the same command again",
        ) from error


def snapshot(_aws: Any, _name: str, _found: Found) -> None:
    """None is needed: only an empty one is deleted."""


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    # S3 replaces them all at once
    now = as_dict(aws.call("s3", "get_bucket_tagging", absent=("NoSuchTagSet",), Bucket=found.id).get("TagSet"))
    tags = {key: value for key, value in {**now, **add}.items() if key not in remove}
    aws.call("s3", "put_bucket_tagging", Bucket=found.id, Tagging={"TagSet": as_list(tags)})


CHANGES = (
    Change(frozenset({"encryption", "kms_key"}), lambda aws, found, wanted: _set_encryption(aws, found.id, wanted)),
    Change(frozenset({"versioned"}), lambda aws, found, wanted: _set_versioning(aws, found.id, wanted)),
    Change(frozenset({"public_access_blocked"}), lambda aws, found, wanted: _set_block(aws, found.id, wanted)),
    Change(frozenset({"ownership"}), lambda aws, found, wanted: _set_ownership(aws, found.id, wanted)),
    Change(frozenset({"policy", "require_tls"}), _change_policy),
    Change(frozenset({"lifecycle"}), lambda aws, found, wanted: _set_lifecycle(aws, found.id, wanted)),
)
