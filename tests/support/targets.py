"""The only addresses that the test tools may send traffic to: this machine and the rehearsal's own networks."""

from __future__ import annotations

import ipaddress

ALLOWED = tuple(
    # the last two are for benchmarks (RFC 2544) and carriers (RFC 6598): public addresses of the rehearsal's accounts
    ipaddress.ip_network(one)
    for one in ("127.0.0.0/8", "10.213.0.0/24", "198.18.0.0/15", "100.64.0.0/14")
)
MAX_RATE = 1000
MAX_SECONDS = 1800


def check_target(ip: str) -> str:
    """Return ``ip`` when a load may be sent there.

    :raises ValueError: when it is no address, or one outside the rehearsal.
    """
    address = ipaddress.ip_address(ip)
    if not any(address in network for network in ALLOWED):
        raise ValueError(f"{ip} is not in the rehearsal; allowed are {', '.join(str(n) for n in ALLOWED)}")
    return ip


def check_bounds(rate: float, seconds: float) -> None:
    """Refuse a load without an end.

    :raises ValueError: when the rate (requests/s) or the time (s) is not above zero or is above its limit.
    """
    if not 0 < rate <= MAX_RATE:
        raise ValueError(f"the rate must be above 0 and at most {MAX_RATE} requests/s, not {rate:g}")
    if not 0 < seconds <= MAX_SECONDS:
        raise ValueError(f"the time must be above 0 and at most {MAX_SECONDS} s, not {seconds:g}")
