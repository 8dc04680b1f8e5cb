"""Seed 003, shop: the costs of what it builds, and its own table of a month (from line 950 on). Seoul.

What it says of growth and of savings stands in ``seed_shop_growth.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

from .seed_items import EXTENDED, RESERVED, Item, Lines, Preset, Said, less

SHOP, WAF = Preset("shop", "stage4"), Preset("shop_waf", "stage4")
PHASE2, PHASE3, PHASE4 = (Preset(f"shop_phase{number}", "stage4") for number in (2, 3, 4))
ONE = SHOP.but(cloud={"compute": {"min": 1, "desired": 1}})
MICRO = SHOP.but(cloud={"compute": {"min": 1, "desired": 1, "size": "t3.micro"}})
PEAK = SHOP.but(cloud={"compute": {"desired": 4}})
NAT_INSTANCE = SHOP.but(cloud={"network": {"nat": "instance"}})
ENDPOINT = SHOP.but(cloud={"network": {"endpoints": ["s3", "ecr"]}})
BIG_CACHE = SHOP.but(
    stores={"cache": {"managed": {"size": "cache.r6g.large", "shards": 2, "replicas": 1, "multi_az": True}}}
)
LARGE_MULTI = PHASE2.but(stores={"db": {"managed": {"multi_az": True}}})
LARGE_REPLICA = PHASE2.but(stores={"db": {"managed": {"multi_az": True, "replicas": 1}}})
MEDIUM_MULTI = SHOP.but(stores={"db": {"managed": {"multi_az": True}}})
M6G = SHOP.but(stores={"cache": {"managed": {"size": "cache.m6g.large"}}})

MACHINES, GATEWAY = "autoscaling_group/* ec2/instance/*", "nat_gateway/* ec2/nat_gateway"
DB, DB_ALL = "database/* rds/mysql/db.*", "database/* *"
BALANCER = ("load_balancer/* elb/application", "load_balancer/* elb/application/lcu")
LOGS, ALARMS = "log_group/* cloudwatch/logs/*", "alarm/* *"
STORED, REQUESTS = "bucket/* s3/standard", "bucket/* s3/requests"

DB_PRICE = "db.t4g.medium is 0.102 an hour in Seoul; the seed has the 0.065 of us-east-1."
CACHE_PRICE = "cache.t4g.small is 0.047 an hour in Seoul; the seed has the 0.032 of us-east-1."
NAT_PRICE = "0.059 an hour and a GB in Seoul; the seed has the 0.045 of us-east-1."
EC2_PRICE = "t3.small is 0.026 an hour in Seoul; the seed has the 0.0208 of us-east-1."
SEOUL = "The seed has about the price of us-east-1; in Seoul it is dearer."
LCU = "The plan assumes one LCU all month (5.84); the seed's sum is 1.7."
DISK = "RDS's gp3 is 0.131 a GB in Seoul; 11 would be 84 GB."
BACKUPS = "Backups as large as the database cost nothing, and the plan has no line for them."
DB_TOGETHER = f"{EXTENDED} db.t4g.medium is 0.102 an hour in Seoul."
ONE_GB = "The plan assumes 1 GB of log lines for each group, at 0.76 a GB."
BOARD = "A dashboard is 3.00: the plan leaves out that an account's first three are free, and so its first ten alarms."
TWO_BUCKETS = "Two buckets, for which the plan assumes 10 GB and 100,000 requests each."
ONE_BUCKET = "The plan assumes 10 GB (0.25) and 100,000 requests (0.45); the seed rounds up."
PASSWORD = "Four secrets: the password of Redis and the fleet's environment are more than the seed has."
QUERIES = "The plan assumes one million questions, at 0.40; those for aliases of AWS are free."
ROUNDED = "The seed rounds up to whole dollars."
TOGETHER = f"{EXTENDED} EC2, RDS, ElastiCache and NAT are dearer in Seoul than at the seed's prices of us-east-1."


def item(line: int, name: str, said: Said, *of: Lines, reason: str = "") -> Item:
    return Item("003", line, name, said, tuple(of), reason)


def built() -> Iterator[Item]:
    """Lines 125 to 915: what each thing costs where it is described."""
    r6g, m6g = "cache.r6g.large is 0.247 an hour in Seoul.", f"{SEOUL} cache.m6g.large is 0.192 an hour there."
    replica = "A replica costs as much as a database on one zone, 149 in Seoul; the seed adds 50."
    endpoint = "ECR needs two endpoints, each in two zones, at 0.013 an hour."
    yield item(131, "network: NAT gateway", (32, 32), SHOP.lines(GATEWAY), reason=NAT_PRICE)
    yield item(132, "network: two NAT gateways", (65, 65), PHASE3.lines(GATEWAY), reason=NAT_PRICE)
    yield item(133, "network: one saved", (33, 33), PHASE3.lines(GATEWAY), less(SHOP.lines(GATEWAY)), reason=NAT_PRICE)
    yield item(140, "network: NAT instance t4g.nano", (3, 3), NAT_INSTANCE.lines("nat_instance/* ec2/instance/*"),
               reason="t4g.nano is 0.0052 an hour in Seoul.")  # fmt: skip
    yield item(173, "network: interface endpoint", (7, 7), ENDPOINT.lines("* vpc/endpoint/interface"), reason=endpoint)
    yield item(192, "ALB: base", (16, 16), SHOP.lines(BALANCER[0]))
    yield item(192, "ALB: traffic", (10, 10), SHOP.lines(BALANCER[1]), reason=LCU)
    yield item(192, "ALB: together", (26, 26), SHOP.lines(*BALANCER), reason=LCU)
    yield item(303, "compute: 2 x t3.small", (30, 30), SHOP.lines(MACHINES), reason=EC2_PRICE)
    # the plan counts two all month, which comes to what two and a half cost in us-east-1
    yield item(304, "compute: 2.5 x t3.small", (38, 38), SHOP.lines(MACHINES))
    yield item(305, "compute: 4 x t3.small", (60, 60), PEAK.lines(MACHINES), reason=EC2_PRICE)
    yield item(316, "compute: t3.small", (15, 15), ONE.lines(MACHINES), reason=EC2_PRICE)
    yield item(317, "compute: baseline", (30, 30), SHOP.lines(MACHINES), reason=EC2_PRICE)
    yield item(334, "compute: t3.micro", (7.5, 7.5), MICRO.lines(MACHINES), reason="t3.micro is 0.013 in Seoul.")
    yield item(340, "compute: t3.small, reserved", (10, 10), ONE.lines(MACHINES), reason=RESERVED)
    yield item(370, "RDS: db.t4g.medium", (50, 50), SHOP.lines(DB), reason=DB_PRICE)
    yield item(370, "RDS: db.r6g.large Multi-AZ", (290, 290), PHASE3.lines(DB),
               reason="db.r6g.large on two zones is 0.51 an hour in Seoul.")  # fmt: skip
    yield item(428, "RDS: db.t4g.large", (100, 100), PHASE2.lines(DB), reason=SEOUL)
    yield item(429, "RDS: db.t4g.large Multi-AZ", (200, 200), LARGE_MULTI.lines(DB), reason=SEOUL)
    yield item(430, "RDS: and a replica", (250, 250), LARGE_REPLICA.lines(DB), reason=replica)
    yield item(459, "RDS: backups", (5, 5), reason=BACKUPS)
    yield item(478, "ElastiCache: cache.t4g.small", (24, 24), SHOP.lines("cache/* *"), reason=CACHE_PRICE)
    yield item(478, "ElastiCache: 4 x cache.r6g.large", (541, 541), BIG_CACHE.lines("cache/* *"), reason=r6g)
    yield item(518, "ElastiCache: cache.t4g.medium", (48, 48), PHASE2.lines("cache/* *"), reason=SEOUL)
    yield item(519, "ElastiCache: cache.m6g.large", (110, 110), M6G.lines("cache/* *"), reason=m6g)
    yield item(520, "ElastiCache: and a replica", (220, 220), PHASE3.lines("cache/* *"), reason=m6g)
    yield item(589, "S3: data", (2, 2), SHOP.lines("bucket/data *"), reason=ONE_BUCKET)
    yield item(606, "S3: static", (1, 1), SHOP.lines("bucket/static *"), reason=ONE_BUCKET)
    yield item(684, "WAF: none at first", (0, 0))
    waf = "Three rules, and the plan assumes one million requests (0.60)."
    yield item(689, "WAF: phase 2", (12, 12), WAF.lines("web_acl/* *"), reason=waf)
    yield item(715, "Secrets Manager", (0.8, 0.8), SHOP.lines("secret/* *"), reason=PASSWORD)
    yield item(794, "CloudWatch: an alarm", (0.1, 0.1), SHOP.lines("alarm/unhealthy-targets-app *"))
    yield item(810, "CloudWatch: 5 alarms", (0.5, 0.5), SHOP.lines(ALARMS))
    yield item(816, "CloudWatch: the app's logs", (1, 1), SHOP.lines("log_group/app */logs/*"), reason=ONE_GB)
    yield item(820, "CloudWatch: the database's logs", (0.5, 0.5), SHOP.lines("log_group/db-error *"), reason=ONE_GB)
    yield item(826, "CloudWatch: logs", (2, 2), SHOP.lines("log_group/* *"),
               reason="Three metrics are counted in the logs, at 0.30 each.")  # fmt: skip
    yield item(838, "CloudWatch: phase 1", (3, 3), SHOP.lines("log_group/* *", ALARMS, "dashboard/* *"), reason=BOARD)
    yield item(914, "ECR: 10 GB", (1, 1), SHOP.lines("repository/* *"))


def month() -> Iterator[Item]:
    """Lines 960 to 1046: the seed's own table of a month, and once more at line 1417."""
    yield item(960, "month, EC2: one of two", (15, 15), ONE.lines(MACHINES), reason=EC2_PRICE)
    yield item(960, "month, EC2: two", (30, 30), SHOP.lines(MACHINES), reason=EC2_PRICE)
    yield item(963, "month, EC2: average", (38, 38), SHOP.lines(MACHINES))
    yield item(968, "month, EC2: reserved", (25, 25), SHOP.lines(MACHINES), reason=RESERVED)
    yield item(971, "month, ALB: base", (16, 16), SHOP.lines(BALANCER[0]))
    yield item(972, "month, ALB: traffic", (10, 10), SHOP.lines(BALANCER[1]), reason=LCU)
    yield item(973, "month, ALB: together", (26, 26), SHOP.lines(*BALANCER), reason=LCU)
    yield item(977, "month, RDS: compute", (50, 50), SHOP.lines(DB), reason=DB_PRICE)
    yield item(978, "month, RDS: 50 GB gp3", (11, 11), SHOP.lines("database/* rds/storage/*"), reason=DISK)
    yield item(979, "month, RDS: backups", (5, 5), reason=BACKUPS)
    yield item(980, "month, RDS: together", (66, 66), SHOP.lines(DB_ALL), reason=DB_TOGETHER)
    yield item(984, "month, ElastiCache", (24, 24), SHOP.lines("cache/* *"), reason=CACHE_PRICE)
    yield item(988, "month, NAT: base", (32, 32), SHOP.lines(GATEWAY), reason=NAT_PRICE)
    yield item(989, "month, NAT: traffic", (10, 10), SHOP.lines("nat_gateway/* */gb"))
    yield item(990, "month, NAT: together", (42, 42), SHOP.lines("nat_gateway/* *"), reason=NAT_PRICE)
    yield item(993, "month, CloudWatch: logs", (2, 2), SHOP.lines(LOGS), reason=ONE_GB)
    yield item(994, "month, CloudWatch: alarms", (0.5, 0.5), SHOP.lines(ALARMS))
    yield item(995, "month, CloudWatch: together", (3, 3), SHOP.lines(LOGS, ALARMS), reason=ROUNDED)
    yield item(998, "month, S3: 10 GB", (0.5, 0.5), SHOP.lines(STORED))
    yield item(999, "month, S3: requests", (1, 1), SHOP.lines(REQUESTS))
    yield item(1000, "month, S3: together", (2, 2), SHOP.lines("bucket/* *"), reason=TWO_BUCKETS)
    yield item(1003, "month, Secrets Manager", (0.8, 0.8), SHOP.lines("secret/* *"), reason=PASSWORD)
    yield item(1006, "month, Route 53: zone", (0.5, 0.5), SHOP.lines("dns_zone/* route53/zone"))
    yield item(1007, "month, Route 53: queries", (1, 1), SHOP.lines("dns_zone/* route53/queries"), reason=QUERIES)
    yield item(1008, "month, Route 53: together", (2, 2), SHOP.lines("dns_zone/* *"), reason=QUERIES)
    yield item(1011, "month, ECR", (1, 1), SHOP.lines("repository/* *"))
    yield item(1014, "month, to users", (10, 10), SHOP.lines("* transfer/out"))
    yield item(1019, "on demand: EC2", (38, 38), SHOP.lines(MACHINES))
    yield item(1020, "on demand: ALB", (26, 26), SHOP.lines(*BALANCER), reason=LCU)
    yield item(1021, "on demand: RDS", (66, 66), SHOP.lines(DB_ALL), reason=DB_TOGETHER)
    yield item(1022, "on demand: ElastiCache", (24, 24), SHOP.lines("cache/* *"), reason=CACHE_PRICE)
    yield item(1023, "on demand: NAT", (42, 42), SHOP.lines("nat_gateway/* *"), reason=NAT_PRICE)
    yield item(1024, "on demand: CloudWatch", (3, 3), SHOP.lines(LOGS, ALARMS), reason=ROUNDED)
    yield item(1025, "on demand: S3", (2, 2), SHOP.lines("bucket/* *"), reason=TWO_BUCKETS)
    yield item(1026, "on demand: Secrets Manager", (1, 1), SHOP.lines("secret/* *"), reason=PASSWORD)
    yield item(1027, "on demand: Route 53", (2, 2), SHOP.lines("dns_zone/* *"), reason=QUERIES)
    yield item(1028, "on demand: ECR", (1, 1), SHOP.lines("repository/* *"))
    yield item(1029, "on demand: to users", (10, 10), SHOP.lines("* transfer/out"))
    yield item(1031, "on demand: together", (215, 215), SHOP.lines(), reason=TOGETHER)
    rest = (SHOP.lines(), less(SHOP.lines(MACHINES)), less(SHOP.lines(DB_ALL)))
    yield item(1034, "reserved: EC2", (25, 25), SHOP.lines(MACHINES), reason=RESERVED)
    yield item(1035, "reserved: RDS", (50, 50), SHOP.lines(DB_ALL), reason=f"{RESERVED} {EXTENDED}")
    yield item(1036, "reserved: the rest", (140, 140), *rest)
    yield item(1038, "reserved: together", (185, 185), SHOP.lines(), reason=f"{RESERVED} {EXTENDED}")
    yield item(1042, "first three months: each", (215, 215), SHOP.lines(), reason=TOGETHER)
    yield item(1046, "after that: each", (185, 185), SHOP.lines(), reason=f"{RESERVED} {EXTENDED}")
    yield item(1417, "at the end: on demand", (215, 215), SHOP.lines(), reason=TOGETHER)
    yield item(1418, "at the end: reserved", (185, 185), SHOP.lines(), reason=f"{RESERVED} {EXTENDED}")
    yield item(1430, "at the end: about", (200, 200), SHOP.lines(), reason=TOGETHER)
