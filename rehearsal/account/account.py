"""The account as kinds of bodies see it: moto's objects, Docker, and the few things that all kinds share."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moto.backends import get_backend

from . import layout
from .body import Interface
from .containers import Container, Docker
from .lives.metrics import Gauges


class Account:
    """One account. ``containers`` is what ran when the round began; ``interfaces`` what stood in the round before."""

    def __init__(self, number: str = layout.ACCOUNT) -> None:
        self.number = number
        self.docker = Docker()
        self.changed = threading.Event()  # set it to have the next round at once
        self.containers: dict[str, Container] = {}
        self.interfaces: tuple[Interface, ...] = ()
        self.dead_zones: set[str] = set()  # a fault: nothing gets in or out of these availability zones
        self.gauges: Gauges = {}  # metrics that somebody said the value of
        self._leases: dict[tuple[str, str], str] = {}
        self._public: dict[str, str] = {}
        self._addresses = layout.public_addresses()
        self._lock = threading.Lock()

    def look(self) -> None:
        """See what runs; called when a round begins."""
        self.containers = {one.name: one for one in self.docker.containers({layout.LABEL: self.number})}

    def backends(self, service: str) -> Iterator[tuple[str, Any]]:
        """Region and moto's backend of ``service``, for each region that was used. Services: as moto names them."""
        of_account = get_backend(service)[self.number]  # type: ignore[call-overload]
        yield from list(of_account.items())

    def folder(self, kind: str, key: str) -> Path:
        """A folder of this body on this machine, there when this returns; ``account down`` removes it."""
        folder = layout.BODIES / kind / key
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def lease(self, subnet: str, owner: str) -> str:
        """A private address in the subnet that nobody else gets while ``owner`` has it; the same when asked again."""
        with self._lock:
            if (subnet, owner) not in self._leases:
                found = self.subnet(subnet)
                self._leases[subnet, owner] = str(found.get_available_subnet_ip(_Holder(owner)))
            return self._leases[subnet, owner]

    def release(self, owner: str) -> None:
        """Every lease of ``owner`` ends."""
        with self._lock:
            self._public.pop(owner, None)
            for subnet, holder in [key for key in self._leases if key[1] == owner]:
                address = self._leases.pop((subnet, holder))
                for _region, backend in self.backends("ec2"):
                    for zone in backend.subnets.values():
                        if subnet in zone:
                            zone[subnet].del_subnet_ip(address)

    def new_public(self) -> str:
        """A public address that nobody had yet."""
        with self._lock:
            return next(self._addresses)

    def public_lease(self, owner: str) -> str:
        """A public address for ``owner``; the same when asked again, until ``release``."""
        if owner not in self._public:
            self._public[owner] = self.new_public()
        return self._public[owner]

    def subnet(self, subnet: str) -> Any:
        """moto's object. :raises KeyError: when there is none."""
        for _region, backend in self.backends("ec2"):
            for zone in list(backend.subnets.values()):
                if subnet in zone:
                    return zone[subnet]
        raise KeyError(subnet)


class _Holder:
    """What moto wants to see where it keeps whose address is whose."""

    def __init__(self, owner: str) -> None:
        self.id = owner
