"""The machines: one host, or a fleet that grows and shrinks. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._app.cloud_model import Scaling, Step
from ..._fleet.user_data import user_data
from ..presets import has_agent
from . import agent
from .edge import WORLD, fleet_ports
from .site import Entry, Part, Site, filled

TERMINATION = {
    "oldest_instance": "OldestInstance",
    "newest_instance": "NewestInstance",
    "oldest_launch_template": "OldestLaunchTemplate",
    "closest_to_next_hour": "ClosestToNextInstanceHour",
    "default": "Default",
}
CPU_PERCENT = 60
# Without detailed monitoring CloudWatch has a machine's CPU every five minutes.
BASIC_SECONDS, DETAILED_SECONDS = 300, 60


def host(site: Site) -> Part:
    """One machine with an address that stays; its edge takes HTTP and HTTPS."""
    compute = site.cloud.compute
    entries = [
        _group(site, open_doors()),
        *_key_pair(site),
        {"elastic_ip": "app"},
        filled(
            {
                "instance": "app",
                "image": compute.image,
                "size": compute.size,
                "subnet": site.public[0],
                "security_groups": ["app"],
                "role": "app",
                "key_pair": "main" if compute.ssh_key else None,
                "root_volume": {"size_gb": compute.root_gb, "encrypted": True},
                "elastic_ip": "app",
                "monitoring": compute.detailed_monitoring,
                "auto_recovery": site.cloud.watch.recover,
                # it holds data as long as a store runs on it, and no longer: a fleet may take its place then
                "protect": any(site.place(store) == "container" for store in site.app.stores),
            }
        ),
    ]
    return Part(tuple(entries))


def fleet(site: Site) -> Part:
    """Machines of one sort over all zones, behind the load balancer."""
    compute = site.cloud.compute
    template = filled(
        {
            "launch_template": "app",
            "image": compute.image,
            "size": compute.size,
            "security_groups": ["app"],
            "role": "app",
            "key_pair": "main" if compute.ssh_key else None,
            "root_volume": {"size_gb": compute.root_gb, "encrypted": True},
            "public_ip": site.outside,
            "monitoring": compute.detailed_monitoring,
            "user_data": user_data(_told(site)),
        }
    )
    return Part((_group(site, fleet_doors(site)), *_key_pair(site), template, _group_of_machines(site)))


def _told(site: Site) -> Entry:
    """What a machine is told at its birth; the rest it finds out by itself."""
    given = site.cloud.compute.bootstrap
    return {
        "app": site.name,
        "region": site.cloud.region,
        "mirrors": list(given.registry_mirrors),
        "insecure": list(given.insecure_registries),
        "authorities": given.stores_ca_url,
        "ca": list(given.trusted),
        "watch": agent.setup(site) if has_agent(site.app, site.stage) else None,
    }


def open_doors() -> list[Entry]:
    """For an edge on the machine itself."""
    return [{"port": port, "from": WORLD, "description": what} for port, what in ((80, "HTTP"), (443, "HTTPS"))]


def fleet_doors(site: Site) -> list[Entry]:
    """From the load balancer only, where there is one."""
    if site.aspects["edge"] != "alb":
        return open_doors()
    ports = sorted(set(fleet_ports(site).values()))
    return [{"port": port, "from": "alb", "description": "the load balancer"} for port in ports]


def _group(site: Site, doors: list[Entry]) -> Entry:
    """Out to everywhere; in through the doors, and SSH for whom the app spec names."""
    people = list(site.cloud.access.ssh_from)
    ssh: list[Entry] = [{"port": 22, "from": people, "description": "people, as the app says"}] if people else []
    return {"security_group": "app", "vpc": site.vpc, "ingress": [*doors, *ssh]}


def _key_pair(site: Site) -> Iterator[Entry]:
    if site.cloud.compute.ssh_key is not None:
        yield {"key_pair": "main", "public_key": site.cloud.compute.ssh_key}


def _group_of_machines(site: Site) -> Entry:
    compute = site.cloud.compute
    scaling = compute.scaling
    return {
        "autoscaling_group": "app",
        "launch_template": "app",
        "subnets": site.app_subnets,
        "minimum": compute.min,
        "maximum": compute.max,
        "desired": compute.desired if compute.desired is not None else compute.min,
        "target_groups": [service.name for service in site.app.routed] if site.aspects["edge"] == "alb" else [],
        "health_check": "elb" if site.aspects["edge"] == "alb" else "ec2",
        "health_grace_seconds": compute.health_grace_seconds,
        "cooldown_seconds": scaling.warmup_seconds,
        "warmup_seconds": scaling.warmup_seconds,
        "termination_policies": [TERMINATION[one] for one in compute.termination],
        "target_tracking": _target_tracking(site, scaling),
        "step_scaling": _step_scaling(site, scaling),
        "schedules": {
            schedule.name: filled(
                {
                    "cron": schedule.at,
                    "zone": schedule.time_zone,
                    "minimum": schedule.min,
                    "maximum": schedule.max,
                    "desired": schedule.desired,
                }
            )
            for schedule in scaling.schedules
        },
    }


def cpu_percent(scaling: Scaling) -> int | None:
    """What the fleet's CPU is kept at; a fleet that is told nothing still grows."""
    if scaling.cpu_percent is None and scaling.requests_per_target is None and not scaling.steps:
        return CPU_PERCENT
    return scaling.cpu_percent


def _target_tracking(site: Site, scaling: Scaling) -> Entry:
    policies: Entry = {}
    target = cpu_percent(scaling)
    if target is not None:
        policies["cpu"] = {"metric": "cpu", "target": target}
    if scaling.requests_per_target is not None:
        policies["requests"] = {
            "metric": "requests_per_target",
            "target": scaling.requests_per_target,
            "load_balancer": "main",
            "target_group": site.app.routed[0].name,
        }
    return policies


def _step_scaling(site: Site, scaling: Scaling) -> Entry:
    names: dict[str, Entry] = {}
    for step in scaling.steps:
        name = f"{step.metric}-{'high' if step.above is not None else 'low'}"
        names[name if name not in names else f"{name}-{len(names)}"] = _step(site, step)
    return names


def _step(site: Site, step: Step) -> Entry:
    """A CPU is an average over its periods, requests are a sum of one minute that lasts."""
    basic = step.metric == "cpu" and not site.cloud.compute.detailed_monitoring
    seconds = BASIC_SECONDS if basic else DETAILED_SECONDS
    balancer: Entry = {"load_balancer": "main"} if step.metric == "requests" else {}
    return filled(
        {
            "metric": step.metric,
            **balancer,
            "above": step.above,
            "below": step.below,
            "period_seconds": seconds,
            "periods": max(1, -(-step.minutes * 60 // seconds)),
            "add": step.change,
        }
    )
