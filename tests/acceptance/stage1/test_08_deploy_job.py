"""The deploy job of GitHub Actions: its workflows are sound, and its steps do on this machine what they do there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.ansible import ROOT
from tests.support.site import HOOK_MARKER, STATE, Site, forget_notices, notices
from tools.lint import STEPS, run

BIN = Path(sys.executable).parent
DEPLOY = ROOT / ".github" / "deploy"
# The registry of the rehearsal as this machine reaches it; hosts know it as registry.stairway.test:5000.
REGISTRY = "127.0.0.1:5500"
VAULT_PASSWORD = "open-sesame-of-the-test"


@dataclass(frozen=True)
class Job:
    """What the job of GitHub would know: an inventory without any key, and the settings of its environment."""

    site: Site
    settings: dict[str, str]

    def step(self, script: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run one script of the job with its environment and nothing of ours but PATH."""
        env = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(STATE),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_NOCOLOR": "1",
            **self.settings,
            **settings,
        }
        return subprocess.run(
            [str(DEPLOY / script)],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture(scope="module")
def site(parts: None) -> Iterator[Site]:
    found = Site("accept-deploy", "10.213.0.108", "caddy")
    found.up(fresh=True)
    found.write_inventory()
    found.good("stage1.yml")
    yield found
    found.down()


@pytest.fixture(scope="module")
def job(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Job:
    """The secrets are vaulted and the inventory names no key, as in a repository."""
    inventory = tmp_path_factory.mktemp("inventory")
    variables = inventory / "group_vars" / "all"
    shutil.copytree(site.inventory / "group_vars" / "all", variables)
    (inventory / "hosts.yml").write_text(
        f"app: {{hosts: {{{site.name}: {{ansible_host: {site.ip}, ansible_user: root}}}}}}\n"
    )
    (inventory / "password").write_text(VAULT_PASSWORD)
    encrypt = [str(BIN / "ansible-vault"), "encrypt", "--vault-password-file", str(inventory / "password")]
    subprocess.run([*encrypt, str(variables / "secrets.yml")], check=True, capture_output=True, cwd=inventory)
    (inventory / "password").unlink()
    return Job(
        site,
        {
            "STAIRWAY_INVENTORY": f"inventories/chat {inventory}",
            "STAIRWAY_LIMIT": site.name,
            "STAIRWAY_ACTOR": "octocat",
            "STAIRWAY_SSH_KEY": (STATE / "id_ed25519").read_text(),
            "STAIRWAY_KNOWN_HOSTS": (STATE / "known_hosts").read_text(),
            "STAIRWAY_VAULT_PASSWORD": VAULT_PASSWORD,
            "RUNNER_TEMP": str(tmp_path_factory.mktemp("runner")),
        },
    )


@pytest.fixture(scope="module")
def built(job: Job, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A version that the build step built and pushed; its base has the app."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "Dockerfile").write_text(f"FROM {REGISTRY}/chat-api:1\nARG VERSION\nENV APP_VERSION=$VERSION\n")
    version = "ci-0f3c9a1"
    done = job.step(
        "build.sh",
        STAIRWAY_VERSION=version,
        STAIRWAY_IMAGES=f"{REGISTRY}/chat-api={folder}",
        STAIRWAY_REGISTRY=REGISTRY,
        STAIRWAY_REGISTRY_USER="stairway",
        STAIRWAY_REGISTRY_PASSWORD=(STATE / "registry-password").read_text().strip(),
    )
    assert done.returncode == 0, done.stdout
    return version


@pytest.mark.parametrize("name", ["actionlint", "zizmor"])
def test_workflows_are_sound(name: str) -> None:
    outcome = run(next(step for step in STEPS if step.name == name))
    assert outcome.ok, outcome.output


def test_a_release_reaches_users_and_slack(job: Job, built: str) -> None:
    forget_notices()
    done = job.step("release.sh", STAIRWAY_VERSION=built)
    assert done.returncode == 0, done.stdout[-6000:]
    assert job.site.version() == built
    told = [notice for notice in notices() if built in notice]
    assert len(told) == 1, notices()
    assert "octocat" in told[0]


def test_nothing_secret_is_shown_or_left(job: Job, built: str) -> None:
    done = job.step("release.sh", STAIRWAY_VERSION=built)
    secrets = [HOOK_MARKER, VAULT_PASSWORD, job.settings["STAIRWAY_SSH_KEY"].splitlines()[1]]
    assert [secret for secret in secrets if secret in done.stdout] == []
    assert list(Path(job.settings["RUNNER_TEMP"]).iterdir()) == []


def test_rollback_needs_no_version(job: Job, built: str) -> None:
    assert job.site.version() == built
    done = job.step("release.sh", STAIRWAY_ACTION="rollback")
    assert done.returncode == 0, done.stdout[-6000:]
    assert job.site.version() == "1"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param({"STAIRWAY_VERSION": "2; reboot"}, "cannot be a version", id="version-with-a-command"),
        pytest.param({"STAIRWAY_VERSION": "v/2"}, "cannot be a version", id="version-with-a-slash"),
        pytest.param({"STAIRWAY_VERSION": ""}, "STAIRWAY_VERSION is not set", id="no-version"),
        pytest.param({"STAIRWAY_VERSION": "2", "STAIRWAY_SSH_KEY": "hello"}, "is not a private key", id="bad-key"),
        pytest.param({"STAIRWAY_VERSION": "2", "STAIRWAY_INVENTORY": "nowhere"}, "does not exist", id="no-inventory"),
        pytest.param({"STAIRWAY_ACTION": "destroy"}, "expected release or rollback", id="unknown-action"),
    ],
)
def test_a_wrong_setting_touches_nothing(job: Job, settings: dict[str, str], message: str) -> None:
    before = job.site.record()
    done = job.step("release.sh", **settings)
    assert done.returncode == 64, done.stdout[-3000:]
    assert message in done.stdout
    assert job.site.record() == before


def test_a_version_that_was_never_built_is_named(job: Job) -> None:
    before = job.site.version()
    forget_notices()
    done = job.step("release.sh", STAIRWAY_VERSION="never-built")
    assert done.returncode not in {0, 64}, done.stdout[-3000:]
    assert "chat-api:never-built" in done.stdout
    assert job.site.version() == before
    assert [notice for notice in notices() if "never-built" in notice and "failed" in notice], notices()


def test_a_host_with_another_key_is_refused(job: Job) -> None:
    """Known hosts are compared, never learned."""
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF7ZCVIVeYV8bFvsbfmaGxFQBpTvVnOeUvEZRRAp5Qbz"
    done = job.step("release.sh", STAIRWAY_VERSION="1", STAIRWAY_KNOWN_HOSTS=f"{job.site.ip} {other}")
    assert done.returncode != 0
    assert "UNREACHABLE" in done.stdout.upper(), done.stdout[-3000:]


def test_slack_hears_of_what_never_reached_a_host(job: Job) -> None:
    forget_notices()
    text = 'acme/chat: "0f3c9a1" was not released'
    done = job.step("notify.sh", STAIRWAY_MESSAGE=text, SLACK_WEBHOOK="http://10.213.0.6:8080/slack")
    assert done.returncode == 0, done.stdout
    assert len([notice for notice in notices() if "was not released" in notice]) == 1


def test_a_repository_without_slack_is_fine(job: Job) -> None:
    done = job.step("notify.sh", STAIRWAY_MESSAGE="x")
    assert done.returncode == 0
    assert "no SLACK_WEBHOOK" in done.stdout
