"""Which image stands for which AMI, and the images that only the account needs."""

from __future__ import annotations

from .. import build, catalogue
from ..catalogue import Image

# Each stands on a host's image, not on a bare system.
_DEBIAN13 = Image("stairway/instance:debian13", "instance", "trixie", False, (("BASE", "stairway/host:debian13"),))
_DEBIAN12 = Image("stairway/instance:debian12", "instance", "bookworm", False, (("BASE", "stairway/host:debian12"),))
BALANCER = Image("stairway/balancer:latest", "balancer", "trixie", False)
_STORES = ("postgres:17", "mariadb:11", "redis:7-alpine")  # others are made when a database of that version is
_BY_WORD = {"debian-12": _DEBIAN12}


def of(ami: str) -> Image:
    """The image of an AMI. Debian 13 stands for whatever is no Debian 12, Ubuntu and machines' own images too."""
    from moto.ec2.models.amis import AMIS

    name = next((str(one["name"]) for one in AMIS if one["ami_id"] == ami), "")
    return next((image for word, image in _BY_WORD.items() if word in name), _DEBIAN13)


def ensure() -> int:
    """What the account needs at once is there when this returns; the number of images that had to be made."""
    stores = [one for one in catalogue.OFFICIAL if one.tag in _STORES]
    return build.ensure([catalogue.HOST_DEBIAN13, _DEBIAN13, BALANCER, *stores])


def ensure_for(tag: str) -> None:
    """The image of a machine is there when this returns."""
    if tag == _DEBIAN12.tag:
        build.ensure([catalogue.HOST_DEBIAN12, _DEBIAN12])
