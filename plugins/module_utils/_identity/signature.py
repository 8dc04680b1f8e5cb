"""Signing a call of AWS, or of anything that speaks as S3 does. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Keys:
    """Who signs."""

    access: str
    secret: str = field(repr=False)
    token: str | None = field(repr=False, default=None)


def signed(
    keys: Keys,
    scope: str,
    call: tuple[str, str, str],
    headers: Mapping[str, str],
    digest: str,
    moment: str,
) -> dict[str, str]:
    """``headers`` with those that sign the call.

    ``scope`` is ``region/service``, ``call`` the method, the path and the query (both encoded, the query sorted),
    ``digest`` the body's SHA-256, ``moment`` is ``YYYYMMDDTHHMMSSZ``; the header Host has to be there.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
    """
    all_of = {**headers, "X-Amz-Date": moment}
    if keys.token:
        all_of["X-Amz-Security-Token"] = keys.token
    lines = sorted((name.lower(), " ".join(value.split())) for name, value in all_of.items())
    names = ";".join(name for name, _value in lines)
    asked = "\n".join([*call, *(f"{name}:{value}" for name, value in lines), "", names, digest])
    scope = f"{moment[:8]}/{scope}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(asked.encode()).hexdigest()])
    key = f"AWS4{keys.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"AWS4-HMAC-SHA256 Credential={keys.access}/{scope}"
    all_of["Authorization"] = f"{credential}, SignedHeaders={names}, Signature={signature}"
    return all_of
