"""CloudWatch Logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.metric_filters import MetricFilters
from moto.logs.models import LogGroup, LogsBackend
from moto.logs.responses import LogsResponse

_add_filter = MetricFilters.add_filter
_describe = LogGroup.to_describe_dict
_tagged = LogsBackend.iter_tagged_resources
_describe_groups = LogsBackend.describe_log_groups


def add_filter(self: MetricFilters, filter_name: str, filter_pattern: str, log_group_name: str, metric: Any) -> None:
    """PutMetricFilter «creates or updates»: moto keeps both."""
    self.metric_filters[:] = [
        one for one in self.metric_filters if (one["filterName"], one["logGroupName"]) != (filter_name, log_group_name)
    ]
    _add_filter(self, filter_name, filter_pattern, log_group_name, metric)


def describe_groups(self: LogsBackend, *arguments: Any, **named: Any) -> Any:
    """A group knows how many metric filters it has: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html"""
    groups, token = _describe_groups(self, *arguments, **named)
    for group in groups:
        group.filter_count = len(self.filters.get_matching_filters(log_group_name=group.name))  # type: ignore[attr-defined]
    return groups, token


def describe(self: LogGroup) -> dict[str, Any]:
    return {**_describe(self), "metricFilterCount": getattr(self, "filter_count", 0)}


def tagged(self: LogsBackend) -> Iterator[TaggedResource]:
    """The tagging API calls the type as the ARN does: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html"""
    for one in _tagged(self):
        yield replace(one, resource_type="logs:log-group")


def associate_kms_key(self: LogsResponse) -> str:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html"""
    _group(self).kms_key_id = self._get_param("kmsKeyId")
    return ""


def disassociate_kms_key(self: LogsResponse) -> str:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DisassociateKmsKey.html"""
    _group(self).kms_key_id = None
    return ""


def _group(response: LogsResponse) -> LogGroup:
    group = response.logs_backend.groups.get(response._get_param("logGroupName"))
    if group is None:
        raise ResourceNotFoundException()
    return group


MetricFilters.add_filter = add_filter  # type: ignore[assignment, method-assign]
LogsBackend.describe_log_groups = describe_groups  # type: ignore[assignment, method-assign]
LogsBackend.iter_tagged_resources = tagged  # type: ignore[method-assign]
LogGroup.to_describe_dict = describe  # type: ignore[method-assign]
LogsResponse.associate_kms_key = associate_kms_key  # type: ignore[attr-defined]
LogsResponse.disassociate_kms_key = disassociate_kms_key  # type: ignore[attr-defined]
