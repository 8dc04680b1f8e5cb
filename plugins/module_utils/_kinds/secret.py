"""``secret``: passwords and keys that the app reads by itself (Secrets Manager).

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind, Part
from .._resource.types import Choice, Either, MapOf, Number, Record, Text
from . import _secrets, _secrets_calls

KIND = Kind(
    name="secret",
    doc="A secret that the app reads by itself (Secrets Manager).",
    fields={
        "path": Field(
            Text(r"[A-Za-z0-9/_+=.@-]+", "letters, digits and /_+=.@-", most=500),
            "Its name in AWS; `<app>/<name>` when left out.",
            change="replace",
        ),
        "value": Field(
            Either((_secrets.Hidden(), MapOf(_secrets.Hidden(least=0)))),
            "What it holds: a text, or a dictionary. With neither this nor `generate` it is left to be filled by hand.",
            secret=True,
            fits=_secrets.value_fits,
        ),
        "generate": Field(
            Record(
                {
                    "length": Part(Number(8, 4096, "characters"), "How long.", default=32),
                    "characters": Part(
                        Choice(tuple(_secrets.CHARACTERS)),
                        "Of what: letters and digits; those and what else URLs and RDS allow; hexadecimal digits.",
                        default="letters_digits",
                    ),
                    "key": Part(Text(), "The key it gets in a dictionary, beside those of `value`."),
                }
            ),
            "A random text, made once, on this machine, and never shown.",
            write_only=True,
        ),
        "description": Field(Text(least=0, most=2048), "What it is for."),
        "kms_key": Field(Text(r"arn:.+", "the ARN of a key"), "The key that encrypts it, in place of AWS's own."),
        "recovery_days": Field(
            Number(0, 30, "days"),
            "How long it can be brought back after it was deleted (7 to 30); 0 for not at all.",
            default=30,
        ),
    },
    describe=_secrets_calls.describe,
    create=_secrets_calls.create,
    delete=_secrets_calls.delete,
    retag=_secrets_calls.retag,
    changes=_secrets_calls.CHANGES,
    outputs={"path": "Its name in AWS.", "version": "The id of the value that it holds now."},
    renews={"version": frozenset({"value"})},
    says=_secrets.says,
    aws_name=_secrets.aws_name,
    check=_secrets.check,
    price=_secrets.price,
    data=True,
    snapshot=_secrets_calls.snapshot,
    seconds=2,
)
