"""The rehearsal's account for tests of its bodies: clients of its API, its names, programs that speak to servers."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import boto3

from rehearsal import state
from rehearsal.account import layout

from . import dns

REGION = layout.REGION
URL = f"http://127.0.0.1:{layout.API_PORT}"
NAMES = f"{layout.GATEWAY}:{layout.DNS_PORT}"
FRONT = f"{layout.FRONT}:443"
# An account is left standing, and one that stands is taken over.
KEEP = os.environ.get("STAIRWAY_KEEP_ACCOUNT") == "1"
RANGE = 50 * layout.PLACES.index(layout.PLACE)  # accounts of one machine share its routes: no range may be in two


def client(service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name=REGION,
        aws_access_key_id=layout.CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=layout.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def resolve(name: str) -> list[str]:
    """The addresses that the account's name server answers; the environment's own resolver is not asked."""
    return list(dns.look_up(NAMES, name).addresses)


def wait(what: Callable[[], Any], wanted: Any = True, seconds: float = 180) -> Any:
    """What it answers once that is ``wanted`` (or true, where ``wanted`` is); fails after ``seconds``."""
    end, answer = time.monotonic() + seconds, None
    while time.monotonic() < end:
        answer = what()
        if answer == wanted or (wanted is True and answer):
            return answer
        time.sleep(0.3)
    raise AssertionError(f"still {answer!r} after {seconds:g} s, not {wanted!r}")


def run(image: str, *argv: str, name: str = "", stdin: str = "", env: dict[str, str] | None = None) -> str:
    """A program of ``image`` on this machine, which finds ``name`` as the account says; both outputs together."""
    hosts = [f"--add-host={name}:{address}" for address in resolve(name)[:1]] if name else []
    options = [f"--env={key}={value}" for key, value in (env or {}).items()]
    trusted = f"--volume={state.OWN_CA}:/ca.pem:ro"
    done = subprocess.run(
        ["docker", "run", "--rm", "-i", "--network=host", *hosts, *options, trusted, "--entrypoint=", image, *argv],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return (done.stdout + done.stderr).strip()


def fault(*words: str) -> str:
    """What ``python3 -m rehearsal account fault`` does.

    :raises AssertionError: with what it says, when it does not do it.
    """
    return _order("fault", words)


def pull(*words: str) -> str:
    """What ``python3 -m rehearsal account metric`` and ``account due`` do.

    :raises AssertionError: with what it says, when it does not do it.
    """
    return _order("lever", words)


def _order(what: str, words: tuple[str, ...]) -> str:
    asked = urllib.request.Request(f"{URL}/_rehearsal/{what}", json.dumps(words).encode(), method="POST")
    try:
        with urllib.request.urlopen(asked) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        raise AssertionError(error.read().decode()) from error


class Ground:
    """A VPC with two private subnets and a group that lets this machine and the VPC in; its names begin alike."""

    def __init__(self, number: int) -> None:
        number += RANGE
        self.name = f"t{secrets.token_hex(2)}"
        self.cidr = f"10.{number}.0.0/16"
        ec2 = self.ec2
        self.vpc = ec2.create_vpc(CidrBlock=self.cidr)["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.{number}.{n}.0/24", AvailabilityZone=REGION + zone)[
                "Subnet"
            ]["SubnetId"]
            for n, zone in enumerate("ac")
        ]
        self.group = ec2.create_security_group(GroupName=self.name, Description="all", VpcId=self.vpc)["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=self.group,
            IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        )

    @cached_property
    def ec2(self) -> Any:
        return client("ec2")

    def clear(self) -> None:
        self.ec2.delete_security_group(GroupId=self.group)
        for subnet in self.subnets:
            self.ec2.delete_subnet(SubnetId=subnet)
        self.ec2.delete_vpc(VpcId=self.vpc)


@contextmanager
def ground(number: int) -> Iterator[Ground]:
    """Whoever made something in it takes it away again."""
    made = Ground(number)
    yield made
    made.clear()


def containers(label: str) -> list[str]:
    """Names of the containers of bodies whose label begins so."""
    found = subprocess.run(
        ["docker", "ps", "--all", f"--filter=label={layout.LABEL}", f'--format={{{{.Label "{layout.BODY}"}}}}'],
        capture_output=True,
        text=True,
        check=True,
    )
    return [one for one in found.stdout.split() if one.startswith(label)]
