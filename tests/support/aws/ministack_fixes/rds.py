"""RDS: what it forgets of a database when it is made, changed and described.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import rds  # type: ignore[import-not-found]

_xml = rds._instance_xml
_NO_LOGS = "<EnabledCloudwatchLogsExports/>"


def _settings(params: dict[str, Any], instance: dict[str, Any]) -> None:
    minor = rds._p(params, "AutoMinorVersionUpgrade")
    if minor:
        instance["AutoMinorVersionUpgrade"] = minor == "true"
    insights = rds._p(params, "EnablePerformanceInsights")
    if insights:
        instance["PerformanceInsightsEnabled"] = insights == "true"
    if rds._p(params, "StorageThroughput"):
        instance["StorageThroughput"] = int(rds._p(params, "StorageThroughput"))
    if rds._p(params, "DBParameterGroupName"):
        group = {"DBParameterGroupName": rds._p(params, "DBParameterGroupName"), "ParameterApplyStatus": "in-sync"}
        instance["DBParameterGroups"] = [group]
    managed = rds._p(params, "ManageMasterUserPassword")
    if managed == "true":
        instance["MasterUserSecret"] = {
            "SecretArn": f"{instance['DBInstanceArn'].replace(':rds:', ':secretsmanager:')}-x"
        }
    elif managed:
        instance.pop("MasterUserSecret", None)
    logs = set(instance.get("EnabledCloudwatchLogsExports") or [])
    for key in ("EnableCloudwatchLogsExports", "CloudwatchLogsExportConfiguration.EnableLogTypes"):
        logs |= set(rds._parse_member_list(params, key))
    logs -= set(rds._parse_member_list(params, "CloudwatchLogsExportConfiguration.DisableLogTypes"))
    instance["EnabledCloudwatchLogsExports"] = sorted(logs)


def _then_settings(call: Any) -> Any:
    def run(params: dict[str, Any]) -> Any:
        answer = call(params)
        instance = rds._resolve_instance(rds._p(params, "DBInstanceIdentifier"))
        if instance:
            _settings(params, instance)
        return answer

    return run


def _described(instance: dict[str, Any]) -> str:
    logs = instance.get("EnabledCloudwatchLogsExports") or []
    members = "".join(f"<member>{one}</member>" for one in logs)
    text = str(_xml(instance)).replace(
        _NO_LOGS, f"<EnabledCloudwatchLogsExports>{members}</EnabledCloudwatchLogsExports>"
    )
    secret = instance.get("MasterUserSecret")
    if secret and "<MasterUserSecret>" not in text:
        text += f"<MasterUserSecret><SecretArn>{secret['SecretArn']}</SecretArn></MasterUserSecret>"
    return text


rds._instance_xml = _described
for _action in ("CreateDBInstance", "ModifyDBInstance", "CreateDBInstanceReadReplica"):
    rds._ACTION_MAP[_action] = _then_settings(rds._ACTION_MAP[_action])


def _restored(call: Any) -> Any:
    """What is restored stands where it was told to, and has the tags that came along."""

    def run(params: dict[str, Any]) -> Any:
        answer = call(params)
        instance = rds._resolve_instance(rds._p(params, "DBInstanceIdentifier"))
        if instance:
            group = rds._subnet_groups.get(rds._p(params, "DBSubnetGroupName"))
            instance["DBSubnetGroup"] = group or instance.get("DBSubnetGroup")
            if tags := rds._parse_tags(params):
                instance["TagList"] = tags
                rds._tags[instance["DBInstanceArn"]] = tags
            _settings(params, instance)
        return answer

    return run


rds._ACTION_MAP["RestoreDBInstanceFromDBSnapshot"] = _restored(rds._ACTION_MAP["RestoreDBInstanceFromDBSnapshot"])
