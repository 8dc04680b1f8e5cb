"""Every mistake that a person can make in ``app.cloud`` and in a store's ``managed``; as test_mistakes.py."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import find_mistakes, parse
from ansible_collections.stairway.cloud.plugins.module_utils._app.source import load

RIGHT = """app:
  name: shop
  domains: [shop.example.com]
  services:
    web: {image: ghcr.io/acme/shop-web, port: 8080}
  env:
    JWT_KEY: "{{ vault_jwt_key }}"
  stores:
    db: {engine: mysql, version: "8.0", database: shop, user: shop, password: "{{ vault_db }}"}
    cache: {engine: redis, version: "7", password: "{{ vault_cache }}"}
  cloud:
    region: ap-northeast-2
"""


class Case(NamedTuple):
    """``new`` is put behind the spec, ``{db}`` and ``{cache}`` into the stores; the rest is what the mistake says."""

    new: str
    path: str
    found: str
    expected: str
    suggestion: str | None


NET = "network: "
COM = "compute: "
CASES = {
    # where
    "zone of another region": Case("zones: [us-east-1a, ap-northeast-2c]", "zones[0]", "us-east-1a", "a zone of ap-northeast-2", "ap-northeast-2a"),
    "zone twice": Case("zones: [ap-northeast-2a, ap-northeast-2a]", "zones[1]", "ap-northeast-2a", "each zone once", "take one out"),
    "one zone": Case("zones: [ap-northeast-2a]", "zones", "one zone", "two zones", None),
    "zone without a letter": Case("zones: [ap-northeast-2, ap-northeast-2c]", "zones[0]", '"ap-northeast-2"', "ap-northeast-2a", "ap-northeast-2a"),
    "key of the cloud": Case("ecr: {}", "ecr", "ecr", "one of region, zones", "registry"),
    "tag of AWS": Case('tags: {"aws:x": y}', "tags.aws:x", "aws:x", "neither aws: nor stairway:", None),
    "price negative": Case("plan_max_monthly: 0", "plan_max_monthly", "0", "1 to 10000000", "1"),
    "price with a sign": Case('plan_max_monthly: "$120"', "plan_max_monthly", "$120", "whole number", None),
    # network
    "cidr with bits behind": Case(NET + "{cidr: 10.0.0.1/16}", "network.cidr", "10.0.0.1/16", "10.0.0.0/16", "10.0.0.0/16"),
    "cidr too large": Case(NET + "{cidr: 10.0.0.0/8}", "network.cidr", "10.0.0.0/8", "/16 to /28", None),
    "cidr a word": Case(NET + "{cidr: all}", "network.cidr", '"all"', "a network such as", None),
    "subnet outside": Case(NET + "{public: [10.1.1.0/24, 10.0.2.0/24]}", "network.public[0]", "10.1.1.0/24", "a part of 10.0.0.0/16", None),
    "subnets overlap": Case(NET + "{public: [10.0.0.0/20, 10.0.1.0/24]}", "network.public[1]", "10.0.1.0/24", "outside 10.0.0.0/20", None),
    "one subnet for two zones": Case(NET + "{public: [10.0.1.0/24]}", "network.public", "1 for 2 zones", "2 networks", None),
    "nat a number": Case(NET + "{nat: yes}", "network.nat", "true, which YAML makes of yes", "gateway, instance, none", None),
    "nat mistyped": Case(NET + "{nat: gatway}", "network.nat", "gatway", "gateway, instance or none", "gateway"),
    "vpc by name": Case(
        NET + "{vpc: main, private: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}", "network.vpc", '"main"', "vpc-0123456789abcdef0", None),
    "vpc without subnets": Case(NET + "{vpc: vpc-0123456789abcdef0}", "network.private", "nothing", "ids of its subnets", "private: [subnet-...]"),
    "endpoint": Case(NET + "{endpoints: [dynamo]}", "network.endpoints[0]", "dynamo", "s3", None),
    # machines
    "size of a database": Case(COM + "{size: db.t3.small}", "compute.size", "db.t3.small", "t3.small", "t3.small"),
    "size a word": Case(COM + "{size: small}", "compute.size", '"small"', "such as t3.small", None),
    "Amazon Linux": Case(COM + "{image: amazon-linux-2023}", "compute.image", "amazon-linux", "debian-13", "debian-13"),
    "image mistyped": Case(COM + "{image: debian13}", "compute.image", "debian13", "debian-13", "debian-13"),
    "most below least": Case(COM + "{min: 3, max: 2}", "compute.max", "2", "at least 3", "3"),
    "desired outside": Case(COM + "{min: 2, max: 6, desired: 8}", "compute.desired", "8", "2 to 6", "6"),
    "grace with a unit": Case(COM + "{health_grace_seconds: 180s}", "compute.health_grace_seconds", "180s", "seconds", "180"),
    "termination": Case(COM + "{termination: [OldestInstance]}", "compute.termination[0]", "OldestInstance", "oldest_instance", "oldest_instance"),
    "cpu above 100": Case(COM + "{scaling: {cpu_percent: 600}}", "compute.scaling.cpu_percent", "600", "1 to 100", "100"),
    "cpu with a sign": Case(COM + "{scaling: {cpu_percent: 60%}}", "compute.scaling.cpu_percent", "60%", "percent", "60"),
    "step without a limit": Case(
        COM + "{scaling: {steps: [{metric: cpu, change: 1}]}}", "compute.scaling.steps[0].above", "nothing", "above or below", "above: 80"),
    "step with two limits": Case(
        COM + "{scaling: {steps: [{metric: cpu, above: 70, below: 30, change: 1}]}}", "compute.scaling.steps[0].below", "both", "not both", "take one out"),
    "step of nothing": Case(COM + "{scaling: {steps: [{metric: cpu, above: 70, change: 0}]}}", "compute.scaling.steps[0].change", "0", "a number but 0", "1"),
    "schedule as a time": Case(
        COM + '{scaling: {schedules: [{name: up, at: "09:00", desired: 2}]}}', "compute.scaling.schedules[0].at", "09:00", "five fields", "0 9 * * *"),
    "schedule out of bounds": Case(
        COM + '{scaling: {schedules: [{name: up, at: "0 25 * * *", desired: 2}]}}', "compute.scaling.schedules[0].at", "0 25", "five fields", None),
    "schedule changes nothing": Case(
        COM + '{scaling: {schedules: [{name: up, at: "0 9 * * *"}]}}', "compute.scaling.schedules[0].desired", "nothing", "desired, min or max", "desired: 3"),
    "schedule beyond the most": Case(
        COM + '{scaling: {schedules: [{name: up, at: "0 9 * * *", desired: 9}]}}', "compute.scaling.schedules[0].desired", "9", "at most 4", "4"),
    "time zone": Case(
        COM + '{scaling: {schedules: [{name: up, at: "0 9 * * *", desired: 2, time_zone: KST}]}}',
        "compute.scaling.schedules[0].time_zone", "KST", "Asia/Seoul", "Asia/Seoul"),
    # doors
    "SSH from everywhere": Case("access: {ssh_from: [0.0.0.0/0]}", "access.ssh_from[0]", "0.0.0.0/0", "203.0.113.7/32", None),
    "SSH from a host name": Case("access: {ssh_from: [office.example.com]}", "access.ssh_from[0]", "office", "203.0.113.7/32", None),
    # the edge
    "certificate by name": Case("balancer: {certificate: main}", "balancer.certificate", '"main"', "arn:aws:acm:", None),
    "health twice of one": Case("balancer: {health: {healthy: 1}}", "balancer.health.healthy", "1", "2 to 10", "2"),
    "key of AWS": Case("balancer: {stickiness: 60}", "balancer.stickiness", "stickiness", "idle_seconds", "sticky_seconds"),
    "zone id of a path": Case("zone: {name: example.com, id: /hostedzone/Z0123}", "zone.id", "/hostedzone", "an id such as", "Z0123"),
    "limit of the firewall": Case("waf: {limits: [{name: all, requests: 5}]}", "waf.limits[0].requests", "5", "10 to", "10"),
    "window of the firewall": Case("waf: {limits: [{name: all, requests: 50, per_seconds: 90}]}", "waf.limits[0].per_seconds", "90", "60, 120, 300", "60"),
    # files, secrets, images
    "bucket name": Case("buckets: {data: {bucket_name: Shop_Data}}", "buckets.data.bucket_name", "Shop_Data", "3 to 63", "shop-data"),
    "prefix with a slash": Case("buckets: {data: {write: [/logs/]}}", "buckets.data.write[0]", "/logs/", "logs/", "logs/"),
    "prefix with a star": Case("buckets: {data: {write: ['logs/*']}}", "buckets.data.write[0]", "logs/*", "logs/", "logs/"),
    "secret of nothing": Case("secrets: {jwt: {}}", "secrets.jwt.env", "neither", "env or store", "env: [JWT_SECRET]"),
    "secret of no variable": Case("secrets: {jwt: {env: [JWT_KEI]}}", "secrets.jwt.env[0]", "JWT_KEI", "a variable of app.env", "JWT_KEY"),
    "secret of no store": Case("secrets: {d: {store: dbb}}", "secrets.d", "d", "two characters", None),
    "secret of another store": Case("secrets: {main: {store: dbb}}", "secrets.main.store", "dbb", "cache or db", "db"),
    "parameter of nothing": Case("parameters: {host: {}}", "parameters.host.value", "neither", "value or store", "store: db"),
    "parameter without a slash": Case("parameters: {host: {path: shop/host, store: db}}", "parameters.host.path", "shop/host", "/chat/db-host", "/shop/host"),
    "images none": Case("registry: {keep_images: 0}", "registry.keep_images", "0", "1 to 1000", "1"),
    # the watch
    "no such metric": Case("watch: {alarms: [{metric: cpus, above: 8}]}", "watch.alarms[0].metric", "cpus", "cpu", "cpu"),
    "alarm without a limit": Case("watch: {alarms: [{metric: cpu}]}", "watch.alarms[0].above", "nothing", "above or below", "above: 80"),
    "alarm with two": Case("watch: {alarms: [{metric: cpu, above: 8, below: 2}]}", "watch.alarms[0].below", "both", "not both", "take one out"),
    "severity": Case("watch: {alarms: [{metric: cpu, above: 8, severity: P1}]}", "watch.alarms[0].severity", "P1", "critical or warning", None),
    "no such widget": Case("watch: {dashboard: [error]}", "watch.dashboard[0]", "error", "errors", "errors"),
    "days of logs": Case("watch: {logs: {keep_days: 10}}", "watch.logs.keep_days", "10", "7, 14", "14"),
    "rate of no filter": Case("watch: {logs: {rates: [{name: ok, good: fine, bad: errors}]}}", "watch.logs.rates[0].good", "fine", "errors", None),
    "telephone without a country": Case("watch: {sms: ['010-1234-5678']}", "watch.sms[0]", "010-1234-5678", "+821012345678", None),
    "telephone with hyphens": Case("watch: {sms: ['+82-10-1234-5678']}", "watch.sms[0]", "+82-10", "+821012345678", "+821012345678"),
    "addresses of the watch": Case("watch: {email: [a@example.com]}", "watch.email", "email", "logs, alarms", "alerts.email"),
    "budget of nothing": Case("budget: {}", "budget.monthly", "nothing", "plan_max_monthly", "monthly: 100"),
    # stores
    "size of a cache for a database": Case("{db: {size: cache.t4g.small}}", "db.managed.size", "cache.t4g.small", "starts with db.", "db.t4g.small"),
    "size without db": Case("{db: {size: t4g.small}}", "db.managed.size", "t4g.small", "db.t4g.medium", "db.t4g.small"),
    "no room to grow": Case("{db: {storage_gb: 50, storage_max_gb: 52}}", "db.managed.storage_max_gb", "52", "at least 55", "55"),
    "shards of a database": Case("{db: {shards: 2}}", "db.managed.shards", "2", "no shards", "take out shards"),
    "backups too long": Case("{db: {backup_days: 90}}", "db.managed.backup_days", "90", "0 to 35", "35"),
    "window too short": Case('{db: {backup_window: "03:00-03:10"}}', "db.managed.backup_window", "03:00-03:10", "30 minutes", None),
    "window of a day for a week": Case('{db: {maintenance_window: "04:00-05:00"}}', "db.managed.maintenance_window", "04:00", "sun:04:00-sun:05:00", None),
    "window as people write it": Case(
        '{db: {maintenance_window: "Sun 04:00-05:00"}}', "db.managed.maintenance_window", "Sun", "sun:04:00", '"sun:04:00-sun:05:00"'),
    "store open to everybody": Case("{db: {access_from: [0.0.0.0/0]}}", "db.managed.access_from[0]", "0.0.0.0/0", "203.0.113.7/32", None),
    "encryption": Case("{cache: {encryption: off}}", "cache.managed.encryption", "false, which YAML makes of off", "full, at_rest, none", None),
    "parameter a number": Case("{cache: {parameters: {timeout: 300}}}", "cache.managed.parameters.timeout", "300", "a text", '"300"'),
}  # fmt: skip


def spec(case: Case) -> str:
    """The spec with the mistake in it."""
    if not case.new.startswith("{"):
        return f"{RIGHT}    {case.new}\n"
    name = case.path.split(".")[0]
    value = case.new.removeprefix(f"{{{name}: ").removesuffix("}")
    return "\n".join(
        line.removesuffix("}") + f", managed: {value}}}" if line.startswith(f"    {name}: ") else line
        for line in RIGHT.splitlines()
    )


def test_the_spec_that_the_cases_change_is_right() -> None:
    assert find_mistakes([load(RIGHT, "app.yml")]) == []


@pytest.mark.parametrize("name", CASES)
def test_mistake(name: str) -> None:
    case = CASES[name]
    path = f"app.stores.{case.path}" if case.new.startswith("{") else f"app.cloud.{case.path}"
    mistakes = find_mistakes([load(spec(case), "app.yml")])
    matching = [mistake for mistake in mistakes if mistake.path == path]
    assert matching, [str(mistake) for mistake in mistakes]
    assert case.found in matching[0].found
    assert case.expected in matching[0].expected
    if case.suggestion is None:
        assert matching[0].suggestion is None
    else:
        assert case.suggestion in (matching[0].suggestion or "")
    assert matching[0].line is not None


@pytest.mark.parametrize("name", sorted(set(CASES) - {"secret of no store"}))
def test_one_mistake_causes_no_other(name: str) -> None:
    assert len(find_mistakes([load(spec(CASES[name]), "app.yml")])) == 1


def test_a_spec_without_a_cloud_has_none() -> None:
    data = {"name": "ab", "domains": ["a.b.c"], "services": {"web": {"image": "a/b", "port": 80}}}
    assert parse(data).cloud is None


def test_a_region_is_enough() -> None:
    data = {
        "name": "ab", "domains": ["a.b.c"], "services": {"web": {"image": "a/b", "port": 80}},
        "cloud": {"region": "eu-west-1"},
    }  # fmt: skip
    cloud = parse(data).cloud
    assert cloud is not None
    assert cloud.compute.scaling.warmup_seconds == 180
    assert cloud.watch.logs.filters[0].pattern == "ERROR"
