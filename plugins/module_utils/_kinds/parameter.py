"""``parameter``: one value of the app's configuration (Systems Manager Parameter Store).

Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind, Part
from .._resource.types import Choice, Either, ListOf, Record, Ref, Text
from . import _ssm, _ssm_calls
from ._secrets import Hidden

KIND = Kind(
    name="parameter",
    doc="One value of the app's configuration (Systems Manager Parameter Store).",
    fields={
        "path": Field(
            Text(
                r"/[A-Za-z0-9_./-]+|AmazonCloudWatch-[A-Za-z0-9_.-]+",
                "a path such as /shop/production/db-host",
                most=1011,
            ),
            "Its name in AWS; `/<app>/<name>` when left out. The CloudWatch agent's are called `AmazonCloudWatch-...`.",
            change="replace",
        ),
        "type": Field(
            Choice(tuple(_ssm.TYPES)),
            "What it is: a text, a list of texts, or a text that is kept encrypted.",
            default="text",
            change="replace",
        ),
        "value": Field(
            Either((Text(most=8192), ListOf(Text(r"[^,]+", "a text without commas"), ordered=True, least=1))),
            "What it holds.",
        ),
        "secret_value": Field(Hidden(most=8192), "What it holds, with `type: secret`.", secret=True),
        "value_of": Field(
            Record(
                {
                    "database": Part(Ref("database", "endpoint"), "The name to connect to."),
                    "cache": Part(Ref("cache", "endpoint"), "The name to connect to."),
                    "bucket": Part(Ref("bucket"), "Its name."),
                    "secret": Part(Ref("secret"), "Its ARN."),
                    "repository": Part(Ref("repository", "uri"), "Its address."),
                },
                exactly_one=("database", "cache", "bucket", "secret", "repository"),
            ),
            "Another entry whose address it holds.",
            fits=_ssm.value_of_fits,
        ),
        "tier": Field(
            Choice(("standard", "advanced")),
            "Advanced ones cost money and hold 8 KB in place of 4.",
            default="standard",
        ),
        "description": Field(Text(least=0, most=1024), "What it is for."),
        "kms_key": Field(Text(r"arn:.+|alias/.+", "a key's ARN or alias"), "The key, with `type: secret`."),
    },
    describe=_ssm_calls.describe,
    create=_ssm_calls.create,
    delete=_ssm_calls.delete,
    retag=_ssm_calls.retag,
    changes=_ssm_calls.CHANGES,
    outputs={"arn": "Its ARN.", "path": "Its name in AWS."},
    aws_name=_ssm.aws_name,
    check=_ssm.check,
    refuse=_ssm.refuse,
    price=_ssm.price,
    seconds=1,
)
