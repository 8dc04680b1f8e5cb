"""``nat_instance``: the way out of private subnets, as a small machine.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import ListOf, Ref
from . import _draft, _ec2, _images, _machine

KIND = Kind(
    name="nat_instance",
    doc="The way out to the internet for machines without a public address, as one small machine: a tenth of the price "
    "of a `nat_gateway`, with less throughput, and yours to look after. It passes on what its security groups let in, "
    "so these have to let the private subnets in.",
    fields={
        "image": Field(_images.SHAPE, _images.DOC, default="debian-13", write_only=True),
        "size": Field(_machine.SIZE, "How big it is. A change stops it for a minute or two.", default="t4g.nano"),
        "subnet": Field(Ref("subnet"), "A public subnet to stand in.", required=True, change="replace"),
        "security_groups": Field(ListOf(Ref("security_group"), least=1), "Who may send through it.", required=True),
        "elastic_ip": Field(Ref("elastic_ip"), "The address that the internet sees.", required=True),
        "role": Field(_machine.PROFILE, "What it may do in AWS."),
        "key_pair": Field(_machine.KEY, "Who may enter it over SSH at first.", write_only=True),
        "root_volume": Field(
            _machine.ROOT, "The disk that it boots from, always gp3. Left out, an encrypted one of 8 GB."
        ),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_ec2.retag,
    outputs={"private_ip": "Its address in the VPC.", "public_ip": "The address that the internet sees."},
    waits_for=("internet_gateway",),
    seconds=40,
)
