"""RDS: instances are created, stop, reboot, fail over and go; snapshots take their time.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status
"""

from __future__ import annotations

import copy
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterCombination, RDSClientError
from moto.rds.models import DBInstance, DBInstanceClustered, DBSnapshot, MasterUserSecret, RDSBackend
from moto.rds.responses import RDSResponse


@dataclass(frozen=True)
class Origin:
    """Where the data of a new instance or snapshot comes from: ``kind`` is ``database`` or ``snapshot``. ``until`` is
    the moment (ISO 8601) that they are to be of; empty for now.
    """

    kind: str
    key: str
    password: str | None = field(default=None, repr=False)
    until: str = ""


_now = threading.local()


def apply() -> None:
    """Once, before the API answers."""
    DBInstance.__init__ = _new_instance  # type: ignore[method-assign]
    DBInstance.status = property(_instance_status, _set_instance_status)  # type: ignore[assignment]
    DBInstance.db_parameter_group_status_list = property(_parameter_groups)  # type: ignore[assignment]
    DBSnapshot.__init__ = _new_snapshot  # type: ignore[method-assign]
    DBSnapshot.status = property(_snapshot_status, lambda self, value: None)  # type: ignore[assignment]
    RDSBackend.restore_db_instance_from_db_snapshot = _restore  # type: ignore[method-assign]
    RDSBackend.restore_db_instance_to_point_in_time = _restore_to_time  # type: ignore[method-assign]
    RDSBackend.create_db_instance_read_replica = _replica  # type: ignore[method-assign]
    RDSBackend.copy_db_snapshot = _copy_snapshot  # type: ignore[method-assign]
    RDSBackend.delete_db_instance = _delete  # type: ignore[method-assign]
    RDSBackend.modify_db_instance = _modify  # type: ignore[method-assign]
    RDSResponse.reboot_db_instance = _reboot  # type: ignore[method-assign]
    MasterUserSecret._generate_secret_string = _new_secret  # type: ignore[method-assign]


def password_of(database: Any) -> str:
    """That of the master user, wherever it is kept."""
    if database.manage_master_user_password:
        secret = database.master_user_secret.secret
        return str(json.loads(secret.versions[secret.default_version_id]["secret_string"])["password"])
    return str(getattr(database, "_master_user_password", None) or "")


def _new_secret(self: Any) -> str:
    return json.dumps({"username": self.resource.master_username, "password": secrets.token_urlsafe(21)})


def _wrong_state(name: str, state: str, code: str = "InvalidDBInstanceState") -> RDSClientError:
    return RDSClientError(code, f"{name} is {state}.")


@contextmanager
def _from(origin: Origin) -> Iterator[None]:
    """What is made inside has its data from there."""
    _now.origin = origin
    try:
        yield
    finally:
        _now.origin = None


# -- instances --------------------------------------------------------------------------------------------------------

_init_instance = DBInstance.__init__


def _new_instance(self: Any, *arguments: Any, **named: Any) -> None:
    _init_instance(self, *arguments, **named)
    _begin(self)
    origin = self.stairway_origin
    if origin is not None and origin.password is not None and not self.manage_master_user_password:
        self._master_user_password = origin.password
    zones = zones_of(self)
    if zones and (named.get("availability_zone") not in zones or self.availability_zone not in zones):
        self.availability_zone = zones[0]
    _choose_second(self)
    self.stairway_self = id(self)  # the last: now it may have a body


def _begin(database: Any) -> None:
    database.stairway_origin = getattr(_now, "origin", None)
    database.stairway_boots = 0
    database.stairway_on = True
    database.stairway_gone = False
    database.stairway_status = "creating"
    database.stairway_key = f"{database.db_instance_identifier}-{secrets.token_hex(3)}"


def may_have_a_body(database: Any) -> bool:
    """Not those of clusters, and not a copy that moto has just made of another and that is still called like it."""
    return database.db_cluster_identifier is None and database.__dict__.get("stairway_self") == id(database)


def zones_of(database: Any) -> list[str]:
    """The zones of its subnet group."""
    group = getattr(database, "db_subnet_group", None)
    return sorted({one.availability_zone for one in group._subnets}) if group is not None else []


def _choose_second(database: Any) -> None:
    others = [one for one in zones_of(database) if one != database.availability_zone]
    database.secondary_availability_zone = others[0] if database.multi_az and others else None


def _instance_status(self: Any) -> str:
    return "available" if isinstance(self, DBInstanceClustered) else self.__dict__.get("stairway_status", "creating")


def _set_instance_status(self: Any, value: str) -> None:
    """moto writes here what is to be."""
    if value == "stopped":
        self.stairway_on, self.stairway_status = False, "stopping"
    elif value == "available" and self.__dict__.get("stairway_status") == "stopped":
        self.stairway_on, self.stairway_status = True, "starting"
    elif value == "deleting":
        self.stairway_gone, self.stairway_status = True, "deleting"


def _parameter_groups(self: Any) -> list[Any]:
    """Whether a group is in effect differs from instance to instance."""
    shown = [copy.copy(one) for one in self.db_parameter_groups()]
    for one in shown:
        one.ParameterApplyStatus = self.__dict__.get("stairway_parameters", "in-sync")
    return shown


