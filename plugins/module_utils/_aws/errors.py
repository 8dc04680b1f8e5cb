"""What AWS answers when it does not do as it was told, in words that say what to do."""

from __future__ import annotations

import re
from typing import Any

from .._common.errors import StairwayError
from .limits import advice

# Codes that say «there is no such thing»: InvalidVpcID.NotFound, NoSuchBucket, DBInstanceNotFound,
# ResourceNotFoundException, NonExistentQueue, WAFNonexistentItemException. Auto Scaling says it in words:
# «ValidationError: AutoScalingGroup name not found».
MISSING = re.compile(r"NotFound|NoSuch|DoesNotExist|Non[Ee]xistent|Unavailable\.NotFound|Invalid\w+ID\.Malformed$")
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "AuthFailure"}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
WRONG_KEY = {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
THROTTLED = re.compile(r"Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|PriorRequestNotComplete|Rate ?exceeded")
IN_USE = re.compile(r"DependencyViolation|InUse|ResourceInUse|DeleteConflict|HasAssociat|AssociatedItem")


class AwsError(StairwayError):
    """A call that AWS refused. ``code`` is AWS's own, ``call`` is ``service:Operation``. A kind that knows better what
    to do next says it in ``fix``.
    """

    def __init__(self, call: str, code: str, message: str, *, region: str, fix: str | None = None) -> None:
        super().__init__(
            f"AWS refused {call}: {code}",
            where=f"{call} in {region}",
            found=message,
            fix=fix or _fix(call, code, message),
        )
        self.call = call
        self.code = code
        self.text = message

    @property
    def missing(self) -> bool:
        return bool(MISSING.search(self.code)) or (self.code == "ValidationError" and "not found" in self.text)

    @property
    def in_use(self) -> bool:
        return bool(IN_USE.search(self.code))

    def result(self) -> dict[str, Any]:
        """As every error of ours, plus ``code`` and ``call``."""
        return {**super().result(), "code": self.code, "call": self.call}


def _fix(call: str, code: str, message: str) -> str:
    if code in DENIED:
        return f"allow {call} to the role or user that runs this (docs/iam-policy.json has all that Stairway needs)"
    if code in EXPIRED:
        return "get new credentials (aws sso login, or the job's role), then run the same command again: it goes on"
    if code in WRONG_KEY:
        return "check the credentials: aws sts get-caller-identity"
    if THROTTLED.search(code):
        return "AWS is busy with this account; run the same command again in a minute: it goes on where it stopped"
    limited = advice(f"{code} {message}")
    if limited:
        return limited
    if IN_USE.search(code):
        return "something still uses it; see what AWS says above, take that away, and run the same command again"
    return "mend what AWS says above, and run the same command again: it goes on where it stopped"


def no_credentials(reason: str) -> StairwayError:
    return StairwayError(
        "There are no AWS credentials.",
        expected="a profile, environment variables, or the role of this machine",
        found=reason,
        fix="aws configure sso, or export AWS_PROFILE=...; then aws sts get-caller-identity shows who you are",
    )


def unreachable(call: str, region: str, reason: str) -> StairwayError:
    return StairwayError(
        f"AWS does not answer {call}.",
        expected=f"an answer from the region {region}",
        found=reason,
        where=call,
        fix="check the network and the region's name; then run the same command again",
    )
