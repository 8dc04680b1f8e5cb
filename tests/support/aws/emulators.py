"""Emulated accounts: each a process of its own with a port of its own, emptied between tests."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account

ROOT = Path(__file__).resolve().parents[3]
MINISTACK = "ministack==1.5.33"
REGION = "ap-northeast-2"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAREHEARSAL", "AWS_SECRET_ACCESS_KEY": "no-secret", "AWS_DEFAULT_REGION": REGION}


# Kinds that an emulator does not know, each with the call that it lacks.
MISSING: dict[str, dict[str, str]] = {
    "moto": {},
    "ministack": {
        "anomaly_monitor": "ce:GetAnomalyMonitors",
        "ssm_document": "ssm:ListDocuments",
        # and its groups are numbers: no instance ever starts
        "autoscaling_group": "autoscaling:AttachLoadBalancerTargetGroups",
    },
}


class EmulatedAccount(Account):
    """An account that knows which emulator it is in."""

    emulator = "moto"

    def forget(self) -> None:
        """What it has just made is no longer expected to appear: the emulator was emptied."""
        self._fresh.clear()


@dataclass(frozen=True)
class Emulator:
    """One that runs. ``name`` is ``moto`` or ``ministack``; ``url`` is what ``endpoint_url`` wants."""

    name: str
    url: str
    reset_path: str

    def account(self, region: str = REGION) -> EmulatedAccount:
        """An account of it. Sets the environment variables of ``CREDENTIALS``."""
        os.environ.update(CREDENTIALS)
        account = EmulatedAccount(region, endpoint_url=self.url)
        account.emulator = self.name
        return account

    def reset(self) -> None:
        request = urllib.request.Request(self.url + self.reset_path, method="POST", data=b"")
        urllib.request.urlopen(request, timeout=60).read()


@contextmanager
def moto(
    environment: Mapping[str, str] | None = None, server: str = "tests.support.aws.moto_server"
) -> Iterator[Emulator]:
    """moto's server with our corrections; ``server`` is the module that starts it."""
    port = _free_port()
    given = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", **(environment or {})}
    argv = [sys.executable, "-m", server, str(port)]
    with _running(argv, port, given):
        yield Emulator("moto", f"http://127.0.0.1:{port}", "/moto-api/reset")


@contextmanager
def ministack(environment: Mapping[str, str] | None = None) -> Iterator[Emulator]:
    """MiniStack with what it lacks."""
    port = _free_port()
    # without Docker it keeps books on databases and caches and starts none
    given = {"GATEWAY_PORT": str(port), "EDGE_PORT": str(port), "LOG_LEVEL": "ERROR", "DOCKER_HOST": "unix:///none"}
    argv = [str(_ministack_python()), "-m", "tests.support.aws.ministack_server"]
    with _running(argv, port, {**given, **(environment or {})}):
        yield Emulator("ministack", f"http://127.0.0.1:{port}", "/_ministack/reset")


def _ministack_python() -> Path:
    """From a virtualenv of its own: it wants an older botocore than ours."""
    venv = ROOT / ".cache" / "ministack-venv"
    program = venv / "bin" / "ministack"
    venv.parent.mkdir(exist_ok=True)
    with (venv.parent / "ministack.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
            pip = [str(venv / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", MINISTACK]
            subprocess.run(pip, check=True)
    return venv / "bin" / "python"


@contextmanager
def _running(argv: list[str], port: int, environment: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        argv,
        cwd=ROOT,
        env={**os.environ, **CREDENTIALS, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended at once with {process.returncode}")
        with suppress(OSError, urllib.error.HTTPError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} does not listen on {port}")


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
