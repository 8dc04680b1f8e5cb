"""Random secrets for the rehearsal."""

from __future__ import annotations

from rehearsal import secret_file

NAMES = {"vault_a", "vault_atlas_url", "vault_cache_password", "vault_phone"}
APP = 'password: "{{ vault_db_password }}"\nkey: "{{ vault_jwt_secret }}"\n'


def test_names_are_found() -> None:
    assert secret_file.names_in([APP, "hook: {{ vault_slack_webhook }}"]) == {
        "vault_db_password",
        "vault_jwt_secret",
        "vault_slack_webhook",
    }


def test_a_value_is_kept_and_a_new_name_gets_one() -> None:
    first = secret_file.completed("", {"vault_a"}, {})
    second = secret_file.completed(first, {"vault_a", "vault_b"}, {})
    assert first.splitlines()[1] in second.splitlines()
    assert "vault_b: " in second
    assert secret_file.completed(second, {"vault_a"}, {}) == second


def test_what_is_fixed_wins() -> None:
    text = secret_file.completed('registry: "old"\n', set(), {"registry": "new"})
    assert 'registry: "new"' in text
    assert "old" not in text


def test_no_two_secrets_are_equal_and_none_is_short() -> None:
    lines = secret_file.completed("", {"vault_a", "vault_b"}, {}).splitlines()[1:]
    values = [line.split(": ")[1] for line in lines]
    assert len(set(values)) == 2
    assert all(len(value) > 24 for value in values)


def test_a_webhook_is_an_address_of_the_receiver() -> None:
    assert "http://hooks.stairway.test:8080/" in secret_file.completed("", {"vault_slack_webhook"}, {})


def test_what_aws_would_refuse_is_made_anew() -> None:
    text = secret_file.completed('vault_cache_password: "a_b"\nvault_phone: "abc"\nvault_a: "a_b"\n', NAMES, {})
    assert 'vault_a: "a_b"' in text
    assert 'vault_phone: "+8210' in text
    password = text.split('vault_cache_password: "')[1].split('"')[0]
    assert password.isalnum()
    assert 'vault_atlas_url: "mongodb://chat:' in text
    assert len(password) > 24
    assert secret_file.completed(text, NAMES, {}) == text
