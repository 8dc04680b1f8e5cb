"""Speaking to AWS from a machine, as the machine: its identity, and signed calls of services that take JSON."""

from __future__ import annotations

import hashlib
import http.client
import json
import time
import urllib.error
import urllib.request
from typing import Any

from ..._common import tls, wait
from ..._common.errors import StairwayError
from ..._identity.metadata import Metadata
from ..._identity.signature import Keys, signed

SECONDS = 15
TRIES = 8
KEYS_SECONDS = 600
# service -> (name in its address, prefix of its operations): the AWS JSON 1.1 protocol
SERVICES = {
    "ssm": ("ssm", "AmazonSSM"),
    "secretsmanager": ("secretsmanager", "secretsmanager"),
    "ecr": ("api.ecr", "AmazonEC2ContainerRegistry_V20150921"),
}
BUSY = ("Throttl", "TooManyRequests", "TooManyUpdates", "InternalS", "InternalF", "ServiceUnavailable", "RequestLimit")


class Refused(StairwayError):
    """AWS said no; ``code`` is its word for why."""

    def __init__(self, code: str, message: str, where: str) -> None:
        fix = "see whether the role of the machines allows it: run the stage again" if "Denied" in code else None
        super().__init__(f"AWS refuses {where}: {code}.", found=message or code, where=where, fix=fix)
        self.code = code


class Aws:
    """Calls as this machine; ``endpoint`` in the place of AWS's own addresses, where there is one."""

    def __init__(self, region: str, metadata: Metadata, endpoint: str | None = None) -> None:
        self.region, self.metadata, self.endpoint = region, metadata, endpoint
        self._keys: Keys | None = None
        self._since = 0.0
        self._trust = tls.context()

    def call(self, service: str, operation: str, region: str | None = None, **given: Any) -> dict[str, Any]:
        """:raises StairwayError: when AWS refuses, or cannot be reached after several tries."""
        for number in range(TRIES):
            try:
                return self._once(service, operation, region or self.region, given)
            except Refused as error:
                if number == TRIES - 1 or not error.code.startswith(BUSY):
                    raise
            except (OSError, ValueError, http.client.HTTPException) as error:
                if number == TRIES - 1:
                    raise StairwayError(
                        f"{service} of AWS cannot be reached.",
                        where=self._url(service, region or self.region),
                        found=str(error),
                        fix="give the machines a way out: a NAT, public addresses, or endpoints of the VPC",
                    ) from error
            wait.pause(min(10, 0.5 * 2**number))
        raise AssertionError("the last try returns or raises")

    def parameter(self, name: str) -> str | None:
        """What a parameter holds, None where there is none.

        :raises StairwayError: when AWS refuses.
        """
        try:
            return str(self.call("ssm", "GetParameter", Name=name)["Parameter"]["Value"])
        except Refused as error:
            if error.code == "ParameterNotFound":
                return None
            raise

    def put(self, name: str, value: str, *, new: bool = False) -> bool:
        """Write a parameter; with ``new`` only where there is none. Whether it was written.

        :raises StairwayError: when AWS refuses.
        """
        try:
            self.call("ssm", "PutParameter", Name=name, Value=value, Type="String", Overwrite=not new)
        except Refused as error:
            if error.code == "ParameterAlreadyExists":
                return False
            raise
        return True

    def secret(self, name: str, version: str | None = None) -> dict[str, Any]:
        """:raises StairwayError: when AWS refuses, or it holds no JSON object."""
        at = {"VersionId": version} if version else {}
        text = self.call("secretsmanager", "GetSecretValue", SecretId=name, **at).get("SecretString")
        try:
            found = json.loads(text or "")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise StairwayError("This secret holds no JSON object.", where=name, fix="run the stage again")
        return found

    def _once(self, service: str, operation: str, region: str, given: dict[str, Any]) -> dict[str, Any]:
        if self._keys is None or time.monotonic() - self._since > KEYS_SECONDS:
            self._keys, self._since = self.metadata.keys(), time.monotonic()
        url = self._url(service, region)
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{SERVICES[service][1]}.{operation}"}
        body = json.dumps(given).encode()
        headers["Host"] = url.split("/")[2]
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        digest = hashlib.sha256(body).hexdigest()
        asked = urllib.request.Request(  # noqa: S310 an address of AWS, or the one that the settings name
            url, body, signed(self._keys, f"{region}/{service}", ("POST", "/", ""), headers, digest, moment)
        )
        try:
            with urllib.request.urlopen(asked, timeout=SECONDS, context=self._trust) as answer:  # noqa: S310
                found: dict[str, Any] = json.loads(answer.read() or b"{}")
                return found
        except urllib.error.HTTPError as error:
            raise _refused(
                error, f"{service}:{operation} {given.get('Name') or given.get('SecretId') or ''}"
            ) from error

    def _url(self, service: str, region: str) -> str:
        suffix = ".cn" if region.startswith("cn-") else ""
        return self.endpoint or f"https://{SERVICES[service][0]}.{region}.amazonaws.com{suffix}/"


def _refused(error: urllib.error.HTTPError, where: str) -> Refused:
    try:
        said = json.loads(error.read())
    except ValueError:
        said = {}
    code = "ServiceUnavailable" if error.code >= 500 else str(said.get("__type") or f"HTTP {error.code}")
    return Refused(code.rpartition("#")[2], str(said.get("message") or said.get("Message") or ""), where.strip())
