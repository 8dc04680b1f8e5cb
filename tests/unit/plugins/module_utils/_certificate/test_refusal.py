"""What a person reads when certbot failed, from what certbot 2.1 and 4.0 printed."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._certificate import refusal
from ansible_collections.stairway.cloud.plugins.module_utils._certificate.model import Authority, Wanted
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError

WANTED = Wanted("chat", ("a.example",), webroot="/w")
END = (
    "Ask for help or search for solutions at https://community.letsencrypt.org. "
    "See the logfile /var/log/letsencrypt/letsencrypt.log or re-run Certbot with -v for more details.\n"
)


def reported(kind: str, detail: str) -> str:
    return (
        "Saving debug log to /var/log/letsencrypt/letsencrypt.log\nRequesting a certificate for a.example\n\n"
        "Certbot failed to authenticate some domains (authenticator: webroot). "
        f"The Certificate Authority reported these problems:\n  Domain: a.example\n  Type:   {kind}\n"
        f"  Detail: {detail}\n\nHint: ...\n\nSome challenges have failed.\n{END}"
    )


def error(output: str, wanted: Wanted = WANTED, *, standing: bool = False) -> StairwayError:
    where = {"a.example": ["192.0.2.7"]}
    return refusal.refused(
        wanted, Authority("https://acme.example:14000/dir"), output, addresses=where, standing=standing
    )


@pytest.mark.parametrize(
    ("kind", "detail", "word"),
    [
        (
            "connection",
            'Get "http://a.example/x": could not resolve URL "http://a.example/x"',
            "Make an A record",
        ),
        ("dns", "DNS problem: NXDOMAIN looking up A for a.example", "Make an A record"),
        (
            "connection",
            'Get "http://a.example/x": dial tcp 10.0.0.1:80: connect: connection refused',
            "Open port 80",
        ),
        ("connection", "Timeout during connect (likely firewall problem)", "Open port 80"),
        ("unauthorized", "Non-200 status code from HTTP: http://a.example:80/x returned 404", "serve /w"),
        ("caa", "CAA record for a.example prevents issuance", "dig CAA"),
    ],
    ids=["pebble-name", "nxdomain", "refused", "timeout", "404", "caa"],
)
def test_a_name_that_failed(kind: str, detail: str, word: str) -> None:
    found = error(reported(kind, detail))
    assert "a.example" in found.message
    assert word in (found.fix or "")
    assert detail in (found.found or "")
    assert "192.0.2.7" in (found.found or "")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("ValueError: Requesting acme.stairway.test/dir: Connection refused", "acme.example:14000 does not answer"),
        (
            "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='x', port=1): Max retries (Caused by "
            "NameResolutionError(\"x: Failed to resolve 'x' ([Errno -2] Name or service not known)\"))",
            "does not resolve",
        ),
        ("requests.exceptions.SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "does not trust"),
        ("acme.errors.ClientError: <Response [404]>", "no directory"),
        ("Could not bind TCP port 80 because it is already in use by another process", "port 80"),
        ("urn:ietf:params:acme:error:rateLimited :: There were too many requests", "limits the rate"),
        ("Another instance of Certbot is already running.", "another certbot"),
        ("\nstopped after 300 s", "does not answer"),
        ("Something new", "certbot failed"),
    ],
)
def test_nobody_reported_a_name(line: str, word: str) -> None:
    found = error(f"An unexpected error occurred:\n{line}\n{END}")
    assert word in found.message
    assert found.fix
    assert refusal.LOG in found.log
    assert not any("Ask for help" in text for text in found.log)


@pytest.mark.parametrize(("standing", "word"), [(True, "untouched"), (False, "serves on")])
def test_says_what_users_see(standing: bool, word: str) -> None:
    assert word in error(reported("dns", "x"), standing=standing).message


def test_a_hook_that_made_no_record() -> None:
    wanted = Wanted("chat", ("a.example",), "dns", auth_hook="/add")
    found = error(reported("unauthorized", "Error retrieving TXT records for DNS challenge"), wanted)
    assert "/add" in (found.expected or "")
    assert "dig TXT _acme-challenge.a.example" in (found.fix or "")
