"""The calls of ``ssm_document``.

Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._resource.kind import APP_TAG, Found, Scope, State, Wanted
from ._gone import unless_gone

TYPES = {"command": "Command", "automation": "Automation"}
LATEST = "$LATEST"
_STATES: Mapping[str, State] = {
    "Creating": "pending",
    "Updating": "pending",
    "Active": "ready",
    "Deleting": "deleting",
    "Failed": "failed",
}


# -- pure -------------------------------------------------------------------------------------------------------------


def to_found(item: Mapping[str, Any], tags: Mapping[str, str], arns: Mapping[str, str]) -> Found:
    kind = next((ours for ours, theirs in TYPES.items() if theirs == item["DocumentType"]), item["DocumentType"])
    return Found(
        kind="ssm_document",
        id=item["Name"],
        attrs={"type": kind, "content": content_of(item["Content"])},
        tags=tags,
        aws_name=item["Name"],
        state=_STATES.get(item.get("Status", "Active"), "ready"),
        why=item.get("StatusInformation", ""),
        outputs=arns,
    )


def content_of(text: str) -> dict[str, Any]:
    try:
        loaded = json.loads(text)
    except ValueError:
        loaded = None
    return loaded if isinstance(loaded, dict) else {"(other words)": text}


def text_of(content: Mapping[str, Any]) -> str:
    """The same content is always the same text: Systems Manager compares texts."""
    return json.dumps(content, sort_keys=True)


def arns_of(aws: Any, name: str) -> dict[str, str]:
    start = f"arn:{aws.partition}:ssm:{aws.region}:{aws.account_id}"
    return {"arn": f"{start}:document/{name}", "automation_arn": f"{start}:automation-definition/{name}:$DEFAULT"}


# -- calls ------------------------------------------------------------------------------------------------------------


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """Lists by tag and by name have the tags; the content comes with each document."""
    tags: dict[str, dict[str, str]] = {}
    own = {"Key": "Owner", "Values": ["Self"]}
    names = sorted(scope.names | scope.ids)
    if not scope.only:
        tags.update(_listed(aws, [own, {"Key": f"tag:{APP_TAG}", "Values": [scope.app]}]))
    # a filter takes fifty values; AWS also finds what only starts like one of them
    for start in range(0, len(names), 50):
        some = [one for one in names[start : start + 50] if one not in tags]
        if some:
            found = _listed(aws, [own, {"Key": "Name", "Values": some}])
            tags.update({name: these for name, these in found.items() if name in some})
    for name in sorted(tags):
        item = _document(aws, name)
        if item is not None:
            yield to_found(item, tags[name], arns_of(aws, name))


def _listed(aws: Any, filters: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    pages = aws.pages("ssm", "list_documents", "DocumentIdentifiers", Filters=filters, MaxResults=50)
    return {one["Name"]: as_dict(one.get("Tags")) for one in pages}


def _document(aws: Any, name: str, version: str | None = None) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = aws.call(
            "ssm", "get_document", Name=name, DocumentFormat="JSON", DocumentVersion=version
        )
    except AwsError as error:
        if error.missing or error.code in ("InvalidDocument", "InvalidDocumentVersion"):
            return None
        raise
    return found


def create(aws: Any, wanted: Wanted) -> str:
    command = wanted.attrs["type"] == "command"
    aws.call(
        "ssm",
        "create_document",
        Name=wanted.aws_name,
        Content=text_of(wanted.attrs["content"]),
        DocumentType=TYPES[wanted.attrs["type"]],
        DocumentFormat="JSON",
        TargetType="/AWS::EC2::Instance" if command else None,
        Tags=as_list(wanted.tags),
    )
    aws.created(wanted.aws_name)
    return wanted.aws_name


def change_content(aws: Any, found: Found, wanted: Wanted) -> None:
    """A new version that becomes the default. Where Systems Manager has this content already (a run was cut before the
    second call, or somebody goes back), the version that has it becomes the default.
    """
    text = text_of(wanted.attrs["content"])
    try:
        answer = aws.call(
            "ssm", "update_document", Name=found.id, Content=text, DocumentFormat="JSON", DocumentVersion=LATEST
        )
        version = answer["DocumentDescription"]["DocumentVersion"]
    except AwsError as error:
        if error.code != "DuplicateDocumentContent":
            raise
        version = _version_with(aws, found.id, wanted.attrs["content"])
    aws.call("ssm", "update_document_default_version", Name=found.id, DocumentVersion=version)


def _version_with(aws: Any, name: str, content: Mapping[str, Any]) -> str:
    latest = _document(aws, name, LATEST)
    newest = int(latest["DocumentVersion"]) if latest else 1
    for number in range(newest, 0, -1):
        item = _document(aws, name, str(number))
        if item is not None and content_of(item["Content"]) == content:
            return str(number)
    return str(newest)


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    if add:
        aws.call("ssm", "add_tags_to_resource", ResourceType="Document", ResourceId=found.id, Tags=as_list(add))
    if remove:
        aws.call("ssm", "remove_tags_from_resource", ResourceType="Document", ResourceId=found.id, TagKeys=remove)


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id)
    try:
        unless_gone(aws, "ssm", "delete_document", Name=found.id)
    except AwsError as error:
        if error.code != "InvalidDocument":  # what Systems Manager says of one that is not there
            raise
