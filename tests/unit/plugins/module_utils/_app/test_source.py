"""Several files, what lies over what, and where a value stands then."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import check_files, find_mistakes, parse
from ansible_collections.stairway.cloud.plugins.module_utils._app.source import Opaque, gather, load, merged

BASE = """app:
  name: chat
  domains: [chat.example.com, www.example.com]
  services:
    api: {image: acme/api, port: 3000, memory: 256m}
  backups: {to: s3://bucket}
"""


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({}, {"a": {"b": 1, "c": [1, 2]}}),
        ({"a": {"b": 2}}, {"a": {"b": 2, "c": [1, 2]}}),
        ({"a": {"c": [3]}}, {"a": {"b": 1, "c": [3]}}),
        ({"a": {"b": None}}, {"a": {"c": [1, 2]}}),
        ({"a": None}, {}),
        ({"d": {"e": 1}}, {"a": {"b": 1, "c": [1, 2]}, "d": {"e": 1}}),
        ({"a": []}, {"a": []}),
    ],
)
def test_merged(over: dict[str, Any], expected: dict[str, Any]) -> None:
    base = {"a": {"b": 1, "c": [1, 2]}}
    assert merged(base, over) == expected
    assert base == {"a": {"b": 1, "c": [1, 2]}}


def test_a_mistake_is_found_in_the_file_that_made_it() -> None:
    over = "# staging\napp_overrides:\n  services:\n    api: {memory: 256}\n"
    (mistake,) = find_mistakes([load(BASE, "base.yml"), load(over, "staging.yml")])
    assert (mistake.file, mistake.line, mistake.path) == ("staging.yml", 4, "app_overrides.services.api.memory")


def test_a_mistake_of_the_base_stays_there() -> None:
    over = "app_overrides: {release: {keep: 2}}\n"
    (mistake,) = find_mistakes([load(BASE.replace("3000", "0"), "base.yml"), load(over, "staging.yml")])
    assert (mistake.file, mistake.line, mistake.path) == ("base.yml", 5, "app.services.api.port")


def test_a_list_is_replaced_with_its_places() -> None:
    over = "app_overrides:\n  domains:\n    - a.example.com\n"
    data, source = gather([load(BASE, "base.yml"), load(over, "staging.yml")])
    assert data["domains"] == ["a.example.com"]
    assert source.exact(("domains", 1)) is None
    assert source.at(("domains", 0)).file == "staging.yml"


def test_a_null_takes_a_key_out() -> None:
    data, _source = gather([load(BASE, "base.yml"), load("app_overrides: {backups: null}\n", "staging.yml")])
    assert "backups" not in data


def test_of_two_files_the_last_one_counts() -> None:
    data, _source = gather([load(BASE, "a.yml"), load(BASE.replace("chat", "talk"), "b.yml")])
    assert data["name"] == "talk"


@pytest.mark.parametrize(
    "text", ["'{{ x }}'", '"a{{ x }}b"', "'{% if x %}1{% endif %}'", "!vault |\n        $ANSIBLE_VAULT;1.1\n        00"]
)
@pytest.mark.parametrize("key", ["port", "memory", "singleton", "user"])
def test_what_only_ansible_knows_stands_for_any_single_value(text: str, key: str) -> None:
    head = "app:\n  name: chat\n  domains: [a.example.com]\n  services:\n    api:\n      image: x/y\n"
    document = load(f"{head}      {key}: {text}\n", "f")
    value = document.variables["app"]["services"]["api"][key]
    assert isinstance(value, Opaque)
    assert [mistake.path for mistake in find_mistakes([document])] in ([], ["app.services"])


def test_vault_texts_are_secret() -> None:
    document = load("app:\n  name: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n    3130\n", "f")
    assert document.variables["app"]["name"].secret
    assert document.places[("app", "name")].secret


def test_a_file_that_was_encrypted_may_hold_secrets() -> None:
    text = BASE + "  env: {JWT_SECRET: hunter2}\n"
    assert len(find_mistakes([load(text, "f")])) == 1
    assert find_mistakes([load(text, "f", encrypted=True)]) == []


def test_a_secret_of_the_base_is_found_although_it_is_replaced() -> None:
    base = BASE + "  env: {JWT_SECRET: hunter2}\n"
    over = "app_overrides: {env: {JWT_SECRET: '{{ vault_x }}'}}\n"
    (mistake,) = find_mistakes([load(base, "base.yml"), load(over, "over.yml")])
    assert (mistake.file, mistake.path) == ("base.yml", "app.env.JWT_SECRET")


@pytest.mark.parametrize(
    "line",
    [
        "TOKEN_TTL: 3600",
        "PASSWORD_MIN_LENGTH: '12'",
        "JWT_SECRET_FILE: /run/secrets/jwt",
        "DATABASE: 'postgresql://db/x'",
        "TOKEN_TTL: '1h'",
        "API_KEY: '{{ vault_key }}'",
        "JWT_SECRET: ''",
        "DB_PASSWORD: '${db.password}'",
        "URL: 'https://u:{{ vault_p }}@h/'",
        "MONKEY: yes-please",
    ],
)
def test_what_is_no_secret(line: str) -> None:
    text = (
        BASE
        + "  env:\n    "
        + line
        + "\n  stores: {db: {engine: mysql, url: '{{ vault_u }}', env: {DB_PASS: password}}}\n"
    )
    assert find_mistakes([load(text, "f")]) == []


def test_anchors_and_merge_keys() -> None:
    text = """app:
  name: chat
  domains: [a.example.com]
  services:
    api: &api
      image: acme/api
      port: 3000
    admin:
      <<: *api
      paths: [/admin]
"""
    document = load(text, "f")
    assert document.variables["app"]["services"]["admin"] == {"paths": ["/admin"], "image": "acme/api", "port": 3000}
    assert find_mistakes([document]) == []


def test_an_alias_of_itself_ends() -> None:
    assert find_mistakes([load("app: &a\n  name: chat\n  services: *a\n", "f")])


def test_a_syntax_error_shows_no_word_of_the_file() -> None:
    (mistake,) = find_mistakes([load("app:\n  env: {JWT_SECRET: *hunter2}\n", "f")])
    assert "hunter2" not in str(mistake)


def test_rendered_values_are_checked_again_where_they_came_from() -> None:
    text = BASE.replace("3000", '"{{ port }}"').replace("256m", '"{{ vault_memory }}"')
    source = check_files([load(text, "base.yml")])
    data = {
        "name": "chat",
        "domains": ["a.example.com"],
        "services": {"api": {"image": "x/y", "port": 0, "memory": "hunter2"}},
    }
    with pytest.raises(Exception, match="2 mistakes") as caught:
        parse(data, source)
    text = str(caught.value)
    assert "base.yml:5: app.services.api.port" in text
    assert "the number 0" in text
    assert "hunter2" not in text
    assert "«hidden»" in text


@pytest.mark.parametrize(
    "change",
    [
        {"env": {"JWT_SECRET": "hunter2\nx"}},
        {"env": {"X": "https://u:hunter2@h/\n"}},
        {"alerts": {"slack_webhook": "hunter2"}},
        {"stores": {"db": {"engine": "mysql", "url": "hunter2"}}},
        {"stores": {"db": {"engine": "redis", "version": "7", "password": "hunter2\n"}}},
        {"domains": ["https://u:hunter2@h.example.com/"]},
    ],
)
def test_no_message_shows_a_secret(change: dict[str, Any]) -> None:
    data = {"name": "chat", "domains": ["a.example.com"], "services": {"api": {"image": "x/y", "port": 1}}, **change}
    with pytest.raises(Exception, match="mistake") as caught:
        parse(data, "app")
    assert "hunter2" not in str(caught.value)
