"""``topic``: whom messages go to."""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, ListOf, Part, Record, Ref, Text
from . import _draft
from ._names import namer

KIND = Kind(
    name="topic",
    doc="A list of people and systems that messages go to.",
    fields={
        "subscriptions": Field(
            ListOf(
                Record(
                    {
                        "email": Part(Text(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"), "Somebody's address."),
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
        ),
        "publishers": Field(
            ListOf(
                Choice(("cloudwatch", "budgets", "costalerts", "events", "s3", "rds", "ses", "codestar-notifications"))
            ),
            "AWS services that may send to it.",
            default=["cloudwatch", "budgets", "costalerts", "events"],
        ),
        "display_name": Field(Text(least=0, most=100), "The sender that SMS and e-mail show.", default=""),
        "kms_key": Field(
            Text(least=0), "What encrypts messages at rest: a key's id or ARN; an empty text for nothing.", default=""
        ),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"arn": "Its ARN."},
    aws_name=namer(256),
)
