"""The groups that belong to a cache: where it may stand, and its parameters. They go with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_list
from .._resource.kind import Wanted
from . import _elasticache
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
            "elasticache",
            "create_cache_subnet_group",
            CacheSubnetGroupName=wanted.aws_name,
            CacheSubnetGroupDescription=f"Subnets of {wanted.aws_name}",
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
    aws.call("elasticache", "modify_cache_subnet_group", CacheSubnetGroupName=group, SubnetIds=wanted.attrs["subnets"])


def make_parameter_group(aws: Any, wanted: Wanted) -> str:
    """Its name: AWS's default group, or one of its own, which is set right when it is there."""
    parameters = _elasticache.wanted_parameters(wanted.attrs)
    if parameters is None:
        return _elasticache.default_group(wanted.attrs)
    family = _elasticache.family(wanted.attrs["engine"], wanted.attrs["version"])
    name = _elasticache.group_name(wanted.aws_name, family)
    try:
        aws.call(
            "elasticache",
            "create_cache_parameter_group",
            CacheParameterGroupName=name,
            CacheParameterGroupFamily=family,
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
    pages = aws.pages(
        "elasticache", "describe_cache_parameters", "Parameters", CacheParameterGroupName=group, Source="user"
    )
    return _elasticache.user_parameters(pages)


def set_parameters(aws: Any, group: str, parameters: Mapping[str, Any]) -> None:
    """Make the group hold just these. ElastiCache brings them into force by itself."""
    setting = Setting("yes", "no")
    wanted = {name: setting.canonical(value) for name, value in parameters.items()}
    before = parameters_of(aws, group)
    change = [
        {"ParameterName": name, "ParameterValue": value}
        for name, value in sorted(wanted.items())
        if before.get(name) != value
    ]
    for start in range(0, len(change), PARAMETERS_IN_A_CALL):
        aws.call(
            "elasticache",
            "modify_cache_parameter_group",
            CacheParameterGroupName=group,
            ParameterNameValues=change[start : start + PARAMETERS_IN_A_CALL],
        )
    reset = [{"ParameterName": name, "ParameterValue": before[name]} for name in sorted(set(before) - set(wanted))]
    if reset:
        aws.call(
            "elasticache",
            "reset_cache_parameter_group",
            CacheParameterGroupName=group,
            ResetAllParameters=False,
            ParameterNameValues=reset,
        )


def delete_groups(aws: Any, cache: str) -> None:
    """All that the cache leaves behind, also of families that it has left."""
    owned = {_elasticache.group_name(cache, family) for family in _elasticache.FAMILIES}
    for group in aws.pages("elasticache", "describe_cache_parameter_groups", "CacheParameterGroups"):
        if group["CacheParameterGroupName"] in owned:
            with content_if_gone():
                name = group["CacheParameterGroupName"]
                aws.call("elasticache", "delete_cache_parameter_group", CacheParameterGroupName=name)
    aws.deleted(cache)
    with content_if_gone():
        aws.call("elasticache", "delete_cache_subnet_group", CacheSubnetGroupName=cache)
