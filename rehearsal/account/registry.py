"""The door of ECR: login, repositories and tags as ECR has them; behind it a real registry keeps the bytes.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/common-errors-docker.html has the words a client sees.
"""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .account import Account
from .lives import ecr

Environ = dict[str, Any]
_HOST = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(:\d+)?")
_PATH = re.compile(r"/v2/(?P<name>.+?)/(?P<what>manifests|blobs|tags)/(?P<rest>.+)")
_PASSED_ON = ("Content-Type", "Content-Length", "Content-Range", "Range", "Location", "Docker-Upload-UUID", "ETag")
_CHUNK = 1 << 18
_BIGGEST_MANIFEST = 4 << 20


@dataclass(frozen=True)
class Asked:
    """One request about one repository; ``repository`` is moto's."""

    environ: Environ
    region: str
    repository: Any
    what: str
    rest: str

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    @property
    def inside(self) -> str:
        """The repository's name in the registry behind: there is one for all regions."""
        return f"{self.region}/{self.repository.name}"


class Registry:
    """An interceptor of the front. ``port`` is that of the registry behind, once it runs; ``speed``: bytes a second."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.port: int | None = None
        self.speed: float | None = None

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes] | None:
        host = _HOST.fullmatch(environ.get("HTTP_HOST", ""))
        if host is None:
            return None
        admitted = ecr.admits(environ.get("HTTP_AUTHORIZATION", ""))
        if admitted is None:
            return _refuse(start, 403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")
        if not admitted:
            realm = ("WWW-Authenticate", f'Basic realm="https://{host[0]}/",service="ecr.amazonaws.com"')
            return _refuse(start, 401, "UNAUTHORIZED", "Not Authorized", [realm])
        if environ["PATH_INFO"] in ("/v2", "/v2/"):
            return _answer(start, 200, b"{}", "application/json")
        return self._route(environ, start, host[1], host[2])

    def _route(self, environ: Environ, start: Any, number: str, region: str) -> Iterable[bytes]:
        path = _PATH.fullmatch(environ["PATH_INFO"])
        if path is None:
            return _refuse(start, 404, "UNSUPPORTED", "The operation is unsupported.")
        backend = dict(self._account.backends("ecr")).get(region)
        repository = backend.repositories.get(path["name"]) if backend is not None else None
        if repository is None:
            words = f"The repository with name '{path['name']}' does not exist in the registry with id '{number}'"
            return _refuse(start, 404, "NAME_UNKNOWN", words)
        if self.port is None:
            return _refuse(start, 503, "UNAVAILABLE", "The registry starts")
        asked = Asked(environ, region, repository, path["what"], path["rest"])
        if asked.what == "tags":
            tags = sorted(tag for one in repository.images for tag in one.image_tags)
            return _answer(start, 200, json.dumps({"name": repository.name, "tags": tags}).encode(), "application/json")
        if asked.what == "manifests":
            return self._take(asked, start) if asked.method == "PUT" else self._give(asked, start)
        return self._blob(asked, start)

    def _take(self, asked: Asked, start: Any) -> Iterable[bytes]:
        """A manifest, and with it an image."""
        manifest = b"".join(_body(asked.environ, _BIGGEST_MANIFEST))
        digest = ecr.digest_of(manifest)
        tag = None if asked.rest.startswith("sha256:") else asked.rest
        known = ecr.find(asked.repository, tag) if tag else None
        if known is not None and known.get_image_digest() != digest and asked.repository.is_tag_immutable():
            words = (
                f"The image tag '{tag}' already exists in the '{asked.repository.name}' repository "
                "and cannot be overwritten because the repository is immutable."
            )
            return _refuse(start, 400, "TAG_INVALID", words)
        media_type = asked.environ.get("CONTENT_TYPE", "")
        line, answer = self._send("PUT", asked, f"manifests/{digest}", [manifest], {"Content-Type": media_type})
        said = answer.read()
        line.close()
        if answer.status == 201:
            ecr.record(asked.repository, tag, manifest, media_type)
            where = f"/v2/{asked.repository.name}/manifests/{digest}"
            return _answer(start, 201, b"", "", [("Docker-Content-Digest", digest), ("Location", where)])
        return _answer(start, answer.status, said, "application/json")

    def _give(self, asked: Asked, start: Any) -> Iterable[bytes]:
        """A manifest, when ECR still has the image."""
        image = ecr.find(asked.repository, asked.rest)
        if image is None:
            return _refuse(start, 404, "MANIFEST_UNKNOWN", "Requested image not found")
        digest, text = image.get_image_digest(), image.get_image_manifest().encode()
        kind = image.image_manifest_media_type or json.loads(text).get("mediaType", "")
        headers = [("Docker-Content-Digest", digest)]
        if asked.method == "HEAD":
            return _answer(start, 200, b"", kind, headers, length=len(text))
        return _answer(start, 200, text, kind, headers)

    def _blob(self, asked: Asked, start: Any) -> Iterable[bytes]:
        asking = asked.environ.get("QUERY_STRING", "")
        if asked.method == "POST":
            asking = ""  # ECR mounts no layer of another repository unless it is told to
        path = f"blobs/{asked.rest}" + (f"?{asking}" if asking else "")
        headers = {
            name: asked.environ[key]
            for name, key in (
                ("Content-Type", "CONTENT_TYPE"),
                ("Content-Length", "CONTENT_LENGTH"),
                ("Content-Range", "HTTP_CONTENT_RANGE"),
                ("Range", "HTTP_RANGE"),
            )
            if asked.environ.get(key)
        }
        sends = asked.method in ("POST", "PUT", "PATCH")
        body = self._slowly(_body(asked.environ)) if sends else None
        line, answer = self._send(asked.method, asked, path, body, headers)
        passed = [(name, self._outside(asked, name, value)) for name, value in answer.getheaders() if _passes(name)]
        start(f"{answer.status} {answer.reason}", passed)
        return self._slowly(_rest(line, answer))

    def _outside(self, asked: Asked, name: str, value: str) -> str:
        if name.lower() != "location":
            return value
        return re.sub(r"^https?://[^/]+", "", value).replace(f"/v2/{asked.inside}/", f"/v2/{asked.repository.name}/", 1)

    def _send(
        self, method: str, asked: Asked, path: str, body: Iterable[bytes] | None, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        line.request(method, f"/v2/{asked.inside}/{path}", body, dict(headers))
        return line, line.getresponse()

    def _slowly(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        for part in parts:
            if self.speed:
                time.sleep(len(part) / self.speed)
            yield part


def _passes(name: str) -> bool:
    return name.lower() in {one.lower() for one in _PASSED_ON} or name.lower() == "docker-content-digest"


def _body(environ: Environ, limit: int | None = None) -> Iterator[bytes]:
    stream = environ["wsgi.input"]
    chunked = bool(environ.get("wsgi.input_terminated"))
    left = limit if chunked else int(environ.get("CONTENT_LENGTH") or 0)
    while left is None or left > 0:
        part = stream.read(_CHUNK if left is None else min(_CHUNK, left))
        if not part:
            return
        left = None if left is None else left - len(part)
        yield part


def _rest(line: http.client.HTTPConnection, answer: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        while part := answer.read(_CHUNK):
            yield part
    finally:
        line.close()


def _refuse(
    start: Any, status: int, code: str, words: str, headers: list[tuple[str, str]] | None = None
) -> list[bytes]:
    said = json.dumps({"errors": [{"code": code, "message": words}]}).encode()
    return _answer(start, status, said, "application/json", headers)


def _answer(
    start: Any,
    status: int,
    body: bytes,
    kind: str,
    headers: list[tuple[str, str]] | None = None,
    length: int | None = None,
) -> list[bytes]:
    every = [("Content-Length", str(len(body) if length is None else length)), *(headers or [])]
    every.append(("Docker-Distribution-Api-Version", "registry/2.0"))
    start(f"{status} {http.client.responses[status]}", [*every, *([("Content-Type", kind)] if kind else [])])
    return [body] if body else []
