"""The cost tables of the seeds, line by line; that of seed 003 stands beside this file."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import HOURS, Usage

from .seed_items import ATLAS, IPV4, NOT_IN_TABLE, VIRGINIA, Item, Used, ec2, gp3, hours, use
from .seed_shop import shop

# -- seed 000: chat, us-east-1 -----------------------------------------------------------------------------------------

CHAT_DISK = gp3(20)
CHAT_CACHE = hours("elasticache/redis/cache.t3.micro")
CHAT_FILES = (*use("s3/standard", 100), *use("s3/requests", 100, "100,000 uploads a month"))
CHAT_IMAGES = use("ecr/storage", 10)
CHAT_SECRET = use("secretsmanager/secret", 1)
CHAT_1 = (*ec2("t3.small"), *CHAT_DISK, *IPV4)
CHAT_2 = (*ec2("t3.medium"), *CHAT_DISK, *IPV4)
CHAT_3 = (*CHAT_2, *CHAT_CACHE)
CHAT_4 = (*CHAT_3, *CHAT_FILES, *CHAT_IMAGES, *CHAT_SECRET)
GP3 = "gp3 costs 0.08 a GB; the seed has the 0.10 of gp2."
ROUNDED = "The seed rounds up: cache.t3.micro is 0.017 an hour."


def six(used: Used, times: int = 6) -> Used:
    return tuple(Usage(one.sku, one.quantity * times, one.traffic) for one in used)


def chat() -> Iterator[Item]:
    def item(table: str, name: str, said: tuple[float, float], used: Used, reason: str = "", others: float = 0) -> Item:
        return Item("000", table, name, said, used, reason, others, VIRGINIA)

    yield item("stage 1", "EC2 t3.small", (15, 15), ec2("t3.small"))
    yield item("stage 1", "EC2 t3.medium", (30, 30), ec2("t3.medium"))
    yield item("stage 1", "EBS 20 GB", (2, 2), CHAT_DISK, GP3)
    yield item("stage 1", "together", (17, 32), CHAT_1)
    yield item("stage 2", "EC2 t3.medium", (30, 30), ec2("t3.medium"))
    yield item("stage 2", "MongoDB Atlas M10", (50, 50), (), others=ATLAS)
    yield item("stage 2", "EBS 20 GB", (2, 2), CHAT_DISK, GP3)
    yield item("stage 2", "together", (82, 82), CHAT_2, others=ATLAS)
    yield item("stage 2", "more than stage 1", (50, 50), (), others=ATLAS)
    yield item("stage 3", "EC2 t3.medium", (30, 30), ec2("t3.medium"))
    yield item("stage 3", "MongoDB Atlas M10", (50, 50), (), others=ATLAS)
    yield item("stage 3", "ElastiCache t3.micro", (15, 15), CHAT_CACHE, ROUNDED)
    yield item("stage 3", "EBS 20 GB", (2, 2), CHAT_DISK, GP3)
    yield item("stage 3", "together", (97, 97), CHAT_3, others=ATLAS)
    yield item("stage 3", "more than stage 2", (15, 15), CHAT_CACHE, ROUNDED)
    yield item("stage 4", "EC2 t3.medium", (30, 30), ec2("t3.medium"))
    yield item("stage 4", "MongoDB Atlas M10", (50, 50), (), others=ATLAS)
    yield item("stage 4", "ElastiCache t3.micro", (15, 15), CHAT_CACHE, ROUNDED)
    yield item("stage 4", "S3 100 GB", (2, 5), CHAT_FILES)
    yield item("stage 4", "ECR 10 GB", (1, 1), CHAT_IMAGES)
    yield item("stage 4", "Secrets Manager", (0.4, 0.4), CHAT_SECRET)
    yield item("stage 4", "EBS 20 GB", (2, 2), CHAT_DISK, GP3)
    yield item("stage 4", "together", (100, 103), CHAT_4, others=ATLAS)
    yield item("stage 4", "more than stage 3", (3, 10), (*CHAT_FILES, *CHAT_IMAGES, *CHAT_SECRET))
    yield item("stages", "1", (15, 30), CHAT_1)
    yield item("stages", "2", (65, 80), CHAT_2, others=ATLAS)
    yield item("stages", "3", (80, 95), CHAT_3, others=ATLAS)
    yield item("stages", "4", (100, 110), CHAT_4, others=ATLAS)
    yield item("six months", "1", (90, 180), six(CHAT_1))
    yield item("six months", "2", (390, 480), six(CHAT_2), others=6 * ATLAS)
    yield item("six months", "3", (480, 570), six(CHAT_3), others=6 * ATLAS)
    yield item("six months", "4", (600, 660), six(CHAT_4), others=6 * ATLAS)
    short = "The seed's sum of the stage is above the range in this table."
    yield item("six months saved", "1", (510, 600), (*six(CHAT_4), *six(CHAT_1, -6)), others=6 * ATLAS)
    yield item("six months saved", "2", (210, 300), (*six(CHAT_4), *six(CHAT_2, -6)), short)
    yield item("six months saved", "3", (90, 180), (*six(CHAT_4), *six(CHAT_3, -6)), short)


# -- seed 001: resee; it names no region, so Seoul, where its users are ------------------------------------------------

RESEE_NET = use("transfer/out", 12, "12 GB to users")
RESEE_2 = (*ec2("t3.medium"), *gp3(30), *IPV4, *use("s3/standard", 10), *RESEE_NET)
RESEE_ALB = (*hours("elb/application"), *use("elb/application/lcu", 0.5 * HOURS, "half an LCU"))
RESEE_COMPUTE = (*ec2("t3.medium", 2), *RESEE_ALB)
RESEE_DB = (*hours("rds/postgresql/db.t4g.micro/multi_az"), *use("rds/storage/gp3/multi_az", 20))
RESEE_CACHE = hours("elasticache/redis/cache.t4g.micro")
RESEE_FILES = (*use("s3/standard", 20), *gp3(50))
RESEE_WATCH = (
    *use("cloudwatch/alarm", 10),
    *use("cloudwatch/logs/ingest", 8, "8 GB of logs"),
    *use("cloudwatch/dashboard", 1),
)
RESEE_WIRES = (*hours("ec2/public_ipv4", 4), *use("transfer/out", 50, "50 GB to users"))
RESEE_3 = (*RESEE_COMPUTE, *RESEE_DB, *RESEE_CACHE, *RESEE_FILES, *RESEE_WATCH, *RESEE_WIRES)
SMALL = "The seed has the price of a t3.small; a t3.medium in Seoul is 0.052 an hour."


def resee() -> Iterator[Item]:
    def item(table: str, name: str, said: tuple[float, float], used: Used, reason: str = "") -> Item:
        return Item("001", table, name, said, used, reason)

    yield item("stage 2", "EC2 t3.medium", (15, 18), ec2("t3.medium"), SMALL)
    yield item("stage 2", "S3 10 GB", (0.5, 1), use("s3/standard", 10), "The seed rounds up: 10 GB x 0.025.")
    yield item("stage 2", "network", (1, 2), RESEE_NET)
    yield item("stage 2", "together", (17, 21), RESEE_2, f"{SMALL} {NOT_IN_TABLE}")
    yield item("stage 2", "in short", (15, 20), RESEE_2, f"{SMALL} {NOT_IN_TABLE}")
    yield item("why not yet", "RDS", (15, 30), (*hours("rds/postgresql/db.t4g.micro"), *use("rds/storage/gp3", 20)))
    yield item("why not yet", "ALB", (16, 20), RESEE_ALB)
    yield item("stage 3", "EC2 x 2 + ALB", (52, 52), RESEE_COMPUTE, SMALL)
    yield item(
        "stage 3",
        "RDS Multi-AZ",
        (35, 35),
        RESEE_DB,
        "db.t4g.micro on two zones is 0.051 an hour, and its storage counts twice.",
    )
    yield item(
        "stage 3",
        "ElastiCache",
        (25, 25),
        RESEE_CACHE,
        "cache.t4g.micro is 0.024 an hour; the seed names no size.",
    )
    yield item("stage 3", "S3 + EBS", (5, 5), RESEE_FILES)
    yield item("stage 3", "CloudWatch", (10, 10), RESEE_WATCH)
    yield item(
        "stage 3",
        "network",
        (8, 8),
        RESEE_WIRES,
        "Every public IPv4 address costs 3.65 since 2024; transfer is 0.126 a GB.",
    )
    yield item("stage 3", "together", (135, 135), RESEE_3, SMALL)


# -- seed 002: iamvet --------------------------------------------------------------------------------------------------

IAMVET_ALB = hours("elb/application")
IAMVET_FARGATE = (*hours("fargate/vcpu"), *hours("fargate/gb", 2))


def iamvet() -> Iterator[Item]:
    def item(table: str, name: str, said: tuple[float, float], used: Used, reason: str = "", others: float = 0) -> Item:
        return Item("002", table, name, said, used, reason, others)

    yield item("way 2", "ALB", (16, 16), IAMVET_ALB)
    yield item("way 2", "more", (30, 50), (*IAMVET_ALB, *ec2("t3.medium", 0.5), *hours("ec2/public_ipv4", 2)))
    yield item("way 3", "ALB", (16, 16), IAMVET_ALB)
    yield item("way 3", "Fargate 1 vCPU, 2 GB", (30, 50), IAMVET_FARGATE)
    yield item("way 3", "together", (50, 70), (*IAMVET_ALB, *IAMVET_FARGATE))
    yield item("way 4", "Vercel", (0, 20), (), others=20)
    yield item("phases", "2: UptimeRobot", (0, 0), ())


# -- seed 004: promo, Seoul --------------------------------------------------------------------------------------------

PROMO_S3 = (*use("s3/standard", 100), *use("transfer/out", 10, "10 GB to users"))
PROMO_EC2 = ec2("t3.medium", 2)
PROMO_RDS = (*hours("rds/postgresql/db.t3.medium"), *use("rds/storage/gp3", 20))
PROMO_CACHE = hours("elasticache/redis/cache.t3.micro")
PROMO_FILES = (*use("s3/standard", 200), *use("cloudfront/gb", 375, "375 GB through CloudFront"))
PROMO_MORE = (*RESEE_ALB, *use("cloudwatch/logs/ingest", 12, "12 GB of logs"), *use("cloudwatch/alarm", 10))
PROMO_SAAS = (*PROMO_EC2, *PROMO_RDS, *PROMO_CACHE, *PROMO_FILES, *PROMO_MORE)
MESSAGES_1, MESSAGES_2 = 195.0, 1875.0  # SMS and KakaoTalk: 250,000 won are about 200 USD there


def promo() -> Iterator[Item]:
    def item(table: str, name: str, said: tuple[float, float], used: Used, reason: str = "", others: float = 0) -> Item:
        return Item("004", table, name, said, used, reason, others)

    seoul = "t3.medium is 0.052 an hour in Seoul; the seed has the 0.0416 of us-east-1."
    yield item("MVP", "Vercel, Railway, Supabase, Upstash", (5, 5), (), others=5)
    yield item("MVP", "S3 100 GB, 10 GB out", (5, 5), PROMO_S3, "100 GB x 0.025 and 10 GB x 0.126; the seed rounds up.")
    yield item("MVP", "SMS and KakaoTalk", (195, 195), (), others=MESSAGES_1)
    yield item("MVP", "together", (200, 200), PROMO_S3, others=MESSAGES_1 + 5)
    yield item("SaaS", "EC2 t3.medium x 2", (60, 60), PROMO_EC2, seoul)
    yield item("SaaS", "RDS db.t3.medium", (70, 70), PROMO_RDS, "db.t3.medium is 0.112 an hour in Seoul, with 20 GB.")
    yield item("SaaS", "ElastiCache t3.micro", (15, 15), PROMO_CACHE, "cache.t3.micro is 0.025 an hour in Seoul.")
    yield item("SaaS", "S3 + CloudFront", (50, 50), PROMO_FILES)
    yield item("SaaS", "load balancer, monitoring", (30, 30), PROMO_MORE)
    yield item("SaaS", "SMS and KakaoTalk", (1875, 1875), (), others=MESSAGES_2)
    yield item("SaaS", "together", (2100, 2100), PROMO_SAAS, others=MESSAGES_2)


ITEMS = (*chat(), *resee(), *iamvet(), *shop(), *promo())
