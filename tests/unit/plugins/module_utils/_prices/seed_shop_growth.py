"""Seed 003, shop: what it says of savings (from line 1050 on) and of growth (from line 1130 on). Seoul."""

from __future__ import annotations

from collections.abc import Iterator

from .seed_items import EXTENDED, Item, less
from .seed_shop import (
    DB_ALL,
    MACHINES,
    MEDIUM_MULTI,
    NAT_INSTANCE,
    NAT_PRICE,
    ONE,
    PHASE2,
    PHASE3,
    PHASE4,
    SEOUL,
    SHOP,
    TOGETHER,
    WAF,
    item,
)

NIGHTS = 0.64  # of a week are nights and weekends
STEPS = f"{EXTENDED} The seed's steps are round sums at about the prices of us-east-1."


def savings() -> Iterator[Item]:
    one_less = ONE.lines(MACHINES, times=-NIGHTS), SHOP.lines(MACHINES, times=NIGHTS)
    nat = ("nat_gateway/* *", "elastic_ip/nat *")
    machine = ("nat_instance/* *", "elastic_ip/nat *")
    yield item(1056, "savings: one machine less at night", (15, 20), *one_less,
               reason="Nights and weekends are 64 % of a week; the seed counts a whole month.")  # fmt: skip
    yield item(1087, "savings: t4g.nano", (3, 3), NAT_INSTANCE.lines("nat_instance/* ec2/instance/*"),
               reason="t4g.nano is 0.0052 an hour in Seoul.")  # fmt: skip
    yield item(1088, "savings: a NAT instance", (39, 39), SHOP.lines(*nat), less(NAT_INSTANCE.lines(*machine)),
               reason=NAT_PRICE)  # fmt: skip


def growth() -> Iterator[Item]:
    larger = f"{SEOUL} Extended support is by the processor, and both have two."
    zone = f"{EXTENDED} The second zone costs as much as the first: 74, and its storage."
    yield item(1135, "growth: phase 1", (215, 215), SHOP.lines(), reason=TOGETHER)
    yield item(1145, "growth: phase 2", (350, 350), PHASE2.lines(), reason=STEPS)
    yield item(1145, "growth: to phase 2", (135, 135), PHASE2.lines(), less(SHOP.lines()))
    yield item(1154, "growth: phase 3", (600, 600), PHASE3.lines(), reason=STEPS)
    yield item(1154, "growth: to phase 3", (250, 250), PHASE3.lines(), less(PHASE2.lines()), reason=STEPS)
    yield item(1165, "growth: phase 4", (1200, 1200), PHASE4.lines(), reason=STEPS)
    yield item(1165, "growth: to phase 4", (600, 600), PHASE4.lines(), less(PHASE3.lines()), reason=STEPS)
    yield item(1182, "what first: a larger database", (50, 50), PHASE2.lines(DB_ALL), less(SHOP.lines(DB_ALL)),
               reason=larger)  # fmt: skip
    yield item(1188, "what first: a second zone", (100, 100), MEDIUM_MULTI.lines(DB_ALL), less(SHOP.lines(DB_ALL)),
               reason=zone)  # fmt: skip
    yield item(1194, "what first: a larger cache", (24, 24), PHASE2.lines("cache/* *"), less(SHOP.lines("cache/* *")),
               reason=SEOUL)  # fmt: skip
    yield item(1200, "what first: a machine more", (15, 30), ONE.lines(MACHINES))
    yield item(1206, "what first: WAF", (20, 20), WAF.lines("web_acl/* *"),
               reason="The seed has GuardDuty in it, which a team turns on for a whole account.")  # fmt: skip
