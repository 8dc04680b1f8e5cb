"""``distribution``, on both emulators, and its checks."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds import distribution
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Sight
from tests.support.aws.trial import Trial

APP = {"name": "app", "load_balancer": "shop-main-1.ap-northeast-2.elb.amazonaws.com"}
FILES = {"name": "files", "bucket": "shop-files"}
BASE: dict[str, Any] = {"origins": [APP], "behaviour": {"origin": "app"}}


@pytest.fixture(autouse=True)
def bucket(request: pytest.FixtureRequest) -> None:
    """MiniStack wants the bucket of an origin to be there."""
    for name in {"trial", "on_moto"} & set(request.fixturenames):
        account = request.getfixturevalue(name).account
        where = {"LocationConstraint": account.region}
        account.call("s3", "create_bucket", Bucket="shop-files", CreateBucketConfiguration=where)


def controls(trial: Trial) -> list[str]:
    listed = trial.account.pages("cloudfront", "list_origin_access_controls", "OriginAccessControlList.Items")
    return [one["Name"] for one in listed]


def test_in_front_of_a_load_balancer(trial: Trial) -> None:
    found = trial.make("distribution", "main", **BASE)
    assert found.outputs["arn"].endswith(found.id)
    assert found.outputs["alias"] == f"Z2FDTNDATAQYW2/{found.outputs['domain']}"
    trial.retag(found)
    everything = {
        "origin": "app",
        "viewers": "https-only",
        "methods": "all",
        "cache": "disabled",
        "forward": "all",
        "security_headers": True,
        "compress": False,
    }
    found = trial.alter(found, origins=[APP], behaviour=everything)
    other = {**APP, "protocol": "http", "port": 8080, "timeout_seconds": 60, "path": "/app"}
    found = trial.alter(found, origins=[other], behaviour=everything)
    found = trial.alter(found, **BASE, price_class="PriceClass_All", http="http2", ipv6=False, root="index.html")
    found = trial.alter(found, **BASE, enabled=False)
    found = trial.alter(found, **BASE)
    assert controls(trial) == []
    trial.remove(found)


def test_in_front_of_a_bucket(trial: Trial) -> None:
    found = trial.make("distribution", "main", origins=[FILES], behaviour={"origin": "files"}, root="index.html")
    assert controls(trial) == ["shop-main"]
    found = trial.alter(
        found,
        origins=[FILES, APP],
        behaviour={"origin": "app", "cache": "origin_headers", "forward": "all"},
        path_behaviours=[
            {"path": "/static/*", "origin": "files", "methods": "read_options"},
            {"path": "/media/*", "origin": "files"},
        ],
        error_pages=[{"status": 404, "page": "/404.html", "answer": 404}, {"status": 503, "seconds": 0}],
    )
    found = trial.alter(
        found,
        origins=[FILES, APP],
        behaviour={"origin": "app", "cache": "origin_headers", "forward": "all"},
        path_behaviours=[{"path": "/media/*", "origin": "files"}],
    )
    trial.remove(found)
    assert controls(trial) == []


def test_a_load_balancer_gets_a_bucket_beside_it(trial: Trial) -> None:
    found = trial.make("distribution", "main", **BASE)
    found = trial.alter(found, origins=[APP, FILES], behaviour={"origin": "app"})
    assert controls(trial) == ["shop-main"]
    trial.remove(found)
    assert controls(trial) == []


def test_its_own_domain_and_firewall(trial: Trial) -> None:
    certificate = trial.account.call("acm", "request_certificate", region="us-east-1", DomainName="www.example.com")
    acl = trial.make("web_acl", "cdn", scope="cloudfront").id
    own: dict[str, Any] = {"aliases": ["www.example.com"], "certificate": certificate["CertificateArn"]}
    found = trial.make("distribution", "main", **BASE, **own, web_acl=acl)
    found = trial.alter(found, **BASE, **own, tls="TLSv1.2_2019")
    trial.alter(found, **BASE, aliases=[], certificate=own["certificate"])


def test_goes_on_after_a_cut(trial: Trial) -> None:
    class Cut(Exception):
        pass

    def call(service: str, operation: str, **given: Any) -> Any:
        if operation == "update_distribution":
            raise Cut
        return whole(service, operation, **given)

    whole = trial.account.call
    trial.account.call = call  # type: ignore[method-assign,assignment]
    wanted: dict[str, Any] = {"origins": [FILES], "behaviour": {"origin": "files"}}
    with pytest.raises(Cut):
        trial.make("distribution", "main", **wanted)
    trial.account.call = whole  # type: ignore[method-assign]
    (found,) = trial.all("distribution")
    trial.alter(found, **wanted)
    assert controls(trial) == ["shop-main"]


def test_finds_only_the_apps_own(trial: Trial) -> None:
    made = trial.make("distribution", "main", **BASE)
    config = trial.account.call("cloudfront", "get_distribution_config", Id=made.id)["DistributionConfig"]
    foreign = {**config, "CallerReference": "by hand", "Comment": "somebody else's"}
    trial.account.call("cloudfront", "create_distribution", DistributionConfig=foreign)
    assert [one.id for one in trial.all("distribution")] == [made.id]


def entry(**attrs: Any) -> Entry:
    return Entry("distribution", "main", {**BASE, **attrs})


OTHERS = [
    Entry("certificate", "here", {"domain": "example.com"}),
    Entry("certificate", "there", {"domain": "example.com", "region": "us-east-1"}),
    Entry("web_acl", "main", {"scope": "regional"}),
    Entry("web_acl", "cdn", {"scope": "cloudfront"}),
]


@pytest.mark.parametrize(
    ("attrs", "where"),
    [
        pytest.param({"origins": [APP, APP]}, ["origins[1].name"], id="an origin twice"),
        pytest.param({"behaviour": {"origin": "b"}}, ["behaviour.origin"], id="no such origin"),
        pytest.param(
            {"path_behaviours": [{"path": "/a", "origin": "b"}]}, ["path_behaviours[0].origin"], id="nor for a path"
        ),
        pytest.param(
            {"path_behaviours": [{"path": "/a", "origin": "app"}, {"path": "/a", "origin": "app"}]},
            ["path_behaviours[1].path"],
            id="a path twice",
        ),
        pytest.param(
            {"origins": [FILES], "behaviour": {"origin": "files", "forward": "all"}},
            ["behaviour.forward"],
            id="a bucket that gets the user's host",
        ),
        pytest.param({"aliases": ["a.b"]}, ["certificate"], id="a domain without a certificate"),
        pytest.param({"aliases": ["a.b"], "certificate": "here"}, ["certificate"], id="of the wrong region"),
        pytest.param({"aliases": ["a.b"], "certificate": "there"}, [], id="of the right region"),
        pytest.param({"web_acl": "main"}, ["web_acl"], id="a load balancer's firewall"),
        pytest.param({"web_acl": "cdn"}, [], id="the right firewall"),
        pytest.param(
            {"error_pages": [{"status": 404, "page": "/a"}]}, ["error_pages[0]"], id="a page without a status"
        ),
    ],
)
def test_refuses(attrs: dict[str, Any], where: list[str]) -> None:
    sight = Sight({one.key: one for one in OTHERS}, "ap-northeast-2")
    problems = distribution.check(entry(**attrs), sight)
    assert [problem.where for problem in problems] == [f"distribution/main.{name}" for name in where]
