"""What only two values together can break, about services, routes, tasks and the edge. Stores have ``store_rules.py``.

Each rule takes the whole spec as ``reading.read`` left it, and the report. It skips what is ``BAD`` or not yet known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .._common.suggest import nearest
from . import backup_schema, cloud_rules, store_rules
from .mistakes import Path
from .reading import BAD, Report, known
from .scalars import words
from .shapes import Problem
from .slots import SLOTS, slot_of

Spec = dict[str, Any]


def check(spec: Spec, report: Report) -> None:
    """Run every rule."""
    for rule in RULES:
        rule(spec, report)


def tables(spec: Spec, key: str) -> Iterator[tuple[str, Spec]]:
    """The entries of ``services`` or ``stores`` that could be read."""
    entries = spec[key] if known(spec[key]) else {}
    return ((name, entry) for name, entry in entries.items() if known(entry))


def items(values: Any) -> Iterator[tuple[int, Any]]:
    """The entries of a list that could be read."""
    return ((index, value) for index, value in enumerate(values if known(values) else []) if known(value))


def _routes(spec: Spec) -> Iterator[tuple[str, Path, str]]:
    """Service, path in the spec, and path in the URL without its last slash."""
    for name, service in tables(spec, "services"):
        if service["port"] is None:
            continue
        if service["paths"] is None:
            yield name, ("services", name, "port"), "/"
        for index, path in items(service["paths"]):
            yield name, ("services", name, "paths", index), path.rstrip("/") or "/"


def _one_service_for_each_path(spec: Spec, report: Report) -> None:
    owners: dict[str, str] = {}
    for name, path, url in _routes(spec):
        if url in owners:
            message = "Two services want the same path." if owners[url] != name else "The same path stands here twice."
            expected = f"a path that no other service has; {owners[url]} has {url}"
            report.add(path, Problem(message, expected, f"paths: [/{name}]"), url, found=url)
        owners.setdefault(url, name)


def _something_is_routed(spec: Spec, report: Report) -> None:
    services = list(tables(spec, "services"))
    complete = known(spec["services"]) and len(services) == len(spec["services"])
    if complete and services and all(service["port"] is None for _key, service in services):
        problem = Problem(
            "No service has a port, so users reach nothing.", "a port on at least one service", "port: 8000"
        )
        report.add(("services",), problem, None, found=f"only workers: {', '.join(name for name, _value in services)}")


_ROUTED_ONLY = ("paths", "health")


def _workers_are_not_routed(spec: Spec, report: Report) -> None:
    for name, service in tables(spec, "services"):
        for key in _ROUTED_ONLY:
            if service["port"] is None and service[key] is not None:
                problem = Problem(f"A service without a port has no {key}.", f"a port, or no {key}", "port: 8000")
                report.add(("services", name, key), problem, None, found=f"{key}, but no port")


def _singletons_are_single(spec: Spec, report: Report) -> None:
    for name, service in tables(spec, "services"):
        if service["singleton"] is not True:
            continue
        if known(service["replicas"]) and service["replicas"] > 1:
            problem = Problem("A singleton never runs twice at once.", "replicas: 1, or no singleton", "1")
            report.add(("services", name, "replicas"), problem, service["replicas"])
        if known(service["port"]):
            expected = "a port or singleton, not both: a routed service runs in two colours at a switch"
            report.add(
                ("services", name, "singleton"), Problem("A singleton cannot be routed.", expected, "false"), True
            )


def _ports_do_not_collide(spec: Spec, report: Report) -> None:
    if not known(spec["name"]):
        return
    taken: dict[int, str] = {}
    for name, service in tables(spec, "services"):
        chosen = service["port_slot"]
        if service["port"] is None or (chosen is not None and not known(chosen)):
            continue
        slot = slot_of(spec["name"], name, chosen)
        if slot in taken:
            free = next(number for number in range(slot + 1, slot + SLOTS) if number % SLOTS not in taken) % SLOTS
            problem = Problem(
                "Two services would get the same ports.", f"another slot than {taken[slot]} has", f"port_slot: {free}"
            )
            report.add(("services", name, "port_slot"), problem, slot, found=f"slot {slot}")
        taken.setdefault(slot, name)


def _volumes_are_apart(spec: Spec, report: Report) -> None:
    for name, service in tables(spec, "services"):
        paths: set[str] = set()
        for index, volume in items(service["volumes"]):
            if known(volume["path"]) and volume["path"] in paths:
                problem = Problem("Two volumes of a service have one path.", "a path for each volume")
                report.add(("services", name, "volumes", index, "path"), problem, volume["path"])
            paths.add(volume["path"] if known(volume["path"]) else "")


def _names_are_apart(spec: Spec, report: Report) -> None:
    stores = [name for name, _value in tables(spec, "stores")]
    for name, _value in tables(spec, "services"):
        if name in stores:
            problem = Problem(
                "A service and a store have one name.",
                "different names: both are host names in one network",
                f"{name}-service",
            )
            report.add(("services", name), problem, name, found=name)


def _tasks_fit(spec: Spec, report: Report) -> None:
    services = list(spec["services"]) if known(spec["services"]) else []
    seen: set[str] = set()
    for index, task in items(spec["tasks"]):
        service = task["service"]
        if known(service) and services and service not in services:
            problem = Problem("There is no such service.", f"one of {words(services)}", nearest(service, services))
            report.add(("tasks", index, "service"), problem, service)
        if known(task["name"]) and task["name"] in seen:
            report.add(
                ("tasks", index, "name"), Problem("Two tasks have one name.", "a name for each task"), task["name"]
            )
        seen.add(task["name"] if known(task["name"]) else "")


def _domains_differ(spec: Spec, report: Report) -> None:
    seen: set[str] = set()
    for index, domain in items(spec["domains"]):
        if domain in seen:
            report.add(
                ("domains", index),
                Problem("The same domain stands here twice.", "each domain once", "take one out"),
                domain,
            )
        seen.add(domain)


def _caddy_has_no_rate_limit(spec: Spec, report: Report) -> None:
    edge = spec["edge"]
    if known(edge) and edge["server"] == "caddy" and edge["rate_limit"] is not None:
        expected = "no rate_limit with caddy: the Caddy that distributions ship cannot limit"
        problem = Problem("Caddy cannot limit requests.", expected, "edge.server: nginx")
        report.add(("edge", "rate_limit"), problem, None, found="rate_limit with server: caddy")


def _volumes(spec: Spec) -> list[str] | None:
    """The names of all volumes, or None where some could not be read."""
    found: list[str] = []
    for _key, service in tables(spec, "services"):
        volumes = service["volumes"]
        if not known(volumes) or not all(known(volume) and known(volume["name"]) for volume in volumes):
            return None
        found.extend(volume["name"] for volume in volumes)
    return found


def _static_is_served(spec: Spec, report: Report) -> None:
    routes = {url: name for name, _other, url in _routes(spec)}
    volumes = _volumes(spec)
    seen: set[str] = set()
    for index, static in items(spec["edge"]["static"] if known(spec["edge"]) else []):
        path = ("edge", "static", index)
        url = static["path"].rstrip("/") if known(static["path"]) else ""
        if url and (url in routes or url in seen):
            other = f"service {routes[url]}" if url in routes else "another static entry"
            problem = Problem("This path is taken.", f"a path that nothing else has; {other} has it")
            report.add((*path, "path"), problem, static["path"])
        seen.add(url)
        if volumes is not None and known(static["volume"]) and static["volume"] not in volumes:
            expected = f"one of {words(volumes)}" if volumes else "a volume of a service, and none has one"
            problem = Problem("No service has this volume.", expected, nearest(static["volume"], volumes))
            report.add((*path, "volume"), problem, static["volume"])


def _proof_can_be_counted(spec: Spec, report: Report) -> None:
    release = spec["release"]
    proof = release["proof"] if known(release) else None
    if proof in (None, BAD) or not known(proof["path"]):
        return
    covered = any(url == "/" or f"{proof['path']}/".startswith(f"{url}/") for _service, _path, url in _routes(spec))
    if not covered and any(True for _route in _routes(spec)):
        routes = words({url for _service, _path, url in _routes(spec)})
        report.add(
            ("release", "proof", "path"),
            Problem("No service answers on this path.", f"a path below {routes}"),
            proof["path"],
        )


def _commands_show_no_secret(spec: Spec, report: Report) -> None:
    commands: list[tuple[Path, Any]] = [
        (("services", name), service["command"]) for name, service in tables(spec, "services")
    ]
    commands += [(("tasks", index), task["command"]) for index, task in items(spec["tasks"])]
    for path, command in commands:
        for index, _argument in enumerate(command if known(command) else []):
            place = report.source.exact((*path, "command", index))
            if place is not None and place.secret:
                problem = Problem(
                    "Everybody on the host can read a command.",
                    "a variable in env, which the program reads",
                    "move it to app.env",
                )
                report.add((*path, "command", index), problem, None, found="a reference to a secret")


RULES: tuple[Callable[[Spec, Report], None], ...] = (
    _one_service_for_each_path,
    _something_is_routed,
    _workers_are_not_routed,
    _singletons_are_single,
    _ports_do_not_collide,
    _volumes_are_apart,
    _names_are_apart,
    _tasks_fit,
    _commands_show_no_secret,
    _domains_differ,
    _caddy_has_no_rate_limit,
    _static_is_served,
    _proof_can_be_counted,
    *store_rules.RULES,
    *cloud_rules.RULES,
    *backup_schema.RULES,
)
