"""The program on a host, for its timers and for people: ``python3 /usr/local/lib/stairway/backups <app> <word>``.

``backup`` makes one of everything, ``drill`` proves those for which it is time (``drill now`` all of them), ``list``
and ``status`` tell. ``ended`` is for systemd.
"""

from __future__ import annotations

import os
import sys

from .._common.errors import StairwayError
from . import catalogue, files, restic, words
from .info import status
from .model import Settings
from .places import Host, settings, target
from .run import Report, Wish, backup, drills, ended

USAGE = "usage: backups <app> backup [<store> ...] | drill [now] [<store> ...] | list [<store> ...] | status | ended\n"


def main(arguments: list[str]) -> int:
    """The exit status: 0 when all went well, 1 when not, 2 for words that it does not know."""
    os.umask(0o077)
    if len(arguments) < 2 or arguments[1] not in ("backup", "drill", "list", "status", "ended"):
        sys.stderr.write(USAGE)
        return 2
    host, word, rest = Host(arguments[0]), arguments[1], tuple(arguments[2:])
    try:
        if word == "backup":
            return _said(backup(host, Wish(rest)))
        if word == "drill":
            only = tuple(one for one in rest if one != "now")
            return _said(drills(host, Wish(only), forced="now" in rest))
        if word == "ended":
            ended(host, os.environ.get("SERVICE_RESULT", "success"))
        elif word == "status":
            sys.stdout.write("\n".join(status(host)["text"]) + "\n")
        else:
            _list(host, rest)
    except StairwayError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _said(report: Report) -> int:
    for one in report.done:
        sys.stdout.write(f"{one['name']}: {one['id']}, {words.size(one['bytes'])}, {words.span(one['seconds'])}\n")
    for name, why in report.failed.items():
        sys.stderr.write(f"{name}: {why}\n")
    for note in report.notes:
        sys.stderr.write(f"{note}\n")
    return 1 if report.failed else 0


def _list(host: Host, names: tuple[str, ...]) -> None:
    given = settings(host)
    place = target(given.app, given.place)
    for name in names or tuple(store.name for store in given.stores):
        if name == "files":
            continue
        found = catalogue.read(place, name)
        for one in found.whole:
            state = "good" if one.good else f"doubtful: {one.note}"
            sys.stdout.write(f"{name}  {one.id}  {words.size(one.bytes)}  {one.rows} rows  {state}\n")
        for bad in found.bad:
            sys.stdout.write(f"{name}  {bad.id}  damaged: {bad.why}\n")
    if files.wanted(given) and (not names or "files" in names):
        _list_files(host, given)


def _list_files(host: Host, given: Settings) -> None:
    """Last, so that what goes wrong here hides no store."""
    for one in restic.snapshots(host, given):
        size = "-" if one.bytes is None else words.size(one.bytes)
        count = "-" if one.files is None else str(one.files)
        sys.stdout.write(f"files  {one.name}  {size}  {count} files  {files.standing(one)}\n")
