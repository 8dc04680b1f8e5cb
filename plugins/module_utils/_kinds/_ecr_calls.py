"""The calls behind repositories (ECR)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._resource.kind import Change, Found, Scope, Wanted
from . import _ecr
from ._gone import content_if_gone


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    for item in _items(aws, scope):
        tags = aws.call("ecr", "list_tags_for_resource", resourceArn=item["repositoryArn"])["tags"]
        found = _ecr.to_found(item, _policy(aws, item["repositoryName"]), as_dict(tags))
        if scope.wants(found):
            yield found


def _items(aws: Any, scope: Scope) -> Iterator[Mapping[str, Any]]:
    named = scope.names | scope.ids
    if scope.only:
        for name in sorted(named):
            with content_if_gone():
                yield from aws.call("ecr", "describe_repositories", repositoryNames=[name])["repositories"]
        return
    for item in aws.pages("ecr", "describe_repositories", "repositories"):
        if item["repositoryName"] in named or item["repositoryName"].startswith(f"{scope.app}/"):
            yield item


def _policy(aws: Any, name: str) -> str | None:
    absent = ("LifecyclePolicyNotFoundException",)
    text: str | None = aws.call("ecr", "get_lifecycle_policy", absent=absent, repositoryName=name).get(
        "lifecyclePolicyText"
    )
    return text


def create(aws: Any, wanted: Wanted) -> str:
    kms = wanted.get("encryption") == "kms"
    encryption = {"encryptionType": "KMS" if kms else "AES256", "kmsKey": wanted.get("kms_key") if kms else None}
    made = aws.call(
        "ecr",
        "create_repository",
        repositoryName=wanted.aws_name,
        tags=as_list(wanted.tags),
        imageTagMutability=_mutability(wanted),
        imageScanningConfiguration={"scanOnPush": bool(wanted.get("scan_on_push"))},
        encryptionConfiguration={key: value for key, value in encryption.items() if value},
    )
    aws.created(wanted.aws_name, made["repository"]["repositoryArn"])
    if wanted.get("keep_images") or wanted.get("untagged_days"):
        _set_policy(aws, wanted.aws_name, wanted.get("keep_images", 0), wanted.get("untagged_days", 0))
    return wanted.aws_name


def _mutability(wanted: Wanted) -> str:
    return "IMMUTABLE" if wanted.get("immutable_tags") else "MUTABLE"


def _set_policy(aws: Any, name: str, keep_images: int, untagged_days: int) -> None:
    text = _ecr.policy(keep_images, untagged_days)
    if text is not None:
        aws.call("ecr", "put_lifecycle_policy", repositoryName=name, lifecyclePolicyText=text)
        return
    aws.call("ecr", "delete_lifecycle_policy", absent=("LifecyclePolicyNotFoundException",), repositoryName=name)


def _change_policy(aws: Any, found: Found, wanted: Wanted) -> None:
    limits = [wanted.get(name, found.attrs[name]) for name in ("keep_images", "untagged_days")]
    _set_policy(aws, found.id, *limits)


def _change_scan(aws: Any, found: Found, wanted: Wanted) -> None:
    aws.call(
        "ecr",
        "put_image_scanning_configuration",
        repositoryName=found.id,
        imageScanningConfiguration={"scanOnPush": wanted.attrs["scan_on_push"]},
    )


def _change_mutability(aws: Any, found: Found, wanted: Wanted) -> None:
    aws.call("ecr", "put_image_tag_mutability", repositoryName=found.id, imageTagMutability=_mutability(wanted))


def delete(aws: Any, found: Found) -> None:
    """Refused by AWS while images are in it: they may be what a rollback needs."""
    aws.deleted(found.id)
    try:
        aws.call("ecr", "delete_repository", repositoryName=found.id, force=False)
    except AwsError as error:
        if error.missing:
            return
        if error.code == "RepositoryNotEmptyException":
            raise AwsError(
                error.call,
                error.code,
                error.text,
                region=aws.region,
                fix=f"if no release needs its images any more: aws ecr delete-repository --force --region {aws.region} "
                f"--repository-name {found.id}; then run the same command again",
            ) from error
        raise


def snapshot(_aws: Any, _name: str, _found: Found) -> None:
    """None is needed: only an empty one is deleted."""


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    arn = found.outputs["arn"]
    if add:
        aws.call("ecr", "tag_resource", resourceArn=arn, tags=as_list(add))
    if remove:
        aws.call("ecr", "untag_resource", resourceArn=arn, tagKeys=remove)


CHANGES = (
    Change(frozenset({"scan_on_push"}), _change_scan),
    Change(frozenset({"immutable_tags"}), _change_mutability),
    Change(frozenset({"keep_images", "untagged_days"}), _change_policy),
)
