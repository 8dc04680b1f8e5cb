"""``ssm_document``: steps that Systems Manager can run.

Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-schemas-features.html
"""

from __future__ import annotations

from collections.abc import Iterator

from .._resource.kind import Change, Entry, Field, Kind, Sight
from .._resource.problems import Problem
from .._resource.types import Choice, Document
from . import _documents
from ._names import namer

VERSIONS = {"command": ("2.2", "2.0", "1.2"), "automation": ("0.3",)}
MOST_BYTES = 65_536


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """A schema of its type, and steps."""
    content = entry.attrs["content"]
    versions = VERSIONS[entry.attrs["type"]]
    version = content.get("schemaVersion")
    if version not in versions:
        other = next((kind for kind, known in VERSIONS.items() if version in known), None)
        yield Problem(
            f"{entry.key}.content.schemaVersion",
            f"This is no schema of a document of type {entry.attrs['type']}.",
            repr(version),
            " or ".join(f'"{one}"' for one in versions),
            f"type: {other}" if other else f'schemaVersion: "{versions[0]}"',
        )
    elif version != "1.2" and not content.get("mainSteps"):
        where = f"{entry.key}.content.mainSteps"
        yield Problem(where, "This document has no steps.", "nothing", "a list of steps")
    size = len(_documents.text_of(content))
    if size > MOST_BYTES:
        where = f"{entry.key}.content"
        yield Problem(where, "This document is too big.", f"{size} bytes", f"at most {MOST_BYTES}")


KIND = Kind(
    name="ssm_document",
    doc="Steps that Systems Manager runs: commands on instances, or an automation.",
    fields={
        "type": Field(Choice(tuple(_documents.TYPES)), "What kind of steps.", default="command", change="replace"),
        "content": Field(Document(), "The document, as Systems Manager writes it.", required=True),
    },
    describe=_documents.describe,
    create=_documents.create,
    delete=_documents.delete,
    retag=_documents.retag,
    changes=(Change(frozenset({"content"}), _documents.change_content),),
    outputs={"arn": "Its ARN.", "automation_arn": "Its ARN as what an event_rule starts."},
    aws_name=namer(128),
    check=check,
    seconds=2,
)
