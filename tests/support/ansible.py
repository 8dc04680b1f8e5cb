"""Running a playbook as a user would, and what it said."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECAP = re.compile(r"^(\S+)\s+: ((?:\w+=\d+\s*)+)$", re.MULTILINE)


@dataclass(frozen=True)
class Played:
    """A playbook's end. ``started`` and ``ended`` are epoch seconds; ``stats`` is the recap, host -> name -> count."""

    argv: tuple[str, ...]
    rc: int
    output: str
    started: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.started

    @property
    def stats(self) -> dict[str, dict[str, int]]:
        return recap(self.output)

    @property
    def text(self) -> str:
        """The output as a person reads it: line breaks inside JSON strings are line breaks."""
        return self.output.replace("\\n", "\n").replace('\\"', '"')

    def changed(self) -> int:
        """How many tasks changed something, over all hosts."""
        return sum(host.get("changed", 0) for host in self.stats.values())

    def tasks(self) -> int:
        """How many tasks were begun, those that were skipped too."""
        return sum(line.startswith(("TASK [", "RUNNING HANDLER [")) for line in self.output.splitlines())

    def tail(self, lines: int = 60) -> str:
        return f"exit {self.rc} after {self.seconds:.1f} s: {' '.join(self.argv)}\n" + "\n".join(
            self.text.splitlines()[-lines:]
        )


def recap(output: str) -> dict[str, dict[str, int]]:
    """The «PLAY RECAP» of ``output``; empty when it has none."""
    _before, _title, after = output.partition("PLAY RECAP")
    return {
        host: {name: int(count) for name, count in (pair.split("=") for pair in counts.split())}
        for host, counts in RECAP.findall(after)
    }


def command(playbook: str, inventories: list[Path], limit: str, variables: Mapping[str, str], *more: str) -> list[str]:
    """The argv. The controller shares this machine's cores with the host, which it would not in life: it is nice."""
    argv = ["nice", "-n", "10", str(ROOT / ".venv" / "bin" / "ansible-playbook"), f"playbooks/{playbook}"]
    for inventory in inventories:
        argv += ["-i", str(inventory)]
    argv += ["--limit", limit]
    for name, value in variables.items():
        argv += ["-e", f"{name}={value}"]
    return [*argv, *more]


def environment() -> dict[str, str]:
    """Ours, without what would change how Ansible runs or prints."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {**env, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", "STAIRWAY_ACTOR": "acceptance"}


class Running:
    """A playbook that was started in a process group of its own."""

    def __init__(self, argv: list[str], variables: Mapping[str, str] | None = None) -> None:
        self.argv = argv
        self.started = time.time()
        self.process = subprocess.Popen(
            argv,
            cwd=ROOT,
            env=environment() if variables is None else dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def wait(self, seconds: float = 600) -> Played:
        """Its end; after ``seconds`` it is killed and counts as failed."""
        try:
            output, _none = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            output, _none = self.process.communicate()
            output += f"\nkilled by the test after {seconds:g} s"
        return Played(tuple(self.argv), self.process.returncode, output, self.started, time.time())

    def kill(self) -> None:
        """SIGKILL to all of it, as when its machine goes: nothing gets the chance to tidy up. Ansible's workers have
        sessions of their own, and would go on without it.
        """
        if self.process.poll() is None:
            for pid in [self.process.pid, *_below(self.process.pid)]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _below(pid: int) -> list[int]:
    """All processes that this one has started, and theirs."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # the name, in parentheses, may hold anything
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        waiting += parents.get(waiting[0], [])
        found.append(waiting.pop(0))
    return found[1:]
