"""What a node of a load balancer has to know, from moto's objects: see ``images/balancer/config.py`` for its shape."""

from __future__ import annotations

import functools
import hashlib
import json
from typing import Any

from .. import certificates as authority
from .. import layout
from ..account import Account


def group_name(group: Any) -> str:
    """What HAProxy calls it."""
    return f"tg_{group.arn.rpartition('/')[2]}"


def of(account: Account, backend: Any, balancer: Any) -> dict[str, Any]:
    """The whole model of a balancer; all its nodes have the same."""
    frontends = [_frontend(one) for one in list(balancer.listeners.values())]
    used = {name for front in frontends for name in _used_by(front)}
    groups = {group_name(one): one for one in list(backend.target_groups.values())}
    zones = {subnet.availability_zone for subnet in balancer.subnets}
    model: dict[str, Any] = {
        "idle": int(balancer.attrs.get("idle_timeout.timeout_seconds", 60 if balancer.type == "application" else 350)),
        "keep_alive": int(balancer.attrs.get("client_keep_alive.seconds", 3600)),
        "frontends": frontends,
        "groups": {name: _group(one, zones) for name, one in groups.items() if name in used},
    }
    model["stamps"] = {front["certificates"]: front.pop("arns") for front in frontends if front["certificates"]}
    model["stamp"] = hashlib.sha256(json.dumps(model, sort_keys=True).encode()).hexdigest()[:16]
    return model


def is_used(backend: Any, group: Any) -> bool:
    """Whether any listener or rule sends anything to the group."""
    return any(
        group_name(group) in _used_by(_frontend(listener))
        for balancer in list(backend.load_balancers.values())
        for listener in list(balancer.listeners.values())
    )


def certificates(account: Account, model: dict[str, Any]) -> dict[str, str]:
    """Files for the node: a list for each listener with TLS, and the certificates that it names."""
    files: dict[str, str] = {}
    for path, arns in model["stamps"].items():
        names = [f"{hashlib.sha256(arn.encode()).hexdigest()[:16]}.pem" for arn in arns]
        for arn, name in zip(arns, names, strict=True):
            files[name] = _certificate(account, arn)
        files[path.rpartition("/")[2]] = "".join(f"/balancer/{name}\n" for name in names)
    return files


def _frontend(listener: Any) -> dict[str, Any]:
    tls = listener.protocol in ("HTTPS", "TLS")
    rules = [rule for rule in list(listener.rules.values()) if not rule.is_default]
    return {
        "port": int(listener.port),
        "mode": "http" if listener.protocol in ("HTTP", "HTTPS") else "tcp",
        "certificates": f"/balancer/p{listener.port}.list" if tls else "",
        "arns": list(listener.certificates) if tls else [],
        "rules": [
            {"conditions": [_condition(one) for one in rule.conditions], "action": _action(rule.actions)}
            for rule in sorted(rules, key=lambda rule: int(rule.priority))
        ],
        "default": _action(listener.default_actions),
    }


def _used_by(front: dict[str, Any]) -> set[str]:
    actions = [front["default"], *(rule["action"] for rule in front["rules"])]
    return {name for action in actions for name, _weight in action.get("groups", ())}


def _condition(given: dict[str, Any]) -> dict[str, Any]:
    field = given["Field"]
    detail: dict[str, Any] = next((value for name, value in given.items() if name.endswith("Config")), {})
    found = {"field": field, "values": list(detail.get("Values") or given.get("Values") or [])}
    return {**found, "name": detail["HttpHeaderName"]} if "HttpHeaderName" in detail else found


