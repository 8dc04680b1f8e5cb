"""The books that the collection brings, and how one is looked up."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import SHIPPED, dump, load, parse, regions

each_region = pytest.mark.parametrize("region", regions())
SIZES = {
    "ec2": [
        f"{family}.{size}"
        for family in ("t3", "t4g")
        for size in ("nano", "micro", "small", "medium", "large", "2xlarge")
    ]
    + [f"{family}.{size}" for family in ("m6i", "m7g", "c6i", "c7g") for size in ("large", "xlarge", "2xlarge")],
    "rds": [
        f"db.{family}.{size}" for family in ("t3", "t4g") for size in ("micro", "small", "medium", "large", "2xlarge")
    ]
    + [f"db.{family}.{size}" for family in ("m6g", "m7g", "r6g") for size in ("large", "xlarge", "2xlarge")],
    "elasticache": [f"cache.{family}.{size}" for family in ("t3", "t4g") for size in ("micro", "small", "medium")]
    + [f"cache.{family}.{size}" for family in ("m6g", "m7g", "r6g", "r7g") for size in ("large", "xlarge", "2xlarge")],
}
# What kinds name besides instances.
SKUS = [
    "ebs/gp3",
    "ebs/gp2",
    "ebs/gp3/iops",
    "ebs/gp3/throughput",
    "ec2/nat_gateway",
    "ec2/nat_gateway/gb",
    "ec2/public_ipv4",
    "vpc/endpoint/interface",
    "elb/application",
    "elb/application/lcu",
    "rds/storage/gp3",
    "rds/storage/gp3/multi_az",
    "rds/backup",
    "elasticache/backup",
    "s3/standard",
    "s3/standard_ia",
    "s3/glacier",
    "s3/requests",
    "secretsmanager/secret",
    "ssm/parameter/advanced",
    "ecr/storage",
    "cloudwatch/alarm",
    "cloudwatch/dashboard",
    "cloudwatch/logs/ingest",
    "cloudwatch/logs/storage",
    "cloudwatch/metric",
    "sns/sms",
    "sns/email",
    "wafv2/web_acl",
    "wafv2/rule",
    "wafv2/requests",
    "route53/zone",
    "route53/queries",
    "route53/health_check",
    "cloudfront/gb",
    "fargate/vcpu",
    "fargate/gb",
    "fargate/vcpu/arm",
    "transfer/out",
    "sqs/requests",
]


@pytest.mark.parametrize("region", ["ap-northeast-2", "us-east-1"])
def test_the_regions_of_the_seeds_are_there(region):
    assert region in regions()


@each_region
def test_every_figure_has_a_unit_a_price_a_day_and_a_source(region):
    book = load(region)
    for figure in book.figures.values():
        assert figure.unit
        assert figure.usd > 0, figure.sku
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", figure.date), figure.sku
        assert book.sources[figure.source].startswith("https://pricing.us-east-1.amazonaws.com/offers/"), figure.sku


@each_region
def test_the_file_is_as_a_refresh_would_write_it(region):
    text = (SHIPPED / f"{region}.json").read_text()
    assert dump(parse(text, region)) == text


@each_region
@pytest.mark.parametrize("service", SIZES)
def test_the_common_sizes_are_there(region, service):
    assert set(SIZES[service]) <= set(load(region).sizes(service))


@each_region
@pytest.mark.parametrize("engine", ["mysql", "postgresql", "mariadb"])
def test_every_database_has_a_price_on_two_zones(region, engine):
    book = load(region)
    for size in book.sizes("rds", engine):
        one, two = book.figure(f"rds/{engine}/{size}"), book.figure(f"rds/{engine}/{size}/multi_az")
        assert Decimal("1.9") < two.usd / one.usd < Decimal("2.1"), size


@each_region
@pytest.mark.parametrize("sku", SKUS)
def test_what_kinds_name_is_there(region, sku):
    assert load(region).figure(sku)


@each_region
def test_a_larger_size_of_a_family_is_dearer(region):
    book = load(region)
    order = ["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"]
    for service, head in (("ec2", "ec2/instance/"), ("rds", "rds/mysql/"), ("elasticache", "elasticache/redis/")):
        families: dict[str, list[tuple[int, Decimal]]] = {}
        for size in book.sizes(service):
            family, step = size.rsplit(".", 1)
            families.setdefault(family, []).append((order.index(step), book.figure(head + size).usd))
        for family, steps in families.items():
            prices = [usd for _step, usd in sorted(steps)]
            assert prices == sorted(set(prices)), family


@each_region
def test_valkey_costs_less_than_redis(region):
    book = load(region)
    for size in book.sizes("elasticache", "redis"):
        assert book.figure(f"elasticache/valkey/{size}").usd < book.figure(f"elasticache/redis/{size}").usd


def test_a_sku_that_is_not_there_names_the_nearest():
    with pytest.raises(StairwayError) as caught:
        load("us-east-1").figure("rds/storage/gp4")
    assert "rds/storage/gp3" in str(caught.value.expected)
    assert "stairway.cloud.prices" in str(caught.value.fix)


def test_a_size_that_is_not_there_names_the_playbook():
    error = load("us-east-1").unknown_size("rds", "db.t3.mikro", "mysql")
    assert error.expected == "db.t3.micro"
    assert "playbooks/prices.yml" in error.fix
    assert '["rds/mysql/db.t3.mikro"]' in error.fix
    assert load("us-east-1").unknown_size("rds", "db.t3.micro", "mysql") is None


def test_sizes_of_one_engine():
    assert load("us-east-1").sizes("elasticache", "memcached") == ()
    assert load("us-east-1").sizes("ec2")[0] == "t4g.nano"


def test_a_folder_of_ones_own_goes_first(tmp_path):
    text = (SHIPPED / "us-east-1.json").read_text()
    (tmp_path / "us-east-1.json").write_text(
        text.replace('"ec2/public_ipv4": {"unit": "hour", "usd": 0.005', '"ec2/public_ipv4": {"unit": "hour", "usd": 7')
    )
    assert load("us-east-1", tmp_path).figure("ec2/public_ipv4").usd == 7
    assert load("ap-northeast-2", tmp_path).region == "ap-northeast-2"


def test_a_region_without_a_book():
    with pytest.raises(StairwayError) as caught:
        load("eu-west-1")
    assert caught.value.expected == "ap-northeast-2 or us-east-1"
    assert '"prices_regions": ["eu-west-1"]' in caught.value.fix


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"region": "x", "sources": {}, "about": [], "prices": {"a": {"usd": "b"}}}']
)
def test_a_file_that_is_no_book(text):
    with pytest.raises(StairwayError, match="no price book"):
        parse(text, "prices/x.json")
