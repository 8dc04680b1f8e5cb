"""Elastic Load Balancing: the certificates of a listener beside its first one.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListenerCertificates.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import alb  # type: ignore[import-not-found]

_EXTRA = "ExtraCertificates"


def _listener(params: dict[str, Any]) -> Any:
    return alb._listeners.get(alb._p(params, "ListenerArn"))


def _answer(action: str, arns: list[tuple[str, bool]]) -> Any:
    members = "".join(
        f"<member><CertificateArn>{arn}</CertificateArn><IsDefault>{str(first).lower()}</IsDefault></member>"
        for arn, first in arns
    )
    return alb._xml(200, action, f"<Certificates>{members}</Certificates>")


def _describe(params: dict[str, Any]) -> Any:
    listener = _listener(params)
    if listener is None:
        return alb._error("ListenerNotFound", "Listener not found.")
    first = [(arn, True) for arn in listener.get("Certificates", [])]
    return _answer("DescribeListenerCertificates", first + [(arn, False) for arn in listener.get(_EXTRA, [])])


def _add(params: dict[str, Any]) -> Any:
    listener = _listener(params)
    if listener is None:
        return alb._error("ListenerNotFound", "Listener not found.")
    arns = alb._parse_certificate_arns(params)
    extra = listener.setdefault(_EXTRA, [])
    extra += [arn for arn in arns if arn not in extra]
    return _answer("AddListenerCertificates", [(arn, False) for arn in arns])


def _remove(params: dict[str, Any]) -> Any:
    listener = _listener(params)
    if listener is None:
        return alb._error("ListenerNotFound", "Listener not found.")
    arns = alb._parse_certificate_arns(params)
    listener[_EXTRA] = [arn for arn in listener.get(_EXTRA, []) if arn not in arns]
    return alb._empty("RemoveListenerCertificates")


alb._ACTION_MAP.update(
    DescribeListenerCertificates=_describe, AddListenerCertificates=_add, RemoveListenerCertificates=_remove
)
