"""S3."""

from __future__ import annotations

from typing import Any

import xmltodict  # type: ignore[import-untyped]
from moto.s3.responses import S3Response

_put = S3Response._bucket_response_put


def put(self: S3Response, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    """A bucket can be made with its tags: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html"""
    answer = _put(self, request, bucket_name, querystring)
    if self.body and b"CreateBucketConfiguration" in (
        self.body if isinstance(self.body, bytes) else self.body.encode()
    ):
        whole = xmltodict.parse(self.body, force_list=("Tag",))["CreateBucketConfiguration"]
        tags = (whole.get("Tags") or {}).get("Tag", [])
        if tags:
            self.backend.put_bucket_tagging(bucket_name, {one["Key"]: one["Value"] or "" for one in tags})
    return answer


S3Response._bucket_response_put = put  # type: ignore[method-assign]
