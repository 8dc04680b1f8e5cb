"""ECR of the rehearsal's account is a real registry: what a client pushes is what the API lists, and the other way."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import ssl
import time
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal import state
from rehearsal.account import layout
from tests.support import bodies

pytestmark = pytest.mark.usefixtures("account")

HOST = f"{layout.ACCOUNT}.dkr.ecr.{bodies.REGION}.amazonaws.com"
KIND = "application/vnd.docker.distribution.manifest.v2+json"


class _Line(http.client.HTTPSConnection):
    """To the front, whatever the name's address would be here; the certificate has to be the name's all the same."""

    def connect(self) -> None:
        host, _, port = bodies.FRONT.partition(":")
        plain = http.client.HTTPConnection(host, int(port), timeout=60)
        plain.connect()
        self.sock = self._context.wrap_socket(plain.sock, server_hostname=self.host)  # type: ignore[attr-defined]


def ask(method: str, path: str, body: Any = None, *, token: str = "", host: str = HOST, kind: str = "") -> Any:
    line = _Line(host, context=ssl.create_default_context(cafile=str(state.OWN_CA)))
    headers = {"Authorization": f"Basic {token}"} if token else {}
    line.request(method, path, body, headers | ({"Content-Type": kind} if kind else {}))
    answer: Any = line.getresponse()
    answer.text = answer.read().decode()
    line.close()
    return answer


@pytest.fixture
def repository(account: None) -> Iterator[tuple[Any, str, str]]:
    """ECR's client, the name of a repository and a token."""
    ecr, name = bodies.client("ecr"), "stairway/shop"
    ecr.create_repository(repositoryName=name)
    bodies.wait(lambda: bodies.containers("registry/"))
    (given,) = ecr.get_authorization_token()["authorizationData"]
    assert given["proxyEndpoint"] == f"https://{HOST}"
    bodies.wait(lambda: ask("GET", f"/v2/{name}/tags/list", token=given["authorizationToken"]).status, 200)
    yield ecr, name, given["authorizationToken"]
    ecr.delete_repository(repositoryName=name, force=True)


def push(name: str, tag: str, token: str, content: bytes) -> Any:
    """What a client does: each blob in a piece, then the manifest."""
    parts = {}
    for what, blob in (("config", b"{}"), ("layer", content)):
        begun = ask("POST", f"/v2/{name}/blobs/uploads/", token=token)
        assert begun.status == 202, begun.text
        sent = ask("PATCH", begun.headers["Location"], iter([blob]), token=token, kind="application/octet-stream")
        assert sent.status == 202, sent.text
        digest = "sha256:" + hashlib.sha256(blob).hexdigest()
        where = sent.headers["Location"]
        done = ask("PUT", f"{where}{'&' if '?' in where else '?'}digest={digest}", token=token)
        assert done.status == 201, done.text
        parts[what] = {"mediaType": "application/octet-stream", "size": len(blob), "digest": digest}
    manifest = {"schemaVersion": 2, "mediaType": KIND, "config": parts["config"], "layers": [parts["layer"]]}
    return ask("PUT", f"/v2/{name}/manifests/{tag}", json.dumps(manifest), token=token, kind=KIND)


def test_who_may_log_in(repository: tuple[Any, str, str]) -> None:
    _ecr, name, token = repository
    stranger = ask("GET", "/v2/")
    assert stranger.status == 401
    assert stranger.headers["WWW-Authenticate"].startswith("Basic realm=")
    wrong = base64.b64encode(b"AWS:wrong").decode()
    assert ask("GET", "/v2/", token=wrong).status == 401
    assert ask("GET", "/v2/", token=token).status == 200
    assert "does not exist in the registry with id" in ask("GET", "/v2/no/such/tags/list", token=token).text


def test_what_is_pushed_is_what_the_api_lists(repository: tuple[Any, str, str]) -> None:
    ecr, name, token = repository
    first = push(name, "1", token, b"a" * 3_000_000)
    assert first.status == 201, first.text
    digest = first.headers["Docker-Content-Digest"]
    (seen,) = ecr.describe_images(repositoryName=name)["imageDetails"]
    assert (seen["imageTags"], seen["imageDigest"]) == (["1"], digest)
    assert seen["imageSizeInBytes"] == 3_000_002
    pulled = ask("GET", f"/v2/{name}/manifests/1", token=token)
    assert (
        pulled.headers["Docker-Content-Digest"]
        == digest
        == "sha256:" + hashlib.sha256(pulled.text.encode()).hexdigest()
    )
    layer = json.loads(pulled.text)["layers"][0]["digest"]
    assert ask("GET", f"/v2/{name}/blobs/{layer}", token=token).text == "a" * 3_000_000

    # the same tag again: the old image stays without one
    assert push(name, "1", token, b"b").status == 201
    tags = {
        one["imageDigest"]: one.get("imageTags", []) for one in ecr.describe_images(repositoryName=name)["imageDetails"]
    }
    assert len(tags) == 2
    assert tags[digest] == []

    # tags that may not move
    ecr.put_image_tag_mutability(repositoryName=name, imageTagMutability="IMMUTABLE")
    refused = push(name, "1", token, b"c")
    assert refused.status == 400
    assert "cannot be overwritten because the repository is immutable" in refused.text
    assert push(name, "2", token, b"c").status == 201

    # a second tag by the API, and what is deleted there
    (image,) = ecr.batch_get_image(repositoryName=name, imageIds=[{"imageTag": "2"}])["images"]
    ecr.put_image(repositoryName=name, imageManifest=image["imageManifest"], imageTag="current")
    assert ask("HEAD", f"/v2/{name}/manifests/current", token=token).status == 200
    assert not ecr.batch_delete_image(repositoryName=name, imageIds=[{"imageTag": "1"}])["failures"]
    assert ask("GET", f"/v2/{name}/manifests/1", token=token).status == 404
    assert json.loads(ask("GET", f"/v2/{name}/tags/list", token=token).text)["tags"] == ["2", "current"]


def test_a_slow_registry_is_slow(repository: tuple[Any, str, str]) -> None:
    _ecr, name, token = repository
    assert push(name, "slow", token, b"a" * 200_000).status == 201
    layer = json.loads(ask("GET", f"/v2/{name}/manifests/slow", token=token).text)["layers"][0]["digest"]
    bodies.fault("slow-registry", "100000")
    begun = time.monotonic()
    assert len(ask("GET", f"/v2/{name}/blobs/{layer}", token=token).text) == 200_000
    assert time.monotonic() - begun > 1.9
    bodies.fault("clear")


def test_the_certificates_of_rds_are_where_aws_has_them() -> None:
    for path in ("/global/global-bundle.pem", f"/{bodies.REGION}/{bodies.REGION}-bundle.pem"):
        answer = ask("GET", path, host="truststore.pki.rds.amazonaws.com")
        assert answer.text == state.OWN_CA.read_text()
    assert bodies.resolve("truststore.pki.rds.amazonaws.com") == [str(layout.FRONT)]
    assert bodies.resolve(HOST) == [str(layout.FRONT)]
