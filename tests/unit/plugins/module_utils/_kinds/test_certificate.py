"""``certificate``, on both emulators, and its checks."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _acm, certificate
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Found, Scope, Sight, Wanted
from tests.support.aws.trial import Trial


def own(domain: str) -> dict[str, str]:
    """A certificate that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domain)])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "certificate_pem": made.public_bytes(serialization.Encoding.PEM).decode(),
        "private_key_pem": key.private_bytes(*form).decode(),
    }


def cnames(trial: Trial, zone: str) -> set[str]:
    items = trial.account.pages("route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone)
    return {item["Name"].rstrip(".") for item in items if item["Type"] == "CNAME"}


def test_is_validated_by_records_in_its_zone(trial: Trial) -> None:
    zone = trial.make("dns_zone", "main", domain="example.com").id
    found = trial.make(
        "certificate",
        "site",
        domain="example.com",
        other_domains=["*.example.com", "api.shop.example.com"],
        zone=zone,
    )
    assert len(cnames(trial, zone)) == 2  # a domain and its wildcard share one
    assert found.outputs["validation_records"]
    trial.retag(found)
    trial.remove(found)
    assert cnames(trial, zone) == set()


def test_one_for_cloudfront(trial: Trial) -> None:
    zone = trial.make("dns_zone", "main", domain="example.com").id
    base: dict[str, Any] = {"domain": "www.example.com", "zone": zone}
    here = trial.make("certificate", "site", **base)
    there = trial.make("certificate", "cdn", **base, region="us-east-1")
    assert {one.name: one.attrs["region"] for one in trial.all("certificate")} == {
        "site": "ap-northeast-2",
        "cdn": "us-east-1",
    }
    trial.remove(there)
    assert len(cnames(trial, zone)) == 1, "the other certificate is validated by the same record"
    trial.remove(here)
    assert cnames(trial, zone) == set()


def test_goes_on_after_a_cut(on_moto: Trial) -> None:
    # MiniStack issues a certificate at once
    zone = on_moto.make("dns_zone", "main", domain="example.com").id
    tags = {"stairway:app": "shop", "stairway:name": "site", "Name": "shop-site", "stairway:zone": zone}
    on_moto.account.call(
        "acm",
        "request_certificate",
        DomainName="example.com",
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    (found,) = on_moto.all("certificate")
    assert (found.state, found.attrs["zone"]) == ("ready", None)
    found = on_moto.alter(found, domain="example.com", zone=zone)
    on_moto.remove(found)
    assert cnames(on_moto, zone) == set()


def test_says_which_records_are_missing_elsewhere(on_moto: Trial) -> None:
    # MiniStack issues a certificate at once
    wanted = Wanted("certificate", "site", "shop", {"domain": "example.com"}, {"stairway:app": "shop"}, "", "t")
    arn = certificate.create(on_moto.account, wanted)
    (found,) = certificate.describe(on_moto.account, Scope("shop", ids=frozenset({arn}), only=True))
    assert found.state == "pending"
    assert found.asks.startswith("create this where the DNS of ")
    assert " CNAME _" in found.asks
    (record,) = found.outputs["validation_records"]
    assert record in found.why


def test_a_key_of_another_sort(on_moto: Trial) -> None:
    # MiniStack's keys are all RSA
    zone = on_moto.make("dns_zone", "main", domain="example.com").id
    on_moto.make("certificate", "site", domain="example.com", zone=zone, key="EC_prime256v1")


def test_ones_own(trial: Trial) -> None:
    first, second = own("example.com"), own("example.com")
    found = trial.make("certificate", "site", **first)
    trial.retag(found)
    again = trial.alter(found, **second, chain_pem=first["certificate_pem"])
    assert again.id == found.id
    trial.remove(again)


def test_finds_only_the_apps_own(trial: Trial) -> None:
    trial.account.call("acm", "request_certificate", DomainName="a.example.com")
    other = [{"Key": "stairway:app", "Value": "blog"}]
    trial.account.call("acm", "request_certificate", DomainName="b.example.com", Tags=other)
    assert trial.all("certificate") == []
    seen = trial.account.calls["acm:ListTagsForCertificate"]
    assert seen == 1, "only the certificate without tags is asked for them"


ZONE = Entry("dns_zone", "main", {"domain": "example.com"})
INSIDE = Entry("dns_zone", "inside", {"domain": "example.com", "vpcs": ["main"]})


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        pytest.param({}, ["domain"], id="neither"),
        pytest.param({"domain": "a.b", "certificate_pem": "x", "private_key_pem": "y"}, ["domain"], id="both"),
        pytest.param({"certificate_pem": "x"}, ["private_key_pem"], id="without its key"),
        pytest.param({"certificate_pem": "x", "private_key_pem": "y", "zone": "main"}, ["zone"], id="own with a zone"),
        pytest.param({"domain": "example.org", "zone": "main"}, ["zone"], id="another zone's domain"),
        pytest.param(
            {"domain": "example.com", "other_domains": ["*.example.org"], "zone": "main"}, ["zone"], id="among others"
        ),
        pytest.param({"domain": "example.com", "zone": "inside"}, ["zone"], id="a private zone"),
        pytest.param({"domain": "*.example.com", "zone": "main"}, [], id="good"),
    ],
)
def test_refuses(attrs: dict[str, Any], where: list[str]) -> None:
    sight = Sight({one.key: one for one in (ZONE, INSIDE)}, "ap-northeast-2")
    problems = certificate.check(Entry("certificate", "site", attrs), sight)
    assert [problem.where for problem in problems] == [f"certificate/site.{name}" for name in where]