def fail_over(database: Any) -> None:
    """The standby takes over; the zones change places.

    :raises InvalidParameterCombination: when there is no standby.
    """
    _choose_second(database)
    if database.secondary_availability_zone is None:
        raise InvalidParameterCombination("ForceFailover cannot be specified for a DB instance that is not Multi-AZ.")
    database.availability_zone = database.secondary_availability_zone
    _choose_second(database)
    database.stairway_boots += 1
    database.stairway_status = "rebooting"


def _reboot(self: RDSResponse) -> ActionResult:
    database: Any = self.backend.describe_db_instances(self.params.get("DBInstanceIdentifier"))[0]
    if database.status != "available":
        raise _wrong_state(database.db_instance_identifier, database.status)
    if self.params.get("ForceFailover"):
        fail_over(database)
    else:
        database.stairway_boots += 1
        database.stairway_status = "rebooting"
    return ActionResult({"DBInstance": database})


_modify_at_once = RDSBackend.modify_db_instance


def _modify(self: RDSBackend, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> Any:
    database: Any = self.describe_db_instances(db_instance_identifier)[0]
    if database.status in ("creating", "deleting", "rebooting", "stopping", "stopped", "starting"):
        raise _wrong_state(db_instance_identifier, database.status)
    answer = _modify_at_once(self, db_instance_identifier, db_kwargs)
    _choose_second(answer)
    return answer


_delete_at_once = RDSBackend.delete_db_instance


def _delete(self: RDSBackend, db_instance_identifier: str, *arguments: Any, **named: Any) -> Any:
    """It is listed until its body is gone, and its name is taken as long."""
    known: Any = self.databases.get(db_instance_identifier)
    if known is not None and known.status == "deleting":
        raise _wrong_state(db_instance_identifier, "already being deleted")
    answer: Any = _delete_at_once(self, db_instance_identifier, *arguments, **named)
    if not isinstance(answer, DBInstanceClustered):
        self.databases[db_instance_identifier] = answer
    return answer


# -- snapshots and what comes from them -------------------------------------------------------------------------------

_init_snapshot = DBSnapshot.__init__


def _new_snapshot(self: Any, *arguments: Any, **named: Any) -> None:
    _init_snapshot(self, *arguments, **named)
    origin = getattr(_now, "origin", None)
    source = self.database
    self.stairway_origin = origin or Origin("database", getattr(source, "stairway_key", ""), password_of(source))
    self.stairway_status = "creating"
    self.stairway_key = f"{self.db_snapshot_identifier}-{secrets.token_hex(3)}".replace(":", "-")


def _snapshot_status(self: Any) -> str:
    """Automated backups have no body: moto makes them for show."""
    if self.snapshot_type != "manual":
        return "available"
    return str(self.__dict__.get("stairway_status", "creating"))


def _snapshot(backend: RDSBackend, name: str) -> Origin:
    found: Any = backend.describe_db_snapshots(
        db_instance_identifier=None, db_snapshot_identifier=name.rpartition(":snapshot:")[2]
    )[0]
    if found.status != "available":
        raise _wrong_state(name, found.status, "InvalidDBSnapshotState")
    return Origin("snapshot", found.stairway_key, found.stairway_origin.password)


_restore_at_once = RDSBackend.restore_db_instance_from_db_snapshot
_restore_time_at_once = RDSBackend.restore_db_instance_to_point_in_time
_replica_at_once = RDSBackend.create_db_instance_read_replica
_copy_at_once = RDSBackend.copy_db_snapshot


def _restore(self: RDSBackend, from_snapshot_id: str, overrides: dict[str, Any]) -> Any:
    with _from(_snapshot(self, from_snapshot_id)):
        return _restore_at_once(self, from_snapshot_id, overrides)


def _restore_to_time(
    self: RDSBackend, source_db_identifier: str, target_db_identifier: str, overrides: dict[str, Any]
) -> Any:
    """As it was at that time; MariaDB, which stands for MySQL too, writes no log here: it is as it is now."""
    source: Any = self.find_db_from_id(source_db_identifier)
    asked = None if overrides.get("use_latest_restorable_time") else overrides.get("restore_time")
    with _from(Origin("database", source.stairway_key, until=_text(asked))):
        return _restore_time_at_once(self, source_db_identifier, target_db_identifier, overrides)


def _text(asked: Any) -> str:
    """moto may have read it already, and then without its zone."""
    if isinstance(asked, datetime):
        return (asked if asked.tzinfo else asked.replace(tzinfo=timezone.utc)).isoformat()
    return str(asked or "")


def _replica(self: RDSBackend, db_kwargs: dict[str, Any]) -> Any:
    source: Any = self.find_db_from_id(db_kwargs["source_db_instance_identifier"])
    with _from(Origin("database", source.stairway_key)):
        replica: Any = _replica_at_once(self, db_kwargs)
        _begin(replica)
        replica._master_user_password = password_of(source)
        replica.manage_master_user_password = False  # the secret is the source's, and stays when the replica goes
        replica.__dict__.pop("master_user_secret", None)
        replica.stairway_self = id(replica)
        return replica


def _copy_snapshot(self: RDSBackend, source_db_snapshot_identifier: str, *arguments: Any, **named: Any) -> Any:
    with _from(_snapshot(self, source_db_snapshot_identifier)):
        return _copy_at_once(self, source_db_snapshot_identifier, *arguments, **named)
