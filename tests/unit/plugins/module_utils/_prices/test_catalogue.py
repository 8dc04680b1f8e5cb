"""Products as AWS publishes them -> our SKUs. The answers are in the format of the Price List API (aws_v1)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import load, regions
from ansible_collections.stairway.cloud.plugins.module_utils._prices.catalogue import (
    FREE,
    RULES,
    SERVICES,
    price,
    questions,
    source,
)

SEOUL = "ap-northeast-2"
ANSWERS = json.loads((Path(__file__).parent / "answers" / f"{SEOUL}.json").read_text())


def product(usage, service=None, **attributes):
    """The answer with this usage type and these attributes."""
    (found,) = [
        one
        for one in ANSWERS
        if one["product"]["attributes"]["usagetype"] == usage
        and service in (None, one["serviceCode"])
        and attributes.items()
        <= {**one["product"]["attributes"], "family": one["product"].get("productFamily")}.items()
    ]
    return found


@pytest.mark.parametrize(
    ("usage", "attributes", "sku", "usd", "unit"),
    [
        ("APN2-BoxUsage:t3.small", {"operatingSystem": "Linux"}, "ec2/instance/t3.small", "0.026", "hour"),
        ("APN2-EBS:VolumeUsage.gp3", {}, "ebs/gp3", "0.0912", "GB-month"),
        ("APN2-EBS:VolumeP-Throughput.gp3", {}, "ebs/gp3/throughput", "0.0456", "MBps-month"),
        ("APN2-NatGateway-Hours", {}, "ec2/nat_gateway", "0.059", "hour"),
        ("APN2-PublicIPv4:InUseAddress", {}, "ec2/public_ipv4", "0.005", "hour"),
        ("APN2-LoadBalancerUsage", {"family": "Load Balancer-Application"}, "elb/application", "0.0225", "hour"),
        ("APN2-InstanceUsage:db.t4g.medium", {"databaseEngine": "MySQL"}, "rds/mysql/db.t4g.medium", "0.102", "hour"),
        ("APN2-Multi-AZUsage:db.t4g.medium", {}, "rds/mysql/db.t4g.medium/multi_az", "0.203", "hour"),
        ("APN2-RDS:GP3-Storage", {"databaseEngine": "PostgreSQL"}, "rds/storage/gp3", "0.131", "GB-month"),
        (
            "APN2-NodeUsage:cache.t4g.small",
            {"cacheEngine": "Valkey"},
            "elasticache/valkey/cache.t4g.small",
            "0.0376",
            "hour",
        ),
        ("APN2-Requests-Tier1", {}, "s3/requests", "0.0045", "1000 requests"),
        ("APN2-AWSSecretsManager-Secrets", {}, "secretsmanager/secret", "0.4", "secret-month"),
        ("APN2-RequestV2-Tier1", {}, "wafv2/requests", "0.6", "million requests"),
        ("APN2-Fargate-ARM-vCPU-Hours:perCPU", {}, "fargate/vcpu/arm", "0.03725", "hour"),
        ("DNS-Queries", {}, "route53/queries", "0.4", "million queries"),
        ("AP-DataTransfer-Out-Bytes", {}, "cloudfront/gb", "0.12", "GB"),
    ],
)
def test_what_a_product_is(usage, attributes, sku, usd, unit):
    found = price(product(usage, **attributes), SEOUL)
    assert (found.sku, found.usd, found.unit, found.date) == (sku, Decimal(usd), unit, "2026-11-12")


@pytest.mark.parametrize(
    ("usage", "attributes", "usd"),
    [
        ("APN2-TimedStorage-ByteHrs", {}, "0.025"),
        ("APN2-DataTransfer-Out-Bytes", {}, "0.126"),
        ("APN2-VpcEndpoint-Bytes", {}, "0.01"),
        ("DashboardsUsageHour", {}, "3"),  # the first three are free
    ],
)
def test_the_first_tier_that_costs_anything(usage, attributes, usd):
    assert price(product(usage, **attributes), SEOUL).usd == Decimal(usd)


@pytest.mark.parametrize(
    ("usage", "attributes"),
    [
        ("APN2-BoxUsage:t3.small", {"operatingSystem": "Windows"}),
        ("APN2-ICN1-BoxUsage:t3.small", {}),
        ("APN2-Reservation:t3.small", {}),
        ("APN2-LoadBalancerUsage", {"family": "Load Balancer"}),
        ("APN2-InstanceUsage:db.t4g.medium", {"databaseEngine": "Aurora MySQL"}),
        ("APN2-ExtendedSupportYr1_Yr2-NodeUsage:cache.t4g.small", {}),
        ("APN2-NodeUsage:cache.t4g.small", {"cacheEngine": "Memcached"}),
        ("US-DataTransfer-Out-Bytes", {}),
    ],
)
def test_what_is_not_ours(usage, attributes):
    assert price(product(usage, **attributes), SEOUL) is None


def test_a_product_without_a_price_on_demand():
    one = product("APN2-NatGateway-Hours")
    assert price({**one, "terms": {}}, SEOUL) is None


def test_the_oldest_region_has_no_prefix():
    one = json.loads(json.dumps(product("APN2-NatGateway-Hours")).replace("APN2-", ""))
    assert price(one, "us-east-1").sku == "ec2/nat_gateway"


@pytest.mark.parametrize("region", regions())
def test_every_sku_of_the_books_has_a_rule_with_its_unit(region):
    """But for what the price list says in a way of its own."""
    book = load(region)
    said_otherwise = {"ssm/parameter/advanced", "sns/sms"}
    units = {}
    for sku, figure in book.figures.items():
        parts = sku.split("/")
        shape = sku
        if parts[0] in ("rds", "elasticache", "ec2") and len(parts) > 2 and "." in parts[2]:
            shape = "/".join([parts[0], "{engine}" if parts[0] != "ec2" else parts[1], "{size}", *parts[3:]])
        if shape in ("ebs/gp2", "ebs/gp3"):
            shape = "ebs/{size}"
        units.setdefault(shape, set()).add(figure.unit)
    rules = {rule.sku: {rule.unit} for rule in RULES}
    assert {shape: found for shape, found in units.items() if rules.get(shape) != found}.keys() == said_otherwise


@pytest.mark.parametrize("region", regions())
def test_the_free_tier_and_the_sources_of_the_books_are_the_catalogues(region):
    book = load(region)
    assert {sku: figure.free for sku, figure in book.figures.items() if figure.free} == FREE
    assert all(book.sources[code] == source(code, region) for code in book.sources)


def test_every_service_is_asked():
    assert {question.service for question in questions(SEOUL)} == set(SERVICES)
