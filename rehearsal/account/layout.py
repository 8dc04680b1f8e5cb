"""Names, addresses and files of the account. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from .. import layout, state

ACCOUNT = "123456789012"
REGION = "ap-northeast-2"
# Five accounts may stand beside each other: STAIRWAY_ACCOUNT=2 means the second. It is for developing the account and
# for tests beside one that is in use. Hosts and the rehearsal's name server know the names of the first one only.
PLACES = ("1", "2", "3", "4", "5")
PLACE = os.environ.get("STAIRWAY_ACCOUNT", "1")
FIRST = PLACES[0] == PLACE
_WHICH = PLACES.index(PLACE)
_MARK = "" if FIRST else PLACE

LABEL = f"stairway.account{_MARK}"  # on every container and network of ours; its value is the account's number
BODY = "stairway.body"  # "<kind>/<key>"
PREFIX = f"stairway-aws{_MARK}-"  # of container and network names
BRIDGE = ("sw-", "sx-", "sy-", "sz-", "su-")[_WHICH]  # of the bridges of VPCs, which the packet filter knows by this
TABLE = f"stairway_account{_MARK}"  # of the packet filter

# the AWS API, on the rehearsal's own bridge
FRONT = IPv4Address(("10.213.0.9", "10.213.0.10", "10.213.0.8", "10.213.0.14", "10.213.0.15")[_WHICH])
GATEWAY = layout.GATEWAY
API_PORT = 5510 + 10 * _WHICH  # plain HTTP, 127.0.0.1: AWS_ENDPOINT_URL
IMDS_PORT = API_PORT + 1
DNS_PORT = API_PORT + 2
IMDS = IPv4Address("169.254.169.254")
RESOLVER = IPv4Address("169.254.169.253")

# for benchmarks (RFC 2544), and for what carriers share (RFC 6598): nobody's
PUBLIC = IPv4Network(("198.18.0.0/16", "198.19.0.0/16", "100.64.0.0/16", "100.65.0.0/16", "100.66.0.0/16")[_WHICH])
CONTROLLER = PUBLIC.network_address + 1  # this machine, as the account's machines see it

FOLDER = state.STATE / f"account{_MARK}"
BODIES = FOLDER / "bodies"
PID = FOLDER / "pid"
LOG = FOLDER / "log"
ENV = FOLDER / "env"
STATUS = FOLDER / "status.json"

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAREHEARSAL", "AWS_SECRET_ACCESS_KEY": "no-secret"}


def public_addresses() -> Iterator[str]:
    """Each once, for Elastic IPs, machines and balancers."""
    return (str(PUBLIC.network_address + number) for number in range(256, PUBLIC.num_addresses - 1))


def container(kind: str, key: str) -> str:
    """The name of a body's container."""
    return f"{PREFIX}{kind}-{key}".replace("/", "-")
