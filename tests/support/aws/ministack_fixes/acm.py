"""Certificate Manager: its tags are in the index of the tagging API.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ministack.services import acm, tagging  # type: ignore[import-not-found]


def _certificates() -> Iterator[tuple[str, Any]]:
    for arn, certificate in acm._certificates.items():
        yield arn, certificate.get("Tags", [])


tagging._COLLECTORS["acm"] = _certificates
