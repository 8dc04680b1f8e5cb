"""What seeds do and Stairway does not unless it is told to: the safe thing, and the option for the other.

docs/seeds.md lists the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.mistakes import SpecError
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kinds
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.blueprint import blueprint
from tests.support.figures import MISSING, at
from tests.support.inventories import app

ME = "203.0.113.7/32"
PEOPLE = "people, as the app says"


class Way(NamedTuple):
    """``says`` is the seed's line, ``option`` the key of the app spec that docs/seeds.md names."""

    says: str
    name: str
    stage: str
    option: str
    over: dict[str, Any]
    where: str
    safe: Any
    seeds: Any


def _managed(store: str, **keys: Any) -> dict[str, Any]:
    return {"stores": {store: {"managed": keys}}}


WAYS = [
    Way(
        "- Port 22 from MyIP (SSH, Bastion 대신)", "shop", "stage4", "cloud.access.ssh_from",
        {"cloud": {"access": {"ssh_from": [ME]}}}, "security_group/app.ingress[1]",
        MISSING, {"port": 22, "from": [ME], "description": PEOPLE},
    ),
    Way(
        "- SSH (22) from My IP only", "promo", "stage1", "cloud.access.ssh_from",
        {"cloud": {"access": {"ssh_from": [ME]}}}, "security_group/app.ingress[2]",
        MISSING, {"port": 22, "from": [ME], "description": PEOPLE},
    ),
    Way(
        "- Port 3306 from MyIP (직접 접속, Bastion 제거)", "shop", "stage4", "managed.access_from",
        _managed("db", access_from=[ME]), "security_group/db.ingress[1]",
        MISSING, {"port": 3306, "from": [ME], "description": PEOPLE},
    ),
    Way(
        "ElastiCache: Disabled (성능 고려)", "shop", "stage4", "managed.encryption: none",
        _managed("cache", encryption="none"), "cache/cache.encrypted", True, False,
    ),
    Way(
        "EC2 → Redis: No TLS (성능 우선, VPC 내부)", "shop", "stage4", "managed.encryption: at_rest",
        _managed("cache", encryption="at_rest"), "cache/cache.tls", True, False,
    ),
    Way(
        "EC2 → Redis: No TLS (성능 우선, VPC 내부)", "shop", "stage4", "managed.encryption: at_rest",
        _managed("cache", encryption="at_rest"), "cache/cache.password_secret", "cache", MISSING,
    ),
    Way(
        "EC2 → RDS: SSL (optional)", "shop", "stage4", "managed.encryption: at_rest",
        _managed("db", encryption="at_rest"), "database/db.require_tls", True, False,
    ),
    Way(
        "- CloudWatchLogsFullAccess  # 간소화", "shop", "stage4", "cloud.access.logs_full_access",
        {"cloud": {"access": {"logs_full_access": True}}}, "role/app.policies[2]",
        MISSING, "CloudWatchLogsFullAccess",
    ),
    Way(
        "AMI: Amazon Linux 2023 (최신 버전)", "shop", "stage4", "cloud.compute.image",
        {"cloud": {"compute": {"image": "ami-0123456789abcdef0"}}}, "launch_template/app.image",
        "debian-13", "ami-0123456789abcdef0",
    ),
    Way(
        "RDS PostgreSQL / ElastiCache Redis<br/>클러스터 모드", "resee", "stage4", "managed.shards",
        _managed("cache", shards=2), "cache/cache.cluster_mode", False, True,
    ),
]  # fmt: skip
IDS = [f"{way.name}-{way.where}" for way in WAYS]


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_preset_does_the_safe_thing(way: Way) -> None:
    assert at(blueprint(app(way.name), way.stage), way.where) == way.safe


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_option_gives_the_seeds_way(way: Way) -> None:
    given = app(way.name, way.over)
    plan = blueprint(given, way.stage)
    assert at(plan, way.where) == way.seeds
    assert read(plan, kinds(), given.cloud.region)


@pytest.mark.parametrize("option", sorted({way.option for way in WAYS}))
def test_option_is_in_the_documentation(option: str) -> None:
    text = (Path(__file__).parents[6] / "docs" / "seeds.md").read_text(encoding="utf-8")
    assert f"`{option}" in text


@pytest.mark.parametrize(
    "over", [{"cloud": {"access": {"ssh_from": ["0.0.0.0/0"]}}}, _managed("db", access_from=["0.0.0.0/0"])]
)
def test_the_whole_world_is_never_let_in(over: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="whole world"):
        app("shop", over)


def test_a_machine_of_amazon_linux_is_refused_by_name() -> None:
    with pytest.raises(SpecError, match="do not know Amazon Linux"):
        app("shop", {"cloud": {"compute": {"image": "amazon-linux-2023"}}})


@pytest.mark.parametrize("name", ["chat", "resee", "iamvet", "shop", "promo"])
@pytest.mark.parametrize("stage", ["stage1", "stage3", "stage4"])
def test_no_door_but_those_of_http_is_open_to_all(name: str, stage: str) -> None:
    atlas = {"vault_atlas_url": "mongodb+srv://cluster.example.mongodb.net/chatdb"}
    for entry in blueprint(app(name, vault=atlas), stage):
        for rule in entry.get("ingress", []) if "security_group" in entry else []:
            assert rule["from"] != "0.0.0.0/0" or rule["port"] in (80, 443)
