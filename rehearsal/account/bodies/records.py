"""Names: those of bodies, and the zones of Route 53. The rehearsal's own name server learns where to ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import layout as rehearsal
from ... import run
from .. import layout
from ..account import Account
from ..body import Plain
from ..names import Answer, Book

KEY = "zones"
_FILE = "/etc/dnsmasq.conf"


class Records(Plain[str]):
    """The book is filled in every round. The one body is what the rehearsal's name server passes on to ours."""

    name = "records"

    def __init__(self, book: Book) -> None:
        self._book = book

    def wanted(self, account: Account) -> dict[str, str]:
        names = dict(_of_zones(account))
        for one in account.interfaces:
            for name, address in [*((n, one.address) for n in one.names), *((n, one.public) for n in one.public_names)]:
                if address:
                    known = names.get(name.lower(), Answer()).addresses
                    names[name.lower()] = Answer(tuple(sorted({*known, address})))
        self._book.names = names
        self._book.zones = tuple(sorted(zone for zone, _private in _zones(account)))
        asked = sorted({"amazonaws.com", f"{layout.REGION}.compute.internal", *self._book.zones})
        return {KEY: "".join(f"server=/{zone}/{layout.GATEWAY}#{layout.DNS_PORT}\n" for zone in asked)}

    def make(self, account: Account, key: str, spec: str) -> None:
        _tell(spec)

    def change(self, account: Account, key: str, old: str, new: str) -> None:
        _tell(new)

    def remove(self, account: Account, key: str, old: str) -> None:
        forget()


def forget() -> None:
    """The rehearsal's name server asks us no more."""
    _tell("")


def _tell(servers: str) -> None:
    """dnsmasq reads this file only when it starts, which takes it a moment."""
    text = f"printf %s '{servers}' | cmp -s - {_FILE} && exit 0; [ -z '{servers}' ] && [ ! -e {_FILE} ] && exit 0; "
    container = rehearsal.DNS.container
    told = run.run(["docker", "exec", container, "sh", "-c", f"{text} printf %s '{servers}' > {_FILE}; exit 9"])
    if told.returncode == 9:
        run.check(["docker", "restart", "--time=1", container], what="Restarting the name server")


def _zones(account: Account) -> Iterator[tuple[str, Any]]:
    for _partition, backend in account.backends("route53"):
        for zone in list(backend.zones.values()):
            yield zone.name.rstrip(".").lower(), zone


def _of_zones(account: Account) -> Iterator[tuple[str, Answer]]:
    for _name, zone in _zones(account):
        for record in list(zone.rrsets):
            name = record.name.rstrip(".").lower().replace("\\052", "*")
            alias = (record.alias_target or {}).get("DNSName")
            values = [str(one) for one in record.records or []]
            if alias and record.type == "A":
                yield name, Answer(alias=alias.rstrip(".").lower().removeprefix("dualstack."))
            elif record.type == "CNAME" and values:
                yield name, Answer(alias=values[0].rstrip(".").lower())
            elif record.type == "A":
                yield name, Answer(addresses=tuple(values))
            elif record.type == "TXT":
                yield name, Answer(texts=tuple(one.strip('"') for one in values))
