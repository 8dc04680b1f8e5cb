"""An emptied account with a database of the store ``db`` in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Found
from ansible_collections.stairway.cloud.plugins.module_utils._restores.work import Asked
from tests.support.aws.emulators import REGION, Emulator, moto
from tests.support.aws.operator import Operator
from tests.support.aws.trial import APP, Trial


@pytest.fixture(scope="session")
def moto_server() -> Iterator[Emulator]:
    with moto() as emulator:
        yield emulator


@pytest.fixture
def trial(moto_server: Emulator) -> Trial:
    moto_server.reset()
    return Trial(moto_server.account())


@pytest.fixture
def database(trial: Trial) -> Found:
    """As a stage makes it."""
    vpc = trial.make("vpc", "main", cidr="10.0.0.0/16")
    subnets = [
        trial.make("subnet", f"db-{z}", vpc=vpc.id, cidr=f"10.0.{n}.0/24", zone=f"ap-northeast-2{z}").id
        for n, z in ((11, "a"), (12, "b"))
    ]
    group = trial.make("security_group", "db", vpc=vpc.id, ingress=[], egress=[])
    secret = trial.make("secret", "db", value={"username": "app"}, generate={"key": "password"})
    return trial.make(
        "database",
        "db",
        engine="postgresql",
        version="16",
        size="db.t4g.medium",
        storage_gb=50,
        max_storage_gb=200,
        subnets=subnets,
        security_groups=[group.id],
        password_secret=secret.id,
        parameters={"rds.logical_replication": "1"},
        backup_keep_days=14,
        backup_window="03:00-04:00",
        maintenance_window="sun:04:30-sun:05:30",
        log_exports=["postgresql"],
        performance_insights=True,
        performance_insights_days=7,
        deletion_protection=True,
    )


@pytest.fixture
def at(database: Found) -> datetime:
    """A moment that AWS can bring back."""
    return datetime.now(timezone.utc).replace(microsecond=0)


@pytest.fixture
def operator(trial: Trial, database: Found) -> Operator:
    asked = Asked(
        APP, "db", REGION, "", {"db": "managed"}, [{"name": "db", "engine": "postgresql"}],
        {"db": {"host": database.outputs["endpoint"]}},
    )  # fmt: skip
    return Operator(trial, asked)
