"""The groups that belong to a database: where it may stand, and its parameters. They go with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_list
from .._resource.kind import Wanted
from . import _rds
from ._gone import content_if_gone
from ._stores import Setting

PARAMETERS_IN_A_CALL = 20
_EXISTS = re.compile("AlreadyExists")


def make_subnet_group(aws: Any, wanted: Wanted) -> str | None:
    """Its name, None when the entry names no subnets. One that an earlier run left is set right."""
    if not wanted.get("subnets"):
        return None
    try:
        aws.call(
            "rds",
            "create_db_subnet_group",
            DBSubnetGroupName=wanted.aws_name,
            DBSubnetGroupDescription=f"Subnets of {wanted.aws_name}",
            SubnetIds=wanted.attrs["subnets"],
            Tags=as_list(wanted.tags),
        )
        aws.created(wanted.aws_name)
    except AwsError as error:
        if not _EXISTS.search(error.code):
            raise
        set_subnets(aws, wanted.aws_name, wanted)
    return wanted.aws_name


def set_subnets(aws: Any, group: str, wanted: Wanted) -> None:
    aws.call("rds", "modify_db_subnet_group", DBSubnetGroupName=group, SubnetIds=wanted.attrs["subnets"])


def make_parameter_group(aws: Any, wanted: Wanted) -> str | None:
    """Its name, None when AWS's default group will do. One that is there is set right."""
    parameters = _rds.wanted_parameters(wanted.attrs)
    if parameters is None:
        return None
    family = _rds.family(wanted.attrs["engine"], wanted.attrs["version"])
    name = _rds.group_name(wanted.aws_name, family)
    try:
        aws.call(
            "rds",
            "create_db_parameter_group",
            DBParameterGroupName=name,
            DBParameterGroupFamily=family,
            Description=f"Parameters of {wanted.aws_name}",
            Tags=as_list(wanted.tags),
        )
        aws.created(name)
    except AwsError as error:
        if not _EXISTS.search(error.code):
            raise
    set_parameters(aws, name, parameters)
    return name


def parameters_of(aws: Any, group: str) -> dict[str, str]:
    """What somebody set in it."""
    pages = aws.pages("rds", "describe_db_parameters", "Parameters", DBParameterGroupName=group, Source="user")
    return _rds.user_parameters(pages)


def set_parameters(aws: Any, group: str, parameters: Mapping[str, Any]) -> None:
    """Make the group hold just these."""
    setting = Setting()
    wanted = {name: setting.canonical(value) for name, value in parameters.items()}
    before = parameters_of(aws, group)
    change = {name: value for name, value in wanted.items() if before.get(name) != value}
    reset = sorted(set(before) - set(wanted))
    if not change and not reset:
        return
    dynamic = _dynamic(aws, group)
    for chunk in _chunks(sorted(change)):
        listed = [{"ParameterName": n, "ParameterValue": change[n], "ApplyMethod": _method(n, dynamic)} for n in chunk]
        aws.call("rds", "modify_db_parameter_group", DBParameterGroupName=group, Parameters=listed)
    for chunk in _chunks(reset):
        listed = [{"ParameterName": n, "ApplyMethod": _method(n, dynamic)} for n in chunk]
        aws.call(
            "rds", "reset_db_parameter_group", DBParameterGroupName=group, ResetAllParameters=False, Parameters=listed
        )


def _dynamic(aws: Any, group: str) -> set[str]:
    """The parameters that take effect without a restart."""
    pages = aws.pages("rds", "describe_db_parameters", "Parameters", DBParameterGroupName=group)
    return {one["ParameterName"] for one in pages if one.get("ApplyType") == "dynamic"}


def _method(name: str, dynamic: set[str]) -> str:
    return "immediate" if name in dynamic else "pending-reboot"


def _chunks(names: list[str]) -> Iterator[list[str]]:
    return (names[start : start + PARAMETERS_IN_A_CALL] for start in range(0, len(names), PARAMETERS_IN_A_CALL))


def owned_by(database: str, group: str) -> bool:
    """Whether a parameter group of this name was made for the database: it ends with a family."""
    families = {
        _rds.group_name(database, f"{one['aws']}{version}")
        for one in _rds.ENGINES.values()
        for version in one["versions"]
    }
    return group in families


def delete_groups(aws: Any, database: str) -> None:
    """All that the database leaves behind, also of families that it has left."""
    for group in aws.pages("rds", "describe_db_parameter_groups", "DBParameterGroups"):
        if owned_by(database, group["DBParameterGroupName"]):
            with content_if_gone():
                aws.call("rds", "delete_db_parameter_group", DBParameterGroupName=group["DBParameterGroupName"])
    aws.deleted(database)
    # RDS answers a fault of its own for a group that is not there
    absent = ("DBSubnetGroupNotFoundFault", "DBSubnetGroupNotFound")
    aws.call("rds", "delete_db_subnet_group", absent=absent, DBSubnetGroupName=database)
