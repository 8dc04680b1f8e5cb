"""What there is to say of buckets without calling AWS. Pure.

Names: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._resource.kind import Entry, Found, Sight, Usage
from .._resource.problems import Problem

CLASSES = {
    "infrequent": "STANDARD_IA",
    "one_zone": "ONEZONE_IA",
    "intelligent": "INTELLIGENT_TIERING",
    "glacier_instant": "GLACIER_IR",
    "glacier": "GLACIER",
    "deep_archive": "DEEP_ARCHIVE",
}
_CLASS_WORDS = {aws: word for word, aws in CLASSES.items()}
OWNERSHIP = {"bucket": "BucketOwnerEnforced", "preferred": "BucketOwnerPreferred", "writer": "ObjectWriter"}
_OWNERSHIP_WORDS = {aws: word for word, aws in OWNERSHIP.items()}
BLOCK = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
TLS_SID = "StairwayRequireTls"
ASSUMED_GB = 10
ASSUMED_THOUSAND_REQUESTS = 100
SHORTEST_IN_CLASS = {"infrequent": 30, "one_zone": 30}  # days before S3 takes files into it


def aws_name(app: str, name: str, attrs: Mapping[str, Any]) -> str:
    """With ``{account}`` and ``{region}`` still in it: only a call knows them."""
    return str(attrs.get("bucket_name") or f"{app}-{name}-{{account}}")


def filled(name: str, account: str, region: str) -> str:
    return name.replace("{account}", account).replace("{region}", region)


def policy(bucket: str, arn: str, statements: Mapping[str, Any] | None, require_tls: bool) -> str | None:
    """The bucket's policy as text, None for none."""
    own = json.loads(json.dumps(dict(statements or {})).replace("{bucket}", bucket))
    listed = own.get("Statement", [])
    listed = [listed] if isinstance(listed, dict) else list(listed)
    if require_tls:
        listed.append(
            {
                "Sid": TLS_SID,
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        )
    return json.dumps({"Version": "2012-10-17", **own, "Statement": listed}) if listed else None


def policy_attrs(text: str | None, bucket: str) -> dict[str, Any]:
    """``require_tls`` and ``policy`` as an entry says them."""
    whole = json.loads(text) if text else {}
    statements = whole.get("Statement", [])
    own = [one for one in statements if one.get("Sid") != TLS_SID]
    rest = {key: value for key, value in whole.items() if key != "Statement"}
    held = {**rest, "Statement": own} if own else {}
    return {
        "require_tls": len(own) < len(statements),
        "policy": json.loads(json.dumps(held).replace(bucket, "{bucket}")),
    }


def policy_fits(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """A version that is left out is the newest, and one statement needs no list."""
    return _plain_policy(wanted["policy"]) == _plain_policy(found.get("policy") or {})


def _plain_policy(document: Mapping[str, Any]) -> Any:
    statements = document.get("Statement", [])
    listed = [statements] if isinstance(statements, Mapping) else list(statements)
    return {"Version": "2012-10-17", **document, "Statement": listed} if listed else {}


def rule(given: Mapping[str, Any]) -> dict[str, Any]:
    """One lifecycle rule as S3 takes it."""
    made: dict[str, Any] = {
        "ID": given["name"],
        "Status": "Enabled" if given.get("enabled", True) else "Disabled",
        "Filter": _filter(given.get("prefix") or "", given.get("tags") or {}),
    }
    if given.get("transitions"):
        made["Transitions"] = [{"Days": t["days"], "StorageClass": CLASSES[t["to"]]} for t in given["transitions"]]
    if given.get("expire_days"):
        made["Expiration"] = {"Days": given["expire_days"]}
    elif given.get("delete_markers"):
        made["Expiration"] = {"ExpiredObjectDeleteMarker": True}
    if given.get("old_version_transitions"):
        made["NoncurrentVersionTransitions"] = [
            {"NoncurrentDays": t["days"], "StorageClass": CLASSES[t["to"]]} for t in given["old_version_transitions"]
        ]
    if given.get("old_versions_expire_days"):
        keep = given.get("old_versions_keep")
        newest = {"NewerNoncurrentVersions": keep} if keep else {}
        made["NoncurrentVersionExpiration"] = {"NoncurrentDays": given["old_versions_expire_days"], **newest}
    if given.get("abort_uploads_days"):
        made["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": given["abort_uploads_days"]}
    return made


def _filter(prefix: str, tags: Mapping[str, str]) -> dict[str, Any]:
    listed = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
    if not listed:
        return {"Prefix": prefix}
    if len(listed) == 1 and not prefix:
        return {"Tag": listed[0]}
    return {"And": {**({"Prefix": prefix} if prefix else {}), "Tags": listed}}


def rule_attrs(item: Mapping[str, Any]) -> dict[str, Any]:
    """One lifecycle rule as an entry says it."""
    found_filter = item.get("Filter") or {}
    both = found_filter.get("And") or found_filter
    tags = both.get("Tags") or ([found_filter["Tag"]] if "Tag" in found_filter else [])
    expiration = item.get("Expiration") or {}
    old = item.get("NoncurrentVersionExpiration") or {}
    attrs = {
        "name": item.get("ID", ""),
        "prefix": both.get("Prefix") or item.get("Prefix") or "",
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
        "enabled": item.get("Status") == "Enabled",
        "transitions": _transitions(item.get("Transitions", []), "Days"),
        "expire_days": expiration.get("Days"),
        "old_version_transitions": _transitions(item.get("NoncurrentVersionTransitions", []), "NoncurrentDays"),
        "old_versions_expire_days": old.get("NoncurrentDays"),
        "old_versions_keep": old.get("NewerNoncurrentVersions"),
        "abort_uploads_days": (item.get("AbortIncompleteMultipartUpload") or {}).get("DaysAfterInitiation"),
        "delete_markers": bool(expiration.get("ExpiredObjectDeleteMarker")),
    }
    return {key: value for key, value in attrs.items() if value is not None}


def _transitions(items: Sequence[Mapping[str, Any]], days: str) -> list[dict[str, Any]]:
    return [
        {"days": one.get(days, 0), "to": _CLASS_WORDS.get(one["StorageClass"], one["StorageClass"])} for one in items
    ]


def to_found(name: str, template: str, parts: Mapping[str, Any], arn: str, tags: Mapping[str, str]) -> Found:
    """``template`` is the name with its placeholders; ``parts`` has the answers about each of its settings."""
    encryption = (parts["encryption"].get("Rules") or [{}])[0].get("ApplyServerSideEncryptionByDefault") or {}
    block = parts["block"]
    owner = (parts["ownership"].get("Rules") or [{}])[0].get("ObjectOwnership", "ObjectWriter")
    return Found(
        kind="bucket",
        id=name,
        attrs={
            "bucket_name": template,
            "encryption": "kms" if str(encryption.get("SSEAlgorithm")).startswith("aws:kms") else "s3",
            "kms_key": encryption.get("KMSMasterKeyID"),
            "versioned": parts["versioning"] == "Enabled",
            "public_access_blocked": all(block.get(one) for one in BLOCK),
            "ownership": _OWNERSHIP_WORDS[owner],
            **policy_attrs(parts["policy"], name),
            "lifecycle": [rule_attrs(one) for one in parts["lifecycle"]],
        },
        tags=tags,
        aws_name=template,
        outputs={"arn": arn, "domain": parts["domain"]},
    )


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    yield from _name_problems(entry)
    if entry.attrs.get("kms_key") and entry.attrs.get("encryption") != "kms":
        yield Problem(
            f"{entry.key}.kms_key", "A key counts with `encryption: kms` only.", str(entry.attrs["kms_key"]),
            "encryption: kms, or no key", "encryption: kms",
        )  # fmt: skip
    names: set[str] = set()
    for index, one in enumerate(entry.attrs.get("lifecycle") or ()):
        where = f"{entry.key}.lifecycle[{index}]"
        if one["name"] in names:
            yield Problem(f"{where}.name", "This name is given twice.", one["name"], "a name for each rule")
        names.add(one["name"])
        yield from _rule_problems(one, where, bool(entry.attrs.get("versioned")))
    for other in sight.all("bucket"):
        name = entry.attrs.get("bucket_name")
        if name is not None and other.attrs.get("bucket_name") == name and other.name > entry.name:
            yield Problem(
                f"{other.key}.bucket_name", f"This is the name of {entry.key} too.", name, "a name of its own"
            )


def _name_problems(entry: Entry) -> Iterator[Problem]:
    name = entry.attrs.get("bucket_name")
    if name is None:
        return
    example = filled(name, "1" * 12, "ap-northeast-2")
    where = f"{entry.key}.bucket_name"
    if not 3 <= len(example) <= 63:
        yield Problem(where, f"This name has {len(example)} characters.", name, "3 to 63 of them")
    elif not re.fullmatch(r"[a-z0-9][a-z0-9.-]*[a-z0-9]", example) or ".." in example:
        yield Problem(where, "S3 does not take this name.", name, "small letters, digits, dots and hyphens")
    elif re.fullmatch(r"(\d+\.){3}\d+", example) or example.startswith(("xn--", "sthree-", "amzn-s3-demo-")):
        yield Problem(
            where, "S3 does not take this name.", name, "no IP address, and no beginning that AWS keeps for itself"
        )
    elif "." in example:
        yield Problem(where, "TLS certificates do not cover names with dots.", name, "hyphens", name.replace(".", "-"))


_DOES = (
    "transitions", "expire_days", "old_version_transitions", "old_versions_expire_days", "abort_uploads_days",
    "delete_markers",
)  # fmt: skip


def _rule_problems(one: Mapping[str, Any], where: str, versioned: bool) -> Iterator[Problem]:
    if not any(one.get(key) for key in _DOES):
        yield Problem(where, "This rule does nothing.", one["name"], "one of " + ", ".join(_DOES), "expire_days")
    for key in ("transitions", "old_version_transitions"):
        for index, transition in enumerate(one.get(key) or ()):
            least = SHORTEST_IN_CLASS.get(transition["to"], 0)
            if transition["days"] < least:
                yield Problem(
                    f"{where}.{key}[{index}].days", f"S3 takes files into {transition['to']} after {least} days.",
                    str(transition["days"]), f"{least} or more", str(least),
                )  # fmt: skip
    last = max((t["days"] for t in one.get("transitions") or ()), default=0)
    if one.get("expire_days") and one["expire_days"] <= last:
        yield Problem(
            f"{where}.expire_days",
            "Files would be gone before they move.",
            str(one["expire_days"]),
            f"more than {last} days",
        )
    if one.get("expire_days") and one.get("delete_markers"):
        yield Problem(
            f"{where}.delete_markers",
            "A rule that deletes files does this by itself.",
            "both",
            "one of expire_days and delete_markers",
        )
    if one.get("old_versions_keep") and not one.get("old_versions_expire_days"):
        yield Problem(
            f"{where}.old_versions_keep",
            "This counts with `old_versions_expire_days` only.",
            str(one["old_versions_keep"]),
            "both",
        )
    if (one.get("old_versions_expire_days") or one.get("old_version_transitions")) and not versioned:
        yield Problem(f"{where}", "Without versions there are no old ones.", "versioned: false", "versioned: true")


def price(_attrs: Mapping[str, Any], _related: Any) -> Iterator[Usage]:
    yield Usage("s3/standard", ASSUMED_GB, f"{ASSUMED_GB} GB of files")
    yield Usage("s3/requests", ASSUMED_THOUSAND_REQUESTS, f"{ASSUMED_THOUSAND_REQUESTS},000 requests")
