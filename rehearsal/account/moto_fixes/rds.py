"""RDS."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.rds import utils
from moto.rds.exceptions import DBParameterGroupNotFoundError, DBSubnetGroupNotFoundError
from moto.rds.models import DBInstance, DBInstanceAutomatedBackup, RDSBackend
from moto.rds.responses import RDSResponse

# Of each engine's hundreds, those that a test or a road sets, with the way they take effect:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.MySQL.Parameters.html
STATIC = {"innodb_log_file_size", "shared_buffers", "rds.logical_replication"}
DYNAMIC = {
    "mysql": ("max_connections", "slow_query_log", "long_query_time", "require_secure_transport", "binlog_format"),
    "mariadb": ("max_connections", "slow_query_log", "long_query_time", "require_secure_transport"),
    "postgres": ("log_min_duration_statement", "rds.force_ssl"),
}
ANY = {"DataType": "string", "IsModifiable": True}
_describe_groups = RDSBackend.describe_db_parameter_groups


def describe_groups(self: RDSBackend, wanted: dict[str, Any]) -> Any:
    """A group that is not there is an error, not an empty list, when it is asked for by name."""
    found = _describe_groups(self, wanted)
    name = wanted.get("db_parameter_group_name")
    if name and not found:
        raise DBParameterGroupNotFoundError(name)
    return found


def describe_parameters(self: RDSResponse) -> ActionResult:
    """Source says who set a parameter: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBParameters.html"""
    group = self.backend.describe_db_parameter_groups(
        {"db_parameter_group_name": self.params.get("DBParameterGroupName")}
    )[0]
    engine = next((one for one in DYNAMIC if str(group.family).startswith(one)), "mysql")
    known: dict[str, dict[str, Any]] = {
        name: {**ANY, "ParameterName": name, "Source": "system", "ApplyType": "dynamic"} for name in DYNAMIC[engine]
    }
    for name, one in group.parameters.items():
        apply_type = "static" if name in STATIC else "dynamic"
        known[name] = {**ANY, "ApplyType": apply_type, **known.get(name, {}), **one, "Source": "user"}
    source = self.params.get("Source")
    return ActionResult({"Parameters": [one for one in known.values() if source in (None, one["Source"])]})


def reset_parameters(self: RDSResponse) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ResetDBParameterGroup.html"""
    name = self.params.get("DBParameterGroupName")
    group = self.backend.describe_db_parameter_groups({"db_parameter_group_name": name})[0]
    if self.params.get("ResetAllParameters", False):
        group.parameters.clear()
    for one in self.params.get("Parameters", []):
        group.parameters.pop(one.original_dict()["ParameterName"], None)
    return ActionResult({"DBParameterGroupName": name})


def modify_subnet_group(self: RDSBackend, subnet_name: str, description: str, subnets: Any) -> Any:
    """It stays there: moto takes it away."""
    if subnet_name not in self.subnet_groups:
        raise DBSubnetGroupNotFoundError(subnet_name)
    group = self.subnet_groups[subnet_name]
    group.subnets = subnets
    group.description = description or group.description
    return group


def _gp3(default: int) -> property:
    """gp3 has 3000 operations and 125 MiB/s of its own: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html"""
    attribute = f"_gp3_{default}"

    def read(self: Any) -> Any:
        return getattr(self, attribute, None) or (default if getattr(self, "storage_type", "") == "gp3" else None)

    return property(read, lambda self, value: setattr(self, attribute, value))


def overlap(*times: datetime) -> int:
    """Seconds that two windows share; those that only touch share none, and moto takes none for too many."""
    return _overlap(*times) or -1


_overlap = utils.get_overlap_between_two_date_ranges
utils.get_overlap_between_two_date_ranges = overlap  # type: ignore[assignment]
RDSBackend.describe_db_parameter_groups = describe_groups  # type: ignore[method-assign, assignment]
RDSBackend.modify_db_subnet_group = modify_subnet_group  # type: ignore[method-assign]
RDSResponse.describe_db_parameters = describe_parameters  # type: ignore[method-assign]
RDSResponse.reset_db_parameter_group = reset_parameters  # type: ignore[attr-defined]
DBInstance.iops = _gp3(3000)  # type: ignore[assignment]
DBInstance.storage_throughput = _gp3(125)  # type: ignore[method-assign, assignment]


def _with_insights(call: Any) -> Any:
    """Performance Insights are remembered: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html"""

    def run(self: RDSResponse) -> Any:
        answer = call(self)
        instance: Any = self.backend.databases.get(self.params.get("DBInstanceIdentifier"))
        for key, attribute in (
            ("EnablePerformanceInsights", "performance_insights_enabled"),
            ("PerformanceInsightsRetentionPeriod", "performance_insights_retention_period"),
        ):
            if instance is not None and self.params.get(key) is not None:
                setattr(instance, attribute, self.params.get(key))
        return answer

    return run


RDSResponse.create_db_instance = _with_insights(RDSResponse.create_db_instance)  # type: ignore[method-assign]
RDSResponse.modify_db_instance = _with_insights(RDSResponse.modify_db_instance)  # type: ignore[method-assign]


# -- backups ----------------------------------------------------------------------------------------------------------


def restore_window(self: DBInstanceAutomatedBackup) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreWindow.html"""
    instance = self.backend.databases.get(self.db_instance_identifier)
    first = min(one.snapshot_create_time for one in self.automated_snapshots).replace(microsecond=0)
    return {"EarliestTime": first, "LatestTime": instance.latest_restorable_time if instance is not None else None}


DBInstanceAutomatedBackup.restore_window = property(restore_window)  # type: ignore[attr-defined]

_restore_to_time = RDSResponse.restore_db_instance_to_point_in_time


def restore_to_time(self: RDSResponse) -> ActionResult:
    """What is restored follows nobody: moto says that it is a replica of its source."""
    answer = _restore_to_time(self)
    self.backend.databases[self.params.get("TargetDBInstanceIdentifier")].source_db_instance_identifier = None
    return answer


RDSResponse.restore_db_instance_to_point_in_time = restore_to_time  # type: ignore[method-assign]
