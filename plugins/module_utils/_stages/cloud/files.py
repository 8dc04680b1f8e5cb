"""Files: the app's buckets, and the one that its backups go to. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..._app.cloud_model import Bucket, Lifecycle
from .site import Entry, Part, Site, Statement, filled, joined

FILES = Bucket("files", None, False, ("",), ("",), ("",), ())
# An upload that was given up costs until it is thrown away: https://aws.amazon.com/blogs/aws-cloud-financial-management
ABANDONED_DAYS = 7


def files(site: Site) -> Part:
    """Buckets of the app spec, or one called ``files``, where files are in S3; the bucket of the backups always."""
    parts = []
    if site.aspects["files"] == "s3":
        parts = [_bucket(bucket) for bucket in site.cloud.buckets or (FILES,)]
    return joined([*parts, _backups(site)])


def _bucket(bucket: Bucket) -> Part:
    entry = filled(
        {
            "bucket": bucket.name,
            "bucket_name": bucket.bucket_name,
            "encryption": "s3",
            "versioned": bucket.versioned,
            "lifecycle": [*(_rule(rule) for rule in bucket.lifecycle), _unfinished()],
            "protect": True,
        }
    )
    statements: list[Statement] = []
    if bucket.read:
        statements.append(_objects("s3:GetObject", bucket.name, bucket.read))
        statements.append({"actions": ["s3:ListBucket"], "resources": [{"bucket": bucket.name}]})
    if bucket.write:
        statements.append(_objects("s3:PutObject", bucket.name, bucket.write))
    if bucket.delete:
        statements.append(_objects("s3:DeleteObject", bucket.name, bucket.delete))
    return Part((entry,), {f"bucket-{bucket.name}": statements} if statements else {})


def _objects(action: str, bucket: str, prefixes: tuple[str, ...]) -> Statement:
    return {"actions": [action], "resources": [{"bucket": bucket, "path": f"{prefix}*"} for prefix in prefixes]}


def _rule(rule: Lifecycle) -> Entry:
    archive = [{"days": rule.archive_days, "to": "glacier"}] if rule.archive_days is not None else None
    return filled(
        {
            "name": rule.prefix.strip("/").replace("/", "-") or "everything",
            "prefix": rule.prefix,
            "transitions": archive,
            "expire_days": rule.expire_days,
            "old_versions_expire_days": rule.old_versions_days,
        }
    )


def _unfinished() -> Entry:
    return {"name": "unfinished-uploads", "abort_uploads_days": ABANDONED_DAYS}


def _backups(site: Site) -> Part:
    """The bucket of ``backups.to``, unless it is one of the app's own that the blueprint has already."""
    backups = site.app.backups
    if backups is None or urlsplit(backups.to).scheme != "s3":
        return Part()
    parts = urlsplit(backups.to)
    mine = {bucket.bucket_name: bucket.name for bucket in site.cloud.buckets} if site.aspects["files"] == "s3" else {}
    name = mine.get(parts.netloc, "backups")
    entries = () if parts.netloc in mine else (_backup_bucket(parts.netloc),)
    prefix = f"{parts.path.strip('/')}/" if parts.path.strip("/") else ""
    statements = [
        _objects("s3:PutObject", name, (prefix,)),
        _objects("s3:GetObject", name, (prefix,)),
        _objects("s3:DeleteObject", name, (prefix,)),
        _objects("s3:AbortMultipartUpload", name, (prefix,)),
        {"actions": ["s3:ListBucket", "s3:ListBucketMultipartUploads"], "resources": [{"bucket": name}]},
    ]
    return Part(entries, {"backups": statements})


def _backup_bucket(bucket_name: str) -> Entry:
    """Versioned, so that whoever holds the app's rights can still not take its backups away at once.

    The rule lets go what the host has deleted, and never a backup by its age: S3 does not know which is the last good
    one, and the host does.
    """
    return {
        "bucket": "backups",
        "bucket_name": bucket_name,
        "encryption": "s3",
        "versioned": True,
        "lifecycle": [
            {
                "name": "old-backups",
                "prefix": "",
                "old_versions_expire_days": ABANDONED_DAYS,
            },
            _unfinished(),
        ],
        "protect": True,
    }
