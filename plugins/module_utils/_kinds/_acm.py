"""Certificates of ACM: where they are, whose they are, and the records by which AWS sees that a domain is ours.

Source: https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict
from .._common.errors import StairwayError
from .._common.wait import until
from .._resource.kind import APP_TAG, Found, Scope
from . import _route53

FOR_CLOUDFRONT = "us-east-1"
# Without these AWS lists certificates with RSA keys of 2048 bits only.
_KEYS = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]
_RECORD_SECONDS = 300
_SETTLE_SECONDS = 60
_FREE_SECONDS = 300

Record = tuple[str, str]  # name and value of a CNAME


def region_of(arn: str) -> str:
    return arn.split(":")[3]


def arns(aws: Any, scope: Scope) -> Iterator[tuple[str, dict[str, str]]]:
    """ARN and tags of every certificate in the scope, here and where CloudFront looks for its own.

    A list has no tags, and AWS answers those of one certificate at a time. So those whom the index of tags knows as
    another app's are left out first; the index follows a little later, so for ours it is not the last word.
    """
    if scope.only:
        for arn in sorted(scope.ids):
            yield arn, tags_of(aws, arn)
        return
    for region in sorted({aws.region, FOR_CLOUDFRONT}):
        index = _index(aws, region)
        listed = aws.pages(
            "acm", "list_certificates", "CertificateSummaryList", region=region, Includes={"keyTypes": _KEYS}
        )
        for arn in [one["CertificateArn"] for one in listed]:
            if arn in scope.ids or index.get(arn, scope.app) == scope.app:
                tags = tags_of(aws, arn)
                if arn in scope.ids or tags.get(APP_TAG) == scope.app:
                    yield arn, tags


def _index(aws: Any, region: str) -> dict[str, str]:
    """ARN to app."""
    pages = aws.pages(
        "resourcegroupstaggingapi",
        "get_resources",
        "ResourceTagMappingList",
        region=region,
        ResourceTypeFilters=["acm:certificate"],
        TagFilters=[{"Key": APP_TAG}],
        ResourcesPerPage=100,
    )
    return {one["ResourceARN"]: as_dict(one["Tags"]).get(APP_TAG, "") for one in pages}


def tags_of(aws: Any, arn: str) -> dict[str, str]:
    try:
        answer = aws.call("acm", "list_tags_for_certificate", region=region_of(arn), CertificateArn=arn)
    except AwsError as error:
        if error.missing:
            return {}
        raise
    return as_dict(answer["Tags"])


def certificate(aws: Any, arn: str) -> Mapping[str, Any] | None:
    """What AWS says of one; None when there is none."""
    answer = _route53.or_none(_describe, aws, arn)
    return answer["Certificate"] if answer else None


def _describe(aws: Any, arn: str) -> Any:
    return aws.call("acm", "describe_certificate", region=region_of(arn), CertificateArn=arn)


def records(item: Mapping[str, Any]) -> tuple[Record, ...] | None:
    """The records that validate it; None while AWS has not made them all up. A domain and its wildcard share one."""
    options = item.get("DomainValidationOptions") or ()
    if any("ResourceRecord" not in one for one in options):
        return None
    pairs = [(one["ResourceRecord"]["Name"], one["ResourceRecord"]["Value"]) for one in options]
    return tuple(sorted({(name.rstrip("."), value.rstrip(".")) for name, value in pairs}))


def wait_for_records(aws: Any, arn: str) -> tuple[Record, ...]:
    """AWS makes them up some seconds after it was asked for the certificate."""

    def ask() -> tuple[Record, ...] | None:
        item = certificate(aws, arn)
        return records(item) or None if item else None

    found = until(ask, seconds=_SETTLE_SECONDS, every=1)
    if found is None:
        raise StairwayError(
            "AWS has not said yet how to validate a certificate.", where=arn, fix="run the same command again"
        )
    return found


def write(aws: Any, zone: str, several: Iterable[Record]) -> None:
    """Idempotent: two certificates of one domain have the same records."""
    changes = [{"Action": "UPSERT", "ResourceRecordSet": _cname(name, value)} for name, value in several]
    aws.call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch={"Changes": changes})


def _cname(name: str, value: str) -> dict[str, Any]:
    return {"Name": name, "Type": "CNAME", "TTL": _RECORD_SECONDS, "ResourceRecords": [{"Value": value}]}


def missing(aws: Any, zone: str, several: Iterable[Record]) -> list[Record]:
    """Those that are not in the zone."""
    return [one for one in several if _in_zone(aws, zone, one) is None]


def _in_zone(aws: Any, zone: str, record: Record) -> Mapping[str, Any] | None:
    answer = _route53.or_none(_page, aws, zone, record[0])
    for item in (answer or {}).get("ResourceRecordSets", ()):
        values = [one["Value"].rstrip(".") for one in item.get("ResourceRecords", ())]
        if item["Type"] == "CNAME" and item["Name"].rstrip(".") == record[0] and values == [record[1]]:
            found: Mapping[str, Any] = item
            return found
    return None


def _page(aws: Any, zone: str, name: str) -> Any:
    return aws.call(
        "route53",
        "list_resource_record_sets",
        HostedZoneId=zone,
        StartRecordName=name,
        StartRecordType="CNAME",
        MaxItems="1",
    )


def erase(aws: Any, zone: str, found: Found, domains: set[str]) -> None:
    """Take its records away, but not those that validate another certificate too."""
    others = {_base(domain) for domain in _domains_of_others(aws, found.id)}
    for record in found.detail["records"] or ():
        mine = {_base(domain) for domain in domains if record[0].endswith(f".{_base(domain)}")}
        item = _in_zone(aws, zone, record)
        if item is not None and not mine & others:
            changes = [{"Action": "DELETE", "ResourceRecordSet": item}]
            aws.call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch={"Changes": changes})


def _base(domain: str) -> str:
    return domain.removeprefix("*.")


def _domains_of_others(aws: Any, arn: str) -> Iterator[str]:
    for region in sorted({aws.region, FOR_CLOUDFRONT, region_of(arn)}):
        listed = aws.pages(
            "acm", "list_certificates", "CertificateSummaryList", region=region, Includes={"keyTypes": _KEYS}
        )
        for one in listed:
            if one["CertificateArn"] != arn:
                yield from one.get("SubjectAlternativeNameSummaries") or [one["DomainName"]]


def wait_until_free(aws: Any, arn: str) -> None:
    """A load balancer that has just gone holds its certificate for a little longer."""

    def ask() -> bool | None:
        item = certificate(aws, arn)
        return True if item is None or not item.get("InUseBy") else None

    until(ask, seconds=_FREE_SECONDS, every=2)
