"""The health of one target, judged as Elastic Load Balancing does.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from typing import Any

_NO_PROOF = ssl._create_unverified_context()  # noqa: S323 - a balancer does not prove targets' certificates either


@dataclass(frozen=True)
class Health:
    """``state`` is initial, healthy, unhealthy or draining; reason and description are AWS's."""

    state: str
    reason: str = ""
    description: str = ""


INITIAL = Health("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
DRAINING = Health("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")


@dataclass
class Judge:
    """Counts results. A new target is healthy after one good check; later the thresholds decide."""

    rise: int
    fall: int
    health: Health = INITIAL
    good: int = 0
    bad: int = 0

    def take(self, failure: Health | None) -> Health:
        """One more result: ``None`` is a good one."""
        if failure is None:
            self.good, self.bad = self.good + 1, 0
            if self.health.state == "initial" or self.good >= self.rise:
                self.health = Health("healthy")
        else:
            self.good, self.bad = 0, self.bad + 1
            if self.bad >= self.fall or self.health.state == "unhealthy":
                self.health = failure
            elif self.health.state == "initial":
                self.health = Health("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
        return self.health


def ask(address: str, port: int, check: dict[str, Any]) -> Health | None:
    """One check; ``None`` when the target is well."""
    seconds = float(check["timeout"])
    try:
        if check["protocol"] == "tcp":
            socket.create_connection((address, port), seconds).close()
            return None
        status = _status(address, port, check, seconds)
    except TimeoutError:
        return Health("unhealthy", "Target.Timeout", "Request timed out")
    except (OSError, http.client.HTTPException):
        return Health("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
    if matches(status, check["codes"]):
        return None
    return Health("unhealthy", "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{status}]")


def _status(address: str, port: int, check: dict[str, Any], seconds: float) -> int:
    line: http.client.HTTPConnection
    if check["protocol"] == "https":
        line = http.client.HTTPSConnection(address, port, timeout=seconds, context=_NO_PROOF)
    else:
        line = http.client.HTTPConnection(address, port, timeout=seconds)
    try:
        headers = {"User-Agent": "ELB-HealthChecker/2.0", "Connection": "close", "Host": f"{address}:{port}"}
        line.request("GET", check["path"], headers=headers)
        return line.getresponse().status
    finally:
        line.close()


def matches(status: int, codes: str) -> bool:
    """``200,301-399``. Pure."""
    for part in str(codes).split(","):
        first, _, last = part.strip().partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False
