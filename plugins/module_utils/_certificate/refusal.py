"""Why certbot failed, in words that say what to check. Read from its output (samples of 2.1 and 4.0). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from .._common.errors import StairwayError
from .model import Authority, Wanted

LOG = "/var/log/letsencrypt/letsencrypt.log"
_PROBLEM = re.compile(r"Domain:\s*(\S+)\s*\n\s*Type:\s*(\S+)\s*\n\s*Detail:\s*(.+)")
_URN = re.compile(r"urn:ietf:params:acme:error:(\w+)")
_NOISE = ("Saving debug log", "Ask for help", "Some challenges have failed")


@dataclass(frozen=True)
class Problem:
    """What the authority reported about one name (RFC 8555, section 6.7)."""

    domain: str
    type: str
    detail: str


def problems(output: str) -> list[Problem]:
    """The authority's reports in certbot's output, one for each name that failed."""
    return [Problem(domain, kind, detail.strip()) for domain, kind, detail in _PROBLEM.findall(output)]


def refused(
    wanted: Wanted, authority: Authority, output: str, *, addresses: Mapping[str, list[str]], standing: bool
) -> StairwayError:
    """The error for a ``certbot certonly`` that failed.

    ``addresses`` are what each name resolves to on this host; ``standing`` says whether an older certificate stands.
    """
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith(_NOISE)]
    kept = "The certificate that stood before is untouched." if standing else "The edge serves on as before."
    reported = problems(output)
    if reported:
        return StairwayError(
            f"The authority issued no certificate for {', '.join(p.domain for p in reported)}. {kept}",
            where=f"certificate {wanted.name}, {authority.directory_url}",
            expected=_expected(wanted),
            found="; ".join(f"{p.domain}: {p.type}: {p.detail}{_resolved(p.domain, addresses)}" for p in reported),
            fix=_check_name(wanted, reported[0], addresses),
            log=[LOG],
        )
    message, fix = _without_report(wanted, authority, output)
    return StairwayError(
        f"No certificate for {', '.join(wanted.domains)}: {message} {kept}",
        where=f"certificate {wanted.name}, {authority.directory_url}",
        fix=fix,
        log=[*lines[-8:], LOG],
    )


def _expected(wanted: Wanted) -> str:
    if wanted.challenge == "dns":
        return f"{wanted.auth_hook} makes a TXT record _acme-challenge.<name> and waits until it is public"
    return "each name leads to this host (A and AAAA records), whose port 80 the authority reaches"


def _resolved(domain: str, addresses: Mapping[str, list[str]]) -> str:
    if domain not in addresses:
        return ""
    found = addresses[domain]
    return f" (here {domain} is {', '.join(found)})" if found else f" (here {domain} does not resolve)"


def _check_name(wanted: Wanted, problem: Problem, addresses: Mapping[str, list[str]]) -> str:
    """What to look at for the first name that failed."""
    domain, detail = problem.domain, problem.detail.lower()
    if wanted.challenge == "dns":
        return f"Run the hook by hand and ask for the record: dig TXT _acme-challenge.{domain}; see {LOG}"
    if problem.type == "dns" or "resolve" in detail or "nxdomain" in detail or addresses.get(domain) == []:
        return f"Make an A record of {domain} that leads to this host, or take the name out of domains: dig A {domain}"
    if "refused" in detail or "timeout" in detail or "timed out" in detail or "no route" in detail:
        return f"Open port 80 of this host (firewall, security group) and see that {domain} leads here: dig A {domain}"
    if problem.type in ("rateLimited", "rejectedIdentifier", "caa"):
        return _URNS.get(problem.type, ("", LOG))[1]
    place = f" The edge has to serve {wanted.webroot} there." if wanted.challenge == "webroot" else ""
    return f"See that {domain} leads to this host and no other: curl -i http://{domain}/.well-known/acme-challenge/x{place}"


_URNS = {
    "rateLimited": (
        "it has issued too many already and limits the rate.",
        "Wait as long as it says. For tries use its staging directory: "
        "https://acme-staging-v02.api.letsencrypt.org/directory",
    ),
    "rejectedIdentifier": ("it does not issue for this name.", "Check the spelling of the name in domains."),
    "caa": ("a CAA record of the name forbids it.", "dig CAA <name>, and add the authority to that record."),
    "invalidContact": ("it does not take the e-mail address.", "Correct the e-mail address, or leave it empty."),
    "unsupportedContact": ("it does not take the e-mail address.", "Correct the e-mail address, or leave it empty."),
    "externalAccountRequired": (
        "it wants an account that is bound to one of its own.",
        "Register by hand once: certbot register --server <directory> --eab-kid ... --eab-hmac-key ...",
    ),
    "serverInternal": ("it has a fault of its own.", "Try again later."),
    "badNonce": ("it did not accept the session.", "Try again."),
}


def _without_report(wanted: Wanted, authority: Authority, output: str) -> tuple[str, str]:
    """Message and fix where no name was reported: the authority or this host is in the way."""
    text = output.lower()
    urn = _URN.search(output)
    if urn and urn.group(1) in _URNS:
        return (f"the authority {(known := _URNS[urn.group(1)])[0].removeprefix('it ')}", known[1])
    address = urlsplit(authority.directory_url).netloc
    for words, message, fix in _CAUSES:
        if any(word in text for word in words):
            values = {"address": address, "url": authority.directory_url, "ca": authority.ca or "none", "log": LOG}
            return message.format(**values), fix.format(**values)
    return (
        "certbot failed.",
        f"See the last lines, and {LOG}. To repeat it: certbot certificates; certbot renew --dry-run",
    )


# Looked for in this order, in lower case.
_CAUSES = (
    (
        ("could not bind tcp port", "address already in use"),
        "the challenge standalone needs port 80, and another program listens there.",
        "Use the challenge webroot behind a web server. To see who listens: ss -ltnp 'sport = :80'",
    ),
    (
        ("another instance of certbot",),
        "another certbot is at work.",
        "Wait for it: systemctl status certbot.service; pgrep -a certbot",
    ),
    (
        ("certificate_verify_failed", "certificate verify failed", "could not find a suitable tls ca"),
        "this host does not trust the certificate of the authority {address} (ca: {ca}).",
        "Name the root of a private authority in ca, a PEM file on the host: curl -v --cacert {ca} {url}",
    ),
    (
        ("name or service not known", "failed to resolve", "temporary failure in name resolution"),
        "the authority {address} does not resolve on this host.",
        "Check the directory URL and the name servers in /etc/resolv.conf: curl -v {url}",
    ),
    (
        (
            "connection refused",
            "timed out",
            "network is unreachable",
            "no route to host",
            "connectionerror",
            "stopped after",
        ),
        "the authority {address} does not answer.",
        "See whether it is up and reached from this host (outgoing port, proxy): curl -v {url}",
    ),
    (
        ("<response [404]>", "clienterror", "jsondecodeerror", "deserialization"),
        "{url} is no directory of an ACME authority.",
        "Check the directory URL: curl {url} has to print JSON with newOrder",
    ),
    (
        ("does not exist or is not a directory",),
        "the folder for challenges is not right.",
        "Make the folder, and see that the edge serves it.",
    ),
)
