"""What a certificate should be, what stands on the host, and what follows from the two. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DAY = 86400
AUTHENTICATORS = {"webroot": "webroot", "standalone": "standalone", "dns": "manual"}
_FIRST = "there is no certificate"


@dataclass(frozen=True)
class Authority:
    """Who issues. ``ca`` is a PEM file on the host, empty for a public authority; ``email`` may be empty."""

    directory_url: str
    email: str = ""
    ca: str = ""


@dataclass(frozen=True)
class Wanted:
    """One certificate as it should be. ``webroot`` is for that challenge, the hooks (paths or commands) are for dns."""

    name: str
    domains: tuple[str, ...]
    challenge: str = "webroot"
    webroot: str = ""
    auth_hook: str = ""
    cleanup_hook: str = ""
    key_type: str = "ecdsa"
    http_port: int = 80
    renew_before_days: int = 30


@dataclass(frozen=True)
class Standing:
    """One certificate as it stands. Times are seconds since 1970; ``serial`` is hexadecimal."""

    domains: tuple[str, ...]
    not_before: float
    not_after: float
    serial: str
    renewal: Mapping[str, str]


@dataclass(frozen=True)
class Plan:
    """``reasons`` to issue; none means that the authority is not asked. ``again`` replaces one that stands."""

    wanted: Wanted
    standing: Standing | None
    reasons: tuple[str, ...]

    @property
    def again(self) -> bool:
        return self.standing is not None


def parse_wanted(raw: Mapping[str, Any], **common: Any) -> Wanted:
    """One item of the module's parameter ``certificates``; ``common`` are the parameters that hold for all."""
    return Wanted(
        name=str(raw["name"]),
        domains=tuple(str(domain).lower() for domain in raw["domains"]),
        challenge=str(raw.get("challenge") or "webroot"),
        auth_hook=str(raw.get("auth_hook") or ""),
        cleanup_hook=str(raw.get("cleanup_hook") or ""),
        **common,
    )


def mistakes(wanted: Wanted) -> list[str]:
    """What is wrong with the wish itself, found before anything is asked of anybody."""
    found = []
    if not wanted.domains:
        found.append(f"{wanted.name}: domains is empty.")
    if wanted.challenge == "dns" and not wanted.auth_hook:
        found.append(f"{wanted.name}: the challenge dns needs auth_hook, a program that makes the TXT record.")
    if wanted.challenge != "dns":
        found += [
            f"{wanted.name}: {domain} needs the challenge dns; no authority issues a wildcard for another one."
            for domain in wanted.domains
            if domain.startswith("*.")
        ]
    if "/" in wanted.name or wanted.name.startswith((".", "-")) or not wanted.name:
        found.append(f"{wanted.name!r} cannot be the name of a folder.")
    if wanted.renew_before_days < 1:
        found.append(f"{wanted.name}: renew_before_days has to be at least 1.")
    return found


def plan(wanted: Wanted, standing: Standing | None, authority: Authority, *, now: float) -> Plan:
    """Why the certificate has to be issued (anew), in words; ``now`` is seconds since 1970."""
    if standing is None:
        return Plan(wanted, None, (_FIRST,))
    reasons = []
    if set(standing.domains) != set(wanted.domains):
        reasons.append(f"the names were {', '.join(sorted(standing.domains))}")
    reasons += [
        f"{label} was {standing.renewal.get(key, 'nothing')}"
        for key, label, value in _parameters(wanted, authority)
        if standing.renewal.get(key, "") != value
    ]
    left = standing.not_after - now
    if left < renew_before_hours(standing, wanted.renew_before_days) * 3600:
        reasons.append("it has expired" if left <= 0 else f"it expires in {left / DAY:.0f} days")
    return Plan(wanted, standing, tuple(reasons))


def _parameters(wanted: Wanted, authority: Authority) -> list[tuple[str, str, str]]:
    """The lines of certbot's renewal configuration that have to be ours: key, words for a person, value."""
    rows = [
        ("server", "the authority", authority.directory_url),
        ("authenticator", "the challenge", AUTHENTICATORS[wanted.challenge]),
        ("key_type", "the type of the key", wanted.key_type),
    ]
    if wanted.challenge == "dns":
        rows.append(("manual_auth_hook", "the hook", wanted.auth_hook))
        rows.append(("manual_cleanup_hook", "the hook for cleaning up", wanted.cleanup_hook))
    if wanted.challenge == "webroot":
        rows.append(("webroot_path", "the folder for challenges", wanted.webroot))
    if wanted.challenge == "standalone" and wanted.http_port != 80:
        rows.append(("http01_port", "the port for challenges", str(wanted.http_port)))
    return rows


def renew_before_hours(standing: Standing, days: int) -> int:
    """How long before its end the certificate is renewed.

    ``days`` where that is at most two thirds of its lifetime, else a third of it: 30 days would have a certificate
    of 6 days issued at every look, until the authority's rate limit is reached.
    """
    lifetime = (standing.not_after - standing.not_before) / 3600
    return days * 24 if days * 24 <= lifetime * 2 / 3 else int(lifetime / 3)


def describe(wanted: Wanted, authority: Authority) -> str:
    """The certificate as it will be, for a diff."""
    return _text(wanted.domains, authority.directory_url, AUTHENTICATORS[wanted.challenge], wanted.key_type)


def describe_standing(standing: Standing | None) -> str:
    """The certificate as it is, for a diff; empty when there is none."""
    if standing is None:
        return ""
    renewal = standing.renewal
    return _text(
        standing.domains, renewal.get("server", ""), renewal.get("authenticator", ""), renewal.get("key_type", "")
    )


def _text(domains: tuple[str, ...], server: str, authenticator: str, key_type: str) -> str:
    return f"names: {', '.join(sorted(domains))}\nauthority: {server}\nchallenge: {authenticator}\nkey: {key_type}\n"
