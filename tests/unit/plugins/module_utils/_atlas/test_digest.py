from __future__ import annotations

import re

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._atlas import digest
from ansible_collections.stairway.cloud.plugins.module_utils._atlas.login import Keys, ServiceAccount, login
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError

# RFC 7616, section 3.9.1: one request, answered with each algorithm.
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
MARK = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
RFC = [
    ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
    ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
]


@pytest.mark.parametrize(("algorithm", "response"), RFC)
def test_the_examples_of_the_rfc(algorithm: str, response: str) -> None:
    header = (
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, nonce="{NONCE}", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    asked = digest.challenge(header)
    assert asked is not None
    said = digest.answer(
        asked, user="Mufasa", password="Circle of Life", method="GET", uri="/dir/index.html", count=1, mark=MARK
    )
    assert f'response="{response}"' in said
    assert "nc=00000001" in said
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in said


def test_the_example_of_the_rfc_before_it() -> None:
    """RFC 2069, section 2.4, with the response that its errata (749) corrects."""
    header = (
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    asked = digest.challenge(header)
    assert asked is not None
    said = digest.answer(
        asked, user="Mufasa", password="CircleOfLife", method="GET", uri="/dir/index.html", count=1, mark="x"
    )
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in said
    assert "qop" not in said


@pytest.mark.parametrize(
    "header",
    ["", "Basic realm=x", 'Digest realm="x"', 'Digest nonce="x", algorithm=SHA3', 'Digest nonce="x", qop="auth-int"'],
)
def test_what_cannot_be_answered(header: str) -> None:
    assert digest.challenge(header) is None
    assert Keys("public", "private").learns(header) is False


def test_a_nonce_is_counted_and_a_new_one_begins_again() -> None:
    keys = Keys("public", "private")
    assert keys.header("GET", "/a") is None
    assert keys.learns('Digest realm="r", nonce="one", qop="auth"') is True
    counts = [re.findall(r"nc=(\d+)", keys.header("GET", "/a") or "") for _time in range(2)]
    assert counts == [["00000001"], ["00000002"]]
    assert keys.learns('Digest realm="r", nonce="two", qop="auth", stale=true') is True
    assert "nc=00000001" in (keys.header("GET", "/a") or "")
    assert keys.learns('Digest realm="r", nonce="three", qop="auth", stale=false') is False


def test_no_secret_is_in_what_is_printed() -> None:
    keys, account = Keys("public", "hidden"), ServiceAccount("id", "hidden", token="hidden")
    keys.learns('Digest realm="r", nonce="one", qop="auth"')
    assert "hidden" not in repr(keys) + repr(account)
    assert "hidden" not in (keys.header("GET", "/") or "")


@pytest.mark.parametrize(
    ("options", "environment", "expected"),
    [
        ({"public_key": "a", "private_key": "b"}, {}, Keys),
        ({"public_key": "a", "private_key": "b"}, {"MONGODB_ATLAS_CLIENT_ID": "c"}, Keys),
        ({"client_id": "a", "client_secret": "b"}, {}, ServiceAccount),
        ({}, {"MONGODB_ATLAS_CLIENT_ID": "c", "MONGODB_ATLAS_CLIENT_SECRET": "d"}, ServiceAccount),
        ({}, {"MONGODB_ATLAS_PUBLIC_API_KEY": "c", "MONGODB_ATLAS_PRIVATE_API_KEY": "d"}, Keys),
    ],
)
def test_who_asks(options: dict[str, str | None], environment: dict[str, str], expected: type) -> None:
    assert isinstance(login(options, environment), expected)


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        ({}, {}),
        ({"client_id": "a"}, {"MONGODB_ATLAS_CLIENT_SECRET": "d"}),
        ({"client_id": "a", "public_key": "b"}, {}),
        ({}, {"MONGODB_ATLAS_CLIENT_ID": "c", "MONGODB_ATLAS_PUBLIC_API_KEY": "c"}),
    ],
)
def test_half_a_login_is_none(options: dict[str, str | None], environment: dict[str, str]) -> None:
    with pytest.raises(StairwayError, match="login"):
        login(options, environment)
