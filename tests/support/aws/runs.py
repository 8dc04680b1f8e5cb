"""Whole runs of the engine against an emulated account, and a picture of what an account has."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.engine import plan_for, run
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.guard import GiveUp
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.model import Outcome, Plan
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.plan import Goal
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.survey import survey
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Found, Kind
from tests.support.aws.emulators import MISSING, REGION
from tests.support.aws.faults import FaultyAccount

# Machines that a group started, and fingerprints of generated secrets: other ones in every account.
CHANCE = re.compile(r"i-[0-9a-f]{17}|(hmac|sha256):[0-9a-f]{64}")
Resources = Sequence[Mapping[str, Any]]


def known(account: Account) -> dict[str, Kind]:
    """The kinds that the account's emulator has."""
    missing = MISSING[getattr(account, "emulator", "moto")]
    return {name: kind for name, kind in kinds().items() if name not in missing}


def goal(
    resources: Resources,
    app: str = "shop",
    *,
    prune: bool = True,
    give_up: Mapping[str, str] | None = None,
    region: str = REGION,
) -> Goal:
    """What a stage playbook asks for."""
    entries = read(resources, kinds(), region)
    return Goal(app, "stage4", region, entries, {}, prune=prune, give_up=GiveUp(dict(give_up or {})))


def planned(account: Account, resources: Resources, app: str = "shop", **more: Any) -> Plan:
    """Check mode."""
    return plan_for(account, goal(resources, app, region=account.region, **more), known(account))


def converge(account: Account, resources: Resources, app: str = "shop", **more: Any) -> tuple[Plan, Outcome]:
    """Plan and apply."""
    return run(account, goal(resources, app, region=account.region, **more), known(account))


def verbs(plan: Plan) -> dict[str, str]:
    """What happens to each, without what is left alone."""
    return {step.key: step.verb for step in plan.steps if step.verb != "keep"}


def holding(resources: Resources) -> dict[str, str]:
    """A ``give_up`` that names every data kind of a blueprint that can make a last snapshot of itself; the others go
    with a backup of just now.
    """
    from datetime import datetime, timezone

    every = kinds()
    now = datetime.now(timezone.utc).isoformat()
    named = {}
    for one in resources:
        kind, name = next(iter(one.items()))
        if every[kind].data:
            named[f"{kind}/{name}"] = "final_snapshot" if every[kind].snapshot else now
    return named


def converge_and_die(account: FaultyAccount, wanted: Goal, call: int) -> bool:
    """Apply in a process of its own that is killed when its ``call``-th call that changes something was answered.

    ``account`` may have its clients already, but no connection: those would be shared with the parent. Answers whether
    it was killed; False when the apply has fewer calls.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            account.die_after = call
            run(account, wanted, kinds())
            status = 0
        finally:
            os._exit(status)
    _pid, ended = os.waitpid(child, 0)
    if os.WIFSIGNALED(ended):
        return True
    assert os.WEXITSTATUS(ended) == 0, f"the apply failed before call {call}"
    return False


def picture(account: Account, app: str = "shop") -> dict[str, Any]:
    """Everything of an app by ``kind/name``, with names in the place of ids, so that two accounts can be compared.

    A list under each key: with more than one member something is there twice.
    """
    here = known(account)
    world = survey(account, app, (), here, list(here))
    found = [one for several in world.values() for one in several if one.app == app and one.state != "deleting"]
    names = {}
    for one in found:
        for output, value in (("id", one.id), *one.outputs.items()):
            if isinstance(value, str) and output != "zone":
                names[value] = f"<{one.kind}/{one.name}>"
    # the longest first: one name may begin with another
    names = dict(sorted(names.items(), key=lambda pair: -len(pair[0])))
    result: dict[str, Any] = {}
    for one in found:
        result.setdefault(f"{one.kind}/{one.name}", []).append(_seen(one, names))
    return dict(sorted(result.items()))


def unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What two pictures have otherwise, down to the attribute."""
    result: dict[str, tuple[Any, Any]] = {}
    for key in sorted({*one, *other}):
        left, right = one.get(key), other.get(key)
        if left is None or right is None or len(left) != 1 or len(right) != 1:
            if left != right:
                result[key] = (left, right)
            continue
        for part in ("attrs", "tags"):
            names = {*left[0][part], *right[0][part]}
            result |= {
                f"{key}.{name}": (left[0][part].get(name), right[0][part].get(name))
                for name in sorted(names)
                if left[0][part].get(name) != right[0][part].get(name)
            }
    return result


def _seen(found: Found, names: Mapping[str, str]) -> Any:
    def named(value: Any) -> Any:
        if isinstance(value, str):
            if CHANCE.fullmatch(value):
                return "<by chance>"
            for made, name in names.items():
                if len(made) > 11:
                    value = value.replace(made, name)
            return value
        if isinstance(value, Mapping):
            return {key: named(one) for key, one in sorted(value.items())}
        if isinstance(value, (list, tuple)):
            return sorted((named(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True, default=str))
        return value

    return {"attrs": named(dict(found.attrs)), "tags": dict(sorted(found.tags.items()))}


# What can be left over without a tag that leads to it: listed whole, whoever it belongs to.
LISTS = (
    ("ec2", "describe_vpcs", "Vpcs"),
    ("ec2", "describe_subnets", "Subnets"),
    ("ec2", "describe_internet_gateways", "InternetGateways"),
    ("ec2", "describe_nat_gateways", "NatGateways"),
    ("ec2", "describe_addresses", "Addresses"),
    ("ec2", "describe_route_tables", "RouteTables"),
    ("ec2", "describe_security_groups", "SecurityGroups"),
    ("ec2", "describe_launch_templates", "LaunchTemplates"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints"),
    ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"),
    ("autoscaling", "describe_policies", "ScalingPolicies"),
    ("autoscaling", "describe_scheduled_actions", "ScheduledUpdateGroupActions"),
    ("elbv2", "describe_load_balancers", "LoadBalancers"),
    ("elbv2", "describe_target_groups", "TargetGroups"),
    ("iam", "list_roles", "Roles"),
    ("iam", "list_instance_profiles", "InstanceProfiles"),
    ("rds", "describe_db_instances", "DBInstances"),
    ("rds", "describe_db_subnet_groups", "DBSubnetGroups"),
    ("rds", "describe_db_parameter_groups", "DBParameterGroups"),
    ("elasticache", "describe_cache_clusters", "CacheClusters"),
    ("elasticache", "describe_replication_groups", "ReplicationGroups"),
    ("elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups"),
    ("elasticache", "describe_cache_parameter_groups", "CacheParameterGroups"),
    ("s3", "list_buckets", "Buckets"),
    ("secretsmanager", "list_secrets", "SecretList"),
    ("ssm", "describe_parameters", "Parameters"),
    ("ecr", "describe_repositories", "repositories"),
    ("logs", "describe_log_groups", "logGroups"),
    ("logs", "describe_metric_filters", "metricFilters"),
    ("sns", "list_topics", "Topics"),
    ("sns", "list_subscriptions", "Subscriptions"),
    ("cloudwatch", "describe_alarms", "MetricAlarms"),
    ("cloudwatch", "list_dashboards", "DashboardEntries"),
    ("route53", "list_hosted_zones", "HostedZones"),
    ("acm", "list_certificates", "CertificateSummaryList"),
)


def census(account: Account) -> Counter[str]:
    """How many there are of each kind of thing in the account, with our tags or without."""
    return Counter({f"{call[0]}:{call[1]}": sum(1 for _one in account.pages(*call)) for call in LISTS})
