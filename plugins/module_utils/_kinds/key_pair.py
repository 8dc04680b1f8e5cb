"""``key_pair``: the public key that may enter new machines over SSH.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportKeyPair.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._aws.tags import specification
from .._resource.kind import Field, Found, Kind, Scope, Wanted
from .._resource.types import Text
from . import _ec2


@dataclass(frozen=True)
class PublicKey(Text):
    """An OpenSSH public key; the comment behind it does not count."""

    pattern: str | None = r"ssh-(ed25519|rsa) [A-Za-z0-9+/]+={0,3}( .*)?\s*"
    says: str = "an OpenSSH public key, ssh-ed25519 or ssh-rsa (EC2 takes no other)"

    def canonical(self, value: Any) -> Any:
        return " ".join(value.split()[:2]) if isinstance(value, str) else value


def aws_name(app: str, name: str, attrs: Mapping[str, Any]) -> str:
    """With a hash of the key: a new key stands beside the old one before that goes."""
    key = PublicKey().canonical(attrs["public_key"])
    return f"{app}-{name}-{hashlib.sha256(str(key).encode()).hexdigest()[:8]}"


def to_found(item: Mapping[str, Any]) -> Found:
    return Found(
        kind="key_pair",
        id=item["KeyPairId"],
        attrs={"public_key": item.get("PublicKey")},
        tags=_ec2.tags_of(item),
        aws_name=item["KeyName"],
        outputs={"name": item["KeyName"]},
    )


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    seen: set[str] = set()
    for filters in _ec2.filters_of(scope, "key-pair-id", "key-name"):
        for item in aws.pages("ec2", "describe_key_pairs", "KeyPairs", Filters=filters, IncludePublicKey=True):
            if item["KeyPairId"] not in seen:
                seen.add(item["KeyPairId"])
                yield to_found(item)


def create(aws: Any, wanted: Wanted) -> str:
    answer = aws.call(
        "ec2",
        "import_key_pair",
        KeyName=wanted.aws_name,
        PublicKeyMaterial=str(PublicKey().canonical(wanted.attrs["public_key"])).encode(),
        TagSpecifications=specification("key-pair", wanted.tags),
    )
    key_id: str = answer["KeyPairId"]
    aws.created(key_id, wanted.aws_name)
    return key_id


def delete(aws: Any, found: Found) -> None:
    _ec2.gone_is_fine(aws, "delete_key_pair", KeyPairId=found.id)


KIND = Kind(
    name="key_pair",
    doc="The public key that may enter new machines over SSH. Machines that run already keep the keys they have.",
    fields={"public_key": Field(PublicKey(), "The public half of the key.", required=True, change="replace")},
    describe=describe,
    create=create,
    delete=delete,
    retag=_ec2.retag,
    outputs={"name": "Its name in EC2."},
    aws_name=aws_name,
    create_first=True,
    seconds=2,
)
