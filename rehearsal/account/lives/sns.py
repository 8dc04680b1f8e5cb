"""SNS delivers, and alarms and rules of EventBridge do what they are told to.

What goes to a person (email, SMS, a chat) goes to the rehearsal's webhook receiver, under /sns/<protocol>/<endpoint>;
what goes to a URL goes to that URL.
https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
"""

from __future__ import annotations

import copy
import http.client
import json
import socket
import ssl
import struct
import threading
import time
import traceback
import urllib.parse
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from moto.cloudwatch.models import Alarm
from moto.events.models import Rule, events_backends
from moto.events.utils import EventTemplateParser
from moto.sns.models import Subscription, sns_backends

from ... import layout as rehearsal
from ... import state
from . import automation

_TRIES = 3
_LONG_NAMES = {"ap-northeast-2": "Asia Pacific (Seoul)", "us-east-1": "US East (N. Virginia)"}


def apply(log: Callable[[str], None]) -> None:
    """Once, before the API answers."""
    Subscription.publish = _publishing(log, Subscription.publish)  # type: ignore[method-assign]
    Rule.send_to_targets = _sending(Rule.send_to_targets)  # type: ignore[method-assign]
    Alarm.update_state = _changing(log, Alarm.update_state)  # type: ignore[method-assign]


def _publishing(log: Callable[[str], None], others: Any) -> Any:
    def publish(self: Any, message: str, message_id: str, subject: str | None = None, **more: Any) -> None:
        if self.protocol in ("sqs", "lambda"):
            others(self, message, message_id, subject=subject, **more)
            return
        matcher = self._filter_policy_matcher
        if matcher is None or matcher.matches(more.get("message_attributes"), message):
            if more.get("message_structure") == "json":
                message = self._parse_message_structure(message, self.protocol)
            _begin(log, lambda: _deliver(self, message, message_id, subject))

    return publish


def _sending(send: Any) -> Any:
    def send_to_targets(self: Any, original_event: Any, transform_input: bool = True) -> None:
        if self.state == "DISABLED" or not self.event_pattern.matches_event(original_event):
            return
        for target in list(self.targets):
            if not _aim(self, target, original_event):
                one = copy.copy(self)
                one.targets = [target]
                send(one, original_event, transform_input)

    return send_to_targets


def _changing(log: Callable[[str], None], change: Any) -> Any:
    def update_state(self: Any, reason: str, reason_data: str, state_value: str) -> None:
        before = self.state_value
        change(self, reason, reason_data, state_value)
        if before != state_value:
            _begin(log, lambda: _alarm(self, before))

    return update_state


def _begin(log: Callable[[str], None], work: Callable[[], None]) -> None:
    def run() -> None:
        try:
            work()
        except Exception:
            log(f"notice: {traceback.format_exc()}")

    threading.Thread(target=run, name="notice", daemon=True).start()


# -- delivery ---------------------------------------------------------------------------------------------------------


def _deliver(subscription: Any, message: str, message_id: str, subject: str | None) -> None:
    raw = str(subscription.attributes.get("RawMessageDelivery", "")).lower() == "true"
    full = subscription.get_post_data(message, message_id, subject)
    if subscription.protocol not in ("http", "https"):
        where = f"/sns/{subscription.protocol}/{urllib.parse.quote(str(subscription.endpoint), safe='@+')}"
        body = json.dumps({"topic": subscription.topic_arn, "subject": subject, "message": message})
        post(
            f"http://{rehearsal.HOOKS.domain}:{rehearsal.HOOKS.port}{where}", {"Content-Type": "application/json"}, body
        )
        return
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": message_id,
        "x-amz-sns-topic-arn": subscription.topic_arn,
        "x-amz-sns-subscription-arn": subscription.arn,
        "User-Agent": "Amazon Simple Notification Service Agent",
    }
    for wait in range(_TRIES):
        try:
            post(
                subscription.endpoint,
                headers | ({"x-amz-sns-rawdelivery": "true"} if raw else {}),
                message if raw else json.dumps(full),
            )
            return
        except OSError:
            if wait == _TRIES - 1:
                raise
            time.sleep(1 + wait)


