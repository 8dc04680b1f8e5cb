"""Systems Manager Automation, which moto lacks: documents whose steps really call the account's API.

https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

import boto3
import jmespath
import yaml
from botocore import xform_name
from moto.core.responses import ActionResult
from moto.ssm.exceptions import SSMException
from moto.ssm.models import ssm_backends
from moto.ssm.responses import SimpleSystemManagerResponse

from .. import layout
from . import words

SECONDS = 900
_INSTANCES: dict[str, Any] = {
    "InstanceId": {"type": "StringList"},
    "AutomationAssumeRole": {"type": "String", "default": ""},
}


def _turned(*states: str) -> dict[str, Any]:
    inputs = [{"InstanceIds": "{{ InstanceId }}", "DesiredState": one} for one in states]
    steps = [
        {"name": f"{one['DesiredState']}Instances", "action": "aws:changeInstanceState", "inputs": one}
        for one in inputs
    ]
    return {"parameters": _INSTANCES, "mainSteps": steps}


_BUILT_IN: dict[str, dict[str, Any]] = {
    "AWS-RestartEC2Instance": _turned("stopped", "running"),
    "AWS-StopEC2Instance": _turned("stopped"),
    "AWS-StartEC2Instance": _turned("running"),
    "AWS-TerminateEC2Instance": _turned("terminated"),
    "AWS-RebootRdsInstance": {
        "parameters": {"InstanceId": {"type": "String"}, "AutomationAssumeRole": {"type": "String", "default": ""}},
        "mainSteps": [
            {
                "name": "reboot",
                "action": "aws:executeAwsApi",
                "inputs": {"Service": "rds", "Api": "RebootDBInstance", "DBInstanceIdentifier": "{{ InstanceId }}"},
            },
            {
                "name": "wait",
                "action": "aws:waitForAwsResourceProperty",
                "inputs": {
                    "Service": "rds",
                    "Api": "DescribeDBInstances",
                    "DBInstanceIdentifier": "{{ InstanceId }}",
                    "PropertySelector": "$.DBInstances[0].DBInstanceStatus",
                    "DesiredValues": ["available"],
                },
            },
        ],
    },
}
_executions: dict[str, dict[str, Any]] = {}


def apply() -> None:
    """Once, before the API answers."""
    for name, call in (
        ("start_automation_execution", _start),
        ("get_automation_execution", _get),
        ("describe_automation_executions", _describe),
        ("stop_automation_execution", _stop),
    ):
        setattr(SimpleSystemManagerResponse, name, call)


def start(number: str, region: str, name: str, given: Mapping[str, list[str]]) -> str:
    """Begins; the id of the execution.

    :raises SSMException: when there is no such document, or a parameter is missing.
    """
    name = name.rpartition("/")[2].partition(":")[0]
    document = _BUILT_IN.get(name)
    if document is None:
        content = ssm_backends[number][region].get_document(name, None, None, None)["Content"]  # type: ignore[arg-type]
        document = content if isinstance(content, dict) else yaml.safe_load(content)
    try:
        values = words.parameters(document or {}, given)
    except ValueError as error:
        raise SSMException("InvalidAutomationExecutionParametersException", str(error)) from error
    execution: dict[str, Any] = {
        "AutomationExecutionId": str(uuid.uuid4()),
        "DocumentName": name,
        "DocumentVersion": "1",
        "ExecutionStartTime": _now(),
        "AutomationExecutionStatus": "InProgress",
        "StepExecutions": [],
        "Parameters": {key: value if isinstance(value, list) else [str(value)] for key, value in values.items()},
        "Mode": "Auto",
        "ExecutedBy": f"arn:aws:iam::{number}:root",
    }
    _executions[execution["AutomationExecutionId"]] = execution
    values |= {"automation:EXECUTION_ID": execution["AutomationExecutionId"], "global:REGION": region}
    steps = (document or {}).get("mainSteps", [])
    threading.Thread(target=_run, args=(execution, steps, values, region), name="automation", daemon=True).start()
    return str(execution["AutomationExecutionId"])


# -- calls ------------------------------------------------------------------------------------------------------------


def _start(self: SimpleSystemManagerResponse) -> ActionResult:
    given = self._get_param("Parameters", {})
    made = start(self.current_account, self.region, self._get_param("DocumentName"), given)
    return ActionResult({"AutomationExecutionId": made})


def _get(self: SimpleSystemManagerResponse) -> ActionResult:
    return ActionResult({"AutomationExecution": _execution(self)})


def _execution(self: SimpleSystemManagerResponse) -> dict[str, Any]:
    found = _executions.get(self._get_param("AutomationExecutionId"))
    if found is None:
        raise SSMException("AutomationExecutionNotFoundException", "Automation execution not found.")
    return found


def _describe(self: SimpleSystemManagerResponse) -> ActionResult:
    newest = sorted(_executions.values(), key=lambda one: one["ExecutionStartTime"], reverse=True)
    return ActionResult({"AutomationExecutionMetadataList": newest})


def _stop(self: SimpleSystemManagerResponse) -> ActionResult:
    _execution(self)["AutomationExecutionStatus"] = "Cancelled"
    return ActionResult({})


# -- steps ------------------------------------------------------------------------------------------------------------


def _run(execution: dict[str, Any], steps: list[dict[str, Any]], values: dict[str, Any], region: str) -> None:
    at: int | None = 0
    names = [one["name"] for one in steps]
    while at is not None and at < len(steps) and execution["AutomationExecutionStatus"] == "InProgress":
        step = steps[at]
        told: dict[str, Any] = {
            "StepName": step["name"],
            "Action": step["action"],
            "ExecutionStartTime": _now(),
            "StepStatus": "InProgress",
        }
        execution["StepExecutions"].append(told)
        try:
            action = _ACTIONS.get(step["action"])
            if action is None:
                raise ValueError(f"the rehearsal runs no {step['action']}")
            following = action(step, words.filled(step.get("inputs") or {}, values), values, region)
            told["StepStatus"] = "Success"
        except Exception as error:
            told.update(StepStatus="Failed", FailureMessage=f"{type(error).__name__}: {error}")
            following = _after_failure(step)
            if following is None:
                execution.update(AutomationExecutionStatus="Failed", FailureMessage=told["FailureMessage"])
                break
        finally:
            told["ExecutionEndTime"] = _now()
        following = following or step.get("nextStep") or ""
        at = None if step.get("isEnd") else names.index(following) if following in names else at + 1
    if execution["AutomationExecutionStatus"] == "InProgress":
        execution["AutomationExecutionStatus"] = "Success"
    execution["ExecutionEndTime"] = _now()


def _after_failure(step: Mapping[str, Any]) -> str | None:
    """The next step's name, empty for the next in line, ``None`` for none."""
    rule = str(step.get("onFailure", "Abort"))
    if rule.startswith("step:"):
        return rule.removeprefix("step:")
    return "" if rule == "Continue" else None


