"""The images of Debian and Ubuntu, and the public parameters of Systems Manager that name them."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models import amis
from moto.ssm import models as ssm

from ..amis import IMAGES

amis.AMIS += [
    {
        "ami_id": image.id,
        "name": image.name,
        "description": image.name,
        "owner_id": image.owner,
        "public": True,
        "virtualization_type": "hvm",
        "architecture": image.architecture,
        "state": "available",
        "image_type": "machine",
        "hypervisor": "xen",
        "root_device_name": image.root_device,
        "root_device_type": "ebs",
        "creation_date": "2026-11-01T00:00:00.000Z",
    }
    for image in IMAGES
]

_PARAMETERS = {image.parameter: image.id for image in IMAGES}
_check = ssm.ParameterDict._check_loading_status


def _check_and_add(self: Any, key: str) -> None:
    """Like the images of Amazon: there as soon as somebody asks."""
    _check(self, key)
    if key in _PARAMETERS and not dict.get(self, key):
        parameter = ssm.Parameter(  # type: ignore[abstract]
            account_id=self.account_id,
            name=key,
            value=_PARAMETERS[key],
            parameter_type="String",
            description=None,
            allowed_pattern=None,
            keyid=None,
            last_modified_date=utcnow(),
            version=1,
            data_type="aws:ec2:image",
        )
        dict.__setitem__(self, key, [parameter])


ssm.ParameterDict._check_loading_status = _check_and_add  # type: ignore[method-assign]
