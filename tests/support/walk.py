"""The playbooks of the stages, played as a user would, in an emulated account that has no bodies."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.ansible import ROOT, Played, Running
from tests.support.aws.emulators import CREDENTIALS, Emulator
from tests.support.aws.runs import picture

# What the vaults of the example apps keep; each a text that is fit for what it is used for.
SECRETS = {
    "vault_slack_webhook": "https://hooks.example.com/T/B/x",
    "vault_oncall_phone": "+821012345678",
    "vault_atlas_url": "mongodb+srv://chat:p%40s@cluster.example.mongodb.net/chatdb",
    **{
        f"vault_{name}": f"a-stand-in-for-{name.replace('_', '-')}"
        for name in ("django_secret_key", "db_password", "cache_password", "jwt_secret", "jwt_signing_key")
    },
}


class Walk:
    """An example app without a host of its own. ``folder`` is where its inventory is written."""

    def __init__(self, account: Emulator, name: str, folder: Path, overrides: Mapping[str, Any] | None = None) -> None:
        self.emulator = account
        self.name = name
        self.inventory = folder
        shutil.copytree(ROOT / "inventories" / name / "group_vars/all", folder / "group_vars/all")
        (folder / "hosts.yml").write_text("app: {hosts: {}}\n")
        self.describe(overrides or {})
        secrets = folder / "group_vars/all/secrets.yml"
        secrets.write_text(json.dumps(SECRETS))
        secrets.chmod(0o600)

    def describe(self, overrides: Mapping[str, Any]) -> None:
        """Lay these over the app from now on."""
        (self.inventory / "group_vars/all/overrides.yml").write_text(json.dumps({"app_overrides": overrides}))

    def play(self, playbook: str, *more: str, environment: Mapping[str, str] | None = None) -> Played:
        """Run it to its end. ``environment`` is laid over the credentials; an empty text takes a variable away."""
        argv = [str(ROOT / ".venv/bin/ansible-playbook"), f"playbooks/{playbook}.yml", "-i", str(self.inventory)]
        argv += ["-e", f"aws_endpoint_url={self.emulator.url}", "-e", "host_timeout_seconds=1"]
        argv += ["-e", json.dumps({"app_version": "1"}), *more]
        wanted = {**os.environ, **CREDENTIALS, **(environment or {})}
        return Running(argv, {name: value for name, value in wanted.items() if value}).wait(300)

    def journal(self) -> dict[str, Any]:
        name = f"/stairway/{self.name}/record"
        found = self.emulator.account().call("ssm", "get_parameter", absent=("ParameterNotFound",), Name=name)
        return dict(json.loads(found["Parameter"]["Value"])) if found else {}

    def stands(self, journal: Mapping[str, Any]) -> None:
        """Write the journal as a walk would have left it."""
        self.emulator.account().call(
            "ssm",
            "put_parameter",
            Name=f"/stairway/{self.name}/record",
            Value=json.dumps({"schema": 1, "app": self.name, **journal}),
            Type="String",
            Overwrite=True,
        )

    def picture(self) -> dict[str, Any]:
        """What the account has of the app."""
        return picture(self.emulator.account(), self.name)
