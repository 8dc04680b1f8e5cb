from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._atlas.client import Client
from ansible_collections.stairway.cloud.plugins.module_utils._atlas.faults import AtlasError, Unanswered
from ansible_collections.stairway.cloud.plugins.module_utils._atlas.login import Keys
from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from tests.support.atlas import PRIVATE, PUBLIC, Atlas
from tests.support.atlas_model import GROUP
from tests.support.stub import Stub, response

LIST = f"/groups/{GROUP}/accessList"


@pytest.fixture
def atlas(monkeypatch: pytest.MonkeyPatch) -> Iterator[Atlas]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Atlas() as server:
        monkeypatch.setattr(wait, "pause", server.paused.append)
        yield server


def client(atlas: Atlas, *, seconds: float = 10) -> Client:
    return Client(atlas.url, Keys(PUBLIC, PRIVATE), seconds=seconds)


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1203])
def test_every_page_of_a_list_is_read(atlas: Atlas, count: int) -> None:
    for number in range(count):
        atlas.model.entries[str(number)] = {"ipAddress": str(number)}
    assert [one["ipAddress"] for one in client(atlas).all(LIST)] == [str(number) for number in range(count)]
    assert len(atlas.seen) == count // 500 + 1


def test_one_challenge_is_enough_for_many_requests(atlas: Atlas) -> None:
    asking = client(atlas)
    for _time in range(5):
        asking.get(f"/groups/{GROUP}")
    assert atlas.challenges == 1


def test_only_what_atlas_says_is_missing_is_missing(atlas: Atlas) -> None:
    asking = client(atlas)
    assert asking.find(f"/groups/{GROUP}/clusters/x", "CLUSTER_NOT_FOUND") is None
    with pytest.raises(AtlasError) as no:
        asking.find(f"/groups/{GROUP}/clusters/x", "USER_NOT_FOUND")
    assert (no.value.status, no.value.code) == (404, "CLUSTER_NOT_FOUND")
    atlas.fault("GET", "/clusters/x", 404)  # a proxy that knows no such path
    with pytest.raises(AtlasError, match="no such thing"):
        asking.find(f"/groups/{GROUP}/clusters/x", "CLUSTER_NOT_FOUND")


def test_a_server_that_says_nothing_is_left(atlas: Atlas) -> None:
    atlas.quiet = 0.6
    atlas.fault("POST", "/accessList", "silence")
    asking = client(atlas, seconds=0.2)
    with pytest.raises(Unanswered, match="did not answer") as no:
        asking.send("POST", LIST, [{"ipAddress": "203.0.113.7"}])
    assert "timed out" in str(no.value.found)
    assert atlas.model.entries == {}
    atlas.fault("GET", "/accessList", "silence")
    assert asking.all(LIST) == []


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("how", [500, 502, "reset"])
def test_nothing_but_a_question_is_sent_twice(atlas: Atlas, method: str, how: str | int) -> None:
    atlas.fault(method, "/accessList", how, times=9)
    with pytest.raises(Unanswered):
        client(atlas).send(method, LIST, [])
    assert (len(atlas.lost), atlas.paused) == (1, [])


@pytest.mark.parametrize("said", ["-5", "nan", "Wed, 21 Oct 2026 07:28:00 GMT", "", "99999"])
def test_a_strange_retry_after_does_no_harm(atlas: Atlas, said: str) -> None:
    atlas.fault("GET", "/accessList", 429, headers={"Retry-After": said})
    assert client(atlas).all(LIST) == []
    assert len(atlas.paused) == 1
    assert 0 < atlas.paused[0] <= 120


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    key, pem = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", pem, "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem, key)

    async def handler(_request: object, _reader: object, writer: object) -> bool:
        writer.write(response(200))  # type: ignore[attr-defined]
        return False

    with Stub(handler, tls=tls) as stub:
        with pytest.raises(StairwayError, match="cannot be trusted") as no:
            Client(f"https://127.0.0.1:{stub.port}", Keys(PUBLIC, PRIVATE)).get("/groups")
        assert "self-signed" in str(no.value.found)
        assert stub.requests == []


def test_a_secret_that_atlas_repeats_is_in_no_error(atlas: Atlas) -> None:
    atlas.refuse("POST", "/accessList", 400, "INVALID_ATTRIBUTE", f"{PRIVATE} and word-of-the-user")
    atlas.refuse("POST", "/accessList", 500, "UNEXPECTED_ERROR", f"{PRIVATE} and word-of-the-user")
    asking = Client(atlas.url, Keys(PUBLIC, PRIVATE), hidden=("word-of-the-user",))
    for _time in range(2):
        with pytest.raises(StairwayError) as no:
            asking.send("POST", LIST, [])
        assert "******** and ********" in str(no.value)
