"""What somebody may set going by hand: a metric's value, and a scheduled action before its time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from . import layout
from .account import Account
from .bodies import growth
from .lives.metrics import Metric

PATH = "/_rehearsal/lever"
Environ = dict[str, Any]


class Levers:
    """An interceptor of the front. ``python3 -m rehearsal account metric`` and ``... due`` ask it."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._orders: dict[str, Callable[..., str]] = {"metric": self.metric, "due": self.due}

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes] | None:
        if environ["PATH_INFO"] != PATH:
            return None
        try:
            size = int(environ.get("CONTENT_LENGTH") or 0)
            name, *words = json.loads(environ["wsgi.input"].read(size))
            said, status = self._orders[name](*words), "200 OK"
        except (ValueError, TypeError, LookupError) as error:
            said, status = f"{error}", "400 Bad Request"
        text = said.encode()
        start(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
        self._account.changed.set()
        return [text]

    def metric(self, namespace: str, name: str, value: str, *dimensions: str) -> str:
        """From now on, and in every minute before; ``-`` ends that, and what was measured counts again."""
        pairs = [{"Name": one.partition("=")[0], "Value": one.partition("=")[2]} for one in dimensions]
        metric = Metric.of(namespace, name, pairs)
        if value == "-":
            self._account.gauges.pop(metric, None)
            return f"{namespace} {name} is what is measured"
        self._account.gauges[metric] = float(value)
        backend = cloudwatch_backends[self._account.number][layout.REGION]
        backend.put_metric_data(namespace, [{"MetricName": name, "Dimensions": pairs, "Value": float(value)}])
        return f"{namespace} {name} is {float(value):g}"

    def due(self, group: str, action: str) -> str:
        """:raises LookupError: when the group has no such scheduled action."""
        for _region, backend in self._account.backends("autoscaling"):
            for one in list(backend.scheduled_actions.values()):
                if (one.auto_scaling_group_name, one.scheduled_action_name) == (group, action):
                    growth.perform(backend, one)
                    return f"{action} of {group} was due"
        raise LookupError(f"the group {group} has no scheduled action {action}")
