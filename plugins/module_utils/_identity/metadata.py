"""What a machine is told about itself, by the address that every machine of EC2 has for it."""

from __future__ import annotations

import json
import urllib.request

from .._common import wait
from .._common.errors import StairwayError
from .signature import Keys

METADATA = "http://169.254.169.254/latest/"
# A role that was just made is not known everywhere at once.
ROLE_SECONDS = 90


class Metadata:
    """What the machine is told about itself (IMDSv2)."""

    def __init__(self) -> None:
        self._token = ""

    def instance(self) -> str:
        """:raises StairwayError: when this is no machine of EC2."""
        return self._patient("instance-id")

    def keys(self) -> Keys:
        """:raises StairwayError: when the machine has no role."""
        role = self._patient("iam/security-credentials/").splitlines()[0]
        found = json.loads(self._patient(f"iam/security-credentials/{role}"))
        return Keys(found["AccessKeyId"], found["SecretAccessKey"], found["Token"])

    def _patient(self, path: str) -> str:
        found: list[str] = []

        def ask() -> str | None:
            try:
                return self._get(path)
            except OSError as error:
                found[:] = [str(error)]
                return None

        answer = wait.until(ask, seconds=ROLE_SECONDS, every=1)
        if not answer:
            raise StairwayError(
                "The machine cannot learn who it is.",
                where=f"{METADATA}meta-data/{path}",
                found="".join(found),
                fix="see that the launch template names the role and lets the metadata be read",
            )
        return answer

    def _get(self, path: str) -> str:
        if not self._token:
            self._token = _text("api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "21600"}, "PUT")
        return _text(f"meta-data/{path}", {"X-aws-ec2-metadata-token": self._token}, "GET")


def _text(path: str, headers: dict[str, str], method: str) -> str:
    asked = urllib.request.Request(METADATA + path, headers=headers, method=method)  # noqa: S310 a fixed address
    with urllib.request.urlopen(asked, timeout=2) as answer:  # noqa: S310
        return str(answer.read().decode())