def post(url: str, headers: Mapping[str, str], body: str) -> None:
    """Names are those that the rehearsal's machines know, and its CA is trusted.

    :raises OSError: when nobody takes it.
    """
    parts = urllib.parse.urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    line = http.client.HTTPConnection(parts.hostname or "", port, timeout=15)
    line.sock = socket.create_connection((_address(parts.hostname or ""), port), timeout=15)
    if secure:
        line.sock = ssl.create_default_context(cafile=str(state.CA)).wrap_socket(
            line.sock, server_hostname=parts.hostname
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    line.request("POST", path, body.encode(), dict(headers))
    answer = line.getresponse()
    answer.read()
    line.close()
    if answer.status >= 400:
        raise OSError(f"{url} answers {answer.status}")


def _address(name: str) -> str:
    """What the rehearsal's name server says, else this machine's own."""
    asked = b"".join(bytes([len(one)]) + one.encode() for one in name.split(".")) + b"\0\0\1\0\1"
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.settimeout(3)
            line.sendto(b"\0\7\1\0\0\1\0\0\0\0\0\0" + asked, (str(rehearsal.DNS.address), rehearsal.DNS.port))
            reply = line.recv(4096)
        at = 12 + len(asked)
        for _each in range(struct.unpack(">H", reply[6:8])[0]):
            while reply[at]:
                at += 1 + reply[at] if reply[at] < 192 else 1
            kind, size = struct.unpack(">H6xH", reply[at + 1 : at + 11])
            if kind == 1:
                return socket.inet_ntoa(reply[at + 11 : at + 15])
            at += 11 + size
    except (OSError, IndexError, struct.error):
        pass
    return name


# -- alarms and rules -------------------------------------------------------------------------------------------------


def _publish(arn: str, message: str, subject: str | None = None) -> None:
    region, number = arn.split(":")[3:5]
    sns_backends[number][region].publish(message, arn=arn, subject=subject)


def _alarm(alarm: Any, before: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html"""
    _arn, _aws, _service, region, number, *_rest = alarm.alarm_arn.split(":")
    message = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": number,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": datetime.now(timezone.utc).isoformat(),
        "Region": _LONG_NAMES.get(region, region),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
        "Trigger": {"MetricName": alarm.metric_name, "Namespace": alarm.namespace, "Threshold": alarm.threshold},
    }
    subject = f'{alarm.state_value}: "{alarm.name}" in {_LONG_NAMES.get(region, region)}'
    actions = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}.get(
        alarm.state_value, alarm.insufficient_data_actions
    )
    for action in list(actions or []) if alarm.actions_enabled else []:
        if ":sns:" in action:
            _publish(action, json.dumps(message), subject[:100])
        elif ":automate:" in action and ":ec2:" in action:
            _on_instance(action.rpartition(":")[2], alarm, number, region)
    now = time.time()
    event = {
        "version": "0",
        "id": f"alarm-{now}",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": number,
        "time": now,
        "ingestion-time": now,
        "region": region,
        "resources": [alarm.alarm_arn],
        "detail": {
            "alarmName": alarm.name,
            "state": {"value": alarm.state_value, "reason": alarm.state_reason},
            "previousState": {"value": before},
            "configuration": {"metrics": [{"metricStat": {"metric": _metric(alarm)}}]},
        },
    }
    for rule in list(events_backends[number][region].describe_event_bus("default").rules.values()):
        rule.send_to_targets(event)  # type: ignore[arg-type]


def _metric(alarm: Any) -> dict[str, Any]:
    dimensions = {one.name: one.value for one in alarm.dimensions or []}
    return {"namespace": alarm.namespace, "name": alarm.metric_name, "dimensions": dimensions}


def _on_instance(verb: str, alarm: Any, number: str, region: str) -> None:
    """The actions of EC2 that an alarm may have; a recovery is another machine with the same disk."""
    instance = _metric(alarm)["dimensions"].get("InstanceId")
    documents = {"stop": "AWS-StopEC2Instance", "terminate": "AWS-TerminateEC2Instance"}
    if instance:
        name = documents.get(verb, "AWS-RestartEC2Instance")
        automation.start(number, region, name, {"InstanceId": [instance]})


def _aim(rule: Any, target: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether this is a target that moto does not know; it has what it wants then."""
    arn = str(target["Arn"])
    if ":sns:" not in arn and ":automation-definition/" not in arn:
        return False
    if "Input" in target:
        words: Any = target["Input"]
    else:
        form = target.get("InputTransformer", {})
        words = EventTemplateParser.parse(form.get("InputTemplate"), form.get("InputPathsMap", {}), event)  # type: ignore[arg-type]
    text = words if isinstance(words, str) else json.dumps(words)
    if ":sns:" in arn:
        _publish(arn, text)
        return True
    region, number = arn.split(":")[3:5]
    given = json.loads(text) if "Input" in target or "InputTransformer" in target else {}
    listed = {key: value if isinstance(value, list) else [str(value)] for key, value in given.items()}
    automation.start(number, region, arn.partition("automation-definition/")[2], listed)
    return True
