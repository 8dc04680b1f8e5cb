"""``health_check``: a check that Route 53 makes from places around the world.

Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHealthCheck.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._resource.kind import Change, Entry, Field, Found, Kind, Related, Scope, Sight, Usage, Wanted
from .._resource.problems import Problem
from .._resource.types import Choice, Flag, Number, Ref, Text
from . import _route53
from ._dns import DOMAIN

_TYPE = "healthcheck"
_REFERENCE_LENGTH = 64
_MATCH = "_STR_MATCH"
_CHANGED = ("domain", "elastic_ip", "port", "path", "failure_threshold", "inverted", "disabled")


def to_found(item: Mapping[str, Any], tags: Mapping[str, str]) -> Found:
    config = item["HealthCheckConfig"]
    return Found(
        kind="health_check",
        id=item["Id"],
        attrs={
            "domain": config.get("FullyQualifiedDomainName"),
            "elastic_ip": config.get("IPAddress"),
            "protocol": config["Type"].removesuffix(_MATCH),
            "port": config.get("Port"),
            "path": config.get("ResourcePath"),
            "search": config.get("SearchString"),
            "interval_seconds": config.get("RequestInterval"),
            "failure_threshold": config.get("FailureThreshold"),
            "measure_latency": config.get("MeasureLatency", False),
            "inverted": config.get("Inverted", False),
            "disabled": config.get("Disabled", False),
        },
        tags={**_route53.tags_by_reference(item["CallerReference"]), **tags},
    )


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    items = _asked(aws, scope) if scope.only else list(aws.pages("route53", "list_health_checks", "HealthChecks"))
    ids = [item["Id"] for item in items]
    tags = _route53.tags_of(aws, _TYPE, ids)
    for item in items:
        found = to_found(item, tags.get(item["Id"], {}))
        if scope.wants(found):
            yield found


def _asked(aws: Any, scope: Scope) -> list[Mapping[str, Any]]:
    answers = [_route53.or_none(_get, aws, one) for one in sorted(scope.ids)]
    return [answer["HealthCheck"] for answer in answers if answer is not None]


def _get(aws: Any, check_id: str) -> Any:
    return aws.call("route53", "get_health_check", HealthCheckId=check_id)


def parameters(wanted: Wanted) -> dict[str, Any]:
    """What can be changed later."""
    protocol = wanted.attrs["protocol"]
    return {
        "FullyQualifiedDomainName": wanted.get("domain"),
        "IPAddress": wanted.get("elastic_ip"),
        "Port": wanted.get("port", {"HTTP": 80, "HTTPS": 443}.get(protocol)),
        "ResourcePath": None if protocol == "TCP" else wanted.get("path", "/"),
        "FailureThreshold": wanted.get("failure_threshold"),
        "Inverted": wanted.get("inverted"),
        "Disabled": wanted.get("disabled"),
        "EnableSNI": bool(wanted.get("domain")) if protocol == "HTTPS" else None,
    }


def create(aws: Any, wanted: Wanted) -> str:
    search = wanted.get("search")
    config = {
        **parameters(wanted),
        "Type": wanted.attrs["protocol"] + (_MATCH if search else ""),
        "SearchString": search,
        "RequestInterval": wanted.get("interval_seconds"),
        "MeasureLatency": wanted.get("measure_latency"),
    }
    answer = aws.call(
        "route53",
        "create_health_check",
        CallerReference=_route53.caller_reference(wanted, _REFERENCE_LENGTH),
        HealthCheckConfig={key: value for key, value in config.items() if value is not None},
    )
    made: str = answer["HealthCheck"]["Id"]
    aws.created(made)
    _route53.set_tags(aws, _TYPE, made, wanted.tags)
    return made


def _update(aws: Any, found: Found, wanted: Wanted) -> None:
    given = parameters(wanted)
    reset = [
        name
        for name, key in (("FullyQualifiedDomainName", "domain"), ("ResourcePath", "path"))
        if given[name] is None and found.attrs.get(key) is not None
    ]
    aws.call("route53", "update_health_check", HealthCheckId=found.id, ResetElements=reset or None, **given)


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id)
    _route53.or_none(lambda: aws.call("route53", "delete_health_check", HealthCheckId=found.id))


def check(entry: Entry, _sight: Sight) -> Iterator[Problem]:
    """What AWS refuses between fields."""
    attrs = entry.attrs
    if not attrs.get("domain") and not attrs.get("elastic_ip"):
        yield Problem(f"{entry.key}.domain", "Nobody is asked.", "nothing", "a domain, or the name of an `elastic_ip`")
    if attrs["interval_seconds"] not in (10, 30):
        yield Problem(
            f"{entry.key}.interval_seconds", "AWS asks every 10 or every 30 seconds.", str(attrs["interval_seconds"]),
            "10 or 30", "30",
        )  # fmt: skip
    if attrs["protocol"] == "TCP":
        for name in ("path", "search"):
            if attrs.get(name):
                yield Problem(f"{entry.key}.{name}", "TCP has none.", attrs[name], "nothing", "protocol: HTTPS")
        if not attrs.get("port"):
            yield Problem(f"{entry.key}.port", "TCP needs a port.", "nothing", "1 to 65535")


def price(_attrs: Mapping[str, Any], _related: Related) -> Iterator[Usage]:
    """Source: https://aws.amazon.com/route53/pricing/"""
    yield Usage("route53/health_check", 1)


KIND = Kind(
    name="health_check",
    doc="A check that AWS makes from around the world; a DNS record or an alarm can go by it.",
    fields={
        "domain": Field(DOMAIN, "The host that is asked."),
        "elastic_ip": Field(Ref("elastic_ip", "ip"), "The address that is asked."),
        "protocol": Field(Choice(("HTTP", "HTTPS", "TCP")), "How it is asked.", default="HTTPS", change="replace"),
        "port": Field(Number(1, 65535), "Where it is asked; 80 for HTTP and 443 for HTTPS unless given."),
        "path": Field(Text(r"/.*", "a path such as /health", most=255), "What is asked; `/` unless given."),
        "search": Field(Text(most=255), "A text that a good answer has in its first 5,120 bytes.", change="replace"),
        "interval_seconds": Field(Number(10, 30, "seconds"), "10 or 30.", default=30, change="replace"),
        "failure_threshold": Field(Number(1, 10), "Bad answers in a row that make it unhealthy.", default=3),
        "measure_latency": Field(Flag(), "Whether answers are timed, for CloudWatch.", default=False, change="replace"),
        "inverted": Field(Flag(), "Whether a bad answer counts as healthy.", default=False),
        "disabled": Field(Flag(), "Whether it stands still and counts as healthy.", default=False),
    },
    describe=describe,
    create=create,
    delete=delete,
    retag=_route53.retagger(_TYPE),
    changes=(Change(frozenset(_CHANGED), _update),),
    check=check,
    price=price,
    create_first=True,
    seconds=2,
    global_=True,
)
