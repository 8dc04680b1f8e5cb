"""What an app has while it is on its way from one stage to another."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.between import (
    between,
    changes_edge,
)
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint
from tests.support.figures import at, names
from tests.support.inventories import app


def keys(entries: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {next(iter(entry.items())) for entry in entries}


@pytest.mark.parametrize("name", ["shop", "resee"])
@pytest.mark.parametrize(("before", "stage"), [("stage3", "stage4"), ("stage4", "stage3"), ("stage1", "stage4")])
def test_it_has_what_either_stage_has_and_is_a_blueprint(name: str, before: str, stage: str) -> None:
    described = app(name)
    every = between(described, before, stage)
    extra = {("target_group", "challenges")} if before == "stage4" else set()
    assert keys(every) == keys(blueprint(described, before)) | keys(blueprint(described, stage)) | extra
    read(every, kinds(), "ap-northeast-2")


@pytest.mark.parametrize(("before", "stage"), [(None, "stage4"), ("stage4", "stage4"), ("local", "stage1")])
def test_an_app_that_stands_still_needs_nothing_else(before: str | None, stage: str) -> None:
    assert between(app("shop"), before, stage) == blueprint(app("shop"), stage)


@pytest.mark.parametrize(("before", "stage"), [("stage3", "stage4"), ("stage4", "stage3")])
def test_machines_let_in_users_and_the_load_balancer(before: str, stage: str) -> None:
    doors = at(between(app("shop"), before, stage), "security_group/app.ingress")
    assert {door["from"] for door in doors} >= {"0.0.0.0/0", "alb"}
    assert len({(door["port"], str(door["from"])) for door in doors}) == len(doors)


def test_going_down_machines_of_the_fleet_still_read_their_secrets() -> None:
    fleet = at(blueprint(app("shop"), "stage4"), "role/app")
    both = at(between(app("shop"), "stage4", "stage3"), "role/app")
    assert both["statements"].keys() == fleet["statements"].keys()


def test_names_lead_to_the_old_edge_until_they_are_switched() -> None:
    coming = between(app("shop"), "stage3", "stage4")
    assert at(coming, "dns_record/main.elastic_ip") == "app"
    there = between(app("shop"), "stage3", "stage4", switched=True)
    assert at(there, "dns_record/main.load_balancer") == "main"
    assert "app" in names(there, "instance")


def test_a_host_gets_its_certificate_while_users_come_to_the_fleet() -> None:
    down = between(app("shop"), "stage4", "stage3")
    assert at(down, "listener/http.rules[0].paths") == ["/.well-known/acme-challenge/*"]
    assert at(down, "target_group/challenges.instances") == ["app"]
    assert {door["port"] for door in at(down, "security_group/alb.egress")} >= {80}
    assert "challenges" not in names(between(app("shop"), "stage3", "stage4"), "target_group")


def test_only_a_walk_to_or_from_a_fleet_changes_the_edge() -> None:
    shop = app("shop")
    assert changes_edge(shop, "stage3", "stage4")
    assert changes_edge(shop, "stage4", "stage1")
    assert not changes_edge(shop, "stage1", "stage3")
    assert not changes_edge(shop, None, "stage4")
