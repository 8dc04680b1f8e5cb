"""certbot's argv and files, on samples of certbot 2.1 and 4.0 and OpenSSL 3."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._certificate import certbot
from ansible_collections.stairway.cloud.plugins.module_utils._certificate.model import Authority, Plan, Wanted
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError

AUTHORITY = Authority("https://acme.example/dir")
RENEWAL = """# renew_before_expiry = 30 days
version = 2.1.0
archive_dir = /etc/letsencrypt/archive/a

# Options used in the renewal process
[renewalparams]
account = bbac64c2c173a434a8da4cd8087c8312
server = https://acme.stairway.test:14000/dir
authenticator = webroot
webroot_path = /var/lib/stairway/acme,
key_type = ecdsa
"""
LOOK = """serial=17F9C0F4586773CD
notBefore=Nov 21 05:26:50 2026 GMT
notAfter=Feb 19 05:26:49 2027 GMT
X509v3 Subject Alternative Name: critical
    DNS:cert-12.stairway.test, DNS:www.cert-12.stairway.test
"""


def argv(wanted: Wanted, authority: Authority = AUTHORITY) -> list[str]:
    return certbot.issue(Plan(wanted, None, ("x",)), authority)


def test_webroot() -> None:
    assert argv(Wanted("chat", ("a.example", "b.example"), webroot="/w")) == [
        *["certbot", "certonly", "--non-interactive", "--agree-tos", "--server", "https://acme.example/dir"],
        *["--register-unsafely-without-email", "--cert-name", "chat", "--key-type", "ecdsa"],
        *["--webroot", "--webroot-path", "/w", "--domain", "a.example", "--domain", "b.example"],
    ]


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        (Wanted("c", ("a.b",), "standalone"), ["--standalone", "--domain"]),
        (Wanted("c", ("a.b",), "standalone", http_port=8888), ["--standalone", "--http-01-port", "8888"]),
        (
            Wanted("c", ("a.b",), "dns", auth_hook="/add", cleanup_hook="/del"),
            ["--preferred-challenges", "dns", "--manual-auth-hook", "/add", "--manual-cleanup-hook", "/del"],
        ),
        (Wanted("c", ("a.b",), "dns", auth_hook="/add"), ["--manual-auth-hook", "/add", "--domain"]),
    ],
    ids=["standalone", "port", "dns", "dns-without-cleanup"],
)
def test_other_challenges(wanted: Wanted, part: list[str]) -> None:
    assert " ".join(part) in " ".join(argv(wanted))


def test_email_takes_the_place_of_none() -> None:
    line = argv(Wanted("c", ("a.b",)), Authority("https://x/dir", email="ops@a.b"))
    assert line[line.index("--email") + 1] == "ops@a.b"
    assert "--register-unsafely-without-email" not in line


def test_environment_names_a_private_root_only_where_there_is_one() -> None:
    assert certbot.environment({"A": "1"}, AUTHORITY) == {"A": "1", "LC_ALL": "C.UTF-8"}
    assert certbot.environment({}, Authority("x", ca="/ca.pem"))["REQUESTS_CA_BUNDLE"] == "/ca.pem"


def test_reads_the_renewal_configuration() -> None:
    found = certbot.parse_renewal(RENEWAL)
    assert found["server"] == "https://acme.stairway.test:14000/dir"
    assert found["webroot_path"] == "/var/lib/stairway/acme"
    assert "renew_before_expiry" not in found


def test_reads_a_certificate() -> None:
    found = certbot.parse_look(LOOK, {})
    assert found.domains == ("cert-12.stairway.test", "www.cert-12.stairway.test")
    assert found.serial == "17F9C0F4586773CD"
    assert found.not_after - found.not_before == 90 * 86400 - 1


def test_refuses_words_it_does_not_know() -> None:
    with pytest.raises(StairwayError, match="not understood"):
        certbot.parse_look("serial=1\n", {})


def test_time_of_renewal_is_written_once() -> None:
    once = certbot.with_renew_before(RENEWAL, 720)
    assert once.startswith("renew_before_expiry = 720 hours\nversion = 2.1.0\n")
    assert certbot.with_renew_before(once, 720) == once
    assert certbot.with_renew_before("version = 4.0.0\n", 48) == "renew_before_expiry = 48 hours\nversion = 4.0.0\n"
