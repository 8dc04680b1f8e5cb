"""The filters, as a template calls them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible.template import trust_as_template

from ansible_collections.stairway.cloud.plugins.filter.app import FilterModule

FILTERS = FilterModule().filters()
FOLDER = Path(__file__).parents[4] / "plugins" / "filter"
APP: dict[str, Any] = {
    "name": "chat",
    "domains": ["chat.example.com"],
    "services": {"api": {"image": "acme/api", "port": 3000}},
    "stores": {"cache": {"engine": "redis", "version": "7", "password": "p@ss{{x}}", "env": {"REDIS_URL": "url"}}},
    "alerts": {"slack_webhook": "https://hooks.example.com/x"},
}


def test_app_env() -> None:
    assert FILTERS["app_env"](APP) == {"api": {"REDIS_URL": "redis://:p%40ss%7B%7Bx%7D%7D@cache:6379/0"}}


def test_overrides_are_laid_over_the_app() -> None:
    assert FILTERS["app_env"](APP, {"env": {"A": "b"}})["api"]["A"] == "b"


def test_store_passwords() -> None:
    assert FILTERS["store_passwords"](APP) == {"cache": "p@ss{{x}}"}


@pytest.mark.parametrize(("overrides", "expected"), [(None, "https://hooks.example.com/x"), ({"alerts": None}, "")])
def test_slack_webhook(overrides: Any, expected: str) -> None:
    assert FILTERS["slack_webhook"](APP, overrides) == expected


def test_app_files() -> None:
    paths = [entry["path"] for entry in FILTERS["app_files"](APP, {}, "stage1", "/srv")]
    assert paths[0] == "/srv/chat"
    assert "/srv/chat/stores/cache/redis.conf" in paths


def test_local_files_tag_the_images() -> None:
    entries = FILTERS["local_files"](APP, {}, "/srv/chat", 2)
    (compose,) = [entry for entry in entries if entry["path"] == "/srv/chat/compose.yml"]
    assert yaml.safe_load(compose["secret_content"])["services"]["api"]["image"] == "acme/api:2"


def test_local_ports() -> None:
    assert FILTERS["local_ports"](APP) == {"api": 3000}


def test_url() -> None:
    assert FILTERS["url"]("postgresql", "db", "5432", "u", "p@", "x") == "postgresql://u:p%40@db:5432/x"


def test_a_wrong_spec_is_an_error_of_the_filter() -> None:
    with pytest.raises(AnsibleFilterError, match=r"app\.name"):
        FILTERS["app_env"]({**APP, "name": "Chat"})


def test_values_of_ansibles_own_types_are_written_as_plain_ones() -> None:
    app = {**APP, "services": {"api": {"image": trust_as_template("acme/api"), "port": 3000}}}
    (compose,) = [entry for entry in FILTERS["local_files"](app) if entry["path"] == "./compose.yml"]
    assert yaml.safe_load(compose["secret_content"])["services"]["api"]["image"] == "acme/api:local"


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_is_documented(name: str) -> None:
    documentation = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    assert documentation["DOCUMENTATION"]["name"] == name
    assert f"stairway.cloud.{name}" in documentation["EXAMPLES"]


def test_nothing_else_is_documented() -> None:
    assert {path.stem for path in FOLDER.glob("*.yml")} == set(FILTERS)
