"""The machine images that Debian and Canonical publish, for emulators that know only those of Amazon.

The parameters are those of https://wiki.debian.org/Cloud/AmazonEC2Image and
https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

DEBIAN, CANONICAL = "136693071363", "099720109477"


@dataclass(frozen=True)
class Image:
    """One image: ``parameter`` is the public parameter that names the newest of its kind."""

    name: str
    parameter: str
    owner: str
    architecture: str  # as EC2 calls it
    root_device: str

    @property
    def id(self) -> str:
        return f"ami-{hashlib.sha256(self.parameter.encode()).hexdigest()[:17]}"


def _debian(release: str, architecture: str) -> Image:
    path = f"/aws/service/debian/release/{release}/latest/{architecture}"
    return Image(f"debian-{release}-{architecture}", path, DEBIAN, _ec2(architecture), "/dev/xvda")


def _ubuntu(release: str, disk: str, architecture: str) -> Image:
    path = f"/aws/service/canonical/ubuntu/server/{release}/stable/current/{architecture}/hvm/ebs-{disk}/ami-id"
    return Image(f"ubuntu-{release}-{architecture}", path, CANONICAL, _ec2(architecture), "/dev/sda1")


def _ec2(architecture: str) -> str:
    return {"amd64": "x86_64"}.get(architecture, architecture)


IMAGES = tuple(
    image
    for architecture in ("amd64", "arm64")
    for image in (
        _debian("12", architecture),
        _debian("13", architecture),
        _ubuntu("22.04", "gp2", architecture),
        _ubuntu("24.04", "gp3", architecture),
    )
)
