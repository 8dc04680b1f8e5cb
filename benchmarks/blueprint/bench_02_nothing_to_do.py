"""Stage 4 of shop in an account where it stands already: how long it takes to see that there is nothing to do.

Three ways, in turns against one moto, all of them whole processes from their start to their end:

- ours: ``ansible-playbook`` with one task, and beside it the engine alone in a fresh Python
- the peer: the same resources as tasks of amazon.aws and community.aws (``benchmarks/peers/stage4_amazon_aws.yml``)
- bare: a script that asks with boto3 for the same things in many threads, and compares nothing
  (``benchmarks/peers/bare_describe.py``)

The peer manages the very resources that our apply made, with the same names, so that there is one account, and a change
by hand is the same change for both. Its collections have no module for a certificate of ACM, a replication group of
ElastiCache, a dashboard, a budget and an anomaly monitor: it does without, and is not slower for it. The figures are
worth comparing only if the verdicts are the same: so twenty things are changed by hand, and both have to find them all.
Every request is counted at the server, by one counter for all.

``python -m benchmarks.blueprint.bench_02_nothing_to_do [ROUNDS]``
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.blueprint.drifts import DRIFTS
from benchmarks.blueprint.stage4_peer import given, play, verdicts
from benchmarks.counted_moto import counted
from benchmarks.table import show, spread
from tests.support.ansible import ROOT, environment, recap
from tests.support.aws.apps import resources
from tests.support.aws.emulators import CREDENTIALS, Emulator, moto
from tests.support.aws.runs import converge, planned, verbs

ROUNDS = 3
FASTER_THAN_PEER, SLOWER_THAN_BARE = 20, 2
BARE = ROOT / "benchmarks" / "peers" / "bare_describe.py"
PLAYBOOK = ROOT / "benchmarks" / "blueprint" / "stage4_ours.yml"


@dataclass
class Way:
    """One way of looking. ``run`` answers what it said, and fails when there was something to do."""

    name: str
    run: Callable[[], str]
    seconds: list[float] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)

    def measure(self, emulator: Emulator) -> None:
        before, began = sum(counted(emulator.url).values()), time.monotonic()
        self.run()
        self.seconds.append(time.monotonic() - began)
        self.calls.append(sum(counted(emulator.url).values()) - before)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


class Bench:
    """The account and the files that the ways need."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator = emulator
        self.resources = resources("shop", "stage4")
        self.ours = folder / "ours.json"
        self.ours.write_text(json.dumps({"resources": self.resources, "endpoint": emulator.url}))
        converge(emulator.account(), self.resources)
        self.theirs = folder / "theirs.json"
        self.theirs.write_text(json.dumps(given(emulator.account())))

    def program(self, argv: Sequence[str | Path], more: Mapping[str, str] | None = None) -> str:
        env = {**environment(), **CREDENTIALS, **(more or {})}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        argv = [str(one) for one in argv]
        done = subprocess.run(argv, cwd=ROOT, env=env, text=True, capture_output=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise AssertionError(f"{argv}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout

    def playbook(self) -> str:
        argv = [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", PLAYBOOK, "-e", f"@{self.ours}"]
        said = self.program(argv)
        assert recap(said)["localhost"]["changed"] == 0, said
        return said

    def engine(self) -> str:
        path = {"PYTHONPATH": f"{ROOT}:{ROOT / '.collections'}"}
        said = self.program(
            [sys.executable, "-m", "benchmarks.blueprint.engine_alone", self.emulator.url, self.ours], path
        )
        assert json.loads(said) == [], said
        return said

    def bare(self) -> str:
        return self.program([sys.executable, BARE, "shop"], {"AWS_ENDPOINT_URL": self.emulator.url})

    def peer(self) -> str:
        played = play(self.emulator, self.theirs)
        assert played.rc == 0, played.tail()
        assert played.changed() == 0, played.tail(400)
        return played.output

    def settle(self) -> int:
        """The peer's first run, on what our apply made; how many tasks changed something, to write it their way."""
        played = play(self.emulator, self.theirs)
        assert played.rc == 0, played.tail()
        plan = planned(self.emulator.account(), self.resources)
        assert not plan.changed, verbs(plan)
        return played.changed()


def race(bench: Bench, rounds: int) -> list[Way]:
    """In turns; the quick ones twice in each round, before and after the slow one."""
    ways = [
        Way("ours: ansible-playbook, one task", bench.playbook),
        Way("ours: the engine alone", bench.engine),
        Way("bare boto3, describes only", bench.bare),
        Way("peer: amazon.aws, community.aws", bench.peer),
    ]
    *quick, slow = ways
    for way in quick:
        way.run()
    for number in range(rounds):
        for way in (*quick, slow, *quick):
            way.measure(bench.emulator)
        print(f"round {number + 1}: " + ", ".join(f"{way.name} {way.seconds[-1]:.2f} s" for way in ways), flush=True)
    return ways


def timings(ways: list[Way], resources: int, modules: int) -> list[dict[str, object]]:
    playbook, _engine, bare, _peer = ways
    managed = {
        playbook.name: resources,
        ways[1].name: resources,
        bare.name: resources,
        ways[3].name: f"{modules} module calls",
    }
    return [
        {
            "way": way.name,
            "looks at": managed[way.name],
            "s": spread(way.seconds) if way.median >= 10 else _fine(way.seconds),
            "requests": statistics.median(way.calls),
            "x ours (playbook)": f"{way.median / playbook.median:.2f}",
            "x bare": f"{way.median / bare.median:.2f}",
        }
        for way in ways
    ]


def _fine(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f}-{max(seconds):.2f})"


def drifting(bench: Bench) -> tuple[list[dict[str, object]], str, int]:
    """Both ways in check mode on an account with twenty changes by hand; our apply then sets them right.

    :raises AssertionError: when one of them misses one.
    """
    for drift in DRIFTS:
        drift.make(bench.emulator.account())
    ours = set(verbs(planned(bench.emulator.account(), bench.resources)))
    theirs, modules = verdicts(bench.emulator, bench.theirs)
    keys = {drift.key for drift in DRIFTS}
    rows: list[dict[str, object]] = [
        {
            "changed by hand": drift.key,
            "what": drift.what,
            "ours": _found(drift.key in ours),
            "peer": _found(drift.key in theirs),
        }
        for drift in DRIFTS
    ]
    also = f"also named: ours {sorted(ours - keys) or 'nothing'}; peer {sorted(theirs - keys) or 'nothing'}"
    assert keys <= ours, f"ours misses {keys - ours}"
    assert keys <= theirs, f"the peer misses {keys - theirs}"
    converge(bench.emulator.account(), bench.resources)
    plan = planned(bench.emulator.account(), bench.resources)
    assert not plan.changed, verbs(plan)
    return rows, also, modules


def _found(found: bool) -> str:
    return "found" if found else "MISSED"


def main(arguments: list[str]) -> None:
    rounds = int(arguments[0]) if arguments else ROUNDS
    with tempfile.TemporaryDirectory() as folder, moto(server="benchmarks.counted_moto") as emulator:
        os.environ.update(CREDENTIALS)
        bench = Bench(emulator, Path(folder))
        first = bench.settle()
        ways = race(bench, rounds)
        rows, also, modules = drifting(bench)
    playbook, engine, bare, peer = ways
    note = (
        f"{rounds} rounds in turns, one moto; load of the machine {os.getloadavg()[1]:.1f} (5 minutes, 2 cores). "
        f"Peer / ours {peer.median / playbook.median:.1f} (aim: at least {FASTER_THAN_PEER}), engine / bare "
        f"{engine.median / bare.median:.2f} (aim: at most {SLOWER_THAN_BARE}), playbook / bare "
        f"{playbook.median / bare.median:.2f}. The peer's first run on what our apply made changed {first} task(s)."
    )
    show("Nothing to do: stage 4 of shop", timings(ways, len(bench.resources), modules), note)
    show("The same verdicts: twenty changes by hand", rows, also)


if __name__ == "__main__":
    main(sys.argv[1:])
