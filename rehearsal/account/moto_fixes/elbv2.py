"""Elastic Load Balancing: what AWS always answers, also when nobody gave it."""

from __future__ import annotations

from typing import Any

from moto.elbv2 import models

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
_OF_APPLICATIONS = {
    "access_logs.s3.enabled": "false",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
}
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
_OF_HTTP_GROUPS = {
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "stickiness.lb_cookie.duration_seconds": "86400",
}


class _LoadBalancer(models.FakeLoadBalancer):
    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.scheme = self.scheme or "internet-facing"
        if self.type == "application":
            self.attrs.update(_OF_APPLICATIONS)


class _TargetGroup(models.FakeTargetGroup):
    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        if self.protocol in ("HTTP", "HTTPS"):
            self.attributes.update(_OF_HTTP_GROUPS)


_modify = models.ELBv2Backend.modify_listener


def _modify_listener(backend: Any, arn: str, *arguments: Any, **keywords: Any) -> Any:
    """A new first certificate leaves those beside it, and HTTP has none and no policy.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html
    """
    listener = backend.describe_listeners(load_balancer_arn=None, listener_arns=[arn])[0]
    extra = [one for one in listener.certificates if one != listener.certificate]
    changed: Any = _modify(backend, arn, *arguments, **keywords)
    if changed.protocol == "HTTP":
        changed.certificate, changed.certificates, changed.ssl_policy = None, [], None
    else:
        changed.certificates = [changed.certificate, *(one for one in extra if one != changed.certificate)]
    return changed


models.ELBv2Backend.modify_listener = _modify_listener  # type: ignore[method-assign,assignment]
models.FakeLoadBalancer = _LoadBalancer  # type: ignore[misc]
models.FakeTargetGroup = _TargetGroup  # type: ignore[misc]
