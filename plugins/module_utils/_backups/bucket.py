"""Backups in S3, or in anything that speaks as it does. What is written is there whole or not at all."""

from __future__ import annotations

import calendar
import hashlib
import re
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from .._common.errors import StairwayError
from .s3 import Bucket, Refused, unescape
from .target import Gone, Item, Source, Upload

PART_BYTES = 16 << 20
# S3 takes 10,000 parts: 16 MB each would end at 160 GB, so later ones are larger.
LARGER_FROM, LARGER_BYTES = 2000, 48 << 20


class InBucket:
    """``prefix`` stands before every name."""

    def __init__(self, bucket: Bucket, prefix: str, where: str) -> None:
        self.bucket, self.prefix, self.where = bucket, prefix, where

    def items(self, prefix: str) -> list[Item]:
        found: list[Item] = []
        token = ""
        while True:
            query = {"list-type": "2", "prefix": self.prefix + prefix}
            answer = self.bucket.call("GET", "", {**query, **({"continuation-token": token} if token else {})})
            for part in re.findall(rb"<Contents>(.*?)</Contents>", answer.body, re.DOTALL):
                found.append(self._item(part.decode()))
            token = answer.value("NextContinuationToken") if answer.value("IsTruncated") == "true" else ""
            if not token:
                return found

    def write(self, name: str, source: Source) -> Upload:
        return _Parts(self.bucket, self.prefix + name, source)

    def put(self, name: str, data: bytes) -> None:
        self.bucket.call("PUT", self.prefix + name, body=data)

    def get(self, name: str) -> bytes:
        try:
            return b"".join(self.bucket.blocks(self.prefix + name))
        except Refused as error:
            if error.code != "NoSuchKey":
                raise
            raise Gone(error.message, where=error.where, found=error.found) from None

    def blocks(self, name: str) -> Iterator[bytes]:
        return self.bucket.blocks(self.prefix + name)

    def delete(self, name: str) -> None:
        self.bucket.call("DELETE", self.prefix + name)

    def sweep(self, prefix: str, older_than: float) -> list[str]:
        """Give up uploads that runs which were killed have left: their parts cost, and nobody sees them."""
        answer = self.bucket.call("GET", "", {"uploads": "", "prefix": self.prefix + prefix})
        gone = []
        for part in re.findall(rb"<Upload>(.*?)</Upload>", answer.body, re.DOTALL):
            text = part.decode()
            key, upload = _value(text, "Key"), _value(text, "UploadId")
            if key.startswith(self.prefix + prefix) and time.time() - _moment(_value(text, "Initiated")) > older_than:
                self.bucket.call("DELETE", key, {"uploadId": upload})
                gone.append(key)
        return gone

    def free(self) -> int | None:
        return None

    def _item(self, text: str) -> Item:
        name = _value(text, "Key").removeprefix(self.prefix)
        return Item(name, int(_value(text, "Size")), _moment(_value(text, "LastModified")))


def _value(text: str, tag: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return unescape(found[1]) if found else ""


def _moment(text: str) -> float:
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


def part_bytes(number: int) -> int:
    """How large the part with this number is; the first has number 1."""
    return PART_BYTES if number < LARGER_FROM else LARGER_BYTES


class _Parts:
    """An upload in parts. One part is on its way while the next is read, so memory holds two of them, and some more."""

    def __init__(self, bucket: Bucket, key: str, source: Source) -> None:
        self.bucket, self.key = bucket, key
        self.bytes = 0
        self._tags: list[str] = []
        self._upload = bucket.call("POST", key, {"uploads": ""}).value("UploadId")
        digest = hashlib.sha256()
        try:
            with ThreadPoolExecutor(1) as sender:
                self._send(source, digest, sender)
        except BaseException:
            self.abort()
            raise
        self.sha256 = digest.hexdigest()

    def _send(self, source: Source, digest: hashlib._Hash, sender: ThreadPoolExecutor) -> None:
        going: Future[str] | None = None
        number = 1
        while (part := source.read(part_bytes(number))) or number == 1:
            digest.update(part)
            self.bytes += len(part)
            if going is not None:
                self._tags.append(going.result())
            going = sender.submit(self._part, number, part)
            number += 1
        if going is not None:
            self._tags.append(going.result())

    def _part(self, number: int, part: bytes) -> str:
        query = {"partNumber": str(number), "uploadId": self._upload}
        return self.bucket.call("PUT", self.key, query, part).headers["etag"]

    def commit(self) -> None:
        """:raises StairwayError: when S3 does not put it together, or not whole."""
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>"
            for number, tag in enumerate(self._tags, 1)
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        try:
            self.bucket.call("POST", self.key, {"uploadId": self._upload}, body)
        except Refused as error:
            # An answer that was lost on its way: the next try finds the upload gone, and the object there.
            if error.code != "NoSuchUpload":
                raise
        found = int(self.bucket.call("HEAD", self.key).headers.get("content-length", "-1"))
        if found != self.bytes:
            raise StairwayError(
                "S3 has put the backup together with another size.",
                where=self.key,
                expected=f"{self.bytes} bytes",
                found=f"{found} bytes",
            )

    def abort(self) -> None:
        try:
            self.bucket.call("DELETE", self.key, {"uploadId": self._upload}, tries=2)
        except StairwayError:
            return  # the next run sweeps it, and so does the bucket's own rule
