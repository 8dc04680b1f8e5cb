"""``instance``: one machine.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Flag, ListOf, MapOf, Ref
from . import _draft, _ec2, _images, _machine

KIND = Kind(
    name="instance",
    doc="One machine. A newer image, another key or other user data does not touch a machine that is there: they count "
    "when it is made. To get a machine anew, give the entry a new name.",
    fields={
        "image": Field(_images.SHAPE, _images.DOC, default="debian-13", write_only=True),
        "size": Field(
            _machine.SIZE,
            "How big it is. A change stops the machine for a minute or two; it keeps its disks and its Elastic IP.",
            required=True,
        ),
        "subnet": Field(Ref("subnet"), "Where it stands.", required=True, change="replace"),
        "security_groups": Field(ListOf(Ref("security_group"), least=1), "Who may speak to it.", required=True),
        "role": Field(_machine.PROFILE, "What it may do in AWS."),
        "key_pair": Field(_machine.KEY, "Who may enter it over SSH at first.", write_only=True),
        "user_data": Field(_machine.USER_DATA, _machine.USER_DATA_DOC, write_only=True),
        "root_volume": Field(_machine.ROOT, _machine.ROOT_DOC),
        "volumes": Field(
            MapOf(_machine.VOLUME, key=_machine.DEVICE, most=11),
            "Further disks, always gp3, by device (/dev/sdf to /dev/sdp). None is ever taken away by a run.",
        ),
        "public_ip": Field(
            Flag(),
            "Whether it gets a public address that changes with every stop. Left out, as its subnet has it.",
            write_only=True,
        ),
        "elastic_ip": Field(Ref("elastic_ip"), "A public address that stays."),
        "source_dest_check": Field(
            Flag(),
            "Whether it only takes packets that are for itself; false for one that passes them on.",
            default=True,
        ),
        "termination_protection": Field(
            Flag(), "Whether EC2 refuses to terminate it. Left out, as `protect` says; else false."
        ),
        "auto_recovery": Field(
            Flag(),
            "Whether EC2 moves it to other hardware when its own fails, with its disks and addresses.",
            default=True,
        ),
        "monitoring": Field(Flag(), _machine.MONITORING_DOC, default=False),
        "imdsv2_only": Field(Flag(), _machine.IMDSV2_DOC, default=True),
        "metadata_hops": Field(_machine.HOPS, _machine.HOPS_DOC, default=2),
        "running": Field(
            Flag(), "Whether it runs. False stops it; then only its disks and addresses cost.", default=True
        ),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_ec2.retag,
    outputs={
        "private_ip": "Its address in the VPC.",
        "public_ip": "Its public address, if it has one.",
        "zone": "The zone that it stands in.",
    },
    follows_protect="termination_protection",
    seconds=30,
)
