"""The public parameters of Debian's and Canonical's images, beside those of Amazon's."""

from __future__ import annotations

from typing import Any

import ministack.services.ec2 as ec2  # type: ignore[import-not-found]
import ministack.services.ssm as ssm  # type: ignore[import-not-found]

from tests.support.aws.images import IMAGES

ssm._PUBLIC_AMI_PARAMETERS.update({image.parameter: image.id for image in IMAGES})

_view = ec2._stub_image_view
_ARCHITECTURE = {image.id: image.architecture for image in IMAGES}


def _with_disk(ami_id: str, *others: Any) -> dict[str, Any]:
    seen: dict[str, Any] = _view(ami_id, *others)
    if ami_id in _ARCHITECTURE:
        disk = {"DeviceName": seen["RootDeviceName"], "Ebs": {"VolumeSize": 8, "VolumeType": "gp3"}}
        seen |= {"Architecture": _ARCHITECTURE[ami_id], "BlockDeviceMappings": [disk]}
    return seen


ec2._stub_image_view = _with_disk
ec2._STUB_AMIS.extend((one.id, one.name, one.name, "", one.root_device, one.owner, None) for one in IMAGES)
