"""Checks the app spec and makes the facts that playbooks hand on. Runs on the controller and asks no host."""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.plugins.action import ActionBase

from ansible_collections.stairway.cloud.plugins.module_utils._app.mistakes import Mistake, SpecError, dotted
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import check_files, parse
from ansible_collections.stairway.cloud.plugins.module_utils._app.plain import plain
from ansible_collections.stairway.cloud.plugins.module_utils._app.source import Source, merged
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._stages.backups import backs_up
from ansible_collections.stairway.cloud.plugins.module_utils._stages.cloud.fleet import fleet_facts
from ansible_collections.stairway.cloud.plugins.module_utils._stages.host import host_facts
from ansible_collections.stairway.cloud.plugins.module_utils._stages.places import needs_account
from ansible_collections.stairway.cloud.plugins.module_utils._stages.presets import STAGES
from ansible_collections.stairway.cloud.plugins.plugin_utils._spec_files import candidates, documents, folders


class ActionModule(ActionBase):
    """``stairway.cloud.app``."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _valid, arguments = self.validate_argument_spec(
            argument_spec={"stage": {"type": "str", "default": "stage1", "choices": list(STAGES)}}
        )
        try:
            facts = self._facts(str(arguments["stage"]), variables)
        except StairwayError as error:
            return {**result, "failed": True, **error.result()}
        return {**result, "changed": False, "ansible_facts": {"stairway": facts}}

    def _facts(self, stage: str, variables: dict[str, Any]) -> dict[str, Any]:
        if variables.get("app") is None:
            raise _no_app(variables)
        source = self._source(variables)
        rendered = _Rendering(self._templar, source)
        base = rendered.value(variables["app"], ())
        overrides = rendered.value(variables.get("app_overrides") or {}, ())
        if rendered.mistakes:
            raise SpecError(rendered.mistakes)
        app = parse(merged(base, overrides), source)
        own = _own_host(variables)
        account = needs_account(app, stage, own_hosts=own)
        facts = {**host_facts(app, stage), "fleet": fleet_facts(app, stage)}
        return {**facts, "actor": _actor(), "own_hosts": own, "account": account, "backups": backs_up(app, stage)}

    def _source(self, variables: dict[str, Any]) -> Source:
        playbook = variables.get("playbook_dir")
        paths = candidates(
            folders(str(source) for source in variables.get("ansible_inventory_sources") or ()),
            Path(playbook) if playbook else None,
            [str(group) for group in variables.get("group_names") or ()],
            str(variables.get("inventory_hostname", "")),
        )
        found = documents(paths, lambda path: plain(self._loader.get_text_file_contents(path)), Path.cwd())
        # without a file (variables from the command line) there are no lines to name, and nothing that could be
        # committed
        return (
            check_files(found)
            if any("app" in document.variables or document.mistakes for document in found)
            else Source("-e app")
        )


class _Rendering:
    """Renders leaf by leaf, so that every variable that is missing is named at once, with the place that wants it."""

    def __init__(self, templar: Any, source: Source) -> None:
        self.templar = templar
        self.source = source
        self.mistakes: list[Mistake] = []

    def value(self, value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, dict):
            return {plain(key): self.value(item, (*path, plain(key))) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item, (*path, index)) for index, item in enumerate(value)]
        try:
            return plain(self.templar.template(value))
        except AnsibleUndefinedVariable as error:
            self._undefined(path, str(error))
        except AnsibleError as error:
            self._unreadable(path, type(error).__name__)
        return None

    def _undefined(self, path: tuple[str | int, ...], text: str) -> None:
        match = re.search(r"'([A-Za-z_]\w*)' is undefined", text)
        variable = match[1] if match else "a variable"
        place = self.source.at(path)
        vault = Path(place.file).parent / "vault.yml" if "/" in place.file else Path("group_vars/all/vault.yml")
        self._mistake(
            path,
            f"The variable {variable} is not defined.",
            "no such variable",
            f"{variable} in a file of variables of this inventory",
            f"ansible-vault {'edit' if vault.exists() else 'create'} {vault}, and there a line {variable}: ...",
        )

    def _unreadable(self, path: tuple[str | int, ...], what: str) -> None:
        # Ansible's own text may quote the value, so only its kind is shown
        self._mistake(
            path,
            "This value cannot be rendered or decrypted.",
            what,
            "a template that works, or a vault text whose password is known",
            "--ask-vault-pass or --vault-password-file FILE",
        )

    def _mistake(self, path: tuple[str | int, ...], message: str, found: str, expected: str, fix: str) -> None:
        place = self.source.at(path)
        self.mistakes.append(
            Mistake(place.file, place.line, dotted((place.root, *path)), message, found, expected, fix)
        )


def _own_host(variables: dict[str, Any]) -> bool:
    """Whether this is a host of the group ``app`` that Stairway did not make."""
    made = bool(variables.get("stairway_made")) or bool(variables.get("stairway_app") and variables.get("instance_id"))
    return "app" in (variables.get("group_names") or ()) and not made


def _no_app(variables: dict[str, Any]) -> StairwayError:
    sources = ", ".join(str(source) for source in variables.get("ansible_inventory_sources") or ()) or "no inventory"
    return StairwayError(
        "No app is described for this host.",
        expected="the variable app in group_vars/all/app.yml beside the inventory",
        found=f"no variable app in {sources}",
        fix="give an inventory that has one: -i inventories/chat",
    )


def _actor() -> str:
    """Who runs this, for the audit trail."""
    named = os.environ.get("STAIRWAY_ACTOR") or os.environ.get("GITHUB_ACTOR")
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
