"""Names and addresses: what stands where in the rehearsal. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

NETWORK = "stairway"
SUBNET = IPv4Network("10.213.0.0/24")
GATEWAY = IPv4Address("10.213.0.1")
DOMAIN = "stairway.test"
LABEL = "stairway.rehearsal"  # on every container, volume and network of ours; its value is host, part or network
PREFIX = "stairway-"  # of container names, so that nobody's own chat-1 is in the way
DISTRIBUTIONS = ("debian13", "debian12", "ubuntu2404", "ubuntu2204")


@dataclass(frozen=True)
class Part:
    """A service beside the hosts. ``publish`` maps a port of this machine's 127.0.0.1 to a port of the part."""

    name: str
    address: IPv4Address
    port: int
    publish: dict[int, int]

    @property
    def domain(self) -> str:
        return f"{self.name}.{DOMAIN}"

    @property
    def container(self) -> str:
        return f"{PREFIX}{self.name}"


@dataclass(frozen=True)
class Host:
    """A machine with systemd and SSH."""

    name: str
    distribution: str
    address: IPv4Address
    aliases: tuple[str, ...] = ()

    @property
    def container(self) -> str:
        return f"{PREFIX}{self.name}"


DNS = Part("dns", IPv4Address("10.213.0.2"), 53, {})
REGISTRY = Part("registry", IPv4Address("10.213.0.3"), 5000, {5500: 5000})
MIRROR = Part("mirror", IPv4Address("10.213.0.4"), 5000, {5501: 5000})
ACME = Part("acme", IPv4Address("10.213.0.5"), 14000, {5502: 14000, 5503: 15000})
HOOKS = Part("hooks", IPv4Address("10.213.0.6"), 8080, {5504: 8080})
PARTS = (DNS, REGISTRY, MIRROR, ACME, HOOKS)
# Stands for MongoDB Atlas, which is nobody's in an account of AWS; it starts and ends with the account.
ATLAS = Part("atlas", IPv4Address("10.213.0.7"), 27017, {})

HOSTS = (
    Host("chat-1", "debian13", IPv4Address("10.213.0.11"), ("chat.stairway.test",)),
    Host("resee-1", "debian13", IPv4Address("10.213.0.12"), ("resee.stairway.test",)),
    Host("molecule-debian13", "debian13", IPv4Address("10.213.0.21")),
    Host("molecule-debian12", "debian12", IPv4Address("10.213.0.22")),
)
HEALTH = {"chat-1": "/health", "resee-1": "/api/health/"}  # what to ask to see that the app is well
STORES = {"chat-1": ("mongo:7", "redis:7-alpine"), "resee-1": ("postgres:15", "redis:7-alpine")}
# What machines of the account speak to stores with: they pull it where everybody does.
CLIENTS = ("mongo:7", "mysql:8.0", "postgres:15", "redis:7-alpine")
SPARE = tuple(SUBNET.network_address + last for last in range(200, 250))  # for a host that asks for no address


def known_host(name: str) -> Host | None:
    """The host of that name in the table above."""
    return next((host for host in HOSTS if host.name == name), None)


def free_address(taken: set[IPv4Address]) -> IPv4Address | None:
    """The first spare address that nobody holds; ``None`` when all are taken."""
    return next((address for address in SPARE if address not in taken), None)
