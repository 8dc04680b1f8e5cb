"""The one place of the rehearsal where a program is started."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from .errors import RehearsalError


@dataclass(frozen=True)
class Finished:
    """What a program left behind; ``returncode`` is 124 when it was stopped for taking too long."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        return self.returncode == 0

    def tail(self, lines: int = 15) -> list[str]:
        return [line for line in (self.stdout + "\n" + self.stderr).splitlines() if line.strip()][-lines:]


def run(
    argv: list[str], *, timeout: float = 60, stdin: bytes | None = None, env: Mapping[str, str] | None = None
) -> Finished:
    """Run ``argv`` to its end and never raise for its exit status; ``timeout`` is in seconds.

    :raises RehearsalError: when the program is not installed.
    """
    try:
        done = subprocess.run(
            argv,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            timeout=timeout,
            env=env,
            check=False,
        )
    except FileNotFoundError as error:
        raise RehearsalError(f"The program {argv[0]} is not installed.", fix=INSTALL.get(argv[0])) from error
    except subprocess.TimeoutExpired as late:
        return Finished(124, _text(late.stdout), f"{_text(late.stderr)}\nstopped after {timeout:g} s")
    return Finished(done.returncode, _text(done.stdout), _text(done.stderr))


def check(
    argv: list[str],
    *,
    what: str,
    fix: str | None = None,
    timeout: float = 60,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run ``argv`` and return what it printed.

    :raises RehearsalError: when it fails; the message says ``what`` failed and shows the last lines it printed.
    """
    done = run(argv, timeout=timeout, stdin=stdin, env=env)
    if not done.ok:
        raise RehearsalError(f"{what} failed: {shlex.join(argv)[:300]}", fix=fix, log=done.tail())
    return done.stdout


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is being done while it is done, and how long it took."""
    begun = time.monotonic()
    print(f"  {text} ...", file=sys.stderr, flush=True)
    yield
    print(f"  {text}: {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)


INSTALL = {
    "docker": "apt-get install docker.io   (or make rehearse, which does it with the collection's docker role)",
    "dockerd": "apt-get install docker.io   (or make rehearse, which does it with the collection's docker role)",
    "mmdebstrap": "apt-get install mmdebstrap   (needed because no container registry is reachable)",
    "go": "Go 1.24 or newer, from https://go.dev/dl or golang-go   (builds mongo:7 where it cannot be pulled)",
    "nft": "apt-get install nftables   (or make docker; the account's security groups are its rules)",
    "ssh-keygen": "apt-get install openssh-client",
    "openssl": "apt-get install openssl",
}


def _text(output: bytes | None) -> str:
    return (output or b"").decode(errors="replace")
