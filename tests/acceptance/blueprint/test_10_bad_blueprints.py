"""A hundred bad blueprints: each is refused before AWS is asked for anything, at the right place, with what to do.

Each is the blueprint of shop at stage 4 with one mistake in it. Emulators accept many of these, and AWS refuses them
after minutes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._resource.problems import BlueprintError, Problem
from tests.support.aws.apps import resources
from tests.support.aws.runs import goal

SHOP = resources("shop", "stage4")
Entries = list[dict[str, Any]]
Mutation = Callable[[Entries], None]


@dataclass(frozen=True)
class Bad:
    """One mistake. ``where`` is how the place of the problem begins."""

    name: str
    where: str
    mutation: Mutation


def the(entries: Entries, key: str) -> dict[str, Any]:
    kind, name = key.split("/")
    return next(one for one in entries if next(iter(one.items())) == (kind, name))


def edit(key: str, where: str = "", **fields: Any) -> Bad:
    """The entry with other fields; a field that is None is taken out. ``where`` is the field's path."""
    path = where or next(iter(fields))
    label = "-".join([key, *(f"{name}={value}" for name, value in fields.items())])

    def mutation(entries: Entries) -> None:
        entry = the(entries, key)
        for name, value in fields.items():
            if value is None:
                entry.pop(name, None)
            else:
                entry[name] = value

    return Bad(label, path if "/" in path or path.startswith("resources") else f"{key}.{path}", mutation)


def add(where: str, **entry: Any) -> Bad:
    return Bad(f"add-{entry}", where, lambda entries: entries.append(dict(entry)))


def drop(key: str, where: str) -> Bad:
    """Without an entry that others name."""
    return Bad(f"drop-{key}", where, lambda entries: entries.remove(the(entries, key)))


