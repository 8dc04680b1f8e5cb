"""Containers of a task, in the words of the blueprint and in those of ECS. Pure.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
SIZES: Mapping[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: (1024, 2048, 3072, 4096),
    1024: tuple(range(2048, 8193, 1024)),
    2048: tuple(range(4096, 16385, 1024)),
    4096: tuple(range(8192, 30721, 1024)),
    8192: tuple(range(16384, 61441, 4096)),
    16384: tuple(range(32768, 122881, 8192)),
}
FREE_STORAGE_GB = 20


def container(one: Mapping[str, Any], region: str) -> dict[str, Any]:
    """A container as RegisterTaskDefinition wants it."""
    result = {
        "name": one["name"],
        "image": one["image"],
        "command": one.get("command"),
        "entryPoint": one.get("entrypoint"),
        "portMappings": [{"containerPort": int(port), "protocol": "tcp"} for port in one.get("ports") or []],
        "environment": _pairs(one.get("environment"), "value"),
        "secrets": _pairs({name: _source(secret) for name, secret in (one.get("secrets") or {}).items()}, "valueFrom"),
        "essential": one.get("essential") is not False,
        "cpu": int(one["cpu"]) if one.get("cpu") else None,
        "memory": int(one["memory_mb"]) if one.get("memory_mb") else None,
        "user": one.get("user"),
        "readonlyRootFilesystem": True if one.get("read_only") else None,
        "stopTimeout": int(one["stop_seconds"]) if one.get("stop_seconds") is not None else None,
        "dependsOn": [
            {"containerName": name, "condition": when} for name, when in sorted((one.get("waits_for") or {}).items())
        ],
        "healthCheck": _health(one),
        "logConfiguration": _logs(one, region),
    }
    return {key: value for key, value in result.items() if value not in (None, [], {})}


def _pairs(values: Mapping[str, Any] | None, key: str) -> list[dict[str, Any]]:
    return [{"name": name, key: value} for name, value in sorted((values or {}).items())]


def _source(secret: Mapping[str, Any]) -> str:
    if secret.get("parameter"):
        return str(secret["parameter"])
    return f"{secret['secret']}:{secret['key']}::" if secret.get("key") else str(secret["secret"])


def _health(one: Mapping[str, Any]) -> dict[str, Any]:
    if not one.get("health_command"):
        return {}
    return {
        "command": list(one["health_command"]),
        "interval": int(one.get("health_seconds") or 30),
        "timeout": 5,
        "retries": 3,
        "startPeriod": int(one.get("health_grace_seconds") or 0),
    }


def _logs(one: Mapping[str, Any], region: str) -> dict[str, Any]:
    if not one.get("log_group"):
        return {}
    options = {"awslogs-group": one["log_group"], "awslogs-region": region, "awslogs-stream-prefix": one["name"]}
    return {"logDriver": "awslogs", "options": options}


def words(item: Mapping[str, Any]) -> dict[str, Any]:
    """The way back."""
    health = item.get("healthCheck") or {}
    found = {
        "name": item["name"],
        "image": item["image"],
        "command": item.get("command") or [],
        "entrypoint": item.get("entryPoint") or [],
        "ports": [one["containerPort"] for one in item.get("portMappings") or []],
        "environment": {one["name"]: one["value"] for one in item.get("environment") or []},
        "secrets": {one["name"]: _named(one["valueFrom"]) for one in item.get("secrets") or []},
        "essential": item.get("essential", True),
        "cpu": item.get("cpu") or 0,
        "memory_mb": item.get("memory"),
        "user": item.get("user"),
        "read_only": bool(item.get("readonlyRootFilesystem")),
        "stop_seconds": item.get("stopTimeout"),
        "waits_for": {one["containerName"]: one["condition"] for one in item.get("dependsOn") or []},
        "health_command": health.get("command") or [],
        "health_seconds": health.get("interval") or 30,
        "health_grace_seconds": health.get("startPeriod") or 0,
        "log_group": ((item.get("logConfiguration") or {}).get("options") or {}).get("awslogs-group"),
    }
    return {key: value for key, value in found.items() if value is not None}


def _named(source: str) -> dict[str, str]:
    if ":ssm:" in source:
        return {"parameter": source}
    parts = source.split(":")
    # arn:aws:secretsmanager:region:account:secret:name, then the key, the stage and the version
    found = {"secret": ":".join(parts[:7])}
    return {**found, "key": parts[7]} if len(parts) > 7 and parts[7] else found


def images_of_releases(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The containers of ``wanted``, with the images that releases have put there since."""
    there = {one["name"]: one["image"] for one in found.get("containers") or []}
    return [
        {**one, "image": there.get(one["name"], one["image"])} if one.get("released") else dict(one)
        for one in wanted["containers"]
    ]
