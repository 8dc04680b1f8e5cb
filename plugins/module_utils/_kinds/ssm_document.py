"""``ssm_document``: steps that Systems Manager can run."""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Document
from . import _draft
from ._names import namer

KIND = Kind(
    name="ssm_document",
    doc="Steps that Systems Manager runs: commands on instances, or an automation.",
    fields={
        "type": Field(Choice(("command", "automation")), "What kind of steps.", default="command", change="replace"),
        "content": Field(Document(), "The document, as Systems Manager writes it.", required=True),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"arn": "Its ARN.", "automation_arn": "Its ARN as a target of events."},
    aws_name=namer(128),
)
