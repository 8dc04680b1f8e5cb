"""The action plugin, run by Ansible itself on a small inventory: no host is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
SPEC = """app:
  name: chat
  domains: [chat.example.com]
  services:
    api: {image: acme/api, port: 3000}
  env:
    JWT_SECRET: "{{ vault_jwt_secret }}"
  stores:
    cache: {engine: redis, version: "7", password: "{{ vault_cache_password }}", env: {REDIS_URL: url}}
"""
SECRETS = "vault_jwt_secret: MARKER-1\nvault_cache_password: MARKER-2\n"
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - stairway.cloud.app: {stage: stage1}
"""


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """A function that writes files below the inventory and runs the play; it gives back the task's result and all
    output.
    """

    def runner(files: dict[str, str], *options: str) -> tuple[dict[str, Any], str]:
        for name, text in {
            "inventory/hosts.yml": "app: {hosts: {chat-1: }}\n",
            "play.yml": PLAY,
            "ansible.cfg": "[defaults]\n",
            **files,
        }.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal",
            "ANSIBLE_LOCAL_TEMP": str(tmp_path / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "STAIRWAY_ACTOR": "somebody",
        }
        done = subprocess.run(
            [sys.executable, "-m", "ansible", "playbook", "-i", "inventory", "play.yml", "-vvv", *options],
            cwd=tmp_path, env=environment, text=True, capture_output=True, check=False,
        )  # fmt: skip
        output = done.stdout + done.stderr
        start = next(
            (output.index(mark) + len(mark) for mark in ("SUCCESS => ", "FAILED! => ") if mark in output), None
        )
        assert start is not None, output
        return json.JSONDecoder().raw_decode(output[start:])[0], output

    return runner


def test_facts_without_secrets(run: Any) -> None:
    result, output = run(
        {"inventory/group_vars/all/app.yml": SPEC, "inventory/group_vars/all/vault.yml": SECRETS}, "--check"
    )
    stairway = result["ansible_facts"]["stairway"]
    assert stairway["app"] == "chat"
    assert stairway["actor"] == "somebody"
    assert stairway["stores"][0]["name"] == "cache"
    assert result["changed"] is False
    assert "MARKER" not in output


def test_all_missing_variables_are_named_at_once(run: Any) -> None:
    result, _output = run({"inventory/group_vars/all/app.yml": SPEC})
    assert [(mistake["line"], mistake["path"]) for mistake in result["mistakes"]] == [
        (7, "app.env.JWT_SECRET"),
        (9, "app.stores.cache.password"),
    ]
    first = result["mistakes"][0]
    assert first["file"] == "inventory/group_vars/all/app.yml"
    assert "vault_jwt_secret is not defined" in first["message"]
    assert first["suggestion"].startswith("ansible-vault create inventory/group_vars/all/vault.yml")


def test_mistakes_of_the_file_have_lines(run: Any) -> None:
    spec = SPEC.replace("port: 3000", "prot: 3000").replace('"{{ vault_jwt_secret }}"', "MARKER")
    result, output = run({"inventory/group_vars/all/app.yml": spec, "inventory/group_vars/all/vault.yml": SECRETS})
    assert {(mistake["line"], mistake["path"]) for mistake in result["mistakes"]} == {
        (5, "app.services.api.prot"),
        (4, "app.services"),
        (7, "app.env.JWT_SECRET"),
    }
    assert "MARKER" not in output


def test_a_rendered_value_is_checked_without_showing_it(run: Any) -> None:
    secrets = SECRETS.replace("MARKER-2", '"MARKER\\n2"')
    result, output = run({"inventory/group_vars/all/app.yml": SPEC, "inventory/group_vars/all/vault.yml": secrets})
    (mistake,) = result["mistakes"]
    assert (mistake["line"], mistake["found"]) == (9, "«hidden»")
    assert "MARKER" not in output


def test_an_overlay_changes_the_app(run: Any) -> None:
    overlay = "app_overrides: {domains: [staging.example.com], services: {api: {memory: 99m}}}\n"
    files = {
        "inventory/group_vars/all/app.yml": SPEC,
        "inventory/group_vars/all/vault.yml": SECRETS,
        "staging/hosts.yml": "{}\n",
        "staging/group_vars/all.yml": overlay,
    }
    result, _output = run(files, "-i", "staging")
    assert result["ansible_facts"]["stairway"]["domains"] == ["staging.example.com"]
    result, _output = run({**files, "staging/group_vars/all.yml": overlay.replace("99m", "99")}, "-i", "staging")
    assert (result["mistakes"][0]["file"], result["mistakes"][0]["line"]) == ("staging/group_vars/all.yml", 1)
    assert result["mistakes"][0]["path"] == "app_overrides.services.api.memory"


def test_a_spec_of_a_group_beside_the_playbook(run: Any) -> None:
    result, _output = run(
        {"group_vars/app/spec.yml": SPEC.replace("port: 3000", "port: 0"), "group_vars/app/vault.yml": SECRETS}
    )
    assert (result["mistakes"][0]["file"], result["mistakes"][0]["line"]) == ("group_vars/app/spec.yml", 5)


def test_no_app_at_all(run: Any) -> None:
    result, _output = run({})
    assert "No app is described" in result["msg"]
    assert "inventories/chat" in result["error"]["fix"]


def test_an_app_from_the_command_line_has_no_lines(run: Any) -> None:
    result, _output = run({"extra.yml": SPEC.replace("3000", "0") + SECRETS}, "-e", "@extra.yml")
    (mistake,) = result["mistakes"]
    assert (mistake["line"], mistake["path"]) == (None, "app.services.api.port")


def test_an_encrypted_file_may_hold_the_whole_app(run: Any, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("x\n")
    (tmp_path / "ansible.cfg").write_text("[defaults]\n")
    plain = tmp_path / "app.yml"
    plain.write_text(
        SPEC.replace('"{{ vault_jwt_secret }}"', "MARKER").replace('"{{ vault_cache_password }}"', "MARKER")
    )
    subprocess.run(
        [sys.executable, "-m", "ansible", "vault", "encrypt", "--vault-password-file", "password", "app.yml"],
        cwd=tmp_path, check=True, capture_output=True, env={**os.environ, "ANSIBLE_CONFIG": "ansible.cfg"},
    )  # fmt: skip
    result, output = run({"inventory/group_vars/all/app.yml": plain.read_text()}, "--vault-password-file", "password")
    assert result["ansible_facts"]["stairway"]["app"] == "chat"
    assert "MARKER" not in output


def test_an_unknown_stage(run: Any, tmp_path: Path) -> None:
    files = {"inventory/group_vars/all/app.yml": SPEC, "inventory/group_vars/all/vault.yml": SECRETS}
    result, _output = run({**files, "play.yml": PLAY.replace("stage1", "stage9")})
    assert "stage9" in result["msg"]


def test_filters_take_what_ansible_hands_over(run: Any) -> None:
    entries = "app | stairway.cloud.app_files(app_overrides | default({}), 'stage1')"
    play = f"""
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: "{{{{ {entries} | map(attribute='path') | list }}}}"
"""
    files = {"inventory/group_vars/all/app.yml": SPEC, "inventory/group_vars/all/vault.yml": SECRETS, "play.yml": play}
    result, output = run(files)
    assert "/etc/stairway/chat/stores/compose.yml" in result["msg"]
    assert "MARKER" not in output
