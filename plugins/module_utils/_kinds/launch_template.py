"""``launch_template``: what the machines of an Auto Scaling group are like.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Flag, ListOf, MapOf, Ref, Text
from . import _draft, _ec2, _images, _machine
from ._names import namer

KIND = Kind(
    name="launch_template",
    doc="What the machines of an Auto Scaling group are like. Every change makes a new version, which machines that "
    "start from then on get; those that run stay as they are until a rollout replaces them.",
    fields={
        "image": Field(
            _images.SHAPE,
            _images.DOC + " The template keeps that image, so that all machines are alike, until `image`, the "
            "processor of `size` or `image_as_of` changes.",
            default="debian-13",
        ),
        "image_as_of": Field(
            Text(r"[\w.:-]+", "a date, such as 2026-11-21", most=40),
            "Any new text here, such as today's date, takes the newest image of this name.",
        ),
        "size": Field(_machine.SIZE, "How big the machines are.", required=True),
        "security_groups": Field(ListOf(Ref("security_group"), least=1), "Who may speak to them.", required=True),
        "role": Field(_machine.PROFILE, "What they may do in AWS."),
        "key_pair": Field(_machine.KEY, "Who may enter them over SSH at first."),
        "user_data": Field(_machine.USER_DATA, _machine.USER_DATA_DOC),
        "root_volume": Field(_machine.ROOT, _machine.ROOT_DOC, default={}),
        "public_ip": Field(Flag(), "Whether they get public addresses.", default=False),
        "monitoring": Field(Flag(), _machine.MONITORING_DOC, default=False),
        "imdsv2_only": Field(Flag(), _machine.IMDSV2_DOC, default=True),
        "metadata_hops": Field(_machine.HOPS, _machine.HOPS_DOC, default=2),
        "machine_tags": Field(
            MapOf(Text(least=0, most=256), key=r"(?!aws:|stairway:(app|name)$).{1,128}", most=30),
            "Further tags of the machines and their disks, by which an inventory can find them.",
            default={},
        ),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_ec2.retag,
    outputs={"version": "The version that new machines get."},
    aws_name=namer(128),
    seconds=3,
)
