"""Bringing the certificates of this host where they should be."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._common import atomic
from .._common.errors import StairwayError
from .._common.run import check, run
from .._files import converge as files
from . import certbot, model, refusal
from .model import Authority, Plan, Standing, Wanted

FILES = ("fullchain.pem", "privkey.pem")


@dataclass(frozen=True)
class Places:
    """Where things stand: certbot's folder, what the edge reads, and the program that leads the one to the other."""

    config_dir: Path = Path("/etc/letsencrypt")
    tls_dir: Path = Path("/etc/stairway/tls")
    deploy_hook: Path = Path("/etc/letsencrypt/renewal-hooks/deploy/stairway")

    def live(self, name: str) -> Path:
        return self.config_dir / "live" / name

    def renewal(self, name: str) -> Path:
        return self.config_dir / "renewal" / f"{name}.conf"


@dataclass(frozen=True)
class Order:
    """What is asked for. ``beside`` are files and units that belong to certbot; ``seconds`` bounds one run of it."""

    wishes: tuple[Wanted, ...]
    authority: Authority
    places: Places = Places()
    beside: files.Wish = files.Wish()
    seconds: float = 300


def converge(order: Order, *, check_mode: bool) -> dict[str, Any]:
    """The arguments for ``module.exit_json``. The authority is asked only about certificates that need it.

    :raises StairwayError: when a wish makes no sense (all of them at once), a file or unit of ``beside`` fails, the
        authority refuses, or the edge cannot take the certificate over.
    """
    wrong = [text for wish in order.wishes for text in model.mistakes(wish)]
    if wrong:
        raise StairwayError("The certificates cannot be as asked for.", found=" ".join(wrong))
    authority = order.authority
    if authority.ca and not check_mode and not Path(authority.ca).is_file():
        raise StairwayError(
            f"The root of the private authority is not on this host: {authority.ca}",
            where=authority.ca,
            fix="Put the PEM file there first, or leave ca empty for a public authority.",
        )
    beside = files.converge(order.beside, check_mode=check_mode)
    around = beside.result()
    rows = [_one(wish, authority, order.places, order.seconds, check_mode) for wish in order.wishes]
    return {
        **around,
        "changed": around["changed"] or any(row["changed"] for row in rows),
        "certificates": [row["certificate"] for row in rows],
        "issued": any(row["changed"] for row in rows),
        "diff": [*around["diff"], *(row["diff"] for row in rows if row["changed"])],
        "notes": beside.notes,
    }


def _one(wanted: Wanted, authority: Authority, places: Places, seconds: float, check_mode: bool) -> dict[str, Any]:
    before = standing(wanted.name, places)
    plan = model.plan(wanted, before, authority, now=time.time())
    deploy = bool(plan.reasons) or not leads(wanted.name, places)
    if plan.reasons and not check_mode:
        _issue(plan, authority, seconds)
    renewal = _timing(wanted, places, check_mode)
    if deploy and not check_mode:
        _deploy(wanted.name, places)
    now = standing(wanted.name, places)
    changed = deploy or renewal
    return {
        "changed": changed,
        "certificate": _result(wanted, now, plan),
        "diff": _diff(plan, authority, deploy=deploy, renewal=renewal),
    }


def standing(name: str, places: Places) -> Standing | None:
    """The certificate that certbot keeps under this name; ``None`` when it keeps none, or lost a part of it."""
    chain, renewal = places.live(name) / "fullchain.pem", places.renewal(name)
    if not chain.is_file() or not renewal.is_file():
        return None
    printed = check(certbot.look(str(chain)), what=f"Reading {chain}", fix=f"certbot delete --cert-name {name}")
    return certbot.parse_look(printed, certbot.parse_renewal(renewal.read_text(encoding="utf-8")))


def leads(name: str, places: Places) -> bool:
    """Whether the edge reads certbot's files."""
    return all(
        os.path.islink(link := places.tls_dir / name / file) and os.readlink(link) == str(places.live(name) / file)
        for file in FILES
    )


def addresses(domains: tuple[str, ...]) -> dict[str, list[str]]:
    """What each name resolves to on this host; an empty list where it does not."""
    found = {}
    for domain in domains:
        try:
            answers = socket.getaddrinfo(domain, 80, type=socket.SOCK_STREAM)
        except OSError:  # also UnicodeError's cousin gaierror: the name does not resolve, which is the answer
            answers = []
        found[domain] = sorted({str(answer[4][0]) for answer in answers})
    return found


def _issue(plan: Plan, authority: Authority, seconds: float) -> None:
    environment = certbot.environment(os.environ, authority)
    done = run(certbot.issue(plan, authority), timeout=seconds, env=environment)
    if not done.ok:
        raise refusal.refused(
            plan.wanted,
            authority,
            f"{done.stdout}\n{done.stderr}",
            addresses=addresses(plan.wanted.domains),
            standing=plan.again,
        )


def _timing(wanted: Wanted, places: Places, check_mode: bool) -> bool:
    """Tell ``certbot renew`` when to act; whether that was news."""
    path, now = places.renewal(wanted.name), standing(wanted.name, places)
    if now is None:
        return False
    text = path.read_text(encoding="utf-8")
    after = certbot.with_renew_before(text, model.renew_before_hours(now, wanted.renew_before_days))
    if after != text and not check_mode:
        atomic.write(path, after, mode=path.stat().st_mode & 0o777)
    return after != text


def _deploy(name: str, places: Places) -> None:
    """What certbot does after a renewal: lead the edge to the certificate."""
    live = str(places.live(name))
    done = run([str(places.deploy_hook)], env={**os.environ, "RENEWED_LINEAGE": live}, timeout=60)
    if not done.ok:
        raise StairwayError(
            f"The edge did not take over the certificate {name}, and serves on with the one it had.",
            where=str(places.deploy_hook),
            fix=f"nginx -t, then: RENEWED_LINEAGE={live} {places.deploy_hook}",
            log=done.tail(),
        )


def _result(wanted: Wanted, now: Standing | None, plan: Plan) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "domains": list(wanted.domains),
        "reasons": list(plan.reasons),
        "serial": now.serial if now else None,
        "expires": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now.not_after)) if now else None,
    }


def _diff(plan: Plan, authority: Authority, *, deploy: bool, renewal: bool) -> dict[str, str]:
    """The certificate before and after, with what no property shows: that it is issued, deployed or retimed."""
    notes = [f"issued: {reason}" for reason in plan.reasons]
    notes += ["taken over by the edge"] if deploy else []
    notes += ["time of renewal"] if renewal else []
    header = f"certificate {plan.wanted.name}"
    return {
        "before_header": header,
        "after_header": header,
        "before": model.describe_standing(plan.standing),
        "after": model.describe(plan.wanted, authority) + "".join(f"{note}\n" for note in notes),
    }
