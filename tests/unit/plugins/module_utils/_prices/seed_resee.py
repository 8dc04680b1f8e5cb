"""Seed 001, resee: its cost tables, line by line. It names no region, so Seoul, where its users are."""

from __future__ import annotations

from collections.abc import Iterator

from .seed_items import Item, Lines, Preset, Said

ONE, FOUR = Preset("resee", "stage1"), Preset("resee", "stage4")
BARE_DB = FOUR.but(stores={"db": {"managed": {"multi_az": False, "replicas": 0}}})
SIZE = "The seed has the price of a t3.small; a t3.medium in Seoul is 0.052 an hour."
NOT_IN_TABLE = "The seed leaves out the public address and the disk."
BALANCER = "Its two public addresses cost 7.30 since 2024, and the plan assumes one LCU all month (5.84)."
WIRES = "Public addresses cost 3.65 each since 2024; 0.126 a GB goes to users, and the plan assumes"
TOGETHER = "A t3.medium at its price in Seoul, a replica of the database and of the cache, addresses, and traffic."
WATCHING = ("log_group/* *", "alarm/* *", "dashboard/* *")


def resee() -> Iterator[Item]:
    def item(line: int, name: str, said: Said, *of: Lines, reason: str = "") -> Item:
        return Item("001", line, name, said, tuple(of), reason)

    machine, backups = ONE.lines("instance/app ec2/instance/*"), ONE.lines("bucket/backups *")
    wires = ONE.lines("elastic_ip/* *", "* transfer/out", "dns_zone/* *")
    short = f"{SIZE} {NOT_IN_TABLE}"
    yield item(155, "stage 2: in short", (15, 20), ONE.lines(), reason=short)
    yield item(187, "why not yet: RDS", (15, 30), BARE_DB.lines("database/* *"))
    yield item(195, "why not yet: ALB", (16, 20), FOUR.lines("load_balancer/* e*"), reason=BALANCER)
    yield item(227, "stage 2: EC2 t3.medium", (15, 18), machine, reason=SIZE)
    yield item(228, "stage 2: S3 10 GB", (0.5, 1), backups)
    yield item(229, "stage 2: network", (1, 2), wires, reason=f"{WIRES} 10 GB.")
    yield item(230, "stage 2: together", (17, 21), ONE.lines(), reason=short)
    computing = FOUR.lines("autoscaling_group/* ec2/instance/*", "load_balancer/* e*")
    yield item(375, "stage 2 again: EC2", (18, 18), machine, reason=SIZE)
    yield item(375, "stage 3: EC2 x 2 + ALB", (52, 52), computing, reason=f"{SIZE} {BALANCER}")
    yield item(
        376, "stage 3: RDS Multi-AZ", (35, 35), FOUR.lines("database/* *"),
        reason="The database on two zones is 42.47; the replica that the document asks for as well is 20.87.",
    )  # fmt: skip
    yield item(
        377, "stage 3: ElastiCache", (25, 25), FOUR.lines("cache/* *"),
        reason="Two nodes, so that one can take over; cache.t4g.micro is 0.024 an hour.",
    )  # fmt: skip
    yield item(
        378, "stage 2 again: S3", (1, 1), backups, reason="10 GB and 100,000 requests; the seed rounds up.",
    )  # fmt: skip
    yield item(378, "stage 3: S3 + EBS", (5, 5), FOUR.lines("bucket/* *", "* ebs/gp3"),
               reason="Three buckets, for which the plan assumes 10 GB and 100,000 requests each.")  # fmt: skip
    yield item(
        379, "stage 3: CloudWatch", (10, 10), FOUR.lines(*WATCHING),
        reason="The plan assumes 1 GB of log lines a month; each GB more is 0.76.",
    )  # fmt: skip
    yield item(380, "stage 2 again: network", (2, 2), wires, reason=f"{WIRES} 10 GB.")
    yield item(
        380, "stage 3: network", (8, 8), FOUR.lines("* ec2/public_ipv4", "* transfer/out", "dns_zone/* *"),
        reason=f"{WIRES} 80 GB.",
    )  # fmt: skip
    yield item(381, "stage 2 again: together", (21, 21), ONE.lines(), reason=short)
    yield item(381, "stage 3: together", (135, 135), FOUR.lines(), reason=TOGETHER)
    yield item(465, "in short: stage 2", (20, 20), ONE.lines(), reason=short)
    yield item(465, "in short: stage 3", (135, 135), FOUR.lines(), reason=TOGETHER)
    yield item(477, "at the end: stage 2", (20, 20), ONE.lines(), reason=short)
