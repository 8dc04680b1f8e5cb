"""Names: those of bodies, and the zones of Route 53. The rehearsal's own name server learns where to ask for them."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ... import layout as rehearsal
from ... import run
from .. import layout
from ..account import Account
from ..body import Interface, Plain
from ..names import OURS, SECONDS_TO_LIVE, Answer, Book

KEY = "zones"
LOOK_SECONDS = 2.0
_FILE = "/tmp/servers"  # noqa: S108  in the container of the name server
_BALANCERS_LIVE = 60  # seconds: names of Elastic Load Balancing, and aliases to them


class Records(Plain[str]):
    """The book is filled in every round. The one body is what the rehearsal's name server passes on to ours.

    Its spec says of which start of that name server it speaks: a new one knows nothing and is told again.
    """

    name = "records"

    def __init__(self, book: Book) -> None:
        self._book = book
        self._started, self._looked_at = "", 0.0

    def wanted(self, account: Account) -> dict[str, str]:
        names = _of_zones(account)
        for one in _alive(account.interfaces, account.dead_zones):
            for name, address in [*((n, one.address) for n in one.names), *((n, one.public) for n in one.public_names)]:
                if address:
                    known = names.get(name.lower(), Answer()).addresses
                    seconds = _BALANCERS_LIVE if ".elb." in name else SECONDS_TO_LIVE
                    names[name.lower()] = Answer(tuple(sorted({*known, address})), seconds=seconds)
        self._book.names = names
        self._book.zones = tuple(sorted(zone for zone, _private in _zones(account)))
        if not layout.FIRST:
            return {}
        asked = {*OURS, *passed_on(self._book)}
        lines = "".join(f"server=/{zone}/{layout.GATEWAY}#{layout.DNS_PORT}\n" for zone in sorted(asked))
        return {KEY: f"# {self._start_of_name_server(account)}\n{lines}"}

    def make(self, account: Account, key: str, spec: str) -> None:
        _tell(spec)

    def change(self, account: Account, key: str, old: str, new: str) -> None:
        _tell(new)

    def remove(self, account: Account, key: str, old: str) -> None:
        forget()

    def _start_of_name_server(self, account: Account) -> str:
        if time.monotonic() - self._looked_at > LOOK_SECONDS:
            found = account.docker.inspect(rehearsal.DNS.container)
            self._started = str(found["State"]["StartedAt"]) if found else ""
            self._looked_at = time.monotonic()
        return self._started


def _alive(interfaces: Iterable[Interface], dead: Collection[str]) -> list[Interface]:
    """A balancer's name stops leading to a node in a dead zone, as long as it has another. Pure."""
    living = {name for one in interfaces if one.zone not in dead for name in (*one.names, *one.public_names)}
    return [one for one in interfaces if one.zone not in dead or not living & {*one.names, *one.public_names}]


def passed_on(book: Book) -> Iterable[str]:
    """Zones as a whole; of the rehearsal's own domain only the names that the account has, for the rest is not its."""
    for zone in book.zones:
        inside = f".{zone}".endswith(f".{rehearsal.DOMAIN}")
        yield from (name for name in book.names if f".{name}".endswith(f".{zone}")) if inside else [zone]


def forget() -> None:
    """The rehearsal's name server asks us no more."""
    _tell("")


def _tell(servers: str) -> None:
    """dnsmasq reads this file anew when it is told to, and answers all the while."""
    container = rehearsal.DNS.container
    script = f"printf %s '{servers}' > {_FILE}"
    run.check(["docker", "exec", container, "sh", "-c", script], what="Telling the name server whom to ask")
    run.check(["docker", "kill", "--signal=HUP", container], what="Having the name server read that")


def _zones(account: Account) -> Iterator[tuple[str, Any]]:
    for _partition, backend in account.backends("route53"):
        for zone in list(backend.zones.values()):
            yield zone.name.rstrip(".").lower(), zone


def _of_zones(account: Account) -> dict[str, Answer]:
    """One answer for each name, of all its records: an address and a text may stand side by side."""
    found: dict[str, Answer] = {}
    for _name, zone in _zones(account):
        for record in list(zone.rrsets):
            name = record.name.rstrip(".").lower().replace("\\052", "*")
            one = _answer(record)
            if one is not None:
                found[name] = found[name].beside(one) if name in found else one
    return found


def _answer(record: Any) -> Answer | None:
    alias = (record.alias_target or {}).get("DNSName")
    values = [str(one) for one in record.records or []]
    if alias:
        target = str(alias).rstrip(".").lower().removeprefix("dualstack.")
        return Answer(points_to=target, seconds=_BALANCERS_LIVE) if record.type == "A" else None
    seconds = int(record.ttl or SECONDS_TO_LIVE)
    if record.type == "CNAME" and values:
        return Answer(alias=values[0].rstrip(".").lower(), seconds=seconds)
    if record.type == "A":
        return Answer(addresses=tuple(values), seconds=seconds)
    if record.type == "TXT":
        return Answer(texts=tuple(one.strip('"') for one in values), seconds=seconds)
    return None
