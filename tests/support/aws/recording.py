"""Instances of five apps, as moto describes them: made once, kept below ``.cache``, given out by ``replay``."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from tests.support.aws.emulators import CREDENTIALS, REGION, ROOT, moto
from tests.support.aws.replay import HEAD, TAIL, reservations

FOLDER = ROOT / ".cache" / "inventory"
APPS = ("shop", "chat", "resee", "iamvet", "promo")
SERVICES = ("api", "worker", "beat")
TYPES = ("t3.small", "t4g.medium", "m7g.large")
TOGETHER = 20  # instances of a reservation


def recorded(count: int) -> list[bytes]:
    """``count`` instances as the XML of their reservations. The first time takes minutes above a thousand."""
    path = FOLDER / f"ec2-{count}.xml"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        with moto() as emulator:
            found = _record(emulator.url, count)
        part = path.with_suffix(".part")
        part.write_bytes(HEAD + b"".join(found) + TAIL % b"")
        part.rename(path)
    return reservations(path.read_bytes())


def ec2(url: str, region: str = REGION) -> Any:
    """A client for an emulator."""
    return boto3.client(
        "ec2",
        region_name=region,
        endpoint_url=url,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(read_timeout=600, retries={"total_max_attempts": 1}),
    )


def populate(client: Any, count: int) -> None:
    """Start ``count`` instances in two zones, with the tags that Stairway and a team write."""
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        client.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number * 64}.0/18", AvailabilityZone=REGION + zone)
        for number, zone in enumerate("ab")
    ]
    group = client.create_security_group(VpcId=vpc, GroupName="app", Description="app")["GroupId"]
    for number, begun in enumerate(range(0, count, TOGETHER)):
        app = APPS[number % len(APPS)]
        size = min(TOGETHER, count - begun)
        tags = {
            "stairway:app": app,
            "stairway:stage": f"stage{number % 4 + 1}",
            "stairway:service": SERVICES[number % len(SERVICES)],
            "Name": f"{app}-{SERVICES[number % len(SERVICES)]}",
            "env": "prod" if number % 4 else "staging",
            "team": "blue",
        }
        client.run_instances(
            ImageId="ami-12c6146b",
            InstanceType=TYPES[number % len(TYPES)],
            MinCount=size,
            MaxCount=size,
            SubnetId=subnets[number % 2]["Subnet"]["SubnetId"],
            SecurityGroupIds=[group],
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
            ],
        )


def _record(url: str, count: int) -> list[bytes]:
    client = ec2(url)
    populate(client, count)
    pages: list[bytes] = []

    def keep(response_dict: dict[str, Any], **_more: Any) -> None:
        pages.append(response_dict["body"])

    client.meta.events.register("before-parse.ec2.DescribeInstances", keep)
    for _page in client.get_paginator("describe_instances").paginate():
        pass
    return [one for page in pages for one in reservations(page)]
