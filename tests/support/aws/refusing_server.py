"""moto that refuses what it is told to: ``python -m tests.support.aws.refusing_server PORT``.

POST of ``{"RunInstances": ["VcpuLimitExceeded", "You have requested ..."]}`` to ``/refuse``: from then on that action
of EC2, Auto Scaling or Elastic Load Balancing is refused so. ``Launch`` is what an Auto Scaling group does by itself:
it starts no machine, and its activities say why. ``{}`` ends it all.
"""

from __future__ import annotations

import io
import json
import urllib.request
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from tests.support.aws import moto_server

PATH = "/refuse"
LAUNCH = "Launch"
refused: dict[str, list[str]] = {}


def refuse(url: str, **actions: tuple[str, str]) -> None:
    """Tell a server at ``url`` what it has to refuse from now on: code and message by action."""
    urllib.request.urlopen(f"{url}{PATH}", json.dumps(actions).encode(), timeout=10).read()


class Refusing:
    """In front of moto's application."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if environ["PATH_INFO"] == PATH:
            refused.clear()
            refused.update(json.loads(body))
            return _answer(start, "200 OK", "")
        action = parse_qs(body.decode("latin-1")).get("Action", [""])[0]
        if action not in refused:
            answer: Iterable[bytes] = self._application(environ, start)
            return answer
        code, message = (escape(text) for text in refused[action])
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if "/ec2/" in environ.get("HTTP_AUTHORIZATION", ""):
            return _answer(start, "400 Bad Request", f"<Response><Errors>{error}</Errors></Response>")
        return _answer(start, "400 Bad Request", f"<ErrorResponse>{error}</ErrorResponse>")


def _answer(start: Any, status: str, text: str) -> Iterable[bytes]:
    start(status, [("Content-Type", "text/xml"), ("Content-Length", str(len(text)))])
    return [text.encode()]


def _groups_that_may_not_launch() -> None:
    from moto.autoscaling.models import FakeAutoScalingGroup
    from moto.autoscaling.responses import AutoScalingResponse
    from moto.core.responses import ActionResult

    launch = FakeAutoScalingGroup.replace_autoscaling_group_instances

    def launched(group: Any, *given: Any, **named: Any) -> None:
        if LAUNCH not in refused:
            launch(group, *given, **named)

    def activities(response: Any) -> Any:
        if LAUNCH not in refused:
            return ActionResult({"Activities": []})
        failed = {
            "AutoScalingGroupName": response._get_param("AutoScalingGroupName"),
            "Cause": "a difference between desired and actual capacity",
            "StartTime": datetime.now(timezone.utc),
            "StatusCode": "Failed",
            "StatusMessage": refused[LAUNCH][1],
        }
        return ActionResult({"Activities": [{"ActivityId": str(number), **failed} for number in range(2)]})

    FakeAutoScalingGroup.replace_autoscaling_group_instances = launched  # type: ignore[assignment, method-assign]
    AutoScalingResponse.describe_scaling_activities = activities  # type: ignore[assignment, method-assign]


def main() -> None:
    """Serve as ``moto_server`` does."""
    import moto.server

    application = moto.server.DomainDispatcherApplication
    moto.server.DomainDispatcherApplication = lambda *given: Refusing(application(*given))  # type: ignore[assignment, misc]
    _groups_that_may_not_launch()
    moto_server.main()


if __name__ == "__main__":
    main()
