"""What stage 4 of shop has in AWS, asked with boto3 and nothing else: many threads in one process.

It asks for whatever a comparison with the blueprint needs (attributes, policies, tags), compares nothing, and prints
how many of each it saw. Like the script of someone who knows AWS well, it lists in pages, filters by tag where AWS can,
and asks for one resource at a time only where there is no other way. Written for the comparison; takes the endpoint
from ``AWS_ENDPOINT_URL``. ``python bare_describe.py shop``
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

APP = sys.argv[1]
TAGGED = [{"Name": "tag:stairway:app", "Values": [APP]}]
SESSION = boto3.Session()
CONFIG = Config(max_pool_connections=24)
CLIENTS: dict[str, Any] = {}
LOCK = threading.Lock()


def client(service: str) -> Any:
    with LOCK:  # a session is not safe to make clients from two threads
        if service not in CLIENTS:
            CLIENTS[service] = SESSION.client(service, config=CONFIG)
        return CLIENTS[service]


def pages(service: str, operation: str, key: str, **parameters: Any) -> list[Any]:
    if client(service).can_paginate(operation):
        answers = client(service).get_paginator(operation).paginate(**parameters)
    else:
        answers = [getattr(client(service), operation)(**parameters)]
    return [item for answer in answers for item in answer.get(key) or ()]


def ec2(operation: str, key: str) -> Callable[[], list[Any]]:
    return lambda: pages("ec2", operation, key, Filters=TAGGED)


def vpcs() -> list[Any]:
    found = pages("ec2", "describe_vpcs", "Vpcs", Filters=TAGGED)
    for vpc in found:
        for attribute in ("enableDnsSupport", "enableDnsHostnames"):
            client("ec2").describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
    return found


def launch_templates() -> list[Any]:
    found = pages("ec2", "describe_launch_templates", "LaunchTemplates", Filters=TAGGED)
    for one in found:
        key = "LaunchTemplateVersions"
        pages(
            "ec2",
            "describe_launch_template_versions",
            key,
            LaunchTemplateId=one["LaunchTemplateId"],
            Versions=["$Default"],
        )
    return found


def groups() -> list[Any]:
    found = pages("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", Filters=TAGGED)
    for one in found:
        name = one["AutoScalingGroupName"]
        pages("autoscaling", "describe_policies", "ScalingPolicies", AutoScalingGroupName=name)
        pages("autoscaling", "describe_scheduled_actions", "ScheduledUpdateGroupActions", AutoScalingGroupName=name)
        client("autoscaling").describe_lifecycle_hooks(AutoScalingGroupName=name)
    return found


def roles() -> list[Any]:
    found = pages("iam", "get_account_authorization_details", "RoleDetailList", Filter=["Role"])
    return [one for one in found if one["RoleName"].startswith(APP)]


def load_balancers() -> list[Any]:
    found = pages("elbv2", "describe_load_balancers", "LoadBalancers")
    arns = [one["LoadBalancerArn"] for one in found]
    client("elbv2").describe_tags(ResourceArns=arns)
    for arn in arns:
        client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)
        listeners = pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=arn)
        client("elbv2").describe_tags(ResourceArns=[one["ListenerArn"] for one in listeners])
        for one in listeners:
            pages("elbv2", "describe_rules", "Rules", ListenerArn=one["ListenerArn"])
            if one["Protocol"] == "HTTPS":
                pages("elbv2", "describe_listener_certificates", "Certificates", ListenerArn=one["ListenerArn"])
        found += listeners
    return found


def target_groups() -> list[Any]:
    found = pages("elbv2", "describe_target_groups", "TargetGroups")
    arns = [one["TargetGroupArn"] for one in found]
    client("elbv2").describe_tags(ResourceArns=arns)
    for arn in arns:
        client("elbv2").describe_target_group_attributes(TargetGroupArn=arn)
        client("elbv2").describe_target_health(TargetGroupArn=arn)
    return found


def certificates() -> list[Any]:
    found = pages("acm", "list_certificates", "CertificateSummaryList")
    for one in found:
        client("acm").describe_certificate(CertificateArn=one["CertificateArn"])
        client("acm").list_tags_for_certificate(CertificateArn=one["CertificateArn"])
    return found


def zones() -> list[Any]:
    found = pages("route53", "list_hosted_zones", "HostedZones")
    ids = [one["Id"].rpartition("/")[2] for one in found]
    client("route53").list_tags_for_resources(ResourceType="hostedzone", ResourceIds=ids)
    return found + [record for one in ids for record in zone(one)]


def zone(zone_id: str) -> list[Any]:
    client("route53").get_hosted_zone(Id=zone_id)
    records = pages("route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone_id)
    return [one for one in records if "AliasTarget" in one]


def secrets() -> list[Any]:
    found = pages("secretsmanager", "list_secrets", "SecretList", Filters=[{"Key": "tag-value", "Values": [APP]}])
    client("secretsmanager").batch_get_secret_value(SecretIdList=[one["ARN"] for one in found])
    return found


def parameters() -> list[Any]:
    filters = [{"Key": "tag:stairway:app", "Values": [APP]}]
    found = pages("ssm", "describe_parameters", "Parameters", ParameterFilters=filters)
    client("ssm").get_parameters(Names=[one["Name"] for one in found], WithDecryption=True)
    for one in found:
        client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=one["Name"])
    return found


def databases() -> list[Any]:
    found = pages("rds", "describe_db_instances", "DBInstances")
    for one in found:
        client("rds").describe_db_subnet_groups(DBSubnetGroupName=one["DBSubnetGroup"]["DBSubnetGroupName"])
        for group in one["DBParameterGroups"]:
            name = group["DBParameterGroupName"]
            pages("rds", "describe_db_parameters", "Parameters", DBParameterGroupName=name, Source="user")
    return found


def caches() -> list[Any]:
    found = pages("elasticache", "describe_replication_groups", "ReplicationGroups")
    clusters = pages("elasticache", "describe_cache_clusters", "CacheClusters")
    for one in found:
        mine = next(node for node in clusters if node.get("ReplicationGroupId") == one["ReplicationGroupId"])
        client("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=mine["CacheSubnetGroupName"])
        name = mine["CacheParameterGroup"]["CacheParameterGroupName"]
        pages("elasticache", "describe_cache_parameters", "Parameters", CacheParameterGroupName=name, Source="user")
        client("elasticache").list_tags_for_resource(ResourceName=one["ARN"])
    return found


def buckets() -> list[Any]:
    found = pages("s3", "list_buckets", "Buckets")
    for one in found:
        for part in (
            "tagging", "encryption", "versioning", "lifecycle_configuration", "policy", "ownership_controls",
        ):  # fmt: skip
            with suppress(ClientError):
                getattr(client("s3"), f"get_bucket_{part}")(Bucket=one["Name"])
        client("s3").get_public_access_block(Bucket=one["Name"])
    return found


def repositories() -> list[Any]:
    found = pages("ecr", "describe_repositories", "repositories")
    for one in found:
        client("ecr").list_tags_for_resource(resourceArn=one["repositoryArn"])
        client("ecr").get_lifecycle_policy(repositoryName=one["repositoryName"])
    return found


def log_groups() -> list[Any]:
    found = pages("logs", "describe_log_groups", "logGroups")
    for one in found:
        client("logs").list_tags_for_resource(resourceArn=one["arn"].removesuffix(":*"))
        pages("logs", "describe_metric_filters", "metricFilters", logGroupName=one["logGroupName"])
    return found


def topics() -> list[Any]:
    found = pages("sns", "list_topics", "Topics")
    for one in found:
        client("sns").get_topic_attributes(TopicArn=one["TopicArn"])
        client("sns").list_tags_for_resource(ResourceArn=one["TopicArn"])
        pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=one["TopicArn"])
    return found


def alarms() -> list[Any]:
    found = pages("cloudwatch", "describe_alarms", "MetricAlarms", AlarmNamePrefix=APP)
    for one in found:
        client("cloudwatch").list_tags_for_resource(ResourceARN=one["AlarmArn"])
    return found


def dashboards() -> list[Any]:
    found = pages("cloudwatch", "list_dashboards", "DashboardEntries", DashboardNamePrefix=APP)
    for one in found:
        client("cloudwatch").get_dashboard(DashboardName=one["DashboardName"])
    return found


def budgets() -> list[Any]:
    account = client("sts").get_caller_identity()["Account"]
    found = pages("budgets", "describe_budgets", "Budgets", AccountId=account)
    for one in found:
        name = one["BudgetName"]
        arn = f"arn:aws:budgets::{account}:budget/{name}"
        client("budgets").list_tags_for_resource(ResourceARN=arn)
        key = "Notifications"
        for each in pages("budgets", "describe_notifications_for_budget", key, AccountId=account, BudgetName=name):
            each.pop("NotificationState", None)
            client("budgets").describe_subscribers_for_notification(
                AccountId=account, BudgetName=name, Notification=each
            )
    return found


def monitors() -> list[Any]:
    found = client("ce").get_anomaly_monitors()["AnomalyMonitors"]
    for one in found:
        client("ce").list_tags_for_resource(ResourceArn=one["MonitorArn"])
        client("ce").get_anomaly_subscriptions(MonitorArn=one["MonitorArn"])
    return found


ALL: dict[str, Callable[[], list[Any]]] = {
    "vpcs": vpcs,
    "subnets": ec2("describe_subnets", "Subnets"),
    "internet gateways": ec2("describe_internet_gateways", "InternetGateways"),
    "route tables": ec2("describe_route_tables", "RouteTables"),
    "addresses": ec2("describe_addresses", "Addresses"),
    "nat gateways": lambda: client("ec2").describe_nat_gateways(Filters=TAGGED)["NatGateways"],
    "endpoints": ec2("describe_vpc_endpoints", "VpcEndpoints"),
    "security groups": ec2("describe_security_groups", "SecurityGroups"),
    "launch templates": launch_templates,
    "auto scaling groups": groups,
    "roles": roles,
    "load balancers and listeners": load_balancers,
    "target groups": target_groups,
    "certificates": certificates,
    "zones and records": zones,
    "secrets": secrets,
    "parameters": parameters,
    "databases": databases,
    "caches": caches,
    "buckets": buckets,
    "repositories": repositories,
    "log groups": log_groups,
    "topics": topics,
    "alarms": alarms,
    "dashboards": dashboards,
    "budgets": budgets,
    "anomaly monitors": monitors,
}  # fmt: skip


def main() -> None:
    with ThreadPoolExecutor(24) as pool:
        running = {name: pool.submit(describe) for name, describe in ALL.items()}
        counts = {name: len(future.result()) for name, future in running.items()}
    print(sum(counts.values()), counts)


if __name__ == "__main__":
    main()
