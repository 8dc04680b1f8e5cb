"""A VPC with machines in the rehearsal's account, made with nothing but the AWS API; SSH and HTTP to them."""

from __future__ import annotations

import http.client
import secrets
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from rehearsal import state

from .bodies import RANGE, REGION, client, resolve, wait

IMAGE = "/aws/service/debian/release/13/latest/amd64"
PATIENCE = 300
ANYONE = [{"CidrIp": "0.0.0.0/0"}]
SERVE = """#!/bin/sh
mkdir -p /srv/web && cd /srv/web && hostname > index.html && echo fine > health
systemd-run --unit=web --working-directory=/srv/web python3 -m http.server 8080
"""


@dataclass
class Fleet:
    """Two public subnets in two zones, a group for balancers and one for machines behind them."""

    number: int
    folder: Path
    subnets: list[str] = field(default_factory=list)
    name: str = field(default_factory=lambda: f"t{secrets.token_hex(3)}")  # of all that AWS wants a name for

    def __post_init__(self) -> None:
        self.number += RANGE
        self.key = self.folder / "key"
        subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", str(self.key)], check=True)
        self.ec2.import_key_pair(KeyName=self.name, PublicKeyMaterial=self.key.with_suffix(".pub").read_bytes())
        self.vpc = self.ec2.create_vpc(CidrBlock=f"10.{self.number}.0.0/16")["Vpc"]["VpcId"]
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(VpcId=self.vpc, InternetGatewayId=gateway)
        table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        self.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        for number, zone in enumerate("ac", start=1):
            made = self.ec2.create_subnet(
                VpcId=self.vpc, CidrBlock=f"10.{self.number}.{number}.0/24", AvailabilityZone=REGION + zone
            )
            self.subnets.append(made["Subnet"]["SubnetId"])
            self.ec2.associate_route_table(RouteTableId=table, SubnetId=self.subnets[-1])
        self.balancer_group = self.group("balancer", [(80, ANYONE, None), (443, ANYONE, None)])
        self.web_group = self.group("web", [(22, ANYONE, None)])

    ec2 = cached_property(lambda self: client("ec2"))
    elb = cached_property(lambda self: client("elbv2"))
    scaling = cached_property(lambda self: client("autoscaling"))

    @cached_property
    def image(self) -> str:
        return str(client("ssm").get_parameter(Name=IMAGE)["Parameter"]["Value"])

    def group(self, name: str, doors: list[tuple[int, list[dict[str, str]] | None, str | None]]) -> str:
        made = str(self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"])
        for port, ranges, group in doors:
            self.allow(made, port, ranges, group)
        return made

    def allow(self, group: str, port: int, ranges: list[dict[str, str]] | None, of: str | None) -> None:
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[_permission(port, ranges, of)])

    def forbid(self, group: str, port: int, ranges: list[dict[str, str]] | None, of: str | None) -> None:
        self.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[_permission(port, ranges, of)])

    def start(self, user_data: str = SERVE, hops: int = 2) -> str:
        nic = {"DeviceIndex": 0, "SubnetId": self.subnets[0], "Groups": [self.web_group]}
        made = self.ec2.run_instances(
            ImageId=self.image,
            InstanceType="t3.small",
            MinCount=1,
            MaxCount=1,
            KeyName=self.name,
            UserData=user_data,
            NetworkInterfaces=[{**nic, "AssociatePublicIpAddress": True}],
            MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": hops},
        )["Instances"][0]
        assert made["State"]["Name"] == "pending"
        return str(made["InstanceId"])

    def instance(self, instance: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        return found

    def is_in(self, instance: str, wanted: str, seconds: float = 240) -> dict[str, Any]:
        wait(lambda: self.instance(instance)["State"]["Name"], wanted, seconds)
        return self.instance(instance)

    def ssh(self, address: str, command: str) -> subprocess.CompletedProcess[str]:
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "ConnectTimeout=5"]
        argv = ["ssh", "-i", str(self.key), *(f"-o{one}" for one in options), f"admin@{address}", command]
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)


def _permission(port: int, ranges: list[dict[str, str]] | None, group: str | None) -> dict[str, Any]:
    who: dict[str, Any] = {"IpRanges": ranges} if ranges else {"UserIdGroupPairs": [{"GroupId": group}]}
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **who}


def opens(address: str, port: int, seconds: float = 2) -> bool:
    """Whether a connection from this machine is taken."""
    try:
        socket.create_connection((address, port), seconds).close()
    except OSError:
        return False
    return True


def get(name: str, path: str = "/", *, port: int = 443, host: str | None = None, cookie: str = "") -> Answer:
    """One request to a balancer by its DNS name; over TLS, proven by the rehearsal's CA, on any port but 80."""
    address = resolve(name)[0]
    raw = socket.create_connection((address, port), 20)
    line = http.client.HTTPConnection(host or name, port, timeout=20)
    if port != 80:
        context = ssl.create_default_context(cafile=str(state.CA))
        raw = context.wrap_socket(raw, server_hostname=host or name)
    line.sock = raw
    headers = {"Cookie": cookie} if cookie else {}
    line.request("GET", path, headers=headers)
    answer = line.getresponse()
    found = Answer(answer.status, answer.read().decode().strip(), dict(answer.headers.items()))
    line.close()
    return found


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: dict[str, str]


def healthy(fleet: Fleet, balancer: dict[str, str]) -> int:
    found = fleet.elb.describe_target_health(TargetGroupArn=balancer["target"])["TargetHealthDescriptions"]
    return sum(one["TargetHealth"]["State"] == "healthy" for one in found)


def members(fleet: Fleet) -> list[dict[str, str]]:
    found: list[dict[str, str]] = fleet.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[fleet.name])[
        "AutoScalingGroups"
    ][0]["Instances"]
    return found


@contextmanager
def asking(name: str) -> Iterator[list[str]]:
    """What every request answered, or why it failed; about twenty in a second."""
    said: list[str] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.05):
            try:
                said.append(str(get(name, host="shop.example.com").status))
            except (OSError, LookupError, http.client.HTTPException) as error:
                said.append(repr(error))

    thread = threading.Thread(target=ask)
    thread.start()
    yield said
    over.set()
    thread.join()