def _action(actions: list[Any]) -> dict[str, Any]:
    """The last action decides; what authenticates before it has no body."""
    data = max((one.data for one in actions), key=lambda one: int(one.get("Order") or 1))
    if data["Type"] == "redirect":
        config = data["RedirectConfig"]
        return {
            "type": "redirect",
            "protocol": config.get("Protocol") or "#{protocol}",
            "host": config.get("Host") or "#{host}",
            "port": str(config.get("Port") or "#{port}"),
            "path": config.get("Path") or "/#{path}",
            "query": config.get("Query", "#{query}"),
            "status": str(config["StatusCode"]).removeprefix("HTTP_"),
        }
    if data["Type"] == "fixed-response":
        config = data["FixedResponseConfig"]
        return {
            "type": "fixed-response",
            "status": str(config["StatusCode"]),
            "content_type": config.get("ContentType"),
            "body": config.get("MessageBody"),
        }
    config = data.get("ForwardConfig") or {"TargetGroups": [{"TargetGroupArn": data["TargetGroupArn"], "Weight": 1}]}
    sticky = config.get("TargetGroupStickinessConfig") or {}
    on = str(sticky.get("Enabled", "")).lower() == "true"
    return {
        "type": "forward",
        "groups": [
            [f"tg_{one['TargetGroupArn'].rpartition('/')[2]}", int(one.get("Weight", 1))]
            for one in config["TargetGroups"]
        ],
        "sticky": int(sticky.get("DurationSeconds") or 3600) if on else 0,
    }


def _group(group: Any, zones: set[str]) -> dict[str, Any]:
    known = group.attributes
    tcp = group.protocol not in ("HTTP", "HTTPS")
    least = str(known.get("load_balancing.algorithm.type")) == "least_outstanding_requests"
    by_sender = tcp and str(known.get("stickiness.enabled")) == "true"
    return {
        "protocol": "tcp" if tcp else group.protocol.lower(),
        "algorithm": "source" if by_sender else "leastconn" if least else "roundrobin",
        "sticky": _sticky(known),
        "slow_start": int(known.get("slow_start.duration_seconds") or 0),
        "delay": int(known.get("deregistration_delay.timeout_seconds") or 0),
        "check": {
            "protocol": str(group.health_check_protocol or "HTTP").lower(),
            "path": group.health_check_path or "/",
            "codes": (getattr(group, "matcher", None) or {}).get("HttpCode") or "200",
            "interval": int(group.health_check_interval_seconds),
            "timeout": int(group.health_check_timeout_seconds),
            "rise": int(group.healthy_threshold_count),
            "fall": int(group.unhealthy_threshold_count),
        },
        "targets": [one for one in (_target(group, target, zones) for target in list(group.targets.values())) if one],
    }


def _sticky(known: dict[str, Any]) -> dict[str, Any] | None:
    if str(known.get("stickiness.enabled")) != "true":
        return None
    kind = str(known.get("stickiness.type"))
    seconds = known.get(f"stickiness.{kind}.duration_seconds") or 86400
    return {"type": kind, "seconds": int(seconds), "cookie": known.get("stickiness.app_cookie.cookie_name") or ""}


def _target(group: Any, target: dict[str, Any], zones: set[str]) -> dict[str, Any] | None:
    address = target["Id"]
    if group.target_type == "instance":
        instance = group.ec2_backend.get_instance_by_id(target["Id"])
        if instance is None or instance.state not in ("pending", "running") or instance.placement.zone not in zones:
            return None
        address = instance.private_ip
    port = int(target["Port"])
    check = group.health_check_port
    return {
        "id": target["Id"],
        "address": str(address),
        "port": port,
        "check_port": port if check in (None, "traffic-port") else int(check),
    }


def _certificate(account: Account, arn: str) -> str:
    """Key, certificate and chain: as imported, or issued by the rehearsal's CA for the names that were asked for."""
    for _region, backend in account.backends("acm"):
        found = backend._certificates.get(arn)
        if found is None:
            continue
        if found.type == "IMPORTED":
            return "\n".join((part or b"").decode().strip() for part in (found.key, found.cert, found.chain)) + "\n"
        return _issued(arn, tuple(sorted({str(found.common_name), *found.sans}, key=lambda n: n != found.common_name)))
    return _issued(arn, (f"unknown.{layout.REGION}.elb.amazonaws.com",))


@functools.cache
def _issued(arn: str, names: tuple[str, ...]) -> str:
    return authority.issue(list(names))
