"""The calls that look at a fleet and change its machines, each as thin as it can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..._aws.account import Account
from ..._aws.errors import AwsError
from ..._common.errors import StairwayError
from ..model import Machine, machine, machines_path
from .view import Member, Target, View

# Those that go count no more.
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
GOING = ("Terminating", "Terminated", "Detaching", "Detached")
BATCH = 10  # names in one DeleteParameters
RELEASE = "python3 /usr/local/lib/stairway/agent.pyz release"
# A deregistered target that the balancer knows no more.
_GONE = {"Target.NotRegistered", "Target.NotInUse"}


def group(aws: Account, name: str) -> Mapping[str, Any] | None:
    """The Auto Scaling group, or None where there is none yet."""
    found = aws.call("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return found[0] if found else None


def look(aws: Account, app: str, name: str) -> View:
    """The fleet as it is now.

    :raises StairwayError: when there is no such group.
    """
    found = group(aws, name)
    if found is None:
        raise StairwayError(
            f"There is no Auto Scaling group {name}.",
            expected="the machines of stage 4",
            where=f"autoscaling:DescribeAutoScalingGroups in {aws.region}",
            fix="ansible-playbook playbooks/stage4.yml, which makes it",
        )
    targets = {arn: _targets(aws, arn) for arn in found["TargetGroupARNs"]}
    said = machines(aws, app)
    members = tuple(
        Member(
            instance=one["InstanceId"],
            lifecycle=one["LifecycleState"],
            healthy=one["HealthStatus"].lower() == "healthy",
            zone=one["AvailabilityZone"],
            protected=bool(one.get("ProtectedFromScaleIn")),
            targets={arn: known.get(one["InstanceId"]) for arn, known in targets.items()},
            machine=said.get(one["InstanceId"]),
        )
        for one in found["Instances"]
        if not one["LifecycleState"].startswith(GOING)
    )
    here = {one["InstanceId"] for one in found["Instances"]}
    gone = tuple(Member(key, "Gone", machine=one) for key, one in sorted(said.items()) if key not in here)
    desired = int(found["DesiredCapacity"])
    return View(desired, members, gone, unable(aws, name) if len(members) < desired else "")


def outdated(aws: Account, found: Mapping[str, Any]) -> frozenset[str]:
    """The machines of a group that were started from an older version of its launch template than it names now."""
    template = found.get("LaunchTemplate")
    if not template:
        return frozenset()
    wanted = str(template.get("Version") or "$Default")
    if wanted.startswith("$"):
        ids = [template["LaunchTemplateId"]]
        (known,) = aws.call("ec2", "describe_launch_templates", LaunchTemplateIds=ids)["LaunchTemplates"]
        wanted = str(known["LatestVersionNumber" if wanted == "$Latest" else "DefaultVersionNumber"])
    return frozenset(
        one["InstanceId"]
        for one in found["Instances"]
        if str((one.get("LaunchTemplate") or {}).get("Version")) != wanted
        and not one["LifecycleState"].startswith(GOING)
    )


def unable(aws: Account, name: str) -> str:
    """Why the last machines could not be started; empty where one could. One that failed alone may come in another
    zone at once, so it takes two.
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/CHAP_Troubleshooting.html
    """
    answer = aws.call("autoscaling", "describe_scaling_activities", AutoScalingGroupName=name, MaxRecords=2)
    last = answer["Activities"]
    if len(last) < 2 or any(one["StatusCode"] != "Failed" for one in last):
        return ""
    return str(last[0].get("StatusMessage") or last[0].get("Description") or "no reason given")


def _targets(aws: Account, arn: str) -> dict[str, Target]:
    """What the balancer says of each machine; one on several ports is as well as the worst of them."""
    found: dict[str, Target] = {}
    answer = aws.call("elbv2", "describe_target_health", TargetGroupArn=arn)
    for one in answer["TargetHealthDescriptions"]:
        health = one["TargetHealth"]
        why = " ".join(text for text in (health.get("Reason"), health.get("Description")) if text)
        target = Target(health["State"], why)
        known = found.get(one["Target"]["Id"])
        if health.get("Reason") not in _GONE and (known is None or known.state == "healthy"):
            found[one["Target"]["Id"]] = target
    return found


def machines(aws: Account, app: str) -> dict[str, Machine]:
    """What each machine says of itself; what cannot be read says nothing."""
    found = {}
    for one in aws.pages("ssm", "get_parameters_by_path", "Parameters", Path=machines_path(app)):
        try:
            found[one["Name"].rpartition("/")[2]] = machine(one["Value"])
        except (ValueError, TypeError, KeyError):
            continue
    return found


def forget(aws: Account, app: str, gone: Iterable[Member]) -> None:
    """Machines that are no more leave no word behind."""
    paths = [f"{machines_path(app)}/{one.instance}" for one in gone]
    for start in range(0, len(paths), BATCH):
        aws.call("ssm", "delete_parameters", Names=paths[start : start + BATCH])


# -- an instance refresh -----------------------------------------------------------------------------------------------


def start_refresh(aws: Account, name: str, preferences: Mapping[str, Any]) -> str:
    answer = aws.call(
        "autoscaling",
        "start_instance_refresh",
        AutoScalingGroupName=name,
        Strategy="Rolling",
        Preferences=dict(preferences),
    )
    return str(answer["InstanceRefreshId"])


def refreshes(aws: Account, name: str) -> list[Mapping[str, Any]]:
    """The newest first."""
    answer = aws.call("autoscaling", "describe_instance_refreshes", AutoScalingGroupName=name, MaxRecords=5)
    return list(answer["InstanceRefreshes"])


def cancel_refresh(aws: Account, name: str) -> None:
    """Where there is none any more, nothing is to be done."""
    aws.call(
        "autoscaling",
        "cancel_instance_refresh",
        absent=("ActiveInstanceRefreshNotFound", "ActiveInstanceRefreshNotFoundFault"),
        AutoScalingGroupName=name,
    )


def protect(aws: Account, name: str, instances: Iterable[str], *, on: bool) -> None:
    """From scaling in. One that has just gone needs no protection."""
    for one in instances:
        try:
            aws.call(
                "autoscaling",
                "set_instance_protection",
                AutoScalingGroupName=name,
                InstanceIds=[one],
                ProtectedFromScaleIn=on,
            )
        except AwsError as error:
            if error.code != "ValidationError":
                raise


def end(aws: Account, instances: Iterable[str]) -> None:
    """Drained, then gone; the group starts another where one is missing."""
    for one in instances:
        try:
            aws.call(
                "autoscaling",
                "terminate_instance_in_auto_scaling_group",
                InstanceId=one,
                ShouldDecrementDesiredCapacity=False,
            )
        except AwsError as error:
            if error.code != "ValidationError":  # it goes already
                raise


# -- rolling in place --------------------------------------------------------------------------------------------------


def suspend(aws: Account, name: str, processes: Iterable[str]) -> None:
    aws.call("autoscaling", "suspend_processes", AutoScalingGroupName=name, ScalingProcesses=list(processes))


def resume(aws: Account, name: str, processes: Iterable[str]) -> None:
    aws.call("autoscaling", "resume_processes", AutoScalingGroupName=name, ScalingProcesses=list(processes))


def suspended(aws: Account, name: str) -> set[str]:
    found = group(aws, name) or {}
    return {one["ProcessName"] for one in found.get("SuspendedProcesses", [])}


def deregister(aws: Account, arns: Iterable[str], instances: Iterable[str]) -> None:
    ids = [{"Id": one} for one in instances]
    for arn in arns if ids else ():
        aws.call("elbv2", "deregister_targets", TargetGroupArn=arn, Targets=ids)


def register(aws: Account, arns: Iterable[str], instances: Iterable[str]) -> None:
    ids = [{"Id": one} for one in instances]
    for arn in arns:
        aws.call("elbv2", "register_targets", TargetGroupArn=arn, Targets=ids)


def run_release(aws: Account, instances: Iterable[str], seconds: int) -> str:
    """Every machine of them goes to the release that the document names; the command's id."""
    answer = aws.call(
        "ssm",
        "send_command",
        DocumentName="AWS-RunShellScript",
        InstanceIds=list(instances),
        Comment="Stairway: release in place",
        Parameters={"commands": [RELEASE], "executionTimeout": [str(seconds)]},
        TimeoutSeconds=max(30, min(seconds, 600)),
    )
    return str(answer["Command"]["CommandId"])


