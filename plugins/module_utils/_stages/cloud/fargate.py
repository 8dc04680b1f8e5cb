"""Containers without machines: a task and a service of ECS for each service of the app. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._app.engines import ENGINES
from ..._app.model import Service, Store
from ..._app.scalars import size_bytes
from .compute import cpu_percent, fleet_doors
from .secrets import SECRET_FORMS, kept, parameters, store_secret
from .site import Entry, Part, Site, filled

MB = 1024**2
# CPU units -> the memory that Fargate sells with it, least, most and step in MB:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
MEMORY = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4097, 1024)),
    1024: tuple(range(2048, 8193, 1024)),
    2048: tuple(range(4096, 16_385, 1024)),
    4096: tuple(range(8192, 30_721, 1024)),
    8192: tuple(range(16_384, 61_441, 4096)),
    16_384: tuple(range(32_768, 122_881, 8192)),
}


def fargate(site: Site, version: str) -> Part:
    """``version`` is the tag of the images."""
    entries: list[Entry] = [
        {"security_group": "app", "vpc": site.vpc, "ingress": fleet_doors(site)},
        {"ecs_cluster": "main"},
    ]
    for service in site.app.services:
        entries += [_task(site, service, version), _service(site, service)]
    return Part(tuple(entries))


def task_memory(cpu: int, text: str) -> int:
    """The smallest memory that Fargate sells with that CPU and that holds the container."""
    wanted = -(-size_bytes(text) // MB)
    return next((size for size in MEMORY[cpu] if size >= wanted), MEMORY[cpu][-1])


def _task(site: Site, service: Service, version: str) -> Entry:
    cpu = site.cloud.compute.task_cpu
    container = {
        "name": service.name,
        "image": f"{service.image}:{version}",
        "command": list(service.command) or None,
        "ports": [service.port] if service.port is not None else None,
        "environment": _plain(site, service),
        "secrets": _secret(site, service),
        "log_group": "app",
        "user": service.user,
        "stop_seconds": min(service.stop_seconds, 120),
    }
    return {
        "task_definition": service.name,
        "containers": [filled(container)],
        "cpu": cpu,
        "memory_mb": task_memory(cpu, service.memory),
        "execution_role": "execution",
        "task_role": "app",
    }


def _service(site: Site, service: Service) -> Entry:
    compute = site.cloud.compute
    entry: Entry = {
        "ecs_service": service.name,
        "cluster": "main",
        "task_definition": service.name,
        "count": service.replicas,
        "subnets": site.app_subnets,
        "security_groups": ["app"],
        "public_ips": site.outside,
        "circuit_breaker": True,
    }
    if service.singleton:
        # never two at once: the old one goes first
        entry |= {"minimum_healthy_percent": 0, "maximum_percent": 100}
    if service.port is None:
        return entry
    return {
        **entry,
        "count": compute.desired if compute.desired is not None else compute.min,
        "targets": [{"target_group": service.name, "container": service.name, "port": service.port}],
        "grace_seconds": compute.health_grace_seconds,
        "scaling": _scaling(site, service),
    }


def _scaling(site: Site, service: Service) -> Entry:
    compute = site.cloud.compute
    wanted = compute.scaling.requests_per_target
    requests = {"per_minute": wanted, "load_balancer": "main", "target_group": service.name} if wanted else None
    return filled(
        {
            "least": compute.min,
            "most": compute.max,
            "cpu_percent": cpu_percent(compute.scaling),
            "requests": requests,
            "out_seconds": compute.scaling.warmup_seconds,
        }
    )


def _variables(site: Site, service: Service) -> dict[str, str]:
    return {**site.app.env, **service.env}


def _plain(site: Site, service: Service) -> Entry:
    """What is no secret. What only a store can tell comes as a secret or parameter."""
    hidden = {name for secret in kept(site) for name in secret.env}
    values = {name: str(value) for name, value in _variables(site, service).items() if name not in hidden}
    plain = {name: value for name, value in values.items() if "${" not in value}
    for store, variable, form in _told(site):
        known = {"port": str(ENGINES[store.engine].port), "user": store.user or "", "database": store.database or ""}
        if form in known and variable not in plain:
            plain[variable] = known[form]
    return plain


def _secret(site: Site, service: Service) -> Entry:
    mine = set(_variables(site, service)) | {variable for _store, variable, _form in _told(site)}
    found: Entry = {
        name: {"secret": secret.name, "key": name} for secret in kept(site) for name in secret.env if name in mine
    }
    hosts = {one.store: one.name for one in parameters(site) if one.store is not None and one.form == "host"}
    for store, variable, form in _told(site):
        secret = store_secret(site, store)
        if form in (*SECRET_FORMS, "jdbc") and secret is not None and variable not in found:
            found[variable] = {"secret": secret, "key": "password" if form == "password" else variable}
        elif form == "host" and store.name in hosts:
            found[variable] = {"parameter": hosts[store.name]}
    return found


def _told(site: Site) -> Iterator[tuple[Store, str, str]]:
    for store in site.app.stores:
        for variable, form in store.env.items():
            yield store, variable, form
