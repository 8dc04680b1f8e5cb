"""The inventory of 100, 500 and 5,000 instances beside ``amazon.aws.aws_ec2``, cold and from the cache.

Both get the same recorded answers from the same server on this machine, run the same ansible-core, and take turns
(A B C A B C ...). A run is a process of ``ansible-inventory``, start of Python included. Seconds are those that passed;
«cpu» are those that the process worked, which other work on the machine does not make longer. Ratios are of medians.
``python -m benchmarks.blueprint.bench_05_inventory [--rounds N] [COUNT ...]``
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.table import show, spread
from tests.support.aws.emulators import REGION
from tests.support.aws.recording import recorded
from tests.support.aws.replay import Region, replay
from tests.support.inventory import OURS, Listed, run, write
from tests.support.peers import peers_programs

COUNTS = (100, 500, 5000)
ROUNDS = 3
PEERS = Path(__file__).parents[1] / "peers"
LATENCIES = {"us-east-1": 1.0, "us-west-2": 1.5, "eu-west-1": 2.0, "ap-northeast-2": 3.0}


@dataclass(frozen=True)
class Way:
    """``cached`` runs find what the run before them kept."""

    name: str
    options: Mapping[str, Any]
    programs: Path
    cached: bool = False


def ways(url: str, folder: Path) -> list[Way]:
    own = Path(sys.executable).parent
    peers = peers_programs()
    theirs = {**yaml.safe_load((PEERS / "inventory.aws_ec2.yml").read_text()), "regions": [REGION]}
    ours = {"plugin": OURS, "regions": [REGION], "address": "private"}
    found = []
    for cached in (False, True):
        more: dict[str, Any] = {"endpoint_url": url}
        if cached:
            more |= {"cache": True, "cache_plugin": "ansible.builtin.jsonfile"}
        for name, options, programs in (
            ("amazon.aws.aws_ec2", theirs, peers),
            ("ours, full", {**ours, "variables": "full"}, own),
            ("ours, lean", ours, own),
        ):
            place = {"cache_connection": str(folder / name.replace(" ", ""))} if cached else {}
            found.append(Way(name, {**options, **more, **place}, programs, cached))
    return found


def once(way: Way, folder: Path, action: str, count: int) -> Listed:
    """One run.

    :raises AssertionError: when it fails or finds another number of hosts.
    """
    found = run(write(folder, way.options), action, programs=way.programs)
    hosts = found.output.count('"instance_id": {') if action == "--list" else len(set(_leaves(found.output)))
    if found.rc or hosts != count:
        raise AssertionError(f"{way.name} {action}: exit {found.rc}, {hosts} of {count} hosts\n{found.errors[-2000:]}")
    kind = "cached" if way.cached else "cold"
    print(f"{count} {way.name} {action} {kind}: {found.seconds:.1f} s, {found.cpu:.1f} s of work", file=sys.stderr)
    return found


def _leaves(graph: str) -> list[str]:
    return [line.rpartition("--")[2] for line in graph.splitlines() if "--i-" in line]


def measure(count: int, rounds: int) -> list[dict[str, object]]:
    """A row for each action and way."""
    rows = []
    with replay({REGION: Region(recorded(count))}) as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        every = ways(server.url, folder)
        for way in every:
            if way.cached:
                once(way, folder, "--graph", count)
        for action in ("--list", "--graph"):
            seen: list[list[Listed]] = [[] for _way in every]
            for _round in range(rounds):
                for way, runs in zip(every, seen, strict=True):
                    runs.append(once(way, folder, action, count))
            # the peer is the first of the cold ones, and the first of those from the cache
            peers = [seen[3 if way.cached else 0] for way in every]
            rows += [_row(count, action, *one) for one in zip(every, seen, peers, strict=True)]
    return rows


def _row(count: int, action: str, way: Way, runs: list[Listed], peers: list[Listed]) -> dict[str, object]:
    def times(what: str) -> str:
        mine = statistics.median(getattr(one, what) for one in runs)
        return f"{statistics.median(getattr(one, what) for one in peers) / mine:.1f}"

    return {
        "instances": count,
        "run": f"{action}, {'from its cache' if way.cached else 'cold'}",
        "inventory": way.name,
        "s": spread([one.seconds for one in runs]),
        "times as fast": times("seconds"),
        "cpu s": spread([one.cpu for one in runs]),
        "times less cpu": times("cpu"),
        "MB": round(statistics.median(one.kilobytes for one in runs) / 1024),
    }


def regions(rounds: int) -> list[dict[str, object]]:
    """Regions that take their time, one by one and together."""
    rows = []
    instances = recorded(100)
    served = {name: Region(instances, latency=seconds) for name, seconds in LATENCIES.items()}
    with replay(served) as server, tempfile.TemporaryDirectory() as name:
        for asked in (*([one] for one in LATENCIES), list(LATENCIES)):
            options = {"plugin": OURS, "regions": asked, "endpoint_url": server.url}
            runs = [run(write(Path(name), options), "--graph") for _ in range(rounds)]
            rows.append(
                {
                    "regions": ", ".join(asked),
                    "answer after s": ", ".join(str(LATENCIES[one]) for one in asked),
                    "s": spread([one.seconds for one in runs]),
                }
            )
    return rows


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench_05_inventory")
    parser.add_argument("counts", nargs="*", type=int, default=COUNTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args(arguments)
    note = f"median (range) of {asked.rounds} rounds in turns"
    for count in asked.counts:
        show(f"Inventory of {count:,} instances", measure(count, asked.rounds), note)
    every = f"{sum(LATENCIES.values())} s and more one after the other"
    show("Regions that are slow", regions(asked.rounds), f"{note}; {every}")


if __name__ == "__main__":
    main(sys.argv[1:])
