"""Every linter of the repository, by one command: ``python -m tools.lint [STEP ...]``, ``--list`` names the steps.

Each step is one line with its seconds; a step that fails shows what it printed, the others still run, and the last line
is ``N passed, N failed``. The exit status is 0 when nothing failed. Nothing here changes a file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.actionlint import actionlint
from tools.sources import ROOT, collection_copy, shell_scripts, tracked, workflows

BIN = Path(sys.executable).parent
CACHE = ROOT / ".cache" / "lint"


@dataclass(frozen=True)
class Step:
    """One linter. ``argv`` is made when the step runs, so that listing the steps costs nothing.

    ``in_collection`` steps run in a copy that lies at ``ansible_collections/stairway/cloud``.
    """

    name: str
    argv: Callable[[], Sequence[str | Path]]
    in_collection: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a step ended; ``output`` is all that it printed."""

    name: str
    ok: bool
    seconds: float
    output: str


def program(name: str) -> str:
    """A program of the virtualenv that this Python belongs to."""
    return str(BIN / name)


def build_argv() -> list[str | Path]:
    out = CACHE / "build"
    out.mkdir(parents=True, exist_ok=True)
    return [program("ansible-galaxy"), "collection", "build", "--force", "--output-path", out]


STEPS: tuple[Step, ...] = (
    Step("ruff-check", lambda: [program("ruff"), "check", "."]),
    Step("ruff-format", lambda: [program("ruff"), "format", "--check", "."]),
    Step("mypy", lambda: [sys.executable, "-m", "mypy"]),
    Step("yamllint", lambda: [program("yamllint"), "--strict", *tracked(".yml", ".yaml")]),
    Step("ansible-lint", lambda: [program("ansible-lint"), "--offline", "--nocolor", "-q"]),
    Step("docs", lambda: [program("antsibull-docs"), "lint-collection-docs", "--plugin-docs", "."], in_collection=True),
    Step("changelog", lambda: [program("antsibull-changelog"), "lint"]),
    Step("actionlint", lambda: [actionlint(), "-color=false", f"-shellcheck={program('shellcheck')}", *workflows()]),
    Step("zizmor", lambda: [program("zizmor"), "--offline", "--no-progress", "--color=never", *workflows()]),
    Step("shellcheck", lambda: [program("shellcheck"), "--external-sources", *shell_scripts()]),
    Step("galaxy-build", build_argv, in_collection=True),
)


def environment(home: Path) -> dict[str, str]:
    """Ours, with the virtualenv first on PATH and without what would change how Ansible runs."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {
        **env,
        "PATH": f"{BIN}{os.pathsep}{env.get('PATH', os.defpath)}",
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_NOCOLOR": "1",
        "NO_COLOR": "1",
    }


def run(step: Step, seconds: float = 900) -> Outcome:
    """Run one step to its end; what takes longer than ``seconds`` has failed."""
    start = time.monotonic()
    home = CACHE / "ansible"
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="stairway-lint-") as folder:
        cwd = collection_copy(Path(folder)) if step.in_collection else ROOT
        env = environment(home)
        if step.in_collection:
            env["ANSIBLE_COLLECTIONS_PATH"] = folder
        try:
            done = subprocess.run(
                [str(part) for part in step.argv()],
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
            )
            ok, output = done.returncode == 0, done.stdout
        except subprocess.TimeoutExpired as late:
            ok, output = False, f"{_text(late.stdout)}\nstopped after {seconds:g} s"
        except (FileNotFoundError, RuntimeError) as missing:
            ok, output = False, str(missing)
    return Outcome(step.name, ok, time.monotonic() - start, output)


def _text(printed: bytes | str | None) -> str:
    return printed.decode(errors="replace") if isinstance(printed, bytes) else printed or ""


def report(outcome: Outcome) -> None:
    print(f"{'ok    ' if outcome.ok else 'FAILED'} {outcome.name:<14} {outcome.seconds:6.1f} s", flush=True)
    if not outcome.ok:
        print("\n".join(f"       {line}" for line in outcome.output.rstrip().splitlines()), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    known = {step.name: step for step in STEPS}
    parser = argparse.ArgumentParser(prog="python -m tools.lint", description="Run the linters.")
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"one of: {', '.join(known)} (default: all)")
    parser.add_argument("--list", action="store_true", help="print the names of the steps and end")
    parser.add_argument("--jobs", type=int, default=2, help="how many run side by side (default: 2)")
    asked = parser.parse_args(arguments)
    if asked.list:
        print("\n".join(known))
        return 0
    if unknown := [name for name in asked.steps if name not in known]:
        parser.error(f"no such step: {', '.join(unknown)}; the steps are: {', '.join(known)}")
    wanted = [known[name] for name in asked.steps or known]
    outcomes = []
    with ThreadPoolExecutor(max_workers=max(1, asked.jobs)) as pool:
        for outcome in pool.map(run, wanted):
            report(outcome)
            outcomes.append(outcome)
    failed = sum(not outcome.ok for outcome in outcomes)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    shutil.rmtree(CACHE / "build", ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
