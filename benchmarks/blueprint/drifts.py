"""Twenty changes by hand in shop's account at stage 4, each to another resource, all of which the peer can see too.

Not among them is what the peer does not see in check mode: target groups, buckets, scaling policies (no check mode
there), a log group's retention (its module really changes it, check mode or not), an Auto Scaling group (in check mode
its module says «changed» whatever it finds), and listeners (part of the load balancer's task, so nobody could tell).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account


@dataclass(frozen=True)
class Drift:
    """``key`` is the entry of our blueprint, and the name of the peer's task (with its loop's label)."""

    key: str
    what: str
    make: Callable[[Account], Any]


def by_tag(aws: Account, operation: str, key: str, name: str) -> dict[str, Any]:
    filters = [{"Name": "tag:stairway:app", "Values": ["shop"]}, {"Name": "tag:stairway:name", "Values": [name]}]
    return aws.call("ec2", operation, Filters=filters)[key][0]


def vpc(aws: Account) -> None:
    found = by_tag(aws, "describe_vpcs", "Vpcs", "main")["VpcId"]
    aws.call("ec2", "modify_vpc_attribute", VpcId=found, EnableDnsHostnames={"Value": False})


def public_ips(aws: Account, name: str, value: bool) -> None:
    found = by_tag(aws, "describe_subnets", "Subnets", name)["SubnetId"]
    aws.call("ec2", "modify_subnet_attribute", SubnetId=found, MapPublicIpOnLaunch={"Value": value})


def tag(aws: Account, operation: str, key: str, identity: str, name: str) -> None:
    found = by_tag(aws, operation, key, name)[identity]
    aws.call("ec2", "create_tags", Resources=[found], Tags=[{"Key": "Environment", "Value": "staging"}])


def route(aws: Account) -> None:
    found = by_tag(aws, "describe_route_tables", "RouteTables", "private")["RouteTableId"]
    aws.call("ec2", "delete_route", RouteTableId=found, DestinationCidrBlock="0.0.0.0/0")


def more_open(aws: Account) -> None:
    found = by_tag(aws, "describe_security_groups", "SecurityGroups", "app")["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}
    aws.call("ec2", "authorize_security_group_ingress", GroupId=found, IpPermissions=[rule])


def closed(aws: Account) -> None:
    found = by_tag(aws, "describe_security_groups", "SecurityGroups", "db")
    rules = found["IpPermissions"]
    aws.call("ec2", "revoke_security_group_ingress", GroupId=found["GroupId"], IpPermissions=rules)


def idle(aws: Account) -> None:
    found = aws.call("elbv2", "describe_load_balancers", Names=["shop-main"])["LoadBalancers"][0]["LoadBalancerArn"]
    attributes = [{"Key": "idle_timeout.timeout_seconds", "Value": "120"}]
    aws.call("elbv2", "modify_load_balancer_attributes", LoadBalancerArn=found, Attributes=attributes)


def zone_of(aws: Account) -> str:
    zones = aws.call("route53", "list_hosted_zones_by_name", DNSName="example.com")["HostedZones"]
    return str(zones[0]["Id"]).rpartition("/")[2]


def zone(aws: Account) -> None:
    tags = [{"Key": "Environment", "Value": "staging"}]
    aws.call("route53", "change_tags_for_resource", ResourceType="hostedzone", ResourceId=zone_of(aws), AddTags=tags)


def record(aws: Account) -> None:
    zone_id = zone_of(aws)
    records = aws.call("route53", "list_resource_record_sets", HostedZoneId=zone_id)["ResourceRecordSets"]
    mine = next(one for one in records if "AliasTarget" in one)
    mine["AliasTarget"]["EvaluateTargetHealth"] = False
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": mine}]}
    aws.call("route53", "change_resource_record_sets", HostedZoneId=zone_id, ChangeBatch=batch)


def template(aws: Account) -> None:
    """A new version with bigger machines, made the default."""
    name = {"LaunchTemplateName": "shop-app"}
    newest = aws.call("ec2", "describe_launch_template_versions", **name, Versions=["$Latest"])
    before = newest["LaunchTemplateVersions"][0]
    data = {**before["LaunchTemplateData"], "InstanceType": "t3.large"}
    words = before["VersionDescription"]
    made = aws.call("ec2", "create_launch_template_version", **name, LaunchTemplateData=data, VersionDescription=words)
    number = str(made["LaunchTemplateVersion"]["VersionNumber"])
    aws.call("ec2", "modify_launch_template", **name, DefaultVersion=number)


def alarm(aws: Account, name: str, **changed: Any) -> None:
    found = aws.call("cloudwatch", "describe_alarms", AlarmNames=[name])["MetricAlarms"][0]
    settings = (
        "AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions", "MetricName", "Namespace",
        "Statistic", "Dimensions", "Period", "EvaluationPeriods", "Threshold", "ComparisonOperator", "TreatMissingData",
    )  # fmt: skip
    aws.call("cloudwatch", "put_metric_alarm", **{**{key: found[key] for key in settings if key in found}, **changed})


def pattern(aws: Account) -> None:
    found = aws.call(
        "logs", "describe_metric_filters", logGroupName="/aws/ec2/ecommerce-app", filterNamePrefix="errors"
    )
    mine = {key: found["metricFilters"][0][key] for key in ("logGroupName", "filterName", "metricTransformations")}
    aws.call("logs", "put_metric_filter", **mine, filterPattern="FATAL")


def topic(aws: Account) -> None:
    arn = f"arn:aws:sns:{aws.region}:{aws.account_id}:shop-warning"
    aws.call("sns", "set_topic_attributes", TopicArn=arn, AttributeName="DisplayName", AttributeValue="someone else")


def images(aws: Account) -> None:
    rule = {
        "rulePriority": 1,
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 500},
        "action": {"type": "expire"},
    }
    text = json.dumps({"rules": [rule]})
    aws.call("ecr", "put_lifecycle_policy", repositoryName="shop/ecommerce-app", lifecyclePolicyText=text)


DRIFTS = (
    Drift("vpc/main", "host names off", vpc),
    Drift("subnet/public-a", "no public addresses", lambda aws: public_ips(aws, "public-a", False)),
    Drift(
        "nat_gateway/nat", "a tag",
        lambda aws: tag(aws, "describe_nat_gateways", "NatGateways", "NatGatewayId", "nat"),
    ),
    Drift("route_table/private", "no way out", route),
    Drift(
        "vpc_endpoint/s3", "a tag",
        lambda aws: tag(aws, "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "s3"),
    ),
    Drift("security_group/app", "SSH from outside", more_open),
    Drift("security_group/db", "closed", closed),
    Drift(
        "role/app", "a policy less",
        lambda aws: aws.call(
            "iam", "detach_role_policy", RoleName="shop-app",
            PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
        ),
    ),
    Drift("launch_template/app", "bigger machines", template),
    Drift("load_balancer/main", "idle for 120 s", idle),
    Drift("dns_zone/main", "a tag", zone),
    Drift("dns_record/main", "no look at health", record),
    Drift(
        "secret/jwt", "the description",
        lambda aws: aws.call("secretsmanager", "update_secret", SecretId="jwt/signing-key", Description="someone else"),
    ),
    Drift(
        "parameter/env-config", "the value",
        lambda aws: aws.call(
            "ssm", "put_parameter", Name="/ecommerce/prod/env-config", Value="SPRING_PROFILES_ACTIVE=dev",
            Overwrite=True,
        ),
    ),
    Drift(
        "database/db", "backups of one day",
        lambda aws: aws.call(
            "rds", "modify_db_instance", DBInstanceIdentifier="shop-db", BackupRetentionPeriod=1, ApplyImmediately=True
        ),
    ),
    Drift("repository/ecommerce-app", "other images kept", images),
    Drift("log_group/app", "what counts as an error", pattern),
    Drift("topic/warning", "the name", topic),
    Drift("alarm/errors", "the threshold", lambda aws: alarm(aws, "shop-errors", Threshold=99)),
    Drift("alarm/database-cpu-db", "tells nobody", lambda aws: alarm(aws, "shop-database-cpu-db", AlarmActions=[])),
)  # fmt: skip