def _call(inputs: Mapping[str, Any], region: str) -> Any:
    """What the API answers; ``inputs`` has Service and Api, and beside them the call's own parameters."""
    own = ("Service", "Api", "PropertySelector", "DesiredValues")
    client = boto3.client(
        str(inputs["Service"]).lower(),
        endpoint_url=f"http://127.0.0.1:{layout.API_PORT}",
        region_name=region,
        aws_access_key_id=layout.CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=layout.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    return getattr(client, xform_name(str(inputs["Api"])))(**{k: v for k, v in inputs.items() if k not in own})


def _execute(step: Mapping[str, Any], inputs: Mapping[str, Any], values: dict[str, Any], region: str) -> str | None:
    answer = _call(inputs, region)
    for one in step.get("outputs", []):
        values[f"{step['name']}.{one['Name']}"] = _selected(str(one["Selector"]), answer)
    return None


def _selected(selector: str, answer: Any) -> Any:
    return jmespath.search(selector.removeprefix("$").removeprefix("."), answer)


def _wait_for(step: Mapping[str, Any], inputs: Mapping[str, Any], values: dict[str, Any], region: str) -> str | None:
    _until(lambda: _has_property(inputs, region), float(step.get("timeoutSeconds", SECONDS)))
    return None


def _assert(step: Mapping[str, Any], inputs: Mapping[str, Any], values: dict[str, Any], region: str) -> str | None:
    if not _has_property(inputs, region):
        raise ValueError(f"{inputs['PropertySelector']} is none of {inputs['DesiredValues']}")
    return None


def _has_property(inputs: Mapping[str, Any], region: str) -> bool:
    found = _selected(str(inputs["PropertySelector"]), _call(inputs, region))
    return str(found) in [str(one) for one in inputs["DesiredValues"]]


def _change(step: Mapping[str, Any], inputs: Mapping[str, Any], values: dict[str, Any], region: str) -> str | None:
    wanted, ids = inputs["DesiredState"], inputs["InstanceIds"]
    ids = ids if isinstance(ids, list) else [ids]
    verb = {"stopped": "StopInstances", "running": "StartInstances", "terminated": "TerminateInstances"}[wanted]
    if not inputs.get("CheckStateOnly"):
        _call({"Service": "ec2", "Api": verb, "InstanceIds": ids}, region)

    def there() -> bool:
        answer = _call({"Service": "ec2", "Api": "DescribeInstances", "InstanceIds": ids}, region)
        states = jmespath.search("Reservations[].Instances[].State.Name", answer)
        return all(one == wanted for one in states)

    _until(there, float(step.get("timeoutSeconds", SECONDS)))
    return None


def _sleep(step: Mapping[str, Any], inputs: Mapping[str, Any], values: dict[str, Any], region: str) -> str | None:
    found = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", str(inputs["Duration"]))
    if found is None:
        raise ValueError(f"{inputs['Duration']} is no duration like PT10S")
    hours, minutes, seconds = (int(one or 0) for one in found.groups())
    time.sleep(hours * 3600 + minutes * 60 + seconds)
    return None


def _command(step: Mapping[str, Any], inputs: Mapping[str, Any], values: dict[str, Any], region: str) -> str | None:
    asked = {key: inputs[key] for key in ("DocumentName", "InstanceIds", "Targets", "Parameters") if key in inputs}
    sent = _call({"Service": "ssm", "Api": "SendCommand", **asked}, region)["Command"]["CommandId"]

    def done() -> bool:
        found = _call({"Service": "ssm", "Api": "ListCommands", "CommandId": sent}, region)["Commands"][0]
        values[f"{step['name']}.CommandId"], values[f"{step['name']}.Status"] = sent, found["Status"]
        return found["Status"] != "InProgress"

    _until(done, float(step.get("timeoutSeconds", SECONDS)))
    if values[f"{step['name']}.Status"] != "Success":
        raise ValueError(f"the command {sent} ended as {values[step['name'] + '.Status']}")
    return None


def _branch(step: Mapping[str, Any], inputs: Mapping[str, Any], values: dict[str, Any], region: str) -> str | None:
    for one in inputs["Choices"]:
        if "StringEquals" not in one:
            raise ValueError("the rehearsal branches on StringEquals only")
        if str(one["Variable"]) == str(one["StringEquals"]):
            return str(one["NextStep"])
    return inputs.get("Default")


def _until(there: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not there():
        if time.monotonic() > end:
            raise TimeoutError(f"not so after {seconds:g} s")
        time.sleep(0.5)


def _now() -> datetime:
    return datetime.now(timezone.utc)


_ACTIONS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any], dict[str, Any], str], str | None]] = {
    "aws:executeAwsApi": _execute,
    "aws:waitForAwsResourceProperty": _wait_for,
    "aws:assertAwsResourceProperty": _assert,
    "aws:changeInstanceState": _change,
    "aws:sleep": _sleep,
    "aws:runCommand": _command,
    "aws:branch": _branch,
}
