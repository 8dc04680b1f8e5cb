"""One line of a seed's cost table, and what we say that it uses.

``said`` is the seed's figure in USD a month (from, to); ``others`` is the part of it that AWS does not bill and that is
taken as the seed says. A ``reason`` stands where our figure is more than 10 % outside of what the seed says.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ansible_collections.stairway.cloud.plugins.module_utils._prices.bill import bill
from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import Book
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import HOURS, Usage

VIRGINIA, SEOUL = "us-east-1", "ap-northeast-2"
Used = tuple[Usage, ...]


@dataclass(frozen=True)
class Item:
    seed: str
    table: str
    name: str
    said: tuple[float, float]
    used: Used = ()
    reason: str = ""
    others: float = 0
    region: str = SEOUL

    def ours(self, book: Book) -> Decimal:
        found = bill(book, self.used)
        assert found.unknown == (), found.unknown
        return found.usd + Decimal(str(self.others))

    def differs(self, book: Book) -> bool:
        low, high = (Decimal(str(one)) for one in self.said)
        return not low * Decimal("0.9") <= self.ours(book) <= high * Decimal("1.1")


def hours(sku: str, count: float = 1) -> Used:
    return (Usage(sku, HOURS * count),)


def use(sku: str, quantity: float, traffic: str | None = None) -> Used:
    return (Usage(sku, quantity, traffic),)


def ec2(size: str, count: float = 1) -> Used:
    return hours(f"ec2/instance/{size}", count)


def gp3(gb: float) -> Used:
    return use("ebs/gp3", gb)


IPV4 = hours("ec2/public_ipv4")
ATLAS = 50.0  # MongoDB Atlas M10, as the seed says; AWS does not bill it
FROM_VIRGINIA = "The seed has about the price of us-east-1; in Seoul it is dearer."
NOT_IN_TABLE = "The seed leaves out the public IPv4 address and the disk."
RESERVED = "The seed counts a reservation; Stairway prices on demand, as a reservation is the account's, not the app's."
