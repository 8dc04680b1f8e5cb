"""Certificate Manager: a certificate is issued when its records are in the DNS, not after a time; its key is of the
sort that was asked for; an imported chain is answered as it was given; it forgets who uses it no more.

https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
"""

from __future__ import annotations

from typing import Any

from moto import settings
from moto.acm import models
from moto.acm.responses import AWSCertificateManagerResponse
from moto.elbv2.models import elbv2_backends
from moto.route53.models import route53_backends
from moto.utilities.utils import get_partition

_Bundle = models.CertBundle
settings.ACM_VALIDATION_WAIT = 10**9


class _Certificate(_Bundle):
    """One that looks at the DNS of its account."""

    def __init__(self, account_id: str, certificate: bytes, *arguments: Any, **keywords: Any) -> None:
        super().__init__(account_id, certificate, *arguments, **keywords)
        self._account = account_id
        self._region = keywords.get("region", "us-east-1")
        self.key_algorithm: str | None = None
        if self.type == "IMPORTED":
            self.chain = keywords.get("chain") or b""

    def check(self) -> None:
        super().check()
        if self.type == "AMAZON_ISSUED" and self.status == "PENDING_VALIDATION" and self._validated():
            self.status = "ISSUED"

    def _validated(self) -> bool:
        options = super().describe()["Certificate"]["DomainValidationOptions"]
        wanted = {
            (one["ResourceRecord"]["Name"].rstrip("."), one["ResourceRecord"]["Value"].rstrip(".")) for one in options
        }
        zones = route53_backends[self._account][get_partition(self._region)].zones.values()
        there = {
            (record.name.rstrip("."), value.rstrip("."))
            for zone in zones
            for record in zone.rrsets
            if record.type == "CNAME"
            for value in record.records or ()
        }
        return wanted <= there

    def describe(self) -> dict[str, Any]:
        answer = super().describe()
        answer["Certificate"]["InUseBy"] = [user for user in self.in_use_by if self._is_used_by(user)]
        if self.key_algorithm:
            answer["Certificate"]["KeyAlgorithm"] = self.key_algorithm
        return answer

    def _is_used_by(self, user: str) -> bool:
        if ":listener/" not in user:
            return True
        balancers = elbv2_backends[self._account][self._region].load_balancers.values()
        listeners = [one for balancer in balancers for one in balancer.listeners.values()]
        return any(one.arn == user and self.arn in one.certificates for one in listeners)


def _request_certificate(response: AWSCertificateManagerResponse) -> Any:
    answer: Any = _respond(response)
    bundle: Any = response.acm_backend.get_certificate(answer.result["CertificateArn"])
    bundle.key_algorithm = response._get_param("KeyAlgorithm")
    return answer


_respond = AWSCertificateManagerResponse.request_certificate
AWSCertificateManagerResponse.request_certificate = _request_certificate  # type: ignore[method-assign,assignment]
models.CertBundle = _Certificate  # type: ignore[misc]
