"""Seed 004, promo: its cost tables, line by line. Seoul."""

from __future__ import annotations

from collections.abc import Iterator

from .seed_items import Item, Lines, Preset, Said

MVP, SAAS = Preset("promo_mvp", "stage1"), Preset("promo", "stage4")
MESSAGES_1, MESSAGES_2 = 195.0, 1875.0  # SMS and KakaoTalk: 250,000 won are about 200 USD there
PLATFORM = 5.0  # Railway, as the seed says


def promo() -> Iterator[Item]:
    def item(line: int, name: str, said: Said, *of: Lines, reason: str = "", others: float = 0) -> Item:
        return Item("004", line, name, said, tuple(of), reason, others)

    own = "A machine of its own, a t3.small with its disk and its address, in the place of Railway's starter."
    machine = MVP.lines("instance/* e*", "elastic_ip/* *")
    yield item(835, "MVP: the API", (5, 5), machine, reason=own)
    yield item(838, "MVP: S3 100 GB, 10 GB out", (5, 5), MVP.lines("bucket/* *", "* transfer/out"),
               reason="The plan assumes 10 GB of files; 100 GB cost 2.50.")  # fmt: skip
    yield item(844, "MVP: together", (200, 200), MVP.lines(), reason=own, others=MESSAGES_1)
    yield item(849, "SaaS: EC2 t3.medium x 2", (60, 60), SAAS.lines("autoscaling_group/* ec2/instance/*"),
               reason="t3.medium is 0.052 an hour in Seoul; the seed has the 0.0416 of us-east-1.")  # fmt: skip
    yield item(850, "SaaS: RDS db.t3.medium", (70, 70), SAAS.lines("database/* *"),
               reason="Two zones and a replica, which the document asks for, at 0.112 an hour for each.")  # fmt: skip
    yield item(851, "SaaS: ElastiCache t3.micro", (15, 15), SAAS.lines("cache/* *"),
               reason="Two nodes, so that one can take over; cache.t3.micro is 0.025 an hour in Seoul.")  # fmt: skip
    yield item(852, "SaaS: S3 + CloudFront", (50, 50), SAAS.lines("bucket/* *", "distribution/* *"),
               reason="The plan assumes 10 GB of files and 50 GB through CloudFront; 375 GB would be 45.")  # fmt: skip
    yield item(853, "SaaS: load balancer, monitoring", (30, 30),
               SAAS.lines("load_balancer/* e*", "log_group/* *", "alarm/* *", "dashboard/* *"),
               reason="The two public addresses of the load balancer cost 7.30 since 2024.")  # fmt: skip
    yield item(859, "SaaS: together", (2100, 2100), SAAS.lines(), others=MESSAGES_2)
