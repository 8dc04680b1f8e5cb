"""ECR: passwords that log in, digests that are true, and images that somebody pushed.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from base64 import b64decode, b64encode
from datetime import datetime, timezone
from typing import Any

from moto.core.responses import ActionResult
from moto.ecr.models import Image
from moto.ecr.responses import ECRResponse

HOURS = 12
_good_until: dict[str, float] = {}


def apply() -> None:
    """Once, before the API answers."""
    ECRResponse.get_authorization_token = _log_in  # type: ignore[method-assign]
    Image._create_digest = _digest  # type: ignore[method-assign]
    Image.get_image_size_in_bytes = _size  # type: ignore[method-assign]


def admits(header: str) -> bool | None:
    """Whether this ``Authorization`` lets its owner in; ``None`` when it did once, and is too old."""
    kind, _, token = header.partition(" ")
    try:
        user, _, password = b64decode(token).decode().partition(":")
    except ValueError:
        return False
    end = _good_until.get(password)
    if kind.lower() != "basic" or user != "AWS" or end is None:
        return False
    return True if time.time() < end else None


def record(repository: Any, tag: str | None, manifest: bytes, media_type: str) -> None:
    """The image is in the repository; whichever had the tag before has it no more."""
    digest = digest_of(manifest)
    image = next((one for one in repository.images if one.get_image_digest() == digest), None)
    if image is None:
        image = Image(repository.account_id, None, manifest.decode(), repository.name, media_type, digest)  # type: ignore[arg-type]
        repository.images.append(image)
    if tag is None:
        return
    for one in repository.images:
        if one is not image and tag in one.image_tags:
            one.remove_tag(tag)
            if not one.image_tags:
                one.image_tag = None
    image.update_tag(tag)


def find(repository: Any, reference: str) -> Any:
    """The image of a tag or digest, or ``None``."""
    by_digest = reference.startswith("sha256:")
    for one in list(repository.images):
        if one.get_image_digest() == reference if by_digest else reference in one.image_tags:
            return one
    return None


def digest_of(manifest: bytes) -> str:
    return "sha256:" + hashlib.sha256(manifest).hexdigest()


def _log_in(self: ECRResponse) -> ActionResult:
    answers = []
    for registry in self._get_param("registryIds") or [self.current_account]:
        password = secrets.token_urlsafe(48)
        end = time.time() + HOURS * 3600
        _good_until[password] = end
        answers.append(
            {
                "authorizationToken": b64encode(f"AWS:{password}".encode()).decode(),
                "expiresAt": datetime.fromtimestamp(int(end), timezone.utc),
                "proxyEndpoint": f"https://{registry}.dkr.ecr.{self.region}.amazonaws.com",
            }
        )
    return ActionResult({"authorizationData": answers})


def _digest(self: Any) -> None:
    """What PutImage was given has the digest that a client works out."""
    self._image_digest = digest_of(self.image_manifest.encode())


def _size(self: Any) -> int | None:
    try:
        manifest = json.loads(self.image_manifest)
        return int(manifest["config"]["size"]) + sum(int(one["size"]) for one in manifest["layers"])
    except (KeyError, ValueError):
        return None
