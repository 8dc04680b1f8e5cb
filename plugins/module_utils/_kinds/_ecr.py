"""What there is to say of repositories without calling AWS. Pure.

The lifecycle policy: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .._resource.kind import Entry, Found, Sight, Usage
from .._resource.problems import Problem
from ._names import joined

ASSUMED_GB = 10


def aws_name(app: str, name: str, attrs: Mapping[str, Any]) -> str:
    return joined(app, name, most=256, separator="/")


def to_found(item: Mapping[str, Any], policy: str | None, tags: Mapping[str, str]) -> Found:
    """``policy`` is the text of its lifecycle policy, None without one."""
    encryption = item.get("encryptionConfiguration") or {}
    kms = str(encryption.get("encryptionType", "AES256")).startswith("KMS")
    return Found(
        kind="repository",
        id=item["repositoryName"],
        attrs={
            "scan_on_push": bool((item.get("imageScanningConfiguration") or {}).get("scanOnPush")),
            "immutable_tags": str(item.get("imageTagMutability", "")).startswith("IMMUTABLE"),
            **_limits(policy),
            "encryption": "kms" if kms else "aes256",
            "kms_key": encryption.get("kmsKey"),
        },
        tags=tags,
        aws_name=item["repositoryName"],
        outputs={"arn": item["repositoryArn"], "uri": item["repositoryUri"]},
    )


def policy(keep_images: int, untagged_days: int) -> str | None:
    """The lifecycle policy, None for none. AWS wants the rule for all images to come last."""
    rules = []
    if untagged_days:
        rules.append(
            {
                "description": f"images without a tag go after {untagged_days} days",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": untagged_days,
                },
            }
        )
    if keep_images:
        rules.append(
            {
                "description": f"the newest {keep_images} images stay",
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": keep_images},
            }
        )
    numbered = [{"rulePriority": n, **rule, "action": {"type": "expire"}} for n, rule in enumerate(rules, 1)]
    return json.dumps({"rules": numbered}) if numbered else None


def _limits(text: str | None) -> dict[str, int]:
    """``keep_images`` and ``untagged_days`` of a policy; rules of another form count as none of ours."""
    limits = {"keep_images": 0, "untagged_days": 0}
    for rule in json.loads(text)["rules"] if text else ():
        selection = rule["selection"]
        form = (selection["tagStatus"], selection["countType"])
        if form == ("any", "imageCountMoreThan"):
            limits["keep_images"] = selection["countNumber"]
        elif form == ("untagged", "sinceImagePushed"):
            limits["untagged_days"] = selection["countNumber"]
    return limits


def check(entry: Entry, _sight: Sight) -> Iterator[Problem]:
    if entry.attrs.get("kms_key") and entry.attrs.get("encryption") != "kms":
        yield Problem(
            f"{entry.key}.kms_key", "A key counts with `encryption: kms` only.", str(entry.attrs["kms_key"]),
            "encryption: kms, or no key", "encryption: kms",
        )  # fmt: skip


def price(_attrs: Mapping[str, Any], _related: Any) -> Iterator[Usage]:
    yield Usage("ecr/storage", ASSUMED_GB, f"{ASSUMED_GB} GB of images")
