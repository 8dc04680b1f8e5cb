"""Commands run on machines, automations run their steps, and notices arrive: in the rehearsal's account."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import bodies
from tests.support.fleet import Fleet

pytestmark = pytest.mark.usefixtures("account")

HOOKS = "http://127.0.0.1:5504"


@pytest.fixture(scope="module")
def fleet(account: None, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    bodies.client("ec2").delete_key_pair(KeyName="test")  # that of another fleet of this session
    return Fleet(74, tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="module")
def machine(fleet: Fleet) -> Iterator[str]:
    started = fleet.start()
    fleet.is_in(started, "running")
    yield started
    fleet.ec2.terminate_instances(InstanceIds=[started])
    bodies.wait(lambda: not bodies.containers(f"instances/{started}"))


def command(machine: str, *lines: str, **more: list[str]) -> dict[str, Any]:
    """How it ended there."""
    ssm = bodies.client("ssm")
    sent = ssm.send_command(
        InstanceIds=[machine], DocumentName="AWS-RunShellScript", Parameters={"commands": list(lines), **more}
    )["Command"]

    def ended() -> Any:
        found = ssm.get_command_invocation(CommandId=sent["CommandId"], InstanceId=machine)
        return found if found["Status"] not in ("Pending", "InProgress") else None

    found: dict[str, Any] = bodies.wait(ended)
    assert ssm.list_commands(CommandId=sent["CommandId"])["Commands"][0]["Status"] in (found["Status"], "Failed")
    return found


def test_a_command_runs_on_its_machine(fleet: Fleet, machine: str) -> None:
    address = fleet.instance(machine)["PrivateIpAddress"].replace(".", "-")
    good = command(machine, "hostname", "pwd", "id -un", workingDirectory=["/srv"])
    assert (good["Status"], good["ResponseCode"]) == ("Success", 0)
    assert good["StandardOutputContent"].split() == [f"ip-{address}", "/srv", "root"]
    bad = command(machine, "echo seen", "echo wrong >&2", "exit 3")
    assert (bad["Status"], bad["ResponseCode"], bad["StandardOutputContent"]) == ("Failed", 3, "seen\n")
    assert "wrong" in bad["StandardErrorContent"]
    assert command(machine, "sleep 30", executionTimeout=["1"])["Status"] == "TimedOut"
    with pytest.raises(bodies.client("ssm").exceptions.InvalidInstanceId):
        command("i-0123456789abcdef0", "true")


def test_a_document_of_ones_own_runs_with_its_parameters(machine: str) -> None:
    ssm, name = bodies.client("ssm"), "say"
    content = {
        "schemaVersion": "2.2",
        "parameters": {"word": {"type": "String", "default": "nothing"}},
        "mainSteps": [
            {"action": "aws:runShellScript", "name": "say", "inputs": {"runCommand": ["echo said {{ word }}"]}}
        ],
    }
    ssm.create_document(Name=name, Content=json.dumps(content), DocumentType="Command")
    sent = ssm.send_command(
        Targets=[{"Key": "InstanceIds", "Values": [machine]}], DocumentName=name, Parameters={"word": ["hello"]}
    )["Command"]["CommandId"]
    bodies.wait(lambda: ssm.list_commands(CommandId=sent)["Commands"][0]["Status"], "Success")
    (one,) = ssm.list_command_invocations(CommandId=sent, Details=True)["CommandInvocations"]
    assert one["CommandPlugins"][0]["Output"] == "said hello\n"
    ssm.delete_document(Name=name)


def test_a_command_runs_nowhere_else(fleet: Fleet, machine: str) -> None:
    other = fleet.start()
    fleet.is_in(other, "running")
    told = command(machine, "hostname")["CommandId"]
    invoked = bodies.client("ssm").list_command_invocations(CommandId=told)["CommandInvocations"]
    assert [one["InstanceId"] for one in invoked] == [machine]
    fleet.ec2.terminate_instances(InstanceIds=[other])


def test_an_alarm_restarts_its_machine_and_tells(fleet: Fleet, machine: str) -> None:
    """Alarm -> EventBridge -> Automation, as the blueprint's recovery does; and alarm -> SNS -> the chat."""
    urllib.request.urlopen(urllib.request.Request(f"{HOOKS}/", method="DELETE")).close()
    sns, events, cloudwatch = bodies.client("sns"), bodies.client("events"), bodies.client("cloudwatch")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="someone@example.com")
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://hooks.stairway.test:8080/chat")
    events.put_rule(
        Name="recover",
        EventPattern=json.dumps({"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}}),
    )
    path = "$.detail.configuration.metrics[0].metricStat.metric.dimensions.InstanceId"
    number = topic.split(":")[4]
    events.put_targets(
        Rule="recover",
        Targets=[
            {
                "Id": "restart",
                "Arn": f"arn:aws:ssm:{bodies.REGION}:{number}:automation-definition/AWS-RestartEC2Instance:$DEFAULT",
                "InputTransformer": {"InputPathsMap": {"id": path}, "InputTemplate": '{"InstanceId": ["<id>"]}'},
            }
        ],
    )
    cloudwatch.put_metric_alarm(
        AlarmName="down",
        AlarmActions=[topic],
        MetricName="StatusCheckFailed",
        Namespace="AWS/EC2",
        Dimensions=[{"Name": "InstanceId", "Value": machine}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName="down", StateValue="ALARM", StateReason="a test")
    try:
        got = bodies.wait(lambda: (found := received()) and len(found) == 2 and found)
        assert sorted(got) == ["/chat", "/sns/email/someone@example.com"]
        chat = json.loads(got["/chat"])
        assert chat["Type"] == "Notification"
        assert chat["Subject"] == 'ALARM: "down" in Asia Pacific (Seoul)'
        assert json.loads(chat["Message"])["NewStateValue"] == "ALARM"

        ssm = bodies.client("ssm")
        (run,) = ssm.describe_automation_executions()["AutomationExecutionMetadataList"][:1]
        seen = bodies.wait(lambda: fleet.instance(machine)["State"]["Name"] in ("stopping", "stopped"), True, 60)
        assert seen
        execution = run["AutomationExecutionId"]
        bodies.wait(lambda: automation(execution)["AutomationExecutionStatus"], "Success")
        assert [one["StepStatus"] for one in automation(execution)["StepExecutions"]] == ["Success", "Success"]
        assert fleet.instance(machine)["State"]["Name"] == "running"
    finally:
        cloudwatch.delete_alarms(AlarmNames=["down"])
        events.remove_targets(Rule="recover", Ids=["restart"])
        events.delete_rule(Name="recover")
        sns.delete_topic(TopicArn=topic)


def automation(execution: str) -> Any:
    return bodies.client("ssm").get_automation_execution(AutomationExecutionId=execution)["AutomationExecution"]


def received() -> dict[str, str]:
    """Path -> body of what the webhook receiver got."""
    with urllib.request.urlopen(f"{HOOKS}/") as answer:
        return {one["path"]: one["body"] for one in json.load(answer)}
