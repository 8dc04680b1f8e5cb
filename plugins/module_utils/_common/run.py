"""The one place where a program is started. Standard library only: this runs on hosts."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import StairwayError


@dataclass(frozen=True)
class Finished:
    """What a program left behind: ``returncode`` (124 when it was stopped for taking too long) and its output."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        return self.returncode == 0

    def tail(self, lines: int = 20) -> list[str]:
        """The last lines it printed, errors last."""
        return [line for line in (self.stdout + "\n" + self.stderr).splitlines() if line.strip()][-lines:]


def run(
    argv: list[str],
    *,
    timeout: float = 60,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
) -> Finished:
    """Run ``argv`` to its end and never raise for its exit status; ``timeout`` is in seconds.

    :raises StairwayError: when the program is not installed.
    """
    try:
        done = subprocess.run(
            argv,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            env=env,
            cwd=cwd,
            check=False,
        )
    except FileNotFoundError as error:
        raise StairwayError(
            f"The program {argv[0]} is not installed.",
            expected=f"{argv[0]} on PATH",
            found="nothing of that name",
        ) from error
    except subprocess.TimeoutExpired as late:
        return Finished(
            tuple(argv),
            124,
            _text(late.stdout),
            f"{_text(late.stderr)}\nstopped after {timeout:g} s",
        )
    return Finished(tuple(argv), done.returncode, done.stdout, done.stderr)


def check(
    argv: list[str],
    *,
    what: str,
    fix: str | None = None,
    timeout: float = 60,
    stdin: str | None = None,
) -> str:
    """Run ``argv`` and return what it printed.

    :raises StairwayError: when it fails; the message is «``what`` failed», with the last lines it printed.
    """
    done = run(argv, timeout=timeout, stdin=stdin)
    if not done.ok:
        raise StairwayError(
            f"{what} failed with exit status {done.returncode}.",
            where=shlex.join(argv),
            fix=fix,
            log=done.tail(),
        )
    return done.stdout


def _text(output: bytes | str | None) -> str:
    if output is None:
        return ""
    return output if isinstance(output, str) else output.decode(errors="replace")
