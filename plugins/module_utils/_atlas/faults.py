"""What Atlas refuses, and what to do about it.

Codes and their meaning: https://www.mongodb.com/docs/atlas/reference/api-errors/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._common.errors import StairwayError

_API_LIST = (
    "let the address of the machine that runs this module call the API: Organization Settings > Applications > the key "
    "or the service account > API Access List. That is another list than the cluster's"
)
_ROLE = (
    "give the key or the service account the role Project Owner in this project; see that project and organization are "
    "the ones that it belongs to"
)
_QUOTA = "take away what nobody uses, or ask MongoDB's support for a higher limit"
_PAY = "put a means of payment into the organization: Billing > Overview; dedicated clusters (M10 and more) need one"
FIXES: Mapping[str, str] = {
    "ACCOUNT_SUSPENDED": "pay the organization's open invoice",
    "ATLAS_CLUSTER_VERSION_DEPRECATED": "name a version that Atlas still offers",
    "ATLAS_NON_CANONICAL_CIDR_BLOCK": "write the network as Atlas says",
    "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API": "name another cluster: a flexible one of this name is there",
    "CANNOT_USE_AWS_SECURITY_GROUP_WITHOUT_VPC_PEERING_CONNECTION": "name peering, and accept it in AWS",
    "CLUSTER_DISK_SIZE_INVALID": "name a disk_gb that the tier can have",
    "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE": "run again when the restore is done",
    "COMMON_PASSWORD": "give the user a password that is in no list, such as: openssl rand -hex 24",
    "DB_VERSION_NOT_SUPPORTED": "name a version that Atlas offers",
    "DISK_SIZE_GB_TOO_SMALL": "name a disk_gb above what is in use",
    "DUPLICATE_CLUSTER_NAME": "name another cluster; one of this name is there, of another kind",
    "DUPLICATE_CLUSTER_NAME_PREFIX": "name it otherwise: Atlas tells clusters apart by their first 23 characters",
    "ENCRYPTION_AT_REST_NOT_ENABLED": "set up the key first: Project > Advanced > Encryption at Rest using your KMS",
    "HOURLY_BILLING_LIMIT_EXCEEDED": "raise the organization's limit for each hour, or take what is not needed away",
    "IP_ADDRESS_NOT_ON_ACCESS_LIST": _API_LIST,
    "IP_ADDRESS_NOT_ON_WHITELIST": _API_LIST,
    "NO_PAYMENT_INFORMATION_FOUND": _PAY,
    "ORG_REQUIRES_ACCESS_LIST": _API_LIST,
    "ORG_REQUIRES_WHITELIST": _API_LIST,
    "NOT_IN_GROUP": _ROLE,
    "USER_CANNOT_ACCESS_GROUP": _ROLE,
    "USER_CANNOT_ACCESS_ORG": _ROLE,
    "USER_UNAUTHORIZED": _ROLE,
    "GROUP_NOT_FOUND": "see the project's id: Project Settings > General",
    "GROUP_NAME_NOT_FOUND": "see the project's name, or make the project; this module makes none",
}
_BY_STATUS: Mapping[int, str] = {
    401: "see that key and secret are a pair of this organization, not expired, and belong to this base_url",
    402: _PAY,
    403: _ROLE,
    429: "wait some minutes and run again; see what else calls the API with this key",
}


class AtlasError(StairwayError):
    """Atlas said no. ``status`` is HTTP's, ``code`` Atlas's own."""

    def __init__(self, message: str, *, status: int, code: str = "", **parts: Any) -> None:
        super().__init__(message, **parts)
        self.status = status
        self.code = code


class Unanswered(StairwayError):
    """Nobody knows whether it was done: no answer, half of one, or an error within Atlas."""


def refusal(status: int, body: Mapping[str, Any], *, where: str) -> AtlasError:
    """The error for an answer ``{error, errorCode, detail, reason}``."""
    code = str(body.get("errorCode") or "")
    detail = str(body.get("detail") or body.get("reason") or "")
    return AtlasError(
        _MESSAGES.get(status, "Atlas refused it."),
        status=status,
        code=code,
        found=f"HTTP {status}" + (f" {code}" if code else "") + (f": {detail}" if detail else ""),
        where=where,
        fix=FIXES.get(code) or (_QUOTA if code.endswith("_EXCEEDED") else _BY_STATUS.get(status)),
    )


_MESSAGES = {
    401: "Atlas does not know this login, or it may not see this project.",
    402: "Atlas wants a means of payment.",
    403: "Atlas does not allow this.",
    404: "Atlas has no such thing.",
    429: "Atlas answers no more for now: too many requests.",
}
