"""The calls of ``topic``.

Source: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._resource.kind import Found, Scope, Wanted
from . import _tagged
from ._gone import unless_gone
from ._policy import VERSION, loaded, several

PUBLISHERS = ("cloudwatch", "budgets", "costalerts", "events", "s3", "ses")
# EventBridge's own page says that it publishes to no topic whose policy has a condition:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
UNCONDITIONAL = ("events",)
# our word -> SNS's protocol
PROTOCOLS = {"email": "email", "sms": "sms", "https": "https", "queue": "sqs", "lambda": "lambda"}
PENDING = "PendingConfirmation"
GONE = "Deleted"


# -- pure -------------------------------------------------------------------------------------------------------------


def to_found(
    attributes: Mapping[str, str], subscriptions: Iterable[Mapping[str, Any]], tags: Mapping[str, str]
) -> Found:
    arn = attributes["TopicArn"]
    listed = [one for one in subscriptions if one["SubscriptionArn"] != GONE and one["Protocol"] in PROTOCOLS.values()]
    return Found(
        kind="topic",
        id=arn,
        attrs={
            "subscriptions": [subscription_of(one) for one in listed],
            "publishers": publishers_of(attributes.get("Policy")),
            "display_name": attributes.get("DisplayName") or "",
            "kms_key": attributes.get("KmsMasterKeyId") or "",
        },
        tags=tags,
        aws_name=arn.rpartition(":")[2],
        outputs={"arn": arn},
        detail={"subscriptions": {key(subscription_of(one)): one["SubscriptionArn"] for one in listed}},
    )


def subscription_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """``pending`` is nothing that an entry can have: it says that AWS still waits for an answer."""
    word = next(ours for ours, theirs in PROTOCOLS.items() if theirs == item["Protocol"])
    found = {word: item["Endpoint"]}
    return {**found, "pending": True} if item["SubscriptionArn"] == PENDING else found


def key(subscription: Mapping[str, Any]) -> tuple[str, str]:
    """What makes a subscription one: protocol and address."""
    word = next(one for one in PROTOCOLS if subscription.get(one) is not None)
    return PROTOCOLS[word], str(subscription[word])


def fits(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """One that nobody has confirmed cannot be taken back: AWS forgets it by itself after some days."""
    there = {key(one): one.get("pending", False) for one in found["subscriptions"]}
    asked = {key(one) for one in wanted["subscriptions"]}
    return asked <= set(there) and all(pending for one, pending in there.items() if one not in asked)


def policy(publishers: Iterable[str], arn: str) -> str:
    """Who may send: everything of this account, and the services named."""
    account = arn.split(":")[4]
    ours = {"StringEquals": {"aws:SourceAccount": account}}
    statements: list[dict[str, Any]] = [
        {
            "Sid": "account",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes", "SNS:ListSubscriptionsByTopic"],
            "Resource": arn,
            "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
        }
    ]
    for name in sorted(publishers):
        statement = {
            "Sid": name,
            "Effect": "Allow",
            "Principal": {"Service": f"{name}.amazonaws.com"},
            "Action": "SNS:Publish",
            "Resource": arn,
        }
        statements.append(statement if name in UNCONDITIONAL else {**statement, "Condition": ours})
    return json.dumps({"Version": VERSION, "Statement": statements})


def publishers_of(text: str | None) -> list[str]:
    """The way back: a statement counts when it says what ours says."""
    found = []
    for one in several(loaded(text).get("Statement")) if text else []:
        names = (
            several((one.get("Principal") or {}).get("Service")) if isinstance(one.get("Principal"), Mapping) else []
        )
        if one.get("Effect") == "Allow" and [str(a).lower() for a in several(one.get("Action"))] == ["sns:publish"]:
            found += [str(name).removesuffix(".amazonaws.com") for name in names]
    return sorted(found)


# -- calls ------------------------------------------------------------------------------------------------------------


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """The index of tags knows the app's topics; those that an entry names are asked for by the ARN that they have to
    have.
    """
    known = _tagged.tags_by_arn(aws, scope, "sns")
    named = {arn_of(aws, one) for one in scope.names} | {one for one in scope.ids if one.startswith("arn:")}
    for arn in sorted(named | set(known)):
        try:
            attributes = aws.call("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]
            subscriptions = list(aws.pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=arn))
            tags = known[arn] if arn in known else _tags(aws, arn)
        except AwsError as error:
            if not error.missing:
                raise
            continue
        yield to_found(attributes, subscriptions, tags)


def arn_of(aws: Any, name: str) -> str:
    return f"arn:{aws.partition}:sns:{aws.region}:{aws.account_id}:{name}"


def _tags(aws: Any, arn: str) -> Mapping[str, str]:
    return as_dict(aws.call("sns", "list_tags_for_resource", ResourceArn=arn)["Tags"])


def create(aws: Any, wanted: Wanted) -> str:
    arn = arn_of(aws, wanted.aws_name)
    attributes = {
        "DisplayName": wanted.get("display_name") or None,
        "KmsMasterKeyId": wanted.get("kms_key") or None,
        "Policy": policy(wanted.attrs["publishers"], arn),
    }
    aws.call(
        "sns",
        "create_topic",
        Name=wanted.aws_name,
        Attributes={name: value for name, value in attributes.items() if value is not None},
        Tags=as_list(wanted.tags),
    )
    aws.created(arn)
    for one in wanted.attrs["subscriptions"]:
        _subscribe(aws, arn, one)
    return arn


def _subscribe(aws: Any, arn: str, subscription: Mapping[str, Any]) -> None:
    protocol, endpoint = key(subscription)
    aws.call("sns", "subscribe", TopicArn=arn, Protocol=protocol, Endpoint=endpoint, ReturnSubscriptionArn=True)


def change_subscriptions(aws: Any, found: Found, wanted: Wanted) -> None:
    there = found.detail["subscriptions"]
    asked = {key(one): one for one in wanted.attrs["subscriptions"]}
    for one, subscription in asked.items():
        if one not in there:
            _subscribe(aws, found.id, subscription)
    for one, arn in there.items():
        if one not in asked and arn != PENDING:
            unless_gone(aws, "sns", "unsubscribe", SubscriptionArn=arn)


def change_publishers(aws: Any, found: Found, wanted: Wanted) -> None:
    _set(aws, found, "Policy", policy(wanted.attrs["publishers"], found.id))


def change_display_name(aws: Any, found: Found, wanted: Wanted) -> None:
    _set(aws, found, "DisplayName", wanted.attrs["display_name"])


def change_key(aws: Any, found: Found, wanted: Wanted) -> None:
    _set(aws, found, "KmsMasterKeyId", wanted.attrs["kms_key"])


def _set(aws: Any, found: Found, name: str, value: str) -> None:
    aws.call("sns", "set_topic_attributes", TopicArn=found.id, AttributeName=name, AttributeValue=value)


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    if add:
        aws.call("sns", "tag_resource", ResourceArn=found.id, Tags=as_list(add))
    if remove:
        aws.call("sns", "untag_resource", ResourceArn=found.id, TagKeys=remove)


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id)
    unless_gone(aws, "sns", "delete_topic", TopicArn=found.id)
