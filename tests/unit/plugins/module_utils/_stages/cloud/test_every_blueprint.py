"""Every blueprint of every example app passes the checks that the engine makes before its first call."""

from __future__ import annotations

import json

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import find_mistakes
from ansible_collections.stairway.cloud.plugins.module_utils._app.source import load
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._prices.bill import bill
from ansible_collections.stairway.cloud.plugins.module_utils._prices.book import load as prices
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint, secret_values
from tests.support.inventories import OVERLAYS, SEEDS, app, files

ATLAS = {"vault_atlas_url": "mongodb+srv://chat:p%40s@cluster.example.mongodb.net/chatdb"}
STAGES = ("stage1", "stage2", "stage3", "stage4")


@pytest.mark.parametrize("name", [*SEEDS, *OVERLAYS])
def test_files_have_no_mistake(name: str) -> None:
    documents = [load(path.read_text(encoding="utf-8"), str(path)) for path in files(name)]
    assert find_mistakes(documents) == []


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", [*SEEDS, *OVERLAYS])
def test_engine_accepts_the_blueprint(name: str, stage: str) -> None:
    given = app(name, vault=ATLAS)
    assert given.cloud is not None
    entries = read(blueprint(given, stage), kinds(), given.cloud.region)
    assert len(entries) > 5


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", [*SEEDS, *OVERLAYS])
def test_no_secret_is_in_the_blueprint(name: str, stage: str) -> None:
    given = app(name, vault=ATLAS)
    text = json.dumps(blueprint(given, stage))
    assert "test-value-of" not in text
    assert "p%40s" not in text


@pytest.mark.parametrize("name", [*SEEDS, *OVERLAYS])
def test_values_fill_secrets_that_are_there(name: str) -> None:
    given = app(name, vault=ATLAS)
    entries = {entry["secret"] for entry in blueprint(given, "stage4") if "secret" in entry}
    # a release fills the environment of a fleet
    assert set(secret_values(given, "stage4")) == entries - {"fleet-env"}


@pytest.mark.parametrize("stage", ["stage2", "stage4"])
@pytest.mark.parametrize("name", SEEDS)
def test_names_that_rds_dictates_are_those_of_the_kind(name: str, stage: str) -> None:
    given = app(name, vault=ATLAS)
    entries = blueprint(given, stage)
    namer = kinds()["database"].aws_name
    assert namer is not None
    names = {entry["database"]: namer(given.name, entry["database"], entry) for entry in entries if "database" in entry}
    dictated = [entry["log_name"] for entry in entries if str(entry.get("log_name")).startswith("/aws/rds/")]
    assert all(log_name.split("/")[4] in names.values() for log_name in dictated)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", [*SEEDS, *OVERLAYS])
def test_a_plan_costs_no_more_than_its_own_limit(name: str, stage: str) -> None:
    given = app(name, vault=ATLAS)
    assert given.cloud is not None
    entries = read(blueprint(given, stage), kinds(), given.cloud.region)
    attrs = {(entry.kind, entry.name): entry.attrs for entry in entries}
    usages = [
        usage
        for entry in entries
        for usage in kinds()[entry.kind].price(entry.attrs, lambda kind, other: attrs.get((kind, other)))
    ]
    month = bill(prices(given.cloud.region), usages)
    assert month.unknown == ()
    assert month.usd <= (given.cloud.plan_max_monthly or month.usd)
