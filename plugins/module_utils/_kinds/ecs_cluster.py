"""``ecs_cluster``: where tasks run."""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag
from . import _draft
from ._names import namer

KIND = Kind(
    name="ecs_cluster",
    doc="Where containers run without servers of one's own (ECS on Fargate).",
    fields={
        "insights": Field(
            Choice(("disabled", "enabled", "enhanced")),
            "Container Insights: more metrics, for a price.",
            default="disabled",
        ),
        "spot": Field(Flag(), "Whether its services may use Fargate Spot.", default=True),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"arn": "Its ARN."},
    aws_name=namer(255),
)
