"""The calls behind databases (RDS)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._common.errors import StairwayError
from .._common.wait import until
from .._resource.kind import Change, Found, Scope, Wanted
from . import _rds, _rds_forms, _rds_groups
from ._gone import content_if_gone
from ._secrets_calls import password

WAIT_SECONDS = 5400
EVERY_SECONDS = 5.0


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    seen = set()
    for item in _items(aws, scope):
        seen.add(item["DBInstanceIdentifier"])
        found = _rds.to_found(item)
        if scope.wants(found):
            yield _with_parameters(aws, item)
    if not scope.only:
        yield from _left_behind(aws, scope, seen)


def _items(aws: Any, scope: Scope) -> Iterator[Mapping[str, Any]]:
    if not scope.only:
        yield from aws.pages("rds", "describe_db_instances", "DBInstances")
        return
    for name in sorted(scope.names | scope.ids):
        with content_if_gone():
            yield from aws.pages("rds", "describe_db_instances", "DBInstances", DBInstanceIdentifier=name)


def _with_parameters(aws: Any, item: Mapping[str, Any]) -> Found:
    group = _rds.parameter_group(item)
    if group is None or group.startswith("default."):
        return _rds.to_found(item)
    return _rds.to_found(item, _rds_groups.parameters_of(aws, group))


def _left_behind(aws: Any, scope: Scope, seen: set[str]) -> Iterator[Found]:
    """The subnet group of a database that is gone: a run was cut between the two, and no entry will find it again."""
    for group in aws.pages("rds", "describe_db_subnet_groups", "DBSubnetGroups"):
        name = group["DBSubnetGroupName"]
        if name.startswith(f"{scope.app}-") and name not in seen | scope.names:
            tags = aws.call("rds", "list_tags_for_resource", ResourceName=group["DBSubnetGroupArn"])["TagList"]
            found = Found("database", name, {}, as_dict(tags), name, "failed", "only its groups are left")
            if scope.wants(found):
                yield found


# -- creation ---------------------------------------------------------------------------------------------------------


def create(aws: Any, wanted: Wanted) -> str:
    name = wanted.aws_name
    common = {
        "DBSubnetGroupName": _rds_groups.make_subnet_group(aws, wanted),
        "DBParameterGroupName": _rds_groups.make_parameter_group(aws, wanted),
        "CopyTagsToSnapshot": True,
        **_rds_forms.at_creation(wanted),
    }
    if wanted.get("replica_of"):
        _follow(aws, wanted, common)
    elif wanted.get("restore"):
        _restore(aws, wanted, common)
    else:
        tags = wanted.tags
        if wanted.get("password_secret"):
            common["MasterUserPassword"] = password(
                aws, wanted.attrs["password_secret"], wanted.get("password_key", "")
            )
            tags = {**tags, _rds.PASSWORD_TAG: wanted.attrs["password_secret"]}
        given = {**common, **_rds_forms.new(wanted)}
        made = aws.call("rds", "create_db_instance", DBInstanceIdentifier=name, Tags=as_list(tags), **given)
        aws.created(name, made["DBInstance"]["DBInstanceArn"])
        return name
    aws.created(name)
    # what these two calls do not take has to wait until the server is there
    _available(aws, name)
    scope = Scope(wanted.app, ids=frozenset({name}), only=True)
    for found in describe(aws, scope):
        _change(aws, found, wanted)
    return name


def _follow(aws: Any, wanted: Wanted, common: Mapping[str, Any]) -> None:
    source = wanted.attrs["replica_of"]
    # a replica in the same region has the subnet group of its source
    given = {key: value for key, value in common.items() if key != "DBSubnetGroupName" or ":" in source}
    aws.call(
        "rds",
        "create_db_instance_read_replica",
        DBInstanceIdentifier=wanted.aws_name,
        SourceDBInstanceIdentifier=source,
        Tags=as_list(wanted.tags),
        **given,
    )


def _restore(aws: Any, wanted: Wanted, common: Mapping[str, Any]) -> None:
    restore = wanted.attrs["restore"]
    tags = as_list(wanted.tags)
    if restore.get("snapshot"):
        aws.call(
            "rds",
            "restore_db_instance_from_db_snapshot",
            DBInstanceIdentifier=wanted.aws_name,
            DBSnapshotIdentifier=restore["snapshot"],
            Tags=tags,
            **common,
        )
    else:
        aws.call(
            "rds",
            "restore_db_instance_to_point_in_time",
            SourceDBInstanceIdentifier=restore["database"],
            TargetDBInstanceIdentifier=wanted.aws_name,
            Tags=tags,
            **_rds_forms.restore_time(restore),
            **common,
        )


# -- changes ----------------------------------------------------------------------------------------------------------


def _change(aws: Any, found: Found, wanted: Wanted) -> None:
    settings = _rds_forms.changes(found, wanted)
    # its groups are called as it is itself, which one that was adopted or restored is not called as the entry
    group = _rds_groups.make_parameter_group(aws, replace(wanted, aws_name=found.id))
    if group is not None and group != found.detail.get("parameter_group"):
        settings["DBParameterGroupName"] = group
    settings.update(_password(aws, found, wanted))
    now = wanted.get("apply") == "now"
    if now and not settings and found.attrs["apply"] == "window":
        # any change «at once» takes those along that wait
        settings["DBInstanceClass"] = found.attrs["size"]
    if settings:
        harmless = not _rds_forms.RESTARTS & set(settings) and found.attrs["apply"] == "now"
        aws.call(
            "rds",
            "modify_db_instance",
            DBInstanceIdentifier=found.id,
            ApplyImmediately=now or harmless,
            AllowMajorVersionUpgrade=True
            if wanted.get("allow_major_upgrade") and "EngineVersion" in settings
            else None,
            **settings,
        )
    if "MasterUserPassword" in settings:
        tags = as_list({_rds.PASSWORD_TAG: wanted.attrs["password_secret"]})
        aws.call("rds", "add_tags_to_resource", ResourceName=found.outputs["arn"], Tags=tags)
    if now:
        _restart_for_parameters(aws, found.id)


def _password(aws: Any, found: Found, wanted: Wanted) -> dict[str, Any]:
    managed = wanted.get("managed_password")
    if managed and not found.attrs["managed_password"]:
        return {"ManageMasterUserPassword": True}
    secret = wanted.get("password_secret")
    taken_back = managed is False and found.attrs["managed_password"]
    if secret is None or (secret == found.attrs["password_secret"] and not taken_back):
        return {}
    stop = {"ManageMasterUserPassword": False} if found.attrs["managed_password"] else {}
    return {"MasterUserPassword": password(aws, secret, wanted.get("password_key", "")), **stop}


def _restart_for_parameters(aws: Any, name: str) -> None:
    item = _available(aws, name)
    if (item.get("DBParameterGroups") or [{}])[0].get("ParameterApplyStatus") == "pending-reboot":
        aws.call("rds", "reboot_db_instance", DBInstanceIdentifier=name)


def _available(aws: Any, name: str) -> Mapping[str, Any]:
    def ask() -> Mapping[str, Any] | None:
        for item in aws.call("rds", "describe_db_instances", DBInstanceIdentifier=name)["DBInstances"]:
            if _rds.state(str(item.get("DBInstanceStatus"))) != "pending":
                return dict(item)
        return None

    item = until(ask, seconds=WAIT_SECONDS, every=EVERY_SECONDS)
    if item is None:
        raise _too_slow(name, "available")
    return item


def _too_slow(name: str, what: str) -> StairwayError:
    return StairwayError(
        f"The database {name} does not become {what}.",
        where=f"rds:DescribeDBInstances {name}",
        expected=f"{what} within {WAIT_SECONDS // 60} minutes",
        fix=f"aws rds describe-events --source-type db-instance --source-identifier {name}; then run again: it goes on",
    )


# -- the end ----------------------------------------------------------------------------------------------------------


def snapshot(aws: Any, name: str, found: Found) -> str | None:
    """Make one and wait for it; a replica has none, as its source has the data."""
    if found.attrs.get("replica_of") or not found.attrs:
        return None
    try:
        aws.call(
            "rds",
            "create_db_snapshot",
            DBInstanceIdentifier=found.id,
            DBSnapshotIdentifier=name,
            Tags=as_list(found.tags),
        )
        aws.created(name)
    except AwsError as error:
        if error.code not in ("DBSnapshotAlreadyExists", "DBSnapshotAlreadyExistsFault"):
            raise

    def ask() -> str | None:
        for item in aws.call("rds", "describe_db_snapshots", DBSnapshotIdentifier=name)["DBSnapshots"]:
            if item["Status"] not in ("creating", "pending"):
                return str(item["Status"])
        return None

    if until(ask, seconds=WAIT_SECONDS, every=EVERY_SECONDS) != "available":
        raise _too_slow(name, "a finished snapshot")
    return name


def delete(aws: Any, found: Found) -> None:
    """The server first, as it has the tags; then, when it is gone, the groups that nothing else uses."""
    if found.attrs:
        _delete_instance(aws, found)
    _rds_groups.delete_groups(aws, found.id)


def _delete_instance(aws: Any, found: Found) -> None:
    aws.deleted(found.id)
    with content_if_gone():
        if found.attrs.get("deletion_protection"):
            aws.call(
                "rds",
                "modify_db_instance",
                DBInstanceIdentifier=found.id,
                DeletionProtection=False,
                ApplyImmediately=True,
            )
        if found.state != "deleting":
            aws.call(
                "rds",
                "delete_db_instance",
                DBInstanceIdentifier=found.id,
                SkipFinalSnapshot=True,
                DeleteAutomatedBackups=True,
            )
    absent = ("DBInstanceNotFound", "DBInstanceNotFoundFault")

    def gone() -> bool | None:
        answer = aws.call("rds", "describe_db_instances", absent=absent, DBInstanceIdentifier=found.id)
        return None if answer.get("DBInstances") else True

    if not until(gone, seconds=WAIT_SECONDS, every=EVERY_SECONDS):
        raise _too_slow(found.id, "deleted")


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    arn = found.outputs["arn"]
    if add:
        aws.call("rds", "add_tags_to_resource", ResourceName=arn, Tags=as_list(add))
    if remove:
        aws.call("rds", "remove_tags_from_resource", ResourceName=arn, TagKeys=remove)


CHANGES = (
    Change(
        frozenset({"subnets"}),
        lambda aws, found, wanted: _rds_groups.set_subnets(aws, found.detail["subnet_group"], wanted),
    ),
    Change(
        frozenset(
            {
                "version", "size", "storage_gb", "max_storage_gb", "storage_type", "iops", "throughput_mibps",
                "password_secret", "managed_password", "security_groups", "public", "port", "multi_az", "parameters",
                "require_tls", "backup_keep_days", "backup_window", "maintenance_window", "auto_minor_upgrade", "apply",
                "performance_insights", "performance_insights_days", "log_exports", "iam_authentication",
                "certificate_authority", "deletion_protection",
            }
        ),
        _change,
    ),
)  # fmt: skip
