"""``topic``: whom messages go to.

Source: https://docs.aws.amazon.com/sns/latest/dg/welcome.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._resource.kind import Change, Entry, Field, Kind, Related, Sight, Usage
from .._resource.problems import Problem
from .._resource.types import Choice, ListOf, Part, Record, Ref, Text
from . import _sns
from ._names import namer

EMAIL = Text(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address")
AWS_KEY = "alias/aws/sns"


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """Nobody twice; a key that the services that send may use."""
    seen: set[tuple[str, str]] = set()
    for index, one in enumerate(entry.attrs["subscriptions"]):
        key = _sns.key(one)
        if key in seen:
            where = f"{entry.key}.subscriptions[{index}]"
            yield Problem(where, "This address is there twice.", key[1], "each address once")
        seen.add(key)
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    if entry.attrs["kms_key"].endswith(AWS_KEY) and entry.attrs["publishers"]:
        yield Problem(
            f"{entry.key}.kms_key",
            "AWS's services cannot send to a topic that AWS's own key encrypts.",
            entry.attrs["kms_key"],
            "a key of your own whose policy lets them use it, or no key",
        )


def price(attrs: Mapping[str, Any], related: Related) -> Iterator[Usage]:
    """The first thousand e-mails and the first hundred thousand calls of a month are free, which is more than alerts
    come to; SMS costs from the first: https://aws.amazon.com/sns/pricing/.
    """
    numbers = [one for one in attrs.get("subscriptions") or [] if one.get("sms")]
    if numbers:
        yield Usage("sns/sms", 10 * len(numbers), traffic="10 alerts a month to each number")


KIND = Kind(
    name="topic",
    doc="A list of people and systems that messages go to.",
    fields={
        "subscriptions": Field(
            ListOf(
                Record(
                    {
                        "email": Part(EMAIL, "Somebody's address."),
                        "sms": Part(Text(r"\+\d{8,15}", "a number such as +821012345678"), "Somebody's telephone."),
                        "https": Part(Text(r"https://\S+", "a URL with https"), "A system's URL."),
                        "queue": Part(Ref("queue", "arn"), "A queue."),
                        "lambda": Part(Text(r"arn:.+", "an ARN"), "A Lambda function's ARN."),
                    },
                    exactly_one=("email", "sms", "https", "queue", "lambda"),
                )
            ),
            "Who gets the messages. AWS asks each e-mail address and URL first whether it agrees.",
            default=[],
            fits=_sns.fits,
        ),
        "publishers": Field(
            ListOf(Choice(_sns.PUBLISHERS)),
            "AWS services that may send to it.",
            default=["cloudwatch", "budgets", "costalerts", "events"],
        ),
        "display_name": Field(Text(least=0, most=100), "The sender that SMS and e-mail show.", default=""),
        "kms_key": Field(
            Text(least=0), "What encrypts messages at rest: a key's id or ARN; an empty text for nothing.", default=""
        ),
    },
    describe=_sns.describe,
    create=_sns.create,
    delete=_sns.delete,
    retag=_sns.retag,
    changes=(
        Change(frozenset({"kms_key"}), _sns.change_key),
        Change(frozenset({"publishers"}), _sns.change_publishers),
        Change(frozenset({"display_name"}), _sns.change_display_name),
        Change(frozenset({"subscriptions"}), _sns.change_subscriptions),
    ),
    outputs={"arn": "Its ARN."},
    aws_name=namer(256),
    check=check,
    price=price,
    seconds=1,
)
