"""A plan with one of everything."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.compare import Difference
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.model import Plan, Step
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.show.view import View, view
from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import Book, Figure
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Field, Found, Kind, Usage
from ansible_collections.stairway.cloud.plugins.module_utils._resource.types import ListOf, MapOf, Text, Unknown

PRICES = {
    "ec2/instance/t3.small": ("hour", "0.026", 0, True),
    "ec2/instance/t3.medium": ("hour", "0.052", 0, True),
    "rds/mysql/db.t4g.medium": ("hour", "0.102", 0, False),
    "ec2/nat_gateway": ("hour", "0.059", 0, True),
    "ec2/nat_gateway/gb": ("GB", "0.059", 0, True),
    "cloudwatch/alarm": ("alarm-month", "0.10", 10, True),
}
BOOK = Book(
    "ap-northeast-2",
    {
        sku: Figure(
            sku, unit, Decimal(usd), "2026-10-01" if checked else "2025-11", "AmazonEC2", checked, Decimal(free)
        )
        for sku, (unit, usd, free, checked) in PRICES.items()
    },
)


def kind(name: str, **fields: Field) -> Kind:
    return Kind(name, name, fields, lambda *_: (), lambda *_: "", lambda *_: None, None)


KINDS = {
    one.name: one
    for one in (
        kind(
            "instance",
            size=Field(Text(), "size"),
            labels=Field(MapOf(Text()), "labels"),
            zone=Field(Text(), "zone", change="replace"),
        ),
        kind("database", engine=Field(Text(), "engine"), password=Field(Text(), "password", secret=True)),
        kind("nat_gateway", subnet=Field(Text(), "subnet")),
        kind("subnet", cidr=Field(Text(), "cidr")),
        kind("security_group", ingress=Field(ListOf(Text()), "ingress")),
        kind("vpc", cidr=Field(Text(), "cidr")),
        kind("alarm", metric=Field(Text(), "metric")),
    )
}
NAT = (Usage("ec2/nat_gateway", 730), Usage("ec2/nat_gateway/gb", 100, "100 GB a month through the NAT gateway"))
SMALL, MEDIUM = (Usage("ec2/instance/t3.small", 730),), (Usage("ec2/instance/t3.medium", 730),)
MAIN = Entry("database", "main", {"engine": "mysql", "password": "s3cret-new"})

STEPS = (
    Step("keep", "vpc", "main", "vpc-0abc"),
    Step("create", "subnet", "app-c", entry=Entry("subnet", "app-c", {"cidr": "10.0.12.0/24"})),
    Step(
        "change",
        "security_group",
        "app",
        "sg-0abc",
        (Difference("ingress", ["alb:8080", "office:22"], ["alb:8080", "alb:9090"]),),
    ),
    Step(
        "change",
        "instance",
        "web",
        "i-0abc",
        (Difference("size", "t3.small", "t3.medium"), Difference("labels", {"a": "1", "b": "2"}, {"a": "1", "b": "3"})),
        cost_before=SMALL,
        cost_after=MEDIUM,
        found=Found("instance", "i-0abc", {}, {"team": "a", "old": "x"}),
        tags={"team": "b"},
        untag=("old",),
    ),
    Step(
        "replace",
        "instance",
        "job",
        "i-0def",
        (Difference("zone", "a", "c"), Difference("size", "t3.small", "t3.small")),
        why="zone cannot change in place",
        cost_before=SMALL,
        cost_after=SMALL,
    ),
    Step("create", "database", "main", entry=MAIN, cost_after=(Usage("rds/mysql/db.t4g.medium", 730),)),
    Step("change", "database", "old", "db-1", (Difference("password", "s3cret-old", "s3cret-new"),)),
    Step("delete", "nat_gateway", "main", "nat-0abc", why="the blueprint does not name it any more", cost_before=NAT),
    Step("keep", "nat_gateway", "b", "nat-0def", cost_before=NAT, cost_after=NAT),
    Step("adopt", "subnet", "app-a", "subnet-0abc", tags={"stairway:app": "shop"}),
    Step("create", "alarm", "cpu", cost_after=(Usage("cloudwatch/alarm", 1), Usage("cloudwatch/alarms", 2))),
)
PLAN = Plan("shop", "stage4", "ap-northeast-2", STEPS, ("The database waits for a backup.",))


def sample(**changes: object) -> View:
    return view(replace(PLAN, **changes), KINDS, BOOK)  # type: ignore[arg-type]


def unknown() -> Unknown:
    return Unknown("subnet", "app-c")
