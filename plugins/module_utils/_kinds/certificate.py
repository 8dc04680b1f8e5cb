"""``certificate``: a certificate of AWS Certificate Manager.

Source: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_list
from .._resource.kind import Change, Entry, Field, Found, Kind, Scope, Sight, State, Wanted
from .._resource.problems import Problem
from .._resource.types import Choice, ListOf, Ref, Text
from . import _acm
from ._dns import WILD_DOMAIN

_PEM = Text(r"\s*-----BEGIN [A-Z ]+-----.+-----END [A-Z ]+-----\s*", "a text in PEM form", most=2**17)
# Which zone was to get the records: set with the first call, so that a run that was cut can be gone on with.
_ZONE_TAG = "stairway:zone"
_STATES: dict[str, State] = {
    "ISSUED": "ready",
    "EXPIRED": "ready",
    "INACTIVE": "ready",
    "PENDING_VALIDATION": "pending",
}


def to_found(item: Mapping[str, Any], tags: Mapping[str, str], zone: str | None) -> Found:
    """``zone`` is the zone that has the records of its validation."""
    arn, own = item["CertificateArn"], item["Type"] == "IMPORTED"
    domain = item["DomainName"]
    records = _acm.records(item)
    state, why = _state(item, records, tags.get(_ZONE_TAG), zone)
    return Found(
        kind="certificate",
        id=arn,
        attrs={
            "domain": None if own else domain,
            "other_domains": [one for one in item.get("SubjectAlternativeNames", ()) if one != domain and not own],
            "zone": zone,
            "key": item["KeyAlgorithm"].replace("-", "_"),
            "region": _acm.region_of(arn),
        },
        tags={key: value for key, value in tags.items() if key != _ZONE_TAG},
        state=state,
        why=why,
        asks=_asks(domain, records) if state == "pending" and not tags.get(_ZONE_TAG) else "",
        outputs={"validation_records": [f"{name} CNAME {value}" for name, value in records or ()]},
        detail={"records": records, "own": own, "zone": tags.get(_ZONE_TAG)},
    )


def _state(
    item: Mapping[str, Any], records: tuple[_acm.Record, ...] | None, asked: str | None, zone: str | None
) -> tuple[State, str]:
    state = _STATES.get(item["Status"], "failed")
    if state != "pending":
        return state, f"{item['Status']} {item.get('FailureReason', '')}".strip() if state == "failed" else ""
    if asked and records and zone is None:
        # nothing to wait for: the run that asked for it was cut before it wrote them
        return "ready", "its validation records are not in the zone"
    lines = ", ".join(f"{name} CNAME {value}" for name, value in records or ())
    return "pending", f"AWS waits for these records in the DNS: {lines or '(not known yet)'}"


def _asks(domain: str, records: tuple[_acm.Record, ...] | None) -> str:
    """For a domain whose DNS is not in this account; nothing as long as AWS has not named the records."""
    lines = " and ".join(f"{name} CNAME {value}" for name, value in records or ())
    return f"create this where the DNS of {domain} is: {lines}" if lines else ""


def says(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """What a person will have to do."""
    if found or not wanted.get("domain") or wanted.get("zone"):
        return ""
    return (
        f"no zone of this blueprint has {wanted['domain']}: AWS will name a record that you create by hand where its "
        "DNS is; the run stops there, and goes on when you run it again"
    )


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    for arn, tags in _acm.arns(aws, scope):
        item = _acm.certificate(aws, arn)
        if item is not None:
            found = to_found(item, tags, _zone(aws, item, tags))
            yield _with_text(aws, found) if found.detail["own"] else found


def _zone(aws: Any, item: Mapping[str, Any], tags: Mapping[str, str]) -> str | None:
    """The zone that was to get the records, if they are there as long as AWS waits for them."""
    zone, records = tags.get(_ZONE_TAG), _acm.records(item)
    if zone and item["Status"] == "PENDING_VALIDATION" and (not records or _acm.missing(aws, zone, records)):
        return None
    return zone


def _with_text(aws: Any, found: Found) -> Found:
    answer = aws.call("acm", "get_certificate", region=_acm.region_of(found.id), CertificateArn=found.id)
    texts = {"certificate_pem": answer["Certificate"], "chain_pem": answer.get("CertificateChain")}
    return replace(found, attrs={**found.attrs, **texts})


def create(aws: Any, wanted: Wanted) -> str:
    if wanted.get("certificate_pem"):
        return _import(aws, wanted, wanted.get("region"), Tags=as_list(wanted.tags))
    zone = wanted.get("zone")
    answer = aws.call(
        "acm",
        "request_certificate",
        region=wanted.get("region"),
        DomainName=wanted.attrs["domain"],
        SubjectAlternativeNames=wanted.get("other_domains") or None,
        ValidationMethod="DNS",
        KeyAlgorithm=wanted.get("key"),
        IdempotencyToken=hashlib.sha256(wanted.token.encode()).hexdigest()[:32],
        Tags=as_list({**wanted.tags, **({_ZONE_TAG: zone} if zone else {})}),
    )
    arn: str = answer["CertificateArn"]
    aws.created(arn)
    if zone:
        _acm.write(aws, zone, _acm.wait_for_records(aws, arn))
    return arn


def _import(aws: Any, wanted: Wanted, region: str | None, **more: Any) -> str:
    chain = wanted.get("chain_pem")
    answer = aws.call(
        "acm",
        "import_certificate",
        region=region,
        Certificate=_lines(wanted.attrs["certificate_pem"]).encode(),
        PrivateKey=_lines(wanted.attrs["private_key_pem"]).encode(),
        CertificateChain=_lines(chain).encode() if chain else None,
        **more,
    )
    arn: str = answer["CertificateArn"]
    aws.created(arn)
    return arn


def _import_again(aws: Any, found: Found, wanted: Wanted) -> None:
    # under the same ARN: whoever uses it need not know
    _import(aws, wanted, _acm.region_of(found.id), CertificateArn=found.id)


def _set_zone(aws: Any, found: Found, wanted: Wanted) -> None:
    zone = wanted.attrs["zone"]
    retag(aws, found, {_ZONE_TAG: zone}, [])
    _acm.write(aws, zone, found.detail["records"] or _acm.wait_for_records(aws, found.id))


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    region = _acm.region_of(found.id)
    if add:
        aws.call("acm", "add_tags_to_certificate", region=region, CertificateArn=found.id, Tags=as_list(add))
    if remove:
        gone = [{"Key": key} for key in remove]
        aws.call("acm", "remove_tags_from_certificate", region=region, CertificateArn=found.id, Tags=gone)


def delete(aws: Any, found: Found) -> None:
    """Its records first: what is left when a run is cut here is the certificate, which shows what is left to do."""
    aws.deleted(found.id)
    _acm.wait_until_free(aws, found.id)
    if found.detail["zone"]:
        domains = {found.attrs["domain"], *found.attrs["other_domains"]}
        _acm.erase(aws, found.detail["zone"], found, domains)
    try:
        aws.call("acm", "delete_certificate", region=_acm.region_of(found.id), CertificateArn=found.id)
    except AwsError as error:
        if not error.missing:
            raise


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """One of the two ways to get one, and a zone that has the domains."""
    attrs = entry.attrs
    own = attrs.get("certificate_pem")
    if bool(own) == bool(attrs.get("domain")):
        yield Problem(
            f"{entry.key}.domain", "AWS makes a certificate for a domain, or takes one of yours.",
            "both" if own else "neither", "domain, or certificate_pem with private_key_pem",
        )  # fmt: skip
    if own and not attrs.get("private_key_pem"):
        yield Problem(f"{entry.key}.private_key_pem", "A certificate needs its key.", "nothing", "a text in PEM form")
    for name in ("other_domains", "zone"):
        if own and attrs.get(name):
            yield Problem(
                f"{entry.key}.{name}", "Your certificate says its domains itself.", str(attrs[name]), "nothing"
            )
    zone = sight.get("dns_zone", attrs.get("zone"))
    if zone is not None and not own:
        yield from _check_zone(entry, zone)


def _check_zone(entry: Entry, zone: Entry) -> Iterator[Problem]:
    whole = zone.attrs["domain"]
    for domain in (entry.attrs.get("domain"), *(entry.attrs.get("other_domains") or ())):
        base = str(domain).removeprefix("*.")
        if domain and base != whole and not base.endswith(f".{whole}"):
            yield Problem(
                f"{entry.key}.zone", f"{zone.key} does not have this domain.", domain, f"{whole} and what ends with it",
                "a certificate of its own for each zone",
            )  # fmt: skip
    if zone.attrs.get("vpcs"):
        yield Problem(f"{entry.key}.zone", "AWS cannot look into a private zone.", zone.name, "a public zone")


def refuse(found: Found, wanted: Wanted, fields: frozenset[str]) -> Iterator[Problem]:
    """AWS does not put a certificate of yours in the place of its own."""
    if "certificate_pem" in fields and not found.detail["own"]:
        yield Problem(
            f"certificate/{wanted.name}.certificate_pem", "This certificate is AWS's, and stays so.", "certificate_pem",
            f"domain: {found.attrs['domain']}", "an entry with another name",
        )  # fmt: skip


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines()) + "\n"


def _same_text(name: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return bool(found.get(name)) and _lines(wanted[name]) == _lines(found[name])


KIND = Kind(
    name="certificate",
    doc="A TLS certificate: asked of AWS for nothing and renewed by AWS, or one of your own.",
    fields={
        "domain": Field(WILD_DOMAIN, "The domain that AWS vouches for, such as `example.com`.", change="replace"),
        "other_domains": Field(
            ListOf(WILD_DOMAIN, most=99),
            "More domains in the same certificate, such as `*.example.com`.",
            change="replace",
        ),
        "zone": Field(
            Ref("dns_zone"),
            "The Route 53 zone that gets the records by which AWS sees that the domain is yours. Without it, the run "
            "says which records to create where your DNS is, and stops; the next goes on.",
        ),
        "key": Field(
            Choice(("RSA_2048", "EC_prime256v1", "EC_secp384r1")),
            "The sort of its key; `RSA_2048` unless given.",
            change="replace",
        ),
        "region": Field(
            Text(r"[a-z]{2}(-[a-z]+)+-\d", "a region such as us-east-1"),
            "Where it is, if not in the region of the run: CloudFront takes only those of us-east-1.",
            change="replace",
        ),
        "certificate_pem": Field(
            _PEM,
            "A certificate of your own, in place of `domain`.",
            fits=lambda wanted, found: _same_text("certificate_pem", wanted, found),
        ),
        "chain_pem": Field(
            _PEM,
            "The certificates between yours and its authority's.",
            fits=lambda wanted, found: _same_text("chain_pem", wanted, found),
        ),
        "private_key_pem": Field(_PEM, "The key of your own certificate.", secret=True, write_only=True),
    },
    changes_while_pending=True,
    describe=describe,
    create=create,
    delete=delete,
    retag=retag,
    changes=(
        Change(frozenset({"zone"}), _set_zone),
        Change(frozenset({"certificate_pem", "chain_pem"}), _import_again),
    ),
    outputs={"validation_records": "The records by which AWS sees that the domains are yours."},
    check=check,
    refuse=refuse,
    says=says,
    create_first=True,
    seconds=180,
    timeout_seconds=3600,
)
