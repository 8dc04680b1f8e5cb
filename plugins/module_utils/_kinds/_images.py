"""Machine images: by a short name, by a public parameter of Systems Manager, or by their id.

Sources: https://wiki.debian.org/Cloud/AmazonEC2Image (Debian) and
https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/ (Canonical).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .._common.suggest import listing, nearest
from .._resource.problems import Problem
from .._resource.types import Text

_DEBIAN = "/aws/service/debian/release/{release}/latest/{architecture}"
_UBUNTU = "/aws/service/canonical/ubuntu/server/{release}/stable/current/{architecture}/hvm/ebs-{disk}/ami-id"
# Canonical publishes its images on gp3 disks since 23.10; those before stand under gp2.
PARAMETERS = {
    "debian-12": _DEBIAN.replace("{release}", "12"),
    "debian-13": _DEBIAN.replace("{release}", "13"),
    "ubuntu-22.04": _UBUNTU.replace("{release}", "22.04").replace("{disk}", "gp2"),
    "ubuntu-24.04": _UBUNTU.replace("{release}", "24.04").replace("{disk}", "gp3"),
}
SHAPE = Text(
    r"[a-z0-9.-]+|/[\w./-]+",
    f"{listing(PARAMETERS)}, the path of a Systems Manager parameter, or the id of an image",
    most=512,
)
DOC = (
    "The machine image: a short name, which means the newest one of that system when the machine is made, the path of "
    "a Systems Manager parameter, or the id of an image."
)


def check(image: Any, where: str) -> Iterator[Problem]:
    known = isinstance(image, str) and (image in PARAMETERS or re.fullmatch(r"/.+|ami-[0-9a-f]{8,17}", image))
    if not known:
        yield Problem(
            where, "This image is not known.", str(image), listing(PARAMETERS), nearest(str(image), PARAMETERS)
        )


def architecture(size: str) -> str:
    """``arm64`` or ``amd64``: AWS marks its own processors by a ``g`` behind the generation (t4g, m7gd, c8gn)."""
    family = size.partition(".")[0]
    return "arm64" if family == "a1" or re.match(r"^[a-z]+-?\d+[a-z]*g", family) else "amd64"


def resolve(aws: Any, image: str, size: str) -> str:
    """The image's id in this region, for the processor of ``size``. Asks AWS unless it is one already."""
    if image.startswith("ami-"):
        return image
    path = PARAMETERS.get(image, image).format(architecture=architecture(size))
    answer = aws.call("ssm", "get_parameter", Name=path)
    return str(answer["Parameter"]["Value"])
