"""CloudWatch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.cloudwatch.exceptions import ResourceNotFoundException
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

_put_dashboard = CloudWatchResponse.put_dashboard
_put_metric_alarm = CloudWatchResponse.put_metric_alarm
_delete_dashboards = CloudWatchBackend.delete_dashboards
_describe = CloudWatchResponse.describe_alarms


def put_metric_alarm(self: CloudWatchResponse) -> ActionResult:
    """Tags «are ignored if the alarm exists»: moto replaces them.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    backend = self.cloudwatch_backend
    alarm = backend.alarms.get(self._get_param("AlarmName"))
    kept = dict(backend.list_tags_for_resource(alarm.alarm_arn)) if alarm is not None else None
    result = _put_metric_alarm(self)
    if alarm is not None:
        backend.tagger.delete_all_tags_for_resource(alarm.alarm_arn)
        backend.tag_resource(alarm.alarm_arn, kept or {})
    return result


def describe_alarms(self: CloudWatchResponse) -> ActionResult:
    """Names and a prefix exclude each other, and an empty list of names is no filter.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    result = _describe(self)
    types = self._get_param("AlarmTypes", ["MetricAlarm"])
    answer: Any = result.result
    if "CompositeAlarm" not in types:
        answer["CompositeAlarms"] = []
    return result


def put_dashboard(self: CloudWatchResponse) -> ActionResult:
    """Tags count when a dashboard is made: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html"""
    name = self._get_param("DashboardName")
    new = self.cloudwatch_backend.get_dashboard(name) is None
    result = _put_dashboard(self)
    if new:
        arn = self.cloudwatch_backend.get_dashboard(name).arn  # type: ignore[union-attr]
        self.cloudwatch_backend.tagger.tag_resource(arn, self._get_param("Tags", []))
    return result


def delete_dashboards(self: CloudWatchBackend, names: Iterable[str]) -> Any:
    arns = [one.arn for one in self.dashboards.values() if one.name in list(names)]
    result = _delete_dashboards(self, list(names))
    for arn in arns:
        self.tagger.delete_all_tags_for_resource(arn)
    return result


def tag_resource(self: CloudWatchBackend, arn: str, tags: dict[str, str]) -> None:
    """Dashboards have tags too: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html"""
    _known(self, arn)
    self.tagger.tag_resource(arn, self.tagger.convert_dict_to_tags_input(tags))


def untag_resource(self: CloudWatchBackend, arn: str, tag_keys: list[str]) -> None:
    _known(self, arn)
    self.tagger.untag_resource_using_names(arn, tag_keys)


def _known(backend: CloudWatchBackend, arn: str) -> None:
    alarms = {one.alarm_arn for one in backend.alarms.values()}
    dashboards = {one.arn for one in backend.dashboards.values()}
    if arn not in alarms | dashboards:
        raise ResourceNotFoundException


def put_composite_alarm(self: CloudWatchResponse) -> ActionResult:
    """moto's own storage of alarms knows rules; only the name of the call is missing."""
    return self.put_metric_alarm()


CloudWatchResponse.put_metric_alarm = put_metric_alarm  # type: ignore[method-assign]
CloudWatchResponse.put_composite_alarm = put_composite_alarm  # type: ignore[attr-defined]
CloudWatchResponse.describe_alarms = describe_alarms  # type: ignore[method-assign]
CloudWatchResponse.put_dashboard = put_dashboard  # type: ignore[method-assign]
CloudWatchBackend.delete_dashboards = delete_dashboards  # type: ignore[assignment, method-assign]
CloudWatchBackend.tag_resource = tag_resource  # type: ignore[method-assign]
CloudWatchBackend.untag_resource = untag_resource  # type: ignore[method-assign]
