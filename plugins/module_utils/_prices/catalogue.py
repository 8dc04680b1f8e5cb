"""From the products of AWS's price list to our SKUs. Pure.

A product is one answer of ``GetProducts``, parsed: ``{"product": {"productFamily", "attributes"}, "serviceCode",
"terms": {"OnDemand": ...}, "publicationDate"}``. See «Reading the price list files» in AWS's Billing guide,
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-an-offer.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

ENGINES = {"MySQL": "mysql", "PostgreSQL": "postgresql", "MariaDB": "mariadb", "Redis": "redis", "Valkey": "valkey"}
DATABASES = ("MySQL", "PostgreSQL", "MariaDB")
THOUSAND, MILLION = Decimal(1000), Decimal(1_000_000)
# APN2-BoxUsage:t3.small; us-east-1 has no prefix in old services, and eu-west-1 has EU
REGION_PREFIX = re.compile(r"^(?:[A-Z]{2,4}\d|EU)-")
# CloudFront's price depends on where its users are; the nearest place to each region stands for all of them.
EDGES = {
    "us-": "US",
    "ca-": "CA",
    "eu-": "EU",
    "sa-": "SA",
    "ap-northeast-1": "JP",
    "ap-northeast-3": "JP",
    "ap-southeast-2": "AU",
    "ap-south-": "IN",
    "ap-": "AP",
    "me-": "ME",
    "af-": "ZA",
}
# Units that AWS gives to every account each month, for ever (https://aws.amazon.com/free, «Always free»).
FREE = {
    "cloudwatch/alarm": Decimal(10),
    "cloudwatch/dashboard": Decimal(3),
    "cloudwatch/logs/ingest": Decimal(5),
    "cloudwatch/logs/storage": Decimal(5),
    "cloudwatch/metric": Decimal(10),
    "cloudfront/gb": Decimal(1024),
    "cloudfront/requests": Decimal(10),
    "sns/email": Decimal(1),
    "sns/https": Decimal("0.1"),
    "sns/requests": Decimal(1),
    "sqs/requests": Decimal(1),
    "transfer/out": Decimal(100),
}
OFFER = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{service}/current/{region}index.json"
WORLDWIDE = ("AmazonRoute53", "AmazonCloudFront")


@dataclass(frozen=True)
class Rule:
    """Products of ``service`` whose usage type matches ``usage`` are ``sku``, ``{size}`` and ``{engine}`` filled in.

    ``times`` brings AWS's unit to ours. ``where`` lists what an attribute has to be.
    """

    service: str
    usage: str
    sku: str
    unit: str
    times: Decimal = Decimal(1)
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Price:
    """What AWS asks for one of our units."""

    sku: str
    unit: str
    usd: Decimal
    source: str
    date: str


@dataclass(frozen=True)
class Question:
    """One search in the price list: all products of a service whose attributes have these values."""

    service: str
    filters: Mapping[str, str]


_LINUX = {"operatingSystem": ("Linux",), "tenancy": ("Shared",), "preInstalledSw": ("NA",), "capacitystatus": ("Used",)}
_BASE = {"databaseEngine": (*DATABASES, "Any")}
_NODES = {"cacheEngine": ("Redis", "Valkey")}
_ALB = {"productFamily": ("Load Balancer-Application",)}
_GIB = Decimal(1) / 1024

RULES = (
    Rule("AmazonEC2", r"BoxUsage:(?P<size>.+)", "ec2/instance/{size}", "hour", where=_LINUX),
    Rule("AmazonEC2", r"EBS:VolumeUsage\.(?P<size>gp[23])", "ebs/{size}", "GB-month"),
    Rule("AmazonEC2", r"EBS:VolumeP-IOPS\.gp3", "ebs/gp3/iops", "IOPS-month"),
    Rule("AmazonEC2", r"EBS:VolumeP-Throughput\.gp3", "ebs/gp3/throughput", "MBps-month", _GIB),
    Rule("AmazonEC2", r"EBS:SnapshotUsage", "ebs/snapshot", "GB-month"),
    Rule("AmazonEC2", r"NatGateway-Hours", "ec2/nat_gateway", "hour"),
    Rule("AmazonEC2", r"NatGateway-Bytes", "ec2/nat_gateway/gb", "GB"),
    Rule("AmazonVPC", r"PublicIPv4:InUseAddress", "ec2/public_ipv4", "hour"),
    Rule("AmazonVPC", r"VpcEndpoint-Hours", "vpc/endpoint/interface", "hour"),
    Rule("AmazonVPC", r"VpcEndpoint-Bytes", "vpc/endpoint/interface/gb", "GB"),
    Rule("AWSELB", r"LoadBalancerUsage", "elb/application", "hour", where=_ALB),
    Rule("AWSELB", r"LCUUsage", "elb/application/lcu", "LCU-hour", where=_ALB),
    Rule(
        "AmazonRDS",
        r"InstanceUsage:(?P<size>db\..+)",
        "rds/{engine}/{size}",
        "hour",
        where={"databaseEngine": DATABASES},
    ),
    Rule(
        "AmazonRDS",
        r"Multi-AZUsage:(?P<size>db\..+)",
        "rds/{engine}/{size}/multi_az",
        "hour",
        where={"databaseEngine": DATABASES},
    ),
    Rule("AmazonRDS", r"RDS:GP3-Storage", "rds/storage/gp3", "GB-month", where=_BASE),
    Rule("AmazonRDS", r"RDS:Multi-AZ-GP3-Storage", "rds/storage/gp3/multi_az", "GB-month", where=_BASE),
    Rule("AmazonRDS", r"RDS:GP2-Storage", "rds/storage/gp2", "GB-month", where=_BASE),
    Rule("AmazonRDS", r"RDS:Multi-AZ-GP2-Storage", "rds/storage/gp2/multi_az", "GB-month", where=_BASE),
    Rule("AmazonRDS", r"RDS:GP3-PIOPS", "rds/storage/gp3/iops", "IOPS-month", where=_BASE),
    Rule("AmazonRDS", r"RDS:Multi-AZ-GP3-PIOPS", "rds/storage/gp3/iops/multi_az", "IOPS-month", where=_BASE),
    Rule("AmazonRDS", r"RDS:ChargedBackupUsage", "rds/backup", "GB-month", where=_BASE),
    Rule("AmazonRDS", r"ExtendedSupport:Yr1-Yr2:MySQL.*", "rds/mysql/extended_support", "vCPU-hour"),
    Rule("AmazonRDS", r"ExtendedSupport:Yr1-Yr2:PostgreSQL.*", "rds/postgresql/extended_support", "vCPU-hour"),
    # not ExtendedSupportYr1_Yr2-NodeUsage:...: that is asked for besides, once an engine is old
    Rule("AmazonElastiCache", r"NodeUsage:(?P<size>cache\..+)", "elasticache/{engine}/{size}", "hour", where=_NODES),
    Rule("AmazonElastiCache", r"BackupUsage", "elasticache/backup", "GB-month"),
    Rule("AmazonS3", r"TimedStorage-ByteHrs", "s3/standard", "GB-month"),
    Rule("AmazonS3", r"TimedStorage-SIA-ByteHrs", "s3/standard_ia", "GB-month"),
    Rule("AmazonS3", r"TimedStorage-ZIA-ByteHrs", "s3/onezone_ia", "GB-month"),
    Rule("AmazonS3", r"TimedStorage-INT-FA-ByteHrs", "s3/intelligent_tiering", "GB-month"),
    Rule("AmazonS3", r"TimedStorage-GIR-ByteHrs", "s3/glacier_ir", "GB-month"),
    Rule("AmazonS3", r"TimedStorage-GlacierByteHrs", "s3/glacier", "GB-month"),
    Rule("AmazonS3", r"TimedStorage-GDA-ByteHrs", "s3/deep_archive", "GB-month"),
    Rule("AmazonS3", r"Requests-Tier1", "s3/requests", "1000 requests", THOUSAND),
    Rule("AmazonS3", r"Requests-Tier2", "s3/requests/get", "1000 requests", THOUSAND),
    Rule("AWSSecretsManager", r"AWSSecretsManager-Secrets", "secretsmanager/secret", "secret-month"),
    Rule("AWSSecretsManager", r"AWSSecretsManagerAPIRequest", "secretsmanager/requests", "1000 requests", THOUSAND),
    Rule("awskms", r"KMS-Keys", "kms/key", "key-month"),
    Rule("AmazonECR", r"TimedStorage-ByteHrs", "ecr/storage", "GB-month"),
    Rule("AmazonCloudWatch", r"CW:AlarmMonitorUsage", "cloudwatch/alarm", "alarm-month"),
    Rule("AmazonCloudWatch", r"CW:CompositeAlarmMonitorUsage", "cloudwatch/alarm/composite", "alarm-month"),
    Rule("AmazonCloudWatch", r"CW:HighResAlarmMonitorUsage", "cloudwatch/alarm/high_resolution", "alarm-month"),
    Rule("AmazonCloudWatch", r"CW:MetricMonitorUsage", "cloudwatch/metric", "metric-month"),
    Rule("AmazonCloudWatch", r"DashboardsUsageHour", "cloudwatch/dashboard", "dashboard-month"),
    Rule("AmazonCloudWatch", r"DataProcessing-Bytes", "cloudwatch/logs/ingest", "GB"),
    Rule("AmazonCloudWatch", r"TimedStorage-ByteHrs", "cloudwatch/logs/storage", "GB-month"),
    Rule("AmazonSNS", r"Requests-Tier1", "sns/requests", "million requests", MILLION),
    Rule("AmazonSNS", r"DeliveryAttempts-SMTP", "sns/email", "1000 messages", THOUSAND),
    Rule("AmazonSNS", r"DeliveryAttempts-HTTP", "sns/https", "million messages", MILLION),
    Rule("AWSQueueService", r"Requests-Tier1", "sqs/requests", "million requests", MILLION),
    Rule("AWSQueueService", r"Requests-FIFO-Tier1", "sqs/requests/fifo", "million requests", MILLION),
    Rule("awswaf", r"WebACLV2", "wafv2/web_acl", "month"),
    Rule("awswaf", r"RuleV2", "wafv2/rule", "rule-month"),
    Rule("awswaf", r"RequestV2-Tier1", "wafv2/requests", "million requests", MILLION),
    Rule("AmazonRoute53", r"HostedZone", "route53/zone", "zone-month"),
    Rule("AmazonRoute53", r"DNS-Queries", "route53/queries", "million queries", MILLION),
    Rule("AmazonRoute53", r"Health-Check-AWS", "route53/health_check", "check-month"),
    Rule("AmazonRoute53", r"Health-Check-Non-AWS", "route53/health_check/outside", "check-month"),
    Rule("AmazonRoute53", r"Health-Check-Option-AWS", "route53/health_check/feature", "feature-month"),
    Rule("AmazonRoute53", r"Health-Check-Option-Non-AWS", "route53/health_check/feature/outside", "feature-month"),
    Rule("AmazonCloudFront", r"{edge}-DataTransfer-Out-Bytes", "cloudfront/gb", "GB"),
    Rule("AmazonCloudFront", r"{edge}-Requests-Tier2-HTTPS", "cloudfront/requests", "million requests", MILLION),
    Rule("AmazonECS", r"Fargate-vCPU-Hours:perCPU", "fargate/vcpu", "hour"),
    Rule("AmazonECS", r"Fargate-GB-Hours", "fargate/gb", "hour"),
    Rule("AmazonECS", r"Fargate-ARM-vCPU-Hours:perCPU", "fargate/vcpu/arm", "hour"),
    Rule("AmazonECS", r"Fargate-ARM-GB-Hours", "fargate/gb/arm", "hour"),
    Rule("AWSDataTransfer", r"DataTransfer-Out-Bytes", "transfer/out", "GB", where={"transferType": ("AWS Outbound",)}),
    Rule("AWSDataTransfer", r"DataTransfer-Regional-Bytes", "transfer/zones", "GB"),
)
SERVICES = tuple(dict.fromkeys(rule.service for rule in RULES))


def questions(region: str) -> Iterator[Question]:
    """What to ask the price list for the prices of a region; narrowly of EC2, which has most products."""
    linux = {name: values[0] for name, values in _LINUX.items()}
    yield Question("AmazonEC2", {"regionCode": region, "productFamily": "Compute Instance", **linux})
    for family in ("Storage", "System Operation", "Provisioned Throughput", "Storage Snapshot", "NAT Gateway"):
        yield Question("AmazonEC2", {"regionCode": region, "productFamily": family})
    for engine in (*DATABASES, "Any"):
        yield Question("AmazonRDS", {"regionCode": region, "databaseEngine": engine})
    yield Question("AWSDataTransfer", {"fromRegionCode": region})
    # a dashboard belongs to no region
    yield Question("AmazonCloudWatch", {"productFamily": "Dashboard"})
    for service in SERVICES:
        if service in WORLDWIDE:
            yield Question(service, {})
        elif service not in ("AmazonEC2", "AmazonRDS", "AWSDataTransfer"):
            yield Question(service, {"regionCode": region})


def source(service: str, region: str) -> str:
    """The address of the price list that a figure comes from."""
    return OFFER.format(service=service, region="" if service in WORLDWIDE else f"{region}/")


def price(product: Mapping[str, Any], region: str) -> Price | None:
    """Our price of a product; None for one that is in no book, or has no price on demand."""
    service = str(product.get("serviceCode", ""))
    described = product.get("product") or {}
    attributes = {**(described.get("attributes") or {}), "productFamily": described.get("productFamily", "")}
    if attributes.get("locationType", "AWS Region") not in ("AWS Region", "Other", ""):
        return None  # local zones and Outposts have usage types of the same name
    found = _rule(service, attributes, region)
    each = _each(product.get("terms") or {})
    if found is None or each is None:
        return None
    rule, sku = found
    return Price(sku, rule.unit, each * rule.times, service, str(product.get("publicationDate", ""))[:10])


def _rule(service: str, attributes: Mapping[str, Any], region: str) -> tuple[Rule, str] | None:
    raw = str(attributes.get("usagetype", ""))
    usage = raw if service in WORLDWIDE else REGION_PREFIX.sub("", raw)
    edge = next((edge for start, edge in EDGES.items() if region.startswith(start)), "US")
    for rule in RULES:
        match = re.fullmatch(rule.usage.replace("{edge}", edge), usage) if rule.service == service else None
        if match and all(attributes.get(name) in values for name, values in rule.where.items()):
            engine = attributes.get("databaseEngine") or attributes.get("cacheEngine") or ""
            return rule, rule.sku.format(engine=ENGINES.get(str(engine), ""), **match.groupdict())
    return None


def _each(terms: Mapping[str, Any]) -> Decimal | None:
    """The price of the first tier that costs anything."""
    tiers = sorted(
        (Decimal(str(dimension.get("beginRange", "0"))), Decimal(str(dimension["pricePerUnit"]["USD"])))
        for offer in (terms.get("OnDemand") or {}).values()
        for dimension in offer.get("priceDimensions", {}).values()
        if "USD" in dimension.get("pricePerUnit", {})
    )
    return next((usd for _begin, usd in tiers if usd), None)
