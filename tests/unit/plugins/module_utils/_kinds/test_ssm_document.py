"""``ssm_document``, on moto: MiniStack has no documents."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Scope, Sight
from tests.support.aws.trial import Trial

DOCUMENT = kind("ssm_document")
RECOVER = {
    "schemaVersion": "0.3",
    "description": "Start the instance again.",
    "parameters": {"InstanceId": {"type": "String"}},
    "mainSteps": [
        {
            "name": "restart",
            "action": "aws:executeAutomation",
            "inputs": {
                "DocumentName": "AWS-RestartEC2Instance",
                "RuntimeParameters": {"InstanceId": "{{ InstanceId }}"},
            },
        }
    ],
}
RESTART = {
    "schemaVersion": "2.2",
    "description": "Restart the app.",
    "mainSteps": [
        {"action": "aws:runShellScript", "name": "restart", "inputs": {"runCommand": ["systemctl restart app"]}}
    ],
}


def test_whole_life(on_moto: Trial) -> None:
    document = on_moto.make("ssm_document", "recover", type="automation", content=RECOVER)
    assert document.id == "shop-recover"
    assert document.outputs["automation_arn"].endswith(":automation-definition/shop-recover:$DEFAULT")
    document = on_moto.alter(document, type="automation", content={**RECOVER, "description": "Again."})
    document = on_moto.alter(document, type="automation", content=RECOVER)
    on_moto.retag(document)
    assert on_moto.all("ssm_document") == [document]
    on_moto.remove(document)


def test_a_change_that_was_cut_goes_on(on_moto: Trial) -> None:
    """The new version is there and is not the default yet."""
    document = on_moto.make("ssm_document", "restart", content=RESTART)
    call = on_moto.account.call

    def cut(service: str, operation: str, **parameters: Any) -> Any:
        if operation == "update_document_default_version":
            raise KeyboardInterrupt
        return call(service, operation, **parameters)

    on_moto.account.call = cut  # type: ignore[assignment, method-assign]
    with pytest.raises(KeyboardInterrupt):
        on_moto.alter(document, content={**RESTART, "description": "New."})
    on_moto.account.call = call  # type: ignore[method-assign]
    [document] = on_moto.all("ssm_document")
    assert document.attrs["content"] == RESTART
    on_moto.alter(document, content={**RESTART, "description": "New."})


def test_foreign_document_of_our_name_is_shown(on_moto: Trial) -> None:
    on_moto.make("ssm_document", "mine", content=RESTART)
    on_moto.account.call(
        "ssm", "create_document", Name="shop-restart", Content='{"schemaVersion": "2.2", "mainSteps": []}',
        DocumentType="Command", DocumentFormat="JSON",
    )  # fmt: skip
    assert [one.name for one in on_moto.all("ssm_document")] == ["mine"]
    found = {one.id: one.app for one in DOCUMENT.describe(on_moto.account, Scope("shop", frozenset({"shop-restart"})))}
    assert found == {"shop-mine": "shop", "shop-restart": None}


@pytest.mark.parametrize(
    ("attrs", "suggestion"),
    [
        ({"content": RECOVER}, "type: automation"),
        ({"type": "automation", "content": RESTART}, "type: command"),
        ({"content": {"schemaVersion": 2.2, "mainSteps": [{}]}}, 'schemaVersion: "2.2"'),
        ({"content": {"schemaVersion": "2.2"}}, None),
        ({"content": {**RESTART, "description": "x" * 70_000}}, None),
    ],
)
def test_refuses(attrs: dict[str, Any], suggestion: str | None) -> None:
    entry = Entry("ssm_document", "a", {"type": "command", **attrs})
    assert [one.suggestion for one in DOCUMENT.check(entry, Sight({}, "r"))] == [suggestion]
