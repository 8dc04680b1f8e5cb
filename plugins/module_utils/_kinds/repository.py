"""``repository``: where the app's images are kept (ECR).

Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag, Number, Text
from . import _ecr, _ecr_calls

KIND = Kind(
    name="repository",
    doc="A place for the images of one service (ECR). One that holds images is never deleted.",
    fields={
        "scan_on_push": Field(Flag(), "Whether new images are searched for known holes.", default=True),
        "immutable_tags": Field(Flag(), "Whether a tag, once pushed, always means the same image.", default=False),
        "keep_images": Field(Number(0, 10000), "How many images stay, the newest; 0 for all of them."),
        "untagged_days": Field(Number(0, 3650, "days"), "When images without a tag go; 0 for never."),
        "encryption": Field(
            Choice(("aes256", "kms")),
            "Whose keys encrypt it: those of S3, or of KMS.",
            default="aes256",
            change="replace",
        ),
        "kms_key": Field(Text(r"arn:.+", "the ARN of a key"), "The key, with `encryption: kms`.", change="replace"),
    },
    describe=_ecr_calls.describe,
    create=_ecr_calls.create,
    delete=_ecr_calls.delete,
    retag=_ecr_calls.retag,
    changes=_ecr_calls.CHANGES,
    outputs={"arn": "Its ARN.", "uri": "What images are pushed to and pulled from, without a tag."},
    aws_name=_ecr.aws_name,
    check=_ecr.check,
    price=_ecr.price,
    data=True,
    snapshot=_ecr_calls.snapshot,
    seconds=2,
)
