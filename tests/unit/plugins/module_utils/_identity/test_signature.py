"""Signing, against AWS's own published example and against botocore."""

from __future__ import annotations

import hashlib

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ansible_collections.stairway.cloud.plugins.module_utils._identity.signature import Keys, signed

MOMENT = "20150830T123600Z"
KEYS = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
NOTHING = hashlib.sha256(b"").hexdigest()


def test_signs_as_the_published_example() -> None:
    """``post-vanilla`` of AWS's Signature Version 4 test suite."""
    headers = {"Host": "example.amazonaws.com"}
    found = signed(KEYS, "us-east-1/service", ("POST", "/", ""), headers, NOTHING, MOMENT)
    assert found["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
    )


@pytest.mark.parametrize("token", [None, "a/token+with=signs"])
@pytest.mark.parametrize("body", [b"{}", '{"Name":"/stairway/ü"}'.encode()])
def test_signs_as_botocore(token: str | None, body: bytes) -> None:
    host = "ssm.ap-northeast-2.amazonaws.com"
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonSSM.GetParameter"}
    keys = Keys("AKID", "secret", token)
    digest = hashlib.sha256(body).hexdigest()
    ours = signed(keys, "ap-northeast-2/ssm", ("POST", "/", ""), {**headers, "Host": host}, digest, MOMENT)
    request = AWSRequest("POST", f"https://{host}/", data=body, headers=dict(headers))
    signer = SigV4Auth(Credentials("AKID", "secret", token), "ssm", "ap-northeast-2")
    assert ours["Authorization"].endswith(f"Signature={_theirs(signer, request, token)}")


def test_signs_an_object_of_s3_as_botocore() -> None:
    path, query = "/backups/chat/a%20b%2Bc.age", "partNumber=2&uploadId=x%2Fy"
    headers = {"Host": "s3.example.com:9000", "x-amz-content-sha256": NOTHING}
    ours = signed(KEYS, "eu-west-1/s3", ("PUT", path, query), headers, NOTHING, MOMENT)
    request = AWSRequest("PUT", f"http://s3.example.com:9000{path}?{query}", headers={"x-amz-content-sha256": NOTHING})
    signer = S3SigV4Auth(Credentials(KEYS.access, KEYS.secret), "s3", "eu-west-1")
    assert ours["Authorization"].endswith(f"Signature={_theirs(signer, request, None)}")


def test_nothing_secret_is_shown() -> None:
    assert "EXAMPLEKEY" not in repr(KEYS)


def _theirs(signer: SigV4Auth, request: AWSRequest, token: str | None) -> str:
    request.context["timestamp"] = MOMENT
    request.headers["X-Amz-Date"] = MOMENT
    if token:
        request.headers["X-Amz-Security-Token"] = token
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))
