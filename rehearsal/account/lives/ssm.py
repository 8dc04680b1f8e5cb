"""Systems Manager: Run Command really runs on the machine.

https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html#aws-runShellScript
"""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import yaml
from moto.core.responses import ActionResult
from moto.ssm.exceptions import SSMException
from moto.ssm.models import Command, SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

from ... import run
from .. import layout
from ..account import Account
from . import automation, words

_SHELL = "aws:runShellScript"
_BUILT_IN: dict[str, dict[str, Any]] = {
    "AWS-RunShellScript": {
        "parameters": {
            "commands": {"type": "StringList"},
            "workingDirectory": {"type": "String", "default": ""},
            "executionTimeout": {"type": "String", "default": "3600"},
        },
        "mainSteps": [
            {
                "action": _SHELL,
                "name": "runShellScript",
                "inputs": {
                    "runCommand": "{{ commands }}",
                    "workingDirectory": "{{ workingDirectory }}",
                    "timeoutSeconds": "{{ executionTimeout }}",
                },
            }
        ],
    }
}
_KEPT = 24_000  # characters of output that the API gives back
_SCRIPT = 'f=$(mktemp) && cat > "$f" && {} sh "$f" < /dev/null; code=$?; rm -f "$f"; exit $code'


def apply(account: Account) -> None:
    """Once, before the API answers."""

    def send(self: SimpleSystemManagerBackend, **asked: Any) -> Command:
        plan = _document(self, asked["document_name"])
        explicit = list(asked["instance_ids"])
        missing = [one for one in explicit if one not in _running(account)]
        if missing:
            raise SSMException(
                "InvalidInstanceId", f"Instances {missing} not in a valid state for account {account.number}"
            )
        for target in asked["targets"]:
            if target["Key"] == "InstanceIds":
                explicit += target["Values"]
        asked["instance_ids"] = list(explicit)  # moto adds to the list that it is given
        asked["targets"] = [one for one in asked["targets"] if one["Key"] != "InstanceIds"]
        command = _send(self, **asked)
        meant = _running(account).keys() & set(explicit) if not asked["targets"] else _running(account).keys()
        # without other targets moto takes every machine there is
        command.invocations = [one for one in command.invocations if one["InstanceId"] in meant]
        command.instance_ids = [one["InstanceId"] for one in command.invocations]
        command.target_count, command.completed_count = len(command.invocations), 0
        command.status = command.status_details = "InProgress" if command.invocations else "Success"
        for one in command.invocations:
            one.update(Status="InProgress", StatusDetails="InProgress", ResponseCode=-1, ExecutionEndDateTime="")
            threading.Thread(target=_invoke, args=(command, one, plan), name="command", daemon=True).start()
        return command

    _send = SimpleSystemManagerBackend.send_command
    SimpleSystemManagerBackend.send_command = send  # type: ignore[method-assign, assignment]
    SimpleSystemManagerResponse.list_command_invocations = _list_invocations  # type: ignore[attr-defined]
    SimpleSystemManagerResponse.describe_instance_information = _information(account)  # type: ignore[attr-defined]
    automation.apply()


def _running(account: Account) -> dict[str, Any]:
    return {
        one.id: one
        for _region, backend in account.backends("ec2")
        for reservation in list(backend.reservations.values())
        for one in list(reservation.instances)
        if one._state.name == "running"
    }


def _document(backend: Any, name: str) -> dict[str, Any]:
    """Parameters and steps; documents of AWS that are not known here are refused, as unknown ones are there."""
    short = name.rpartition("/")[2]
    if short in _BUILT_IN:
        return _BUILT_IN[short]
    text = backend.get_document(short, None, None, None)["Content"]
    content: dict[str, Any] = text if isinstance(text, dict) else yaml.safe_load(text)
    return content


def _invoke(command: Command, invocation: dict[str, Any], plan: Mapping[str, Any]) -> None:
    begun = time.time()
    code, out, err = 0, "", ""
    try:
        given = words.parameters(plan, command.parameters)
        for step in plan.get("mainSteps", []):
            invocation["PluginName"] = step["action"]
            code, said, wrong = _step(invocation["InstanceId"], step, given)
            out, err = out + said, err + wrong
            if code:
                break
    except Exception as error:
        code, err = 1, f"{err}{type(error).__name__}: {error}"
    status = "TimedOut" if code == 124 else "Failed" if code else "Success"
    invocation.update(
        StandardOutputContent=out[:_KEPT],
        StandardErrorContent=err[:_KEPT] + (f"failed to run commands: exit status {code}" if code else ""),
        ResponseCode=code,
        ExecutionElapsedTime=f"PT{time.time() - begun:.3f}S",
        ExecutionEndDateTime=datetime.now(timezone.utc).isoformat(),
        StatusDetails="ExecutionTimedOut" if code == 124 else status,
        Status=status,
    )
    _sum_up(command)


def _step(instance: str, step: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[int, str, str]:
    if step["action"] != _SHELL:
        return 1, "", f"the rehearsal runs no {step['action']}\n"
    inputs = words.filled(step["inputs"], given)
    lines = inputs["runCommand"]
    script = "\n".join(lines if isinstance(lines, list) else [str(lines)]) + "\n"
    seconds = int(inputs.get("timeoutSeconds") or 3600)
    argv = ["docker", "exec", "-i", f"--workdir={inputs.get('workingDirectory') or '/'}"]
    argv += [layout.container("instance", instance), "sh", "-c", _SCRIPT.format(shlex.join(["timeout", str(seconds)]))]
    done = run.run(argv, timeout=seconds + 10, stdin=script.encode())
    return done.returncode, done.stdout, done.stderr


def _sum_up(command: Command) -> None:
    states = [one["Status"] for one in command.invocations]
    command.completed_count = sum(one != "InProgress" for one in states)
    command.error_count = sum(one in ("Failed", "TimedOut") for one in states)
    if command.completed_count == len(states):
        command.status = command.status_details = "Failed" if command.error_count else "Success"


def _list_invocations(self: SimpleSystemManagerResponse) -> ActionResult:
    command, instance = self._get_param("CommandId"), self._get_param("InstanceId")
    listed = [
        {**one, "RequestedDateTime": found.requested_date_time, "CommandPlugins": [_plugin(one)]}
        for found in self.ssm_backend.list_commands(command, None)
        for one in found.invocations
        if instance in (None, one["InstanceId"])
    ]
    return ActionResult({"CommandInvocations": listed})


def _plugin(invocation: Mapping[str, Any]) -> dict[str, Any]:
    text = str(invocation["StandardOutputContent"]) + str(invocation["StandardErrorContent"])
    code, status = invocation["ResponseCode"], invocation["Status"]
    return {"Name": invocation["PluginName"], "Status": status, "ResponseCode": code, "Output": text[:2500]}


def _information(account: Account) -> Any:
    def answer(self: SimpleSystemManagerResponse) -> ActionResult:
        listed = [
            {
                "InstanceId": one.id,
                "PingStatus": "Online",
                "LastPingDateTime": datetime.now(timezone.utc),
                "AgentVersion": "3.3.0.0",
                "PlatformType": "Linux",
                "PlatformName": "Debian GNU/Linux",
                "ResourceType": "EC2Instance",
                "IPAddress": one.private_ip,
            }
            for one in _running(account).values()
        ]
        return ActionResult({"InstanceInformationList": listed})

    return answer
