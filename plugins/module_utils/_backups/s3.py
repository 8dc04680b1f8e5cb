"""S3 as a host needs it: signed calls with the standard library, tried again when a network or a server is not well.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from .._common import tls, wait
from .._common.errors import StairwayError
from .._identity.signature import Keys, signed

SECONDS = 60
TRIES = 7
# Keys of a role change every few hours.
KEYS_SECONDS = 600
NOTHING = hashlib.sha256(b"").hexdigest()
BLOCK = 1 << 20
_FIXES = {
    "AccessDenied": "the keys, or the role of the machine, have to be allowed s3:PutObject, GetObject, DeleteObject, "
    "AbortMultipartUpload below the prefix, and s3:ListBucket, ListBucketMultipartUploads on the bucket",
    "NoSuchBucket": "make the bucket, or see app.backups.to",
    "InvalidAccessKeyId": "see app.backups.access_key",
    "SignatureDoesNotMatch": "see app.backups.secret_key",
    "RequestTimeTooSkewed": "the host's clock is wrong: timedatectl",
    "PermanentRedirect": "the bucket is in another region: see app.backups.region",
    "AuthorizationHeaderMalformed": "the bucket is in another region: see app.backups.region",
}


class Refused(StairwayError):
    """S3 said no; ``code`` is its word for why, ``passing`` whether it may say yes to another try."""

    def __init__(self, code: str, message: str, where: str, *, passing: bool) -> None:
        super().__init__(f"S3 refuses: {code}.", where=where, found=message or code, fix=_FIXES.get(code))
        self.code, self.passing = code, passing


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def value(self, tag: str) -> str:
        """The text of the first element of that name."""
        found = re.search(rf"<{tag}>(.*?)</{tag}>".encode(), self.body, re.DOTALL)
        return unescape(found[1].decode()) if found else ""


def unescape(text: str) -> str:
    """The five entities of XML: https://www.w3.org/TR/xml/#sec-predefined-ent"""
    for entity, sign in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ):
        text = text.replace(entity, sign)
    return text


class Bucket:
    """One bucket. ``keys`` is asked again when a role's keys grow old."""

    def __init__(self, name: str, region: str, endpoint: str | None, keys: Callable[[], Keys]) -> None:
        self.region = region
        suffix = ".cn" if region.startswith("cn-") else ""
        # a name with dots fits no certificate of AWS, and another server's name is all that its own fits
        own = endpoint is None and "." not in name
        base = endpoint or f"https://{f'{name}.' if own else ''}s3.{region}.amazonaws.com{suffix}"
        parts = urlsplit(base)
        self._secure, self._host = parts.scheme == "https", parts.netloc
        self._path = parts.path.rstrip("/") + ("" if own else f"/{name}")
        self._ask_keys = keys
        self._keys: Keys | None = None
        self._since = 0.0
        self._connections = threading.local()
        self._trust: ssl.SSLContext = tls.context()

    def call(
        self, method: str, key: str, query: Mapping[str, str] | None = None, body: bytes = b"", tries: int | None = None
    ) -> Answer:
        """:raises StairwayError: when S3 refuses, or cannot be reached after several tries."""
        last = (tries or TRIES) - 1
        for number in range(last + 1):
            try:
                answer = self._once(method, key, query or {}, body)
                if answer.status < 300 and b"<Error>" not in answer.body[:300]:
                    return answer
                # Completing an upload may say 200 and fail all the same.
                refusal = _refused(answer, f"{method} {self._host}{self._path}/{key}")
                if number == last or not refusal.passing:
                    raise refusal
            except (OSError, http.client.HTTPException) as error:
                self._hang_up()
                if number == last:
                    raise self._unreachable(key, error) from error
            wait.pause(min(20, 0.5 * 2**number))
        raise AssertionError("the last try returns or raises")

    def blocks(self, key: str, size: int | None = None) -> Iterator[bytes]:
        """The object, from where it broke off when it does.

        :raises StairwayError: when it is not there, or cannot be had.
        """
        done, failed = 0, 0
        while True:
            try:
                for block in self._from(key, done):
                    done, failed = done + len(block), 0
                    yield block
                return
            except Refused as refusal:
                failed += 1
                if failed == TRIES or not refusal.passing:
                    raise
            except (OSError, http.client.HTTPException) as error:
                self._hang_up()
                failed += 1
                if failed == TRIES:
                    raise self._unreachable(key, error) from error
            wait.pause(min(20, 0.5 * 2**failed))

    def _from(self, key: str, start: int) -> Iterator[bytes]:
        answer = self._send("GET", key, {}, b"", {"Range": f"bytes={start}-"} if start else {})
        if answer.status == 416:  # all of it had come
            answer.read()
            return
        if answer.status >= 300:
            raise _refused(Answer(answer.status, {}, answer.read()), f"GET {self._host}{self._path}/{key}")
        while block := answer.read(BLOCK):
            yield block
        if answer.length:  # a connection that ends too early looks like the end of what it carried
            raise http.client.IncompleteRead(b"", answer.length)

    def _once(self, method: str, key: str, query: Mapping[str, str], body: bytes) -> Answer:
        answer = self._send(method, key, query, body, {})
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())

    def _send(
        self, method: str, key: str, query: Mapping[str, str], body: bytes, extra: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        path = self._path + (f"/{quote(key)}" if key else "/")
        asked = urlencode(sorted(query.items()), quote_via=quote, safe="-_.~")
        digest = hashlib.sha256(body).hexdigest() if body else NOTHING
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        headers = {"Host": self._host, "x-amz-content-sha256": digest}
        call = (method, path, asked)
        whole = {**signed(self._signer(), f"{self.region}/s3", call, headers, digest, moment), **extra}
        if method in ("PUT", "POST"):
            whole["Content-Length"] = str(len(body))
        connection = self._connection()
        connection.request(method, f"{path}?{asked}" if asked else path, body or None, whole)
        return connection.getresponse()

    def _signer(self) -> Keys:
        if self._keys is None or time.monotonic() - self._since > KEYS_SECONDS:
            self._keys, self._since = self._ask_keys(), time.monotonic()
        return self._keys

    def _connection(self) -> http.client.HTTPConnection:
        """One for each thread: a connection carries one call at a time."""
        found: http.client.HTTPConnection | None = getattr(self._connections, "one", None)
        if found is None:
            found = (
                http.client.HTTPSConnection(self._host, timeout=SECONDS, context=self._trust)
                if self._secure
                else http.client.HTTPConnection(self._host, timeout=SECONDS)
            )
            self._connections.one = found
        return found

    def _hang_up(self) -> None:
        found = getattr(self._connections, "one", None)
        if found is not None:
            with contextlib.suppress(OSError):
                found.close()
            self._connections.one = None

    def _unreachable(self, key: str, error: Exception) -> StairwayError:
        return StairwayError(
            "The place of the backups cannot be reached.",
            where=f"{self._host}{self._path}/{key}",
            found=str(error) or type(error).__name__,
            fix="see app.backups.to and app.backups.endpoint, and whether the host may go out",
        )


def _passing(answer: Answer, code: str) -> bool:
    """Whether it is worth another try."""
    busy = code in ("SlowDown", "InternalError", "RequestTimeout", "ServiceUnavailable", "OperationAborted")
    return answer.status >= 500 or answer.status == 429 or busy


def _refused(answer: Answer, where: str) -> Refused:
    code = answer.value("Code") or {404: "NoSuchKey", 403: "AccessDenied"}.get(answer.status, f"HTTP {answer.status}")
    return Refused(code, answer.value("Message"), where, passing=_passing(answer, code))
