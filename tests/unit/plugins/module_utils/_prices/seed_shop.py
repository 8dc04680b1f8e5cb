"""Seed 003, shop: the cost tables, line by line. Seoul."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import HOURS, Usage

from .seed_items import FROM_VIRGINIA, RESERVED, Item, Used, ec2, hours, use

# -- seed 003: shop, Seoul ---------------------------------------------------------------------------------------------

SHOP_EC2 = ec2("t3.small", 2.5)
SHOP_LCU = use("elb/application/lcu", 1.7 * HOURS, "1.7 LCU on average")
SHOP_ALB = (*hours("elb/application"), *SHOP_LCU)
SHOP_DB = hours("rds/mysql/db.t4g.medium")
SHOP_DISK = use("rds/storage/gp3", 50)
SHOP_BACKUP = use("rds/backup", 50)
SHOP_RDS = (*SHOP_DB, *SHOP_DISK, *SHOP_BACKUP)
SHOP_CACHE = hours("elasticache/redis/cache.t4g.small")
SHOP_NAT_GB = use("ec2/nat_gateway/gb", 170, "170 GB through the NAT gateway")
SHOP_NAT = (*hours("ec2/nat_gateway"), *SHOP_NAT_GB)
SHOP_LOGS = (*use("cloudwatch/logs/ingest", 2.5, "2.5 GB of logs"), *use("cloudwatch/logs/storage", 1))
SHOP_ALARMS = use("cloudwatch/alarm", 5)
SHOP_S3 = use("s3/standard", 10)
SHOP_PUTS = use("s3/requests", 220, "220,000 uploads")
SHOP_SECRETS = use("secretsmanager/secret", 2)
SHOP_ZONE = use("route53/zone", 1)
SHOP_QUERIES = use("route53/queries", 2.5, "2.5 million queries")
SHOP_ECR = use("ecr/storage", 10)
SHOP_OUT = use("transfer/out", 80, "80 GB to users")
SHOP_CHEAP = (
    *SHOP_LOGS,
    *SHOP_ALARMS,
    *SHOP_S3,
    *SHOP_PUTS,
    *SHOP_SECRETS,
    *SHOP_ZONE,
    *SHOP_QUERIES,
    *SHOP_ECR,
    *SHOP_OUT,
)
SHOP_BASE = (*SHOP_ALB, *SHOP_NAT, *SHOP_CHEAP)
SHOP_ALL = (*SHOP_EC2, *SHOP_RDS, *SHOP_CACHE, *SHOP_BASE)
SHOP_WAF = (*use("wafv2/web_acl", 1), *use("wafv2/rule", 3), *use("wafv2/requests", 5, "5 million requests"))
LARGE_MULTI = (*hours("rds/mysql/db.r6g.large/multi_az"), *use("rds/storage/gp3/multi_az", 50), *SHOP_BACKUP)
MEDIUM_MULTI = (*hours("rds/mysql/db.t4g.medium/multi_az"), *use("rds/storage/gp3/multi_az", 50))
BIG_CACHE = hours("elasticache/redis/cache.m6g.large", 2)
DB_PRICE = "db.t4g.medium is 0.102 an hour in Seoul; the seed has the 0.065 of us-east-1."
CACHE_PRICE = "cache.t4g.small is 0.047 an hour in Seoul; the seed has the 0.032 of us-east-1."
NAT_PRICE = "0.059 an hour and a GB in Seoul; the seed has the 0.045 of us-east-1."
EC2_PRICE = "t3.small is 0.026 an hour in Seoul; the seed has the 0.0208 of us-east-1."
ALL_PRICES = "EC2, RDS, ElastiCache and NAT are dearer in Seoul than the prices of us-east-1 that the seed has."
R6G = "db.r6g.large on two zones is 0.51 an hour in Seoul."
CACHE_R6G = "cache.r6g.large is 0.247 an hour in Seoul."
ZONE_MORE = (
    "The second zone costs as much as the first: 74 for db.t4g.medium, and its storage; the seed counts a larger one."
)
NIGHTS = "Nights and weekends are 64 % of a week; the seed counts a whole month."
STEPS = "The seed's steps are round sums; two zones of db.r6g.large are 372 in Seoul, and two cache.m6g.large 280."


def less(used: Used) -> Used:
    """What is not used any more."""
    return tuple(Usage(one.sku, -one.quantity, one.traffic) for one in used)


def shop() -> Iterator[Item]:
    def item(table: str, name: str, said: tuple[float, float], used: Used, reason: str = "") -> Item:
        return Item("003", table, name, said, used, reason)

    yield from (
        item("network", "NAT gateway", (32, 32), hours("ec2/nat_gateway"), NAT_PRICE),
        item("network", "two NAT gateways", (65, 65), hours("ec2/nat_gateway", 2), NAT_PRICE),
        item("network", "NAT instance t4g.nano", (3, 3), ec2("t4g.nano"), "t4g.nano is 0.0052 an hour in Seoul."),
        item(
            "network",
            "interface endpoint",
            (7, 7),
            hours("vpc/endpoint/interface"),
            "0.013 an hour in Seoul, 0.01 in us-east-1.",
        ),
        item("compute", "t3.small", (15, 15), ec2("t3.small"), EC2_PRICE),
        item("compute", "2 x t3.small", (30, 30), ec2("t3.small", 2), EC2_PRICE),
        item("compute", "2.5 x t3.small", (38, 38), SHOP_EC2, EC2_PRICE),
        item("compute", "4 x t3.small", (60, 60), ec2("t3.small", 4), EC2_PRICE),
        item("compute", "t3.micro", (7.5, 7.5), ec2("t3.micro"), "t3.micro is 0.013 an hour in Seoul."),
        item("compute", "t3.small, reserved", (10, 10), ec2("t3.small"), RESERVED),
        item("ALB", "base", (16, 16), hours("elb/application")),
        item("ALB", "traffic", (10, 10), SHOP_LCU),
        item("ALB", "together", (26, 26), SHOP_ALB),
        item("RDS", "db.t4g.medium", (50, 50), SHOP_DB, DB_PRICE),
        item("RDS", "50 GB gp3", (11, 11), SHOP_DISK, "RDS's gp3 is 0.131 a GB in Seoul; 11 would be 84 GB."),
        item("RDS", "backups", (5, 5), SHOP_BACKUP),
        item("RDS", "together", (66, 66), SHOP_RDS, DB_PRICE),
        item(
            "RDS",
            "db.r6g.large Multi-AZ",
            (290, 290),
            LARGE_MULTI,
            "db.r6g.large on two zones is 0.51 an hour in Seoul.",
        ),
        item("RDS", "db.t4g.large", (100, 100), hours("rds/mysql/db.t4g.large"), FROM_VIRGINIA),
        item("RDS", "db.t4g.large Multi-AZ", (200, 200), hours("rds/mysql/db.t4g.large/multi_az"), FROM_VIRGINIA),
        item(
            "RDS",
            "and a replica",
            (250, 250),
            (*hours("rds/mysql/db.t4g.large/multi_az"), *hours("rds/mysql/db.t4g.large")),
            "A replica costs as much as a database on one zone, 148 in Seoul; the seed adds 50.",
        ),
        item("ElastiCache", "cache.t4g.small", (24, 24), SHOP_CACHE, CACHE_PRICE),
        item(
            "ElastiCache",
            "4 x cache.r6g.large",
            (541, 541),
            hours("elasticache/redis/cache.r6g.large", 4),
            CACHE_R6G,
        ),
        item("ElastiCache", "cache.t4g.medium", (48, 48), hours("elasticache/redis/cache.t4g.medium"), FROM_VIRGINIA),
        item("ElastiCache", "cache.m6g.large", (110, 110), hours("elasticache/redis/cache.m6g.large"), FROM_VIRGINIA),
        item("ElastiCache", "2 x cache.m6g.large", (220, 220), BIG_CACHE, FROM_VIRGINIA),
        item("NAT", "base", (32, 32), hours("ec2/nat_gateway"), NAT_PRICE),
        item("NAT", "traffic", (10, 10), SHOP_NAT_GB),
        item("NAT", "together", (42, 42), SHOP_NAT, NAT_PRICE),
        item("CloudWatch", "logs", (2, 2), SHOP_LOGS),
        item("CloudWatch", "5 alarms", (0.5, 0.5), SHOP_ALARMS),
        item("CloudWatch", "together", (3, 3), (*SHOP_LOGS, *SHOP_ALARMS), "The seed rounds up to whole dollars."),
        item("S3", "10 GB", (0.5, 0.5), SHOP_S3, "10 GB x 0.025; the seed has twice that."),
        item("S3", "requests", (1, 1), SHOP_PUTS),
        item("S3", "together", (2, 2), (*SHOP_S3, *SHOP_PUTS), "The seed rounds up to whole dollars."),
        item("Secrets Manager", "2 secrets", (0.8, 0.8), SHOP_SECRETS),
        item("Route 53", "zone", (0.5, 0.5), SHOP_ZONE),
        item("Route 53", "queries", (1, 1), SHOP_QUERIES),
        item("Route 53", "together", (2, 2), (*SHOP_ZONE, *SHOP_QUERIES), "The seed rounds up to whole dollars."),
        item("ECR", "10 GB", (1, 1), SHOP_ECR),
        item("transfer", "to users", (10, 10), SHOP_OUT),
        item("WAF, phase 2", "web ACL, rules, requests", (12, 12), SHOP_WAF),
        item("on demand", "together", (215, 215), SHOP_ALL, ALL_PRICES),
        item("reserved", "EC2", (25, 25), ec2("t3.small", 2), RESERVED),
        item("reserved", "RDS", (50, 50), SHOP_RDS, RESERVED),
        item("reserved", "the rest", (140, 140), (*SHOP_CACHE, *SHOP_BASE)),
        item("reserved", "together", (185, 185), (*ec2("t3.small", 2), *SHOP_RDS, *SHOP_CACHE, *SHOP_BASE), RESERVED),
        item("growth", "phase 1", (215, 215), SHOP_ALL, ALL_PRICES),
        item(
            "growth",
            "phase 2",
            (350, 350),
            (
                *ec2("t3.small", 3.5),
                *hours("rds/mysql/db.t4g.large"),
                *SHOP_DISK,
                *SHOP_BACKUP,
                *hours("elasticache/redis/cache.t4g.medium"),
                *SHOP_BASE,
            ),
            FROM_VIRGINIA,
        ),
        item(
            "growth",
            "phase 3",
            (600, 600),
            (*ec2("t3.medium", 5), *LARGE_MULTI, *BIG_CACHE, *SHOP_BASE, *hours("ec2/nat_gateway"), *SHOP_WAF),
            STEPS,
        ),
        item(
            "growth",
            "phase 4",
            (1200, 1200),
            (
                *ec2("t3.large", 8),
                *LARGE_MULTI,
                *hours("rds/mysql/db.r6g.large"),
                *SHOP_DISK,
                *hours("elasticache/redis/cache.m6g.large", 4),
                *SHOP_BASE,
                *hours("ec2/nat_gateway"),
                *SHOP_WAF,
                *use("cloudfront/gb", 500, "500 GB through CloudFront"),
            ),
            STEPS,
        ),
    )
    yield from (
        item(
            "what first",
            "a larger database",
            (50, 50),
            (*hours("rds/mysql/db.t4g.large"), *less(SHOP_DB)),
            FROM_VIRGINIA,
        ),
        item(
            "what first",
            "a database on two zones",
            (100, 100),
            (*MEDIUM_MULTI, *less((*SHOP_DB, *SHOP_DISK))),
            ZONE_MORE,
        ),
        item(
            "what first",
            "a larger cache",
            (24, 24),
            (*hours("elasticache/redis/cache.t4g.medium"), *less(SHOP_CACHE)),
            FROM_VIRGINIA,
        ),
        item("what first", "an instance more", (15, 30), ec2("t3.small")),
        item("savings", "one instance less at night", (15, 20), ec2("t3.small", 0.64), NIGHTS),
        item("savings", "S3 without NAT", (5, 10), use("ec2/nat_gateway/gb", 100, "100 GB through the NAT gateway")),
        item(
            "savings",
            "a NAT instance",
            (39, 39),
            (*SHOP_NAT, *less(ec2("t4g.nano"))),
            NAT_PRICE,
        ),
        item("savings", "EC2, reserved", (13, 13), (), RESERVED),
        item("savings", "RDS, reserved", (16, 16), (), RESERVED),
    )
