"""The part of the app spec that is about backups: its keys, and what only two values together can break."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from .._common.suggest import nearest
from . import model
from .fields import integer, text, word
from .mistakes import Path
from .reading import Report, known
from .scalars import backup_target, time_of_day, web_url
from .shapes import Field, Items, Problem, record

Spec = dict[str, Any]


def timezone(value: str) -> Problem | None:
    """A name of the IANA's table; whether the host knows it is for systemd to say."""
    if value == "UTC" or re.fullmatch(r"[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2}", value):
        return None
    better = {"KST": "Asia/Seoul", "JST": "Asia/Tokyo", "GMT": "UTC", "Z": "UTC", "utc": "UTC"}.get(value)
    return Problem("This is no name of a time zone.", "UTC, or an area and a city such as Asia/Seoul", better)


def age_recipient(value: str) -> Problem | None:
    """A public key of age, or an SSH key, which age takes too."""
    if re.fullmatch(r"age1[02-9ac-hj-np-z]{58}|ssh-(ed25519|rsa) [A-Za-z0-9+/=]+( \S+)?", value):
        return None
    if value.upper().startswith("AGE-SECRET-KEY-"):
        return Problem(
            "This is the private key, which never leaves you.",
            "the public key, which starts with age1",
            "age-keygen -y <your key's file>",
        )
    return Problem("This is no public key of age.", "a key that starts with age1, or one of SSH")


def gpg_key(value: str) -> Problem | None:
    if value.lstrip().startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----"):
        return None
    return Problem(
        "This is no public key of GPG.",
        "the armored public key",
        "{{ lookup('file', 'backup.asc') }}, from: gpg --armor --export <name>",
    )


def pattern(value: str) -> Problem | None:
    try:
        re.compile(value)
    except re.error as error:
        return Problem(f"This is no regular expression: {error}.", "what the answer has to match, such as [1-9]")
    return None


ENCRYPT = record(
    model.Encrypt,
    {
        "age": Field(Items(text("a public key of age", age_recipient)), default=[]),
        "gpg": Field(text("an armored public key of GPG", gpg_key)),
    },
    {"recipients": "age", "recipient": "age", "key": "age", "public_key": "gpg", "pgp": "gpg"},
)

PROBE = record(
    model.Probe,
    {
        "store": Field(text("a store of this app"), required=True),
        "query": Field(text("a question in the store's own language"), required=True),
        "expect": Field(text("a regular expression", pattern), required=True),
    },
    {"sql": "query", "command": "query", "answer": "expect", "matches": "expect"},
)

DRILL = record(
    model.Drill,
    {
        "every_days": Field(integer(0, 365, " (days; 0 for never)"), default=7),
        "alarm_days": Field(integer(1, 3650, " (days)"), default=14),
        "probes": Field(Items(PROBE), default=[]),
    },
    {"every": "every_days", "alarm": "alarm_days", "queries": "probes"},
)

BACKUPS = record(
    model.Backups,
    {
        "at": Field(text('a time of day in quotes, "HH:MM"', time_of_day), default="02:00"),
        "timezone": Field(text("a time zone such as Asia/Seoul", timezone), default="UTC"),
        "keep_days": Field(integer(1, 3650), default=30),
        "keep_least": Field(integer(1, 1000), default=7),
        "to": Field(text("s3://bucket/prefix", backup_target), required=True),
        "endpoint": Field(text("the URL of another S3 than AWS's", web_url)),
        "region": Field(text("a region such as ap-northeast-2")),
        "access_key": Field(text("the id of a key")),
        "secret_key": Field(text("the secret half of a key")),
        "encrypt": Field(ENCRYPT),
        "files_password": Field(text("a password")),
        "notify": Field(word("failure", "always"), default="failure"),
        "drill": Field(DRILL, default={}),
        "rto_minutes": Field(integer(1, 10_080), default=30),
        "rpo_minutes": Field(integer(1, 10_080), default=15),
    },
    {
        "schedule": "at", "cron": "at", "time": "at", "retention_days": "keep_days", "bucket": "to", "target": "to",
        "tz": "timezone", "keep": "keep_least", "retention": "keep_days", "encryption": "encrypt", "age": "encrypt.age",
        "gpg": "encrypt.gpg", "slack": "notify", "restic_password": "files_password", "drills": "drill",
        "rto": "rto_minutes", "rpo": "rpo_minutes",
    },
)  # fmt: skip


def _backups(spec: Spec) -> Iterator[Spec]:
    if known(spec["backups"]):
        yield spec["backups"]


def _one_way_to_encrypt(spec: Spec, report: Report) -> None:
    for backups in _backups(spec):
        chosen = backups["encrypt"]
        if not known(chosen) or not known(chosen["age"]):
            continue
        if bool(chosen["age"]) == (chosen["gpg"] is not None):
            message = "Backups are encrypted by age or by GPG, not by both." if chosen["age"] else "There is no key."
            problem = Problem(message, "age, or gpg", "age: [age1...]")
            report.add(("backups", "encrypt"), problem, None, found="both" if chosen["age"] else "neither")


_S3_ONLY = ("endpoint", "region", "access_key", "secret_key")


def _keys_are_for_s3(spec: Spec, report: Report) -> None:
    for backups in _backups(spec):
        if not known(backups["to"]):
            continue
        s3 = urlsplit(backups["to"]).scheme == "s3"
        for key in _S3_ONLY:
            if backups[key] is not None and not s3:
                problem = Problem(f"A folder has no {key}.", f"a place in S3, or no {key}", f"take out {key}")
                report.add(("backups", key), problem, None, found=f"{key} beside file://")
        for key, other in (("access_key", "secret_key"), ("secret_key", "access_key")):
            if backups[key] is None and backups[other] is not None:
                problem = Problem(f"A key has two halves: {key} is missing.", "both, or neither", f"{key}: ...")
                report.add(("backups", key), problem, None)


def _drills_are_in_time(spec: Spec, report: Report) -> None:
    for backups in _backups(spec):
        drill = backups["drill"]
        if not known(drill) or not known(drill["every_days"]) or not known(drill["alarm_days"]):
            continue
        if drill["alarm_days"] < drill["every_days"]:
            problem = Problem(
                "The alarm would come before the next drill.",
                f"at least {drill['every_days']}, as every_days",
                str(drill["every_days"] * 2),
            )
            report.add(("backups", "drill", "alarm_days"), problem, drill["alarm_days"])


def _probes_ask_stores(spec: Spec, report: Report) -> None:
    stores = spec["stores"] if known(spec["stores"]) else {}
    here = [name for name, store in stores.items() if known(store) and store["url"] is None]
    for backups in _backups(spec):
        drill = backups["drill"]
        probes = drill["probes"] if known(drill) and known(drill["probes"]) else []
        for index, probe in enumerate(probes):
            if not known(probe) or not known(probe["store"]) or probe["store"] in here:
                continue
            path: Path = ("backups", "drill", "probes", index, "store")
            close = nearest(probe["store"], here)
            problem = Problem("There is no store of this name to be drilled.", " or ".join(here) or "a store", close)
            report.add(path, problem, probe["store"])


RULES: tuple[Callable[[Spec, Report], None], ...] = (
    _one_way_to_encrypt,
    _keys_are_for_s3,
    _drills_are_in_time,
    _probes_ask_stores,
)
