"""What faces users: the app's names in DNS, and in a fleet the load balancer with its certificate. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._app.model import Service
from ..compose import local_ports
from ..places import domains_in_zone
from ..presets import NAMES_SECONDS
from .site import Entry, Part, Site, filled

WORLD = "0.0.0.0/0"
# A health check of ours means 2xx, here as behind Caddy and Nginx.
WELL = "200-299"


def edge(site: Site) -> Part:
    if site.aspects["edge"] == "alb" and site.fleet:
        return Part((*_zone(site), *_balancer(site), *_records(site, {"load_balancer": "main"})))
    if site.aspects["edge"] == "host" and site.aspects["compute"] == "host":
        return Part((*_zone(site), *_records(site, {"elastic_ip": "app"})))
    if site.aspects["edge"] == "external":
        return Part((*_zone(site), *_aliases(site)))
    return Part()


def fleet_ports(site: Site) -> dict[str, int]:
    """Where each routed service listens on a machine of a fleet; two never share a port."""
    if site.aspects["compute"] == "fargate":
        return {service.name: service.port or 0 for service in site.app.routed}
    return local_ports(site.app)


def _zone(site: Site) -> Iterator[Entry]:
    zone = site.cloud.zone
    if zone is not None:
        yield filled({"dns_zone": "main", "id": zone.id, "domain": zone.name, "protect": True})


def zone_name(site: Site) -> str | None:
    """The zone as other entries name it, or None where the app's DNS is somewhere else."""
    return "main" if site.cloud.zone is not None else None


def domains_inside(site: Site) -> list[str]:
    """The app's names that the zone holds."""
    return domains_in_zone(site.app)


def _records(site: Site, target: Entry) -> Iterator[Entry]:
    if zone_name(site) is None:
        return
    target = {"distribution": "main"} if site.cloud.cdn is not None and site.fleet else target
    for index, domain in enumerate(domains_inside(site)):
        name = "main" if index == 0 else f"name-{index + 1}"
        kept = {"seconds": NAMES_SECONDS} if "elastic_ip" in target else {}  # AWS decides it for its own
        yield {"dns_record": name, "zone": "main", "domain": domain, "type": "A", **target, **kept}


def _aliases(site: Site) -> Iterator[Entry]:
    """The app's names lead to somebody else's edge."""
    zone = site.cloud.zone
    if zone is None or zone.points_to is None:
        return
    for index, domain in enumerate(domains_inside(site)):
        name = "main" if index == 0 else f"name-{index + 1}"
        yield {"dns_record": name, "zone": "main", "domain": domain, "type": "CNAME", "values": [zone.points_to]}


def _balancer(site: Site) -> Iterator[Entry]:
    chosen = site.cloud.balancer
    yield _group(site)
    yield {
        "load_balancer": "main",
        "subnets": site.public,
        "security_groups": ["alb"],
        "scheme": "internet-facing",
        "idle_seconds": chosen.idle_seconds,
        "keep_alive_seconds": chosen.keep_alive_seconds,
    }
    for service in site.app.routed:
        yield _target_group(site, service)
    if chosen.https and chosen.certificate is None:
        yield _certificate(site)
    yield from _listeners(site)


def _group(site: Site) -> Entry:
    """In from everybody, out to nothing but the app's own ports."""
    doors = [(80, "HTTP")] if not site.cloud.balancer.https else [(443, "HTTPS"), (80, "HTTP")]
    out = sorted(set(fleet_ports(site).values()))
    return {
        "security_group": "alb",
        "vpc": site.vpc,
        "ingress": [{"port": port, "from": WORLD, "description": what} for port, what in doors],
        "egress": [{"port": port, "to": "app", "description": "the app"} for port in out],
    }


def _target_group(site: Site, service: Service) -> Entry:
    chosen = site.cloud.balancer
    delay = chosen.deregistration_seconds
    return {
        "target_group": service.name,
        "vpc": site.vpc,
        "port": fleet_ports(site)[service.name],
        "protocol": "HTTP",
        "target_type": "ip" if site.aspects["compute"] == "fargate" else "instance",
        "health_check": {
            "path": service.health.path if service.health is not None else "/",
            "interval_seconds": chosen.health.interval_seconds,
            "timeout_seconds": chosen.health.timeout_seconds,
            "healthy_threshold": chosen.health.healthy,
            "unhealthy_threshold": chosen.health.unhealthy,
            "codes": WELL,
        },
        "stickiness": {"enabled": True, "seconds": chosen.sticky_seconds}
        if chosen.sticky_seconds
        else {"enabled": False},
        "deregistration_delay_seconds": delay if delay is not None else site.app.release.drain_seconds,
        "slow_start_seconds": chosen.slow_start_seconds,
    }


def _certificate(site: Site) -> Entry:
    # the zone can vouch for its own names only
    zone = zone_name(site) if len(domains_inside(site)) == len(site.app.domains) else None
    return filled(
        {
            "certificate": "main",
            "domain": site.app.domain,
            "other_domains": list(site.app.domains[1:]) or None,
            "zone": zone,
        }
    )


def _listeners(site: Site) -> Iterator[Entry]:
    chosen = site.cloud.balancer
    open_door = {"listener": "https", "port": 443, "protocol": "HTTPS", "certificate": chosen.certificate or "main"}
    if not chosen.https:
        open_door = {"listener": "http", "port": 80, "protocol": "HTTP"}
    yield {**open_door, "load_balancer": "main", "action": _otherwise(site), "rules": _rules(site)}
    if chosen.https:
        yield {
            "listener": "http",
            "load_balancer": "main",
            "port": 80,
            "protocol": "HTTP",
            "action": {"redirect": {"protocol": "HTTPS", "port": "443", "status": 301}},
        }


def _otherwise(site: Site) -> Entry:
    """What happens to a path that no rule names."""
    owner = next((service.name for service in site.app.routed if "/" in service.paths), None)
    if owner is not None:
        return {"forward": owner}
    return {"fixed_response": {"status": 404, "content_type": "text/plain", "body": "Not found"}}


def _rules(site: Site) -> list[Entry]:
    """One for each path, the longest first, as Caddy and Nginx match them."""
    routes = [(path, service.name) for service in site.app.routed for path in service.paths if path != "/"]
    ordered = sorted(routes, key=lambda route: (-len(route[0]), route[0]))
    return [
        {
            "priority": (index + 1) * 10,
            "paths": [path, f"{path}*"] if path.endswith("/") else [path, f"{path}/*"],
            "action": {"forward": service},
        }
        for index, (path, service) in enumerate(ordered)
    ]
