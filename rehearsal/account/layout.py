"""Names, addresses and files of the account. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from .. import layout, state

ACCOUNT = "123456789012"
REGION = "ap-northeast-2"
LABEL = "stairway.account"  # on every container and network of ours; its value is the account's number
BODY = "stairway.body"  # "<kind>/<key>"
PREFIX = "stairway-aws-"  # of container and network names
BRIDGE = "sw-"  # of the bridges of VPCs, which the packet filter knows by this

FRONT = IPv4Address("10.213.0.9")  # the AWS API, on the rehearsal's own bridge
GATEWAY = layout.GATEWAY
API_PORT = 5510  # plain HTTP, 127.0.0.1: AWS_ENDPOINT_URL
IMDS_PORT = 5511
DNS_PORT = 5512
IMDS = IPv4Address("169.254.169.254")
RESOLVER = IPv4Address("169.254.169.253")

PUBLIC = IPv4Network("198.18.0.0/16")  # for benchmarks (RFC 2544): nobody's
CONTROLLER = PUBLIC.network_address + 1  # this machine, as the account's machines see it

FOLDER = state.STATE / "account"
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
