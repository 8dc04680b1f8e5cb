"""``bucket``: a place for files (S3).

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind, Part
from .._resource.types import Choice, Document, Flag, ListOf, MapOf, Number, Record, Text
from . import _s3, _s3_calls

_DAYS = Number(1, 36500, "days")

KIND = Kind(
    name="bucket",
    doc="A place for files (S3). One that holds anything is never deleted.",
    fields={
        "bucket_name": Field(
            Text(
                r"[a-z0-9{][a-z0-9.{}-]*[a-z0-9}]",
                "small letters, digits, dots and hyphens; {account} and {region} stand for those of the run",
                least=3,
                most=80,
            ),
            "Its name, which no other bucket of the world may have; `<app>-<name>-{account}` when left out.",
            change="replace",
        ),
        "encryption": Field(Choice(("s3", "kms")), "Whose keys encrypt it: those of S3, or of KMS.", default="s3"),
        "kms_key": Field(Text(r"arn:.+", "the ARN of a key"), "The key, with `encryption: kms`."),
        "versioned": Field(
            Flag(),
            "Whether overwritten and deleted files stay as old versions. It can be suspended, not taken back.",
            default=False,
        ),
        "public_access_blocked": Field(Flag(), "Whether nothing in it can ever be public.", default=True),
        "ownership": Field(
            Choice(("bucket", "preferred", "writer")),
            "Who owns what others write: the bucket's owner (no access lists at all), the owner where the writer says "
            "so, or the writer.",
            default="bucket",
        ),
        "require_tls": Field(Flag(), "Whether requests without TLS are refused.", default=True),
        "policy": Field(
            Document(),
            "Statements of its own for the bucket's policy; {bucket} stands for its name. {} for none.",
            fits=_s3.policy_fits,
        ),
        "lifecycle": Field(
            ListOf(
                Record(
                    {
                        "name": Part(
                            Text(r"[A-Za-z0-9._/-]+", "letters, digits and hyphens", most=255),
                            "The rule.",
                            required=True,
                        ),
                        "prefix": Part(
                            Text(least=0, most=1024), "Which files, by the start of their names.", default=""
                        ),
                        "tags": Part(MapOf(Text(least=0, most=256)), "Which files, by their tags.", default={}),
                        "enabled": Part(Flag(), "Whether it counts.", default=True),
                        "transitions": Part(
                            ListOf(
                                Record(
                                    {
                                        "days": Part(Number(0, 36500, "days"), "After how long.", required=True),
                                        "to": Part(Choice(tuple(_s3.CLASSES)), "Where to.", required=True),
                                    }
                                )
                            ),
                            "When files go to cheaper storage.",
                            default=[],
                        ),
                        "expire_days": Part(_DAYS, "When files are deleted."),
                        "old_version_transitions": Part(
                            ListOf(
                                Record(
                                    {
                                        "days": Part(_DAYS, "How long after they were replaced.", required=True),
                                        "to": Part(Choice(tuple(_s3.CLASSES)), "Where to.", required=True),
                                    }
                                )
                            ),
                            "When old versions go to cheaper storage.",
                            default=[],
                        ),
                        "old_versions_expire_days": Part(_DAYS, "When old versions are deleted."),
                        "old_versions_keep": Part(
                            Number(1, 100), "How many of the newest old versions stay all the same."
                        ),
                        "abort_uploads_days": Part(_DAYS, "When unfinished uploads are thrown away."),
                        "delete_markers": Part(
                            Flag(), "Whether the marks of deleted files go when nothing is behind them.", default=False
                        ),
                    }
                )
            ),
            "What becomes of files as they get old.",
        ),
    },
    describe=_s3_calls.describe,
    create=_s3_calls.create,
    delete=_s3_calls.delete,
    retag=_s3_calls.retag,
    changes=_s3_calls.CHANGES,
    outputs={
        "arn": "Its ARN.",
        "domain": "The name that CloudFront and others reach it by.",
    },
    aws_name=_s3.aws_name,
    check=_s3.check,
    price=_s3.price,
    data=True,
    snapshot=_s3_calls.snapshot,
    seconds=3,
)