BAD = [
    # kinds, names and fields
    add(f"resources[{len(SHOP)}]", virtual_network="main"),
    add(f"resources[{len(SHOP)}]", name="x", vpc="other"),
    add(f"resources[{len(SHOP)}].vpc", vpc="Main VPC", cidr="10.9.0.0/16"),
    add(f"resources[{len(SHOP)}].vpc", vpc="main_2", cidr="10.9.0.0/16"),
    add(f"resources[{len(SHOP)}].vpc", vpc="x" * 80, cidr="10.9.0.0/16"),
    add("vpc/main", vpc="main", cidr="10.9.0.0/16"),
    add("vpc/other.cidr", vpc="other"),
    edit("vpc/main", "colour", colour="red"),
    edit("subnet/private-a", "cdir", cdir="10.0.11.0/24"),
    edit("vpc/main", "tags.aws:owner", tags={"aws:owner": "me"}),
    edit("vpc/main", "tags.stairway:app", tags={"stairway:app": "other"}),
    edit("vpc/main", "after", after=["subnet/nowhere"]),
    # references to nothing, and rings
    drop("vpc/main", "subnet/public-a.vpc"),
    drop("internet_gateway/main", "route_table/public.routes"),
    drop("security_group/alb", "load_balancer/main.security_groups"),
    drop("target_group/app", "listener/https.action"),
    drop("launch_template/app", "autoscaling_group/app.launch_template"),
    drop("role/app", "launch_template/app.role"),
    drop("elastic_ip/nat", "nat_gateway/nat.elastic_ip"),
    drop("certificate/main", "listener/https.certificate"),
    drop("dns_zone/main", "certificate/main.zone"),
    drop("topic/critical", "alarm/unhealthy-targets-app.topics"),
    edit("subnet/private-a", vpc="mian"),
    edit("subnet/public-a", "subnet/public-a", after=["route_table/public"]),
    edit("vpc/main", "vpc/main", after=["subnet/public-a"]),
    # networks
    edit("vpc/main", cidr="10.0.0.0/33"),
    edit("vpc/main", cidr="10.0.0.1/16"),
    edit("vpc/main", cidr="10.0.0.0/8"),
    edit("vpc/main", cidr="ten"),
    add("vpc/other.cidr", vpc="other", cidr="10.0.128.0/17"),
    edit("subnet/private-a", cidr="10.1.11.0/24"),
    edit("subnet/private-c", cidr="10.0.11.128/25"),
    edit("subnet/private-a", cidr="10.0.11.0/29"),
    edit("subnet/private-a", zone="us-east-1a"),
    edit("subnet/private-a", zone="ap-northeast-2"),
    edit("route_table/private", "routes", routes=[{"to": "0.0.0.0/0"}]),
    edit("route_table/private", "routes", routes=[{"to": "0.0.0.0/0", "nat_gateway": "nat", "internet_gateway": "main"}]),
    edit("route_table/private", "routes", routes=[{"to": "everywhere", "nat_gateway": "nat"}]),
    edit("route_table/private", "routes",
         routes=[{"to": "0.0.0.0/0", "nat_gateway": "nat"}, {"to": "0.0.0.0/0", "internet_gateway": "main"}]),
    edit("route_table/private", "route_table/public.subnets", subnets=["private-a", "private-c", "public-a"]),
    edit("vpc_endpoint/s3", "vpc_endpoint/s3", service="s4"),
    edit("nat_gateway/nat", subnet="private-a"),
    # security groups
    edit("security_group/app", "ingress", ingress=[{"port": 70000, "from": "alb"}]),
    edit("security_group/app", "ingress", ingress=[{"port": 8080, "from": "0.0.0.0"}]),
    edit("security_group/app", "ingress", ingress=[{"port": 8080, "from": "nobody"}]),
    edit("security_group/app", "ingress", ingress=[{"port": 8080}]),
    edit("security_group/app", "ingress", ingress=[{"port": 8080, "from": "alb", "protocol": "http"}]),
    edit("security_group/app", "ingress", ingress=[{"from_port": 90, "to_port": 80, "from": "alb"}]),
    edit("security_group/app", "ingress", ingress=[{"port": 22, "from": "alb", "description": "naïve\n"}]),
    # machines
    edit("launch_template/app", size="t3.smal"),
    edit("launch_template/app", size="db.t3.small"),
    edit("launch_template/app", size="t9.mega"),
    edit("launch_template/app", image="debian-31"),
    edit("launch_template/app", image="ami-123"),
    edit("launch_template/app", "image", size="t4g.small", image="ami-xyz"),
    edit("launch_template/app", "root_volume", root_volume={"size_gb": 0}),
    edit("launch_template/app", "root_volume", root_volume={"size_gb": 20, "type": "gp9"}),
    edit("autoscaling_group/app", "autoscaling_group/app", minimum=7),
    edit("autoscaling_group/app", "maximum", desired=9),
    edit("autoscaling_group/app", "subnets", subnets=[]),
    edit("autoscaling_group/app", "health_check", health_check="ping"),
    edit("autoscaling_group/app", "schedules", schedules={"up": {"at": "at nine", "desired": 3}}),
    edit("autoscaling_group/app", "schedules", schedules={"up": {"at": "0 9 * * MON-FRI", "desired": 3, "time_zone": "Seoul"}}),
    edit("autoscaling_group/app", "target_tracking", target_tracking={"cpu": {"metric": "cpu", "target": 160}}),
    edit("autoscaling_group/app", "termination_policies", termination_policies=["youngest"]),
    # load balancer, certificate, names
    edit("load_balancer/main", "subnets", subnets=["public-a"]),
    edit("load_balancer/main", "subnets", subnets=["public-a", "public-a"]),
    edit("load_balancer/main", "subnets", subnets=["private-a", "private-c"]),
    edit("load_balancer/main", "idle_seconds", idle_seconds=9000),
    edit("load_balancer/main", "scheme", scheme="public"),
    edit("target_group/app", "health_check", health_check={"path": "actuator/health"}),
    edit("target_group/app", "health_check", health_check={"path": "/", "interval_seconds": 5, "timeout_seconds": 10}),
    edit("target_group/app", "port", port=0),
    edit("target_group/app", "deregistration_delay_seconds", deregistration_delay_seconds=4000),
    edit("target_group/app", "protocol", protocol="GOPHER"),
    edit("listener/https", "certificate", certificate=None),
    edit("listener/http", "listener/https.port", port=443),
    edit("listener/https", "action", action={"forward": "app", "redirect": {"protocol": "HTTPS"}}),
    edit("certificate/main", "domain", domain="shop_example"),
    edit("certificate/main", "certificate/main", domain="shop.other.org"),
    edit("dns_record/main", "dns_record/main", domain="shop.other.org"),
    edit("dns_record/main", "type", type="AAA"),
    edit("dns_record/main", "dns_record/main", load_balancer=None),
    # stores
    edit("database/db", engine="oracle"),
    edit("database/db", version="9.9"),
    edit("database/db", version="16"),
    edit("database/db", size="db.t4g.medum"),
    edit("database/db", size="t4g.medium"),
    edit("database/db", storage_gb=5),
    edit("database/db", "max_storage_gb", max_storage_gb=40),
    edit("database/db", "subnets", subnets=["private-a"]),
    edit("database/db", backup_window="3-4"),
    edit("database/db", "backup_window", backup_window="03:00-03:10"),
    edit("database/db", "database/db", backup_window="04:00-05:00", maintenance_window="sun:04:30-sun:05:30"),
    edit("database/db", backup_keep_days=90),
    edit("database/db", "username", username="rdsadmin"),
    edit("cache/cache", version="9.1"),
    edit("cache/cache", size="cache.t4g.smal"),
    edit("cache/cache", "cache/cache", multi_az=True, replicas=0),
    edit("cache/cache", "snapshot_window", snapshot_window="3am"),
    # files, secrets, images
    edit("bucket/data", "bucket_name", bucket_name="Ecommerce_Data"),
    edit("bucket/data", "bucket_name", bucket_name="10.0.0.1"),
    edit("bucket/data", "lifecycle", lifecycle=[{"name": "x", "archive_days": 90, "expire_days": 30}]),
    edit("secret/jwt", "path", path="jwt signing key"),
    edit("parameter/env-config", "path", path="no/slash/first and blanks"),
    edit("repository/ecommerce-app", "keep_images", keep_images=-1),
    # watch and money
    edit("log_group/app", "keep_days", keep_days=8),
    edit("log_group/app", "log_name", log_name="with blanks?"),
    edit("alarm/errors", "compare", compare="=>"),
    edit("alarm/errors", "period_seconds", period_seconds=45),
    edit("alarm/errors", "statistic", statistic="Mean"),
    edit("topic/warning", "subscriptions", subscriptions=[{"email": "nobody"}]),
    edit("topic/warning", "subscriptions", subscriptions=[{"sms": "010-1234"}]),
    edit("budget/month", "monthly_limit", monthly_limit=-5),
    edit("dashboard/overview", "widgets", widgets=[{"title": "x", "width": 99, "lines": []}]),
]  # fmt: skip


