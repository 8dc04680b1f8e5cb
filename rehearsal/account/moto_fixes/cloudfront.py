"""CloudFront: an origin remembers by what a bucket knows its distribution, and only what is switched off is deleted.

https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DeleteDistribution.html
"""

from __future__ import annotations

from typing import Any

from moto.cloudfront import models
from moto.core.exceptions import ServiceException

_Origin = models.Origin
_delete = models.CloudFrontBackend.delete_distribution


class _KnownOrigin(_Origin):
    def __init__(self, origin: dict[str, Any]) -> None:
        super().__init__(origin)
        self.origin_access_control_id = origin.get("OriginAccessControlId") or ""


class _NotDisabled(ServiceException):
    code = "DistributionNotDisabled"
    message = "The distribution you are trying to delete has not been disabled."


def _delete_distribution(backend: Any, distribution_id: str, if_match: bool) -> None:
    there = backend.distributions.get(distribution_id)
    if there is not None and there.distribution_config.Enabled:
        raise _NotDisabled
    _delete(backend, distribution_id, if_match)


models.Origin = _KnownOrigin  # type: ignore[misc]
models.CloudFrontBackend.delete_distribution = _delete_distribution  # type: ignore[method-assign,assignment]
