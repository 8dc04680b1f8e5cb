"""What only two values together can break, about ``app.cloud`` and what stores have in ``managed``."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

from .._common.suggest import listing, nearest
from .cloud_scalars import METRICS, vpc_cidr
from .mistakes import Path
from .reading import Report, known
from .scalars import words
from .shapes import Problem

Spec = dict[str, Any]


def _cloud(spec: Spec) -> Spec | None:
    return spec["cloud"] if known(spec["cloud"]) else None


def _part(spec: Spec, *keys: str) -> Any:
    """A mapping inside ``cloud``, or None."""
    found = _cloud(spec)
    for key in keys:
        found = found[key] if isinstance(found, dict) and known(found[key]) else None
    return found


def _entries(values: Any) -> Iterator[tuple[Any, Any]]:
    """The entries of a list or mapping that could be read."""
    pairs = values.items() if isinstance(values, dict) else enumerate(values if isinstance(values, list) else [])
    return ((key, value) for key, value in pairs if known(value))


def _zones_are_of_the_region(spec: Spec, report: Report) -> None:
    cloud = _cloud(spec)
    if cloud is None or not known(cloud["region"]):
        return
    seen: set[str] = set()
    for index, zone in _entries(cloud["zones"]):
        path = ("cloud", "zones", index)
        if not zone.startswith(cloud["region"]):
            expected = f"a zone of {cloud['region']}"
            report.add(path, Problem("This zone is in another region.", expected, cloud["region"] + zone[-1]), zone)
        elif zone in seen:
            report.add(path, Problem("The same zone stands here twice.", "each zone once", "take one out"), zone)
        seen.add(zone)
    if known(cloud["zones"]) and len(cloud["zones"]) == 1:
        expected = "two zones: a load balancer and a managed store want two"
        report.add(("cloud", "zones"), Problem("One zone is not enough.", expected), None, found="one zone")


def _subnets_fit(spec: Spec, report: Report) -> None:
    network = _part(spec, "network")
    if network is None or not known(network["cidr"]):
        return
    whole = ipaddress.ip_network(network["cidr"])
    seen: list[Any] = []
    for kind in ("public", "private"):
        for index, text in _entries(network[kind]):
            path = ("cloud", "network", kind, index)
            if vpc_cidr(text) is not None:
                continue
            mine = ipaddress.ip_network(text)
            other = next((one for one in seen if mine.overlaps(one)), None)
            if not mine.subnet_of(whole):  # type: ignore[arg-type]
                report.add(path, Problem("This network is not a part of the VPC.", f"a part of {whole}"), text)
            elif other is not None:
                report.add(path, Problem("Two subnets overlap.", f"a network outside {other}"), text)
            seen.append(mine)


def _subnets_are_one_for_each_zone(spec: Spec, report: Report) -> None:
    cloud, network = _cloud(spec), _part(spec, "network")
    if cloud is None or network is None or not known(cloud["zones"]):
        return
    zones = len(cloud["zones"]) or 2
    for kind in ("public", "private"):
        given = network[kind]
        if known(given) and given and len(given) != zones:
            problem = Problem(
                "There has to be one subnet for each zone.", f"{zones} networks, in the order of the zones"
            )
            report.add(("cloud", "network", kind), problem, None, found=f"{len(given)} for {zones} zones")
        elif network["vpc"] is not None and known(given) and not all(str(one).startswith("subnet-") for one in given):
            expected = "ids of subnets, since the VPC is there already"
            report.add(
                ("cloud", "network", kind),
                Problem("These subnets are not of that VPC.", expected),
                None,
                found="networks",
            )
    if network["vpc"] is not None and known(network["private"]) and not network["private"]:
        problem = Problem(
            "A VPC that is there already needs its subnets named.", "the ids of its subnets", "private: [subnet-...]"
        )
        report.add(("cloud", "network", "private"), problem, None)


def _counts_are_in_order(spec: Spec, report: Report) -> None:
    compute = _part(spec, "compute")
    if compute is None or not all(known(compute[key]) for key in ("min", "max")):
        return
    low, high = compute["min"], compute["max"]
    if low > high:
        report.add(
            ("cloud", "compute", "max"),
            Problem("The largest is smaller than the least.", f"at least {low}", str(low)),
            high,
        )
        return
    desired = compute["desired"]
    if known(desired) and not low <= desired <= high:
        problem = Problem("So many are outside the bounds.", f"{low} to {high}", str(min(max(desired, low), high)))
        report.add(("cloud", "compute", "desired"), problem, desired)
    schedules = _part(spec, "compute", "scaling", "schedules")
    for index, schedule in _entries(schedules):
        path = ("cloud", "compute", "scaling", "schedules", index)
        if all(schedule[key] is None for key in ("desired", "min", "max")):
            problem = Problem("This schedule changes nothing.", "desired, min or max", "desired: 3")
            report.add((*path, "desired"), problem, None)
        elif known(schedule["desired"]) and schedule["desired"] > high and schedule["max"] is None:
            problem = Problem("So many are outside the bounds.", f"at most {high}", str(high))
            report.add((*path, "desired"), problem, schedule["desired"])


def _one_limit(path: Path, entry: Spec, report: Report) -> None:
    if entry["above"] is None and entry["below"] is None:
        report.add((*path, "above"), Problem("A limit is missing.", "above or below", "above: 80"), None)
    elif entry["above"] is not None and entry["below"] is not None:
        report.add(
            (*path, "below"),
            Problem("There are two limits.", "above or below, not both", "take one out"),
            None,
            found="both",
        )


def _steps_have_a_limit(spec: Spec, report: Report) -> None:
    for index, step in _entries(_part(spec, "compute", "scaling", "steps")):
        path = ("cloud", "compute", "scaling", "steps", index)
        _one_limit(path, step, report)
        if step["change"] == 0:
            report.add((*path, "change"), Problem("This step changes nothing.", "a number but 0", "1"), 0)


def _filters(spec: Spec) -> list[str] | None:
    logs = _part(spec, "watch", "logs")
    if logs is None or not known(logs["filters"]):
        return None
    return [one["name"] for _index, one in _entries(logs["filters"]) if known(one["name"])]


def _metrics_exist(spec: Spec, report: Report) -> None:
    filters = _filters(spec)
    if filters is None:
        return
    rates = _part(spec, "watch", "logs", "rates")
    metrics = [*METRICS, *filters, *(one["name"] for _index, one in _entries(rates) if known(one["name"]))]
    for index, rate in _entries(rates):
        for side in ("good", "bad"):
            if known(rate[side]) and rate[side] not in filters:
                expected = f"one of {listing(filters)}" if filters else "a filter, and there is none"
                problem = Problem("There is no such filter.", expected, nearest(rate[side], filters))
                report.add(("cloud", "watch", "logs", "rates", index, side), problem, rate[side])
    for index, alarm in _entries(_part(spec, "watch", "alarms")):
        path: Path = ("cloud", "watch", "alarms", index)
        _metric((*path, "metric"), alarm["metric"], metrics, report)
        if alarm["metric"] not in ("instance_down", "database_failover"):
            _one_limit(path, alarm, report)
    for index, widget in _entries(_part(spec, "watch", "dashboard")):
        _metric(("cloud", "watch", "dashboard", index), widget, metrics, report)


def _metric(path: Path, value: Any, metrics: list[str], report: Report) -> None:
    if known(value) and value not in metrics:
        report.add(
            path, Problem("There is no such metric.", f"one of {listing(metrics)}", nearest(value, metrics)), value
        )


def _stores_are_there(spec: Spec, report: Report) -> None:
    names = list(spec["stores"]) if known(spec["stores"]) else []
    for table in ("secrets", "parameters"):
        for key, entry in _entries(_part(spec, table)):
            store = entry["store"]
            if known(store) and store not in names:
                expected = f"one of {words(names)}" if names else "a store of this app, and it has none"
                report.add(
                    ("cloud", table, key, "store"),
                    Problem("There is no such store.", expected, nearest(store, names)),
                    store,
                )


def _secrets_hold_something(spec: Spec, report: Report) -> None:
    for key, entry in _entries(_part(spec, "secrets")):
        if (entry["store"] is None) == (entry["env"] == []):
            problem = Problem("A secret holds variables, or a store's password.", "env or store", "env: [JWT_SECRET]")
            report.add(
                ("cloud", "secrets", key, "env"), problem, None, found="neither" if entry["store"] is None else "both"
            )
    for key, entry in _entries(_part(spec, "parameters")):
        if (entry["store"] is None) == (entry["value"] is None):
            problem = Problem("A parameter is a text, or what a store tells.", "value or store", "store: db")
            report.add(
                ("cloud", "parameters", key, "value"),
                problem,
                None,
                found="neither" if entry["store"] is None else "both",
            )


def _secrets_name_variables(spec: Spec, report: Report) -> None:
    variables = _variables(spec)
    if variables is None:
        return
    lowered = {variable.lower(): variable for variable in variables}
    for key, entry in _entries(_part(spec, "secrets")):
        for index, variable in _entries(entry["env"]):
            if variable not in variables:
                better = lowered.get(nearest(variable, lowered) or "")
                problem = Problem("No service has this variable.", "a variable of app.env", better)
                report.add(("cloud", "secrets", key, "env", index), problem, None, found=variable)


def _variables(spec: Spec) -> set[str] | None:
    """Every variable that a service gets, or None where some could not be read."""
    if not known(spec["services"]):
        return None
    holders = [spec, *(one for key in ("services", "stores") for _name, one in _entries(spec[key]))]
    tables = [holder["env"] for holder in holders]
    if not all(known(table) or table is None for table in tables):
        return None
    return {variable for table in tables for variable in table or {}}


def _budget_has_a_limit(spec: Spec, report: Report) -> None:
    cloud, budget = _cloud(spec), _part(spec, "budget")
    if cloud is not None and budget is not None and budget["monthly"] is None and cloud["plan_max_monthly"] is None:
        problem = Problem("The budget has no amount.", "monthly, or plan_max_monthly", "monthly: 100")
        report.add(("cloud", "budget", "monthly"), problem, None)


def _managed_fits_its_engine(spec: Spec, report: Report) -> None:
    for name, store in _entries(spec["stores"] if known(spec["stores"]) else {}):
        managed = store["managed"]
        if not known(managed) or not known(store["engine"]):
            continue
        path = ("stores", name, "managed")
        wanted = "cache." if store["engine"] == "redis" else "db."
        if known(managed["size"]) and not managed["size"].startswith(wanted):
            better = wanted + managed["size"].split(".", 1)[1]
            report.add(
                (*path, "size"),
                Problem("This size is not of this kind of store.", f"a size that starts with {wanted}", better),
                managed["size"],
            )
        if store["engine"] != "redis" and known(managed["shards"]):
            report.add(
                (*path, "shards"), Problem("Only Redis has shards.", "no shards", "take out shards"), managed["shards"]
            )
        _storage(path, managed, report)


def _storage(path: Path, managed: Spec, report: Report) -> None:
    least, most = managed["storage_gb"], managed["storage_max_gb"]
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
    if known(least) and known(most) and most * 10 < least * 11:
        needed = -(-least * 11 // 10)
        report.add(
            (*path, "storage_max_gb"),
            Problem("This leaves no room to grow.", f"at least {needed}, a tenth more than storage_gb", str(needed)),
            most,
        )


RULES: tuple[Callable[[Spec, Report], None], ...] = (
    _zones_are_of_the_region,
    _subnets_fit,
    _subnets_are_one_for_each_zone,
    _counts_are_in_order,
    _steps_have_a_limit,
    _metrics_exist,
    _stores_are_there,
    _secrets_hold_something,
    _secrets_name_variables,
    _budget_has_a_limit,
    _managed_fits_its_engine,
)