def problems(*bad: Bad) -> tuple[Problem, ...]:
    entries = copy.deepcopy(SHOP)
    for one in bad:
        one.mutation(entries)
    with pytest.raises(BlueprintError) as caught:
        goal(entries)
    return caught.value.problems


def test_the_blueprint_itself_is_good() -> None:
    goal(SHOP)


def test_there_are_a_hundred() -> None:
    assert len({one.name for one in BAD}) >= 100


@pytest.mark.parametrize("bad", BAD, ids=lambda one: one.name[:90])
def test_is_refused_before_aws_is_asked(bad: Bad) -> None:
    found = problems(bad)
    here = [one for one in found if one.where.startswith(bad.where)]
    assert here, f"not at {bad.where}, but: " + "; ".join(f"{one.where}: {one.message}" for one in found)
    for one in here:
        assert one.message.endswith(".")
        assert one.found
        assert one.suggestion or one.expected


def test_all_are_told_at_once() -> None:
    together = [
        one for one in BAD if one.name.startswith(("alarm", "topic", "budget", "log_group", "cache", "target_group"))
    ]
    # of two mistakes in one field only the last is there
    last = {one.where: one for one in together}
    found = problems(*last.values())
    assert {where for where in last if any(one.where.startswith(where) for one in found)} == set(last)
