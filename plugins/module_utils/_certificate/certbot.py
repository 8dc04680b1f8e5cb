"""certbot's command lines and files (2.1 and 4.0), and openssl's words about a certificate. Pure."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping

from .._common.errors import StairwayError
from .model import Authority, Plan, Standing, Wanted

_RENEW_BEFORE = re.compile(r"(?m)^#?\s*renew_before_expiry\s*=.*$")


def issue(plan: Plan, authority: Authority) -> list[str]:
    """``certbot certonly``; it asks nothing, and it replaces what stands only when the new one is there."""
    wanted = plan.wanted
    argv = ["certbot", "certonly", "--non-interactive", "--agree-tos", "--server", authority.directory_url]
    argv += ["--email", authority.email, "--no-eff-email"] if authority.email else ["--register-unsafely-without-email"]
    argv += ["--cert-name", wanted.name, "--key-type", wanted.key_type, *_challenge(wanted)]
    if plan.again:
        argv += ["--force-renewal", "--renew-with-new-domains"]
    for domain in wanted.domains:
        argv += ["--domain", domain]
    return argv


def _challenge(wanted: Wanted) -> list[str]:
    if wanted.challenge == "webroot":
        return ["--webroot", "--webroot-path", wanted.webroot]
    if wanted.challenge == "standalone":
        return ["--standalone", *(["--http-01-port", str(wanted.http_port)] if wanted.http_port != 80 else [])]
    cleanup = ["--manual-cleanup-hook", wanted.cleanup_hook] if wanted.cleanup_hook else []
    return ["--manual", "--preferred-challenges", "dns", "--manual-auth-hook", wanted.auth_hook, *cleanup]


def environment(inherited: Mapping[str, str], authority: Authority) -> dict[str, str]:
    """The environment of certbot: English words, and the private authority's root where there is one."""
    ours = {"LC_ALL": "C.UTF-8"}
    if authority.ca:
        ours["REQUESTS_CA_BUNDLE"] = authority.ca
    return {**inherited, **ours}


def look(path: str) -> list[str]:
    """What openssl says about the first certificate of a PEM file; :func:`parse_look` reads it."""
    return ["openssl", "x509", "-in", path, "-noout", "-serial", "-startdate", "-enddate", "-ext", "subjectAltName"]


def parse_look(output: str, renewal: Mapping[str, str]) -> Standing:
    """:raises StairwayError: when the output lacks the times or the names."""
    values = dict(line.split("=", 1) for line in output.splitlines() if "=" in line)
    try:
        return Standing(
            domains=tuple(re.findall(r"DNS:([^,\s]+)", output)),
            not_before=ssl.cert_time_to_seconds(values["notBefore"]),
            not_after=ssl.cert_time_to_seconds(values["notAfter"]),
            serial=values["serial"].strip(),
            renewal=dict(renewal),
        )
    except (KeyError, ValueError) as error:
        raise StairwayError(
            "openssl describes the certificate in a way that is not understood.",
            expected="serial=, notBefore=, notAfter= and DNS: names",
            log=output.splitlines(),
        ) from error


def parse_renewal(text: str) -> dict[str, str]:
    """The keys of /etc/letsencrypt/renewal/<name>.conf, whichever section they stand in.

    ``webroot_path`` is written as a list (``/var/www,``): the comma is taken away, quotes too.
    """
    found = {}
    for line in text.splitlines():
        key, separator, value = line.partition("=")
        if separator and not line.lstrip().startswith("#"):
            found[key.strip()] = value.strip().rstrip(",").strip("\"'")
    return found


def with_renew_before(text: str, hours: int) -> str:
    """The renewal configuration with the time at which ``certbot renew`` acts; certbot itself keeps that line."""
    line = f"renew_before_expiry = {hours} hours"
    if _RENEW_BEFORE.search(text):
        return _RENEW_BEFORE.sub(line, text, count=1)
    return f"{line}\n{text}"
