"""The calls behind secrets (Secrets Manager)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._common.errors import StairwayError
from .._resource.kind import APP_TAG, Change, Found, Scope, Wanted
from . import _secrets
from ._gone import content_if_gone

NAMES_IN_A_FILTER = 10
VALUES_IN_A_BATCH = 20


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    items = {item["ARN"]: item for item in _items(aws, scope)}
    values = _values(aws, list(items))
    for arn, item in items.items():
        found = _secrets.to_found(item, *values.get(arn, (None, None)))
        if scope.wants(found):
            yield found


def _items(aws: Any, scope: Scope) -> Iterator[Mapping[str, Any]]:
    named = sorted(scope.names | scope.ids)
    if scope.only:
        for one in named:
            with content_if_gone():
                item = aws.call("secretsmanager", "describe_secret", SecretId=one)
                if "DeletedDate" not in item:
                    yield item
        return
    filters: list[list[dict[str, Any]]] = [
        [{"Key": "tag-key", "Values": [APP_TAG]}, {"Key": "tag-value", "Values": [scope.app]}]
    ]
    # an ARN is a name too, for this filter: what stands behind its last colon starts with it
    names = [one.rpartition(":secret:")[2] for one in named]
    filters += [[{"Key": "name", "Values": chunk}] for chunk in _chunks(names, NAMES_IN_A_FILTER)]
    for one_filter in filters:
        yield from aws.pages("secretsmanager", "list_secrets", "SecretList", Filters=one_filter)


def _values(aws: Any, arns: list[str]) -> dict[str, tuple[str, str]]:
    """ARN to value and the id of its version, for those that hold a text."""
    held: dict[str, tuple[str, str]] = {}
    for chunk in _chunks(arns, VALUES_IN_A_BATCH):
        answer = aws.call("secretsmanager", "batch_get_secret_value", SecretIdList=chunk)
        texts = [one for one in answer["SecretValues"] if "SecretString" in one]
        held.update({one["ARN"]: (one["SecretString"], one["VersionId"]) for one in texts})
    return held


def _chunks(items: list[str], size: int) -> Iterable[list[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def create(aws: Any, wanted: Wanted) -> str:
    try:
        answer = aws.call(
            "secretsmanager",
            "create_secret",
            Name=wanted.aws_name,
            Description=wanted.get("description"),
            KmsKeyId=wanted.get("kms_key"),
            SecretString=_secrets.composed(wanted.get("value"), wanted.get("generate")),
            Tags=as_list(_tags(wanted)),
        )
    except AwsError as error:
        item = _waiting_for_deletion(aws, wanted, error)
        if item is None:
            raise
        return _restore(aws, wanted, item)
    aws.created(answer["ARN"], wanted.aws_name)
    return str(answer["ARN"])


def _tags(wanted: Wanted) -> dict[str, str]:
    days = wanted.get("recovery_days", _secrets.DEFAULT_RECOVERY_DAYS)
    return {**wanted.tags, _secrets.RECOVERY_TAG: str(days)}


def _waiting_for_deletion(aws: Any, wanted: Wanted, error: AwsError) -> dict[str, Any] | None:
    """The secret that has the name, if it was deleted and can be brought back."""
    if error.code not in ("InvalidRequestException", "ResourceExistsException"):
        return None
    missing = ("ResourceNotFoundException",)
    item: dict[str, Any] = aws.call("secretsmanager", "describe_secret", absent=missing, SecretId=wanted.aws_name)
    return item if item.get("DeletedDate") else None


def _restore(aws: Any, wanted: Wanted, item: Mapping[str, Any]) -> str:
    """Bring it back with what it held: a generated value stays the old one."""
    if as_dict(item.get("Tags")).get(APP_TAG) != wanted.app:
        raise StairwayError(
            f"A deleted secret {wanted.aws_name} is in the way, and it is not this app's.",
            where=f"secret/{wanted.name}",
            expected="no secret of this name, or one of this app",
            found=f"{item['ARN']}, to be gone on {item.get('DeletedDate')}",
            fix="give this one another `path`, or wait until the other is gone",
        )
    arn = str(item["ARN"])
    aws.call("secretsmanager", "restore_secret", SecretId=arn)
    aws.call("secretsmanager", "tag_resource", SecretId=arn, Tags=as_list(_tags(wanted)))
    _update(aws, arn, wanted)
    if wanted.get("value") is not None or "VersionIdsToStages" not in item:
        _set_value(aws, arn, wanted)
    return arn


def _update(aws: Any, arn: str, wanted: Wanted) -> None:
    if wanted.get("description") is None and wanted.get("kms_key") is None:
        return
    aws.call(
        "secretsmanager",
        "update_secret",
        SecretId=arn,
        Description=wanted.get("description"),
        KmsKeyId=wanted.get("kms_key"),
    )


def _set_value(aws: Any, arn: str, wanted: Wanted) -> None:
    old = aws.call("secretsmanager", "get_secret_value", absent=("ResourceNotFoundException",), SecretId=arn)
    text = _secrets.composed(wanted.get("value"), wanted.get("generate"), old.get("SecretString"))
    if text is not None:
        aws.call("secretsmanager", "put_secret_value", SecretId=arn, SecretString=text)


def _set_recovery(aws: Any, found: Found, wanted: Wanted) -> None:
    tags = as_list({_secrets.RECOVERY_TAG: str(wanted.attrs["recovery_days"])})
    aws.call("secretsmanager", "tag_resource", SecretId=found.id, Tags=tags)


def delete(aws: Any, found: Found) -> None:
    """AWS keeps it for ``recovery_days``; an entry of the same name brings it back until then."""
    days = found.attrs["recovery_days"]
    aws.deleted(found.id, str(found.aws_name))
    try:
        aws.call(
            "secretsmanager",
            "delete_secret",
            SecretId=found.id,
            RecoveryWindowInDays=days or None,
            ForceDeleteWithoutRecovery=None if days else True,
        )
    except AwsError as error:
        if not error.missing and not (error.code == "InvalidRequestException" and "delet" in error.text):
            raise


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    if add:
        aws.call("secretsmanager", "tag_resource", SecretId=found.id, Tags=as_list(add))
    if remove:
        aws.call("secretsmanager", "untag_resource", SecretId=found.id, TagKeys=remove)


def snapshot(_aws: Any, _name: str, _found: Found) -> None:
    """None is needed: what is deleted can be brought back."""


def password(aws: Any, secret: str, key: str) -> str:
    """The password in a secret: under ``key`` in a dictionary, or the whole text.

    :raises StairwayError: when there is none.
    """
    text = aws.call("secretsmanager", "get_secret_value", SecretId=secret).get("SecretString")
    held = _secrets.as_dictionary(text) if text else None
    found = held.get(key) if held is not None else text
    if not isinstance(found, str) or not found:
        raise StairwayError(
            "There is no password in this secret.",
            where=secret,
            expected=f"a text, or a dictionary with the key {key}",
            found="a dictionary without it" if held is not None else "nothing",
            fix="give the secret a `value`, or `generate: {key: " + key + "}`",
        )
    return found


CHANGES = (
    Change(frozenset({"value"}), lambda aws, found, wanted: _set_value(aws, found.id, wanted)),
    Change(frozenset({"description", "kms_key"}), lambda aws, found, wanted: _update(aws, found.id, wanted)),
    Change(frozenset({"recovery_days"}), _set_recovery),
)