def test_refuses_ones_own_in_the_place_of_awss() -> None:
    found = Found("certificate", "arn", {"domain": "example.com"}, detail={"own": False})
    wanted = Wanted("certificate", "site", "shop", own("example.com"), {}, "", "t")
    assert len(list(certificate.refuse(found, wanted, frozenset({"certificate_pem"})))) == 1


ITEM = {
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    "DomainName": "example.com",
    "SubjectAlternativeNames": ["example.com", "www.example.com"],
    "Type": "AMAZON_ISSUED",
    "KeyAlgorithm": "RSA-2048",  # so AWS answers, other than its reference says
}
OPTION = {
    "DomainName": "example.com",
    "ResourceRecord": {"Name": "_a.example.com.", "Type": "CNAME", "Value": "_b.acm-validations.aws."},
}


@pytest.mark.parametrize(
    ("status", "options", "asked", "zone", "state"),
    [
        pytest.param("ISSUED", [OPTION], "Z1", "Z1", "ready", id="issued"),
        pytest.param("PENDING_VALIDATION", [{"DomainName": "a"}], "Z1", None, "pending", id="no records yet"),
        pytest.param("PENDING_VALIDATION", [OPTION], "Z1", None, "ready", id="records to be written"),
        pytest.param("PENDING_VALIDATION", [OPTION], "Z1", "Z1", "pending", id="records written"),
        pytest.param("PENDING_VALIDATION", [OPTION], None, None, "pending", id="records elsewhere"),
        pytest.param("VALIDATION_TIMED_OUT", [OPTION], "Z1", "Z1", "failed", id="too late"),
        pytest.param("FAILED", [OPTION], None, None, "failed", id="failed"),
    ],
)
def test_state(status: str, options: list[Any], asked: str | None, zone: str | None, state: str) -> None:
    item = {**ITEM, "Status": status, "DomainValidationOptions": options, "FailureReason": "CAA_ERROR"}
    found = certificate.to_found(item, {"stairway:zone": asked} if asked else {}, zone)
    assert found.state == state
    assert found.attrs["key"] == "RSA_2048"
    assert "stairway:zone" not in found.tags


def test_a_domain_and_its_wildcard_share_a_record() -> None:
    both = [OPTION, {**OPTION, "DomainName": "*.example.com"}]
    assert _acm.records({"DomainValidationOptions": both}) == (("_a.example.com", "_b.acm-validations.aws"),)


@pytest.mark.parametrize(
    ("attrs", "found", "told"),
    [
        ({"domain": "a.example.com"}, {}, "no zone of this blueprint has a.example.com: AWS will name a record"),
        ({"domain": "a.example.com", "zone": "main"}, {}, ""),
        ({"domain": "a.example.com"}, {"domain": "a.example.com"}, ""),
        ({"certificate_pem": "one"}, {}, ""),
    ],
    ids=["DNS elsewhere", "a zone", "it is there", "one's own"],
)
def test_says_beforehand_what_a_person_will_have_to_do(attrs: Any, found: Any, told: str) -> None:
    said = certificate.says(attrs, found)
    assert said.startswith(told)
    assert bool(said) == bool(told)
