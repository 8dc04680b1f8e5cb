"""The playbooks of the stages in an account without bodies: what they plan, make, note, tell and take away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.ansible import ROOT, Played, Running
from tests.support.aws.emulators import CREDENTIALS, Emulator, moto
from tests.support.aws.runs import picture

SECRETS = ("django_secret_key", "db_password", "cache_password", "slack_webhook")


@pytest.fixture(scope="module")
def account() -> Iterator[Emulator]:
    with moto() as one:
        yield one


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app resee, and no host."""
    folder = tmp_path_factory.mktemp("account")
    shutil.copytree(ROOT / "inventories/resee/group_vars/all", folder / "group_vars/all")
    (folder / "hosts.yml").write_text("app: {hosts: {}}\n")
    values = {f"vault_{name}": f"https://a-stand-in-for-{name.replace('_', '-')}" for name in SECRETS}
    values |= {"vault_db_password": "a-stand-in-for-the-db", "vault_cache_password": "a-stand-in-for-the-cache"}
    secrets = folder / "group_vars/all/secrets.yml"
    secrets.write_text(json.dumps(values))
    secrets.chmod(0o600)
    return folder


@pytest.fixture
def play(account: Emulator, inventory: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)

    def run(playbook: str, *more: str) -> Played:
        argv = [str(ROOT / ".venv/bin/ansible-playbook"), f"playbooks/{playbook}.yml", "-i", str(inventory)]
        argv += ["-e", f"aws_endpoint_url={account.url}", "-e", "host_timeout_seconds=1", *more]
        return Running(argv).wait(300)

    return run


def journal(account: Emulator) -> dict[str, Any]:
    name = "/stairway/resee/record"
    found = account.account().call("ssm", "get_parameter", absent=("ParameterNotFound",), Name=name)
    return dict(json.loads(found["Parameter"]["Value"])) if found else {}


def test_check_mode_shows_everything_and_touches_nothing(account: Emulator, play: Any) -> None:
    account.reset()
    played = play("stage3", "--check", "--diff")
    assert played.rc == 0, played.tail()
    assert {"+ create   database/db", "+ create   cache/cache", "+ create   instance/app"} <= {
        line[:26].strip() if "instance" in line else line[:24].strip() for line in played.output.splitlines()
    } or all(name in played.output for name in ("database/db", "cache/cache", "instance/app"))
    assert "What a month costs" in played.output
    assert picture(account.account(), "resee") == {}
    assert journal(account) == {}


def test_a_walk_that_stops_at_the_host_says_where_it_is_and_goes_on(account: Emulator, play: Any) -> None:
    account.reset()
    stopped = play("stage2")
    assert stopped.rc != 0
    assert "Wait until the host lets us in" in stopped.output, stopped.tail()
    walk = journal(account)["walk"]
    assert (walk["from"], walk["to"]) == (None, "stage2")
    assert list(walk["steps"]) == ["build", "hosts"]
    assert "done" in walk["steps"]["build"]

    told = play("status", "-e", "plan=false")
    assert told.rc == 0, told.tail()
    assert "on its way to stage2" in told.output
    assert "ansible-playbook playbooks/stage2.yml" in told.output

    made = picture(account.account(), "resee")
    again = play("stage2")
    assert again.stats["localhost"].get("changed") == 0, again.tail()
    assert picture(account.account(), "resee") == made
    assert journal(account)["walk"]["began"] == walk["began"]


def test_destroy_asks_first_and_names_what_holds_data(account: Emulator, play: Any) -> None:
    before = picture(account.account(), "resee")
    assert before, "needs the test above"
    asked = play("destroy")
    assert asked.rc != 0
    assert "-e confirm=resee" in asked.output
    assert "database/db" in asked.output
    assert picture(account.account(), "resee") == before

    wrong = play("destroy", "-e", "confirm=chat")
    assert wrong.rc != 0
    assert picture(account.account(), "resee") == before
