"""How long ``rollback.yml`` takes, and ``stage1.yml`` with nothing to do beside a playbook of stock modules.

They run on the same host in the same run, in turns (A B C A B C ...). The peer runs twice: with our ansible.cfg, so
with the same pipelining and persistent connections, and with the defaults of Ansible. It does less either way: no host
hardening, no edge, no health gate.
``python -m benchmarks.stage1.bench_05_noop_and_rollback``
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.hosts import site
from benchmarks.table import show, spread
from tests.support.ansible import ROOT, Played, environment
from tests.support.site import MARKERS, REGISTRY, Site

PAIRS = 5
ROLLBACKS = 3
VENV = ROOT / ".cache" / "peers-venv"
PEER = ROOT / "benchmarks" / "peers" / "geerlingguy_style.yml"
COLLECTIONS = "ansible>=12,<13"


def peers_venv() -> Path:
    """A virtualenv of its own with the stock collections; its ansible-playbook."""
    program = VENV / "bin" / "ansible-playbook"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        subprocess.run([str(VENV / "bin" / "pip"), "install", "--quiet", COLLECTIONS], check=True)
    return program


def play_peer(found: Site, program: Path, *, tuned: bool) -> Played:
    """The peer's playbook with our ansible.cfg (``tuned``), or with Ansible's own defaults, as most teams run it."""
    argv = ["nice", "-n", "10", str(program), str(PEER), "-i", str(found.inventory / "hosts.yml")]
    argv += ["-e", f"peer_image={REGISTRY}/chat-api:1", "-e", f"peer_password={MARKERS['vault_db_password']}"]
    env = environment() if tuned else {**environment(), "ANSIBLE_CONFIG": str(PEER.with_name("defaults.cfg"))}
    begun = time.time()
    done = subprocess.run(
        argv, cwd=ROOT, env=env, text=True, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    return Played(tuple(argv), done.returncode, done.stdout + done.stderr, begun, time.time())


def unchanged(play: Callable[[], Played]) -> float:
    """Seconds of a run that changes nothing.

    :raises AssertionError: when it fails or changes something, as then it is not what was to be measured.
    """
    played = play()
    if played.rc or played.changed():
        raise AssertionError(played.tail(100))
    return played.seconds


def noop(found: Site) -> list[dict[str, object]]:
    """Pairs in turns; medians and the ratio of the medians."""
    program = peers_venv()

    def ours() -> Played:
        return found.play("stage1.yml", version="1")

    def theirs() -> Played:
        return play_peer(found, program, tuned=True)

    def theirs_by_default() -> Played:
        return play_peer(found, program, tuned=False)

    ways = (ours, theirs, theirs_by_default)
    for warm in (*ways, theirs):
        played = warm()
        if played.rc:
            raise AssertionError(played.tail(100))
    rounds = [[unchanged(way) for way in ways] for _ in range(PAIRS)]
    names = (
        "stage1.yml: host, Docker, edge, stores, app",
        "peer: Docker and app only, our ansible.cfg",
        "peer: Docker and app only, Ansible's default settings",
    )
    columns = list(zip(*rounds, strict=True))
    mine = statistics.median(columns[0])
    return [
        {
            "edge": found.edge,
            "what": name,
            "tasks": _tasks(way()),
            "s": spread(column),
            "times as long": f"{statistics.median(column) / mine:.2f}",
        }
        for name, way, column in zip(names, ways, columns, strict=True)
    ]


def rollbacks(found: Site) -> dict[str, object]:
    """``rollback.yml`` under load, each from version 2 back to 1."""
    seconds, failed, sent = [], 0, 0
    for _ in range(ROLLBACKS):
        found.stand_on("1")
        found.stand_on("2")
        with found.under_load(rate=100) as observed:
            seconds.append(found.good("rollback.yml").seconds)
        failed += observed.report.summary.failed
        sent += observed.report.summary.sent
    return {"edge": found.edge, "what": "rollback.yml", "s": spread(seconds), "sent": sent, "failed": failed}


def _tasks(played: Played) -> int:
    return sum(host["ok"] + host["skipped"] for host in played.stats.values())


def main(edges: list[str]) -> None:
    for edge in edges or ["caddy", "nginx"]:
        with site(edge) as found:
            show("Nothing to do", noop(found), f"median (range) of {PAIRS} rounds in turns, one host")
            show("Rollback", [rollbacks(found)], "issue: at most 10 s")


if __name__ == "__main__":
    main(sys.argv[1:])