def commands(aws: Account, command: str) -> dict[str, tuple[str, str]]:
    """For each machine how far the command is, in AWS's words, and what it printed last."""
    answer = aws.call("ssm", "list_command_invocations", CommandId=command, Details=True)
    found = {}
    for one in answer["CommandInvocations"]:
        printed = "".join(plugin.get("Output") or "" for plugin in one.get("CommandPlugins") or ())
        found[one["InstanceId"]] = (one["Status"], printed)
    return found


# -- gates -------------------------------------------------------------------------------------------------------------


def firing(aws: Account, alarms: Iterable[str]) -> set[str]:
    """Those that are in ALARM.

    :raises StairwayError: when there is no alarm of such a name.
    """
    wanted = list(alarms)
    if not wanted:
        return set()
    answer = aws.call("cloudwatch", "describe_alarms", AlarmNames=wanted, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    found = {one["AlarmName"]: one["StateValue"] for one in answer["MetricAlarms"] + answer.get("CompositeAlarms", [])}
    missing = sorted(set(wanted) - set(found))
    if missing:
        raise StairwayError(
            f"There is no alarm {', '.join(missing)}.",
            expected="names of alarms in CloudWatch, in the app's region",
            where="app.release.fleet.alarms",
            fix="aws cloudwatch describe-alarms --query 'MetricAlarms[].AlarmName' names those that are there",
        )
    return {name for name, state in found.items() if state == "ALARM"}
