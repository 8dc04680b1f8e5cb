"""How long a stage takes that has nothing to do: stage 1 on 1, 2, 4 and 8 hosts, and stage 4 with two machines.

The hosts are those of the rehearsal, each with an app, a domain and a certificate of its own. The fleet is ``chat`` in
the rehearsal's account. ``python -m benchmarks.stages.bench_05_nothing_to_do [hosts] [fleet]``
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.table import show, spread
from tests.support.ansible import ROOT, Played, Running, command
from tests.support.bodies import wait
from tests.support.roads import CHAT, walking
from tests.support.site import PROOF, Site, rehearsal

COUNTS = (1, 2, 4, 8)
ROUNDS = 3
INVENTORY = PROOF / "inventories" / "bench-hosts"


def write_inventory(sites: list[Site]) -> None:
    """One app on all of them; what differs from host to host is the domain."""
    folder = INVENTORY / "group_vars" / "all"
    folder.mkdir(parents=True, exist_ok=True)
    hosts = {}
    for site in sites:
        site.write_inventory()
        own = json.loads((site.inventory / "hosts.yml").read_text())["all"]["children"]["app"]["hosts"][site.name]
        overrides = json.loads((site.inventory / "group_vars" / "all" / "overrides.yml").read_text())
        hosts[site.name] = {**own, **overrides}
    (INVENTORY / "hosts.yml").write_text(json.dumps({"all": {"children": {"app": {"hosts": hosts}}}}))
    for name in ("host.yml", "secrets.yml"):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text((sites[0].inventory / "group_vars" / "all" / name).read_text())


def stage1(sites: list[Site]) -> Played:
    """On these hosts only; the app's own inventory names one that is not here.

    :raises AssertionError: when it fails.
    """
    inventories, limit = [ROOT / "inventories" / "chat", INVENTORY], ",".join(site.name for site in sites)
    played = Running(command("stage1.yml", inventories, limit, {"version": "1"})).wait(3000)
    if played.rc:
        raise AssertionError(played.tail(100))
    return played


@contextmanager
def standing() -> Iterator[list[Site]]:
    """As many hosts as are asked for at most, bare."""
    rehearsal("parts", "up")
    rehearsal("app", "chat", "1")
    sites = [Site(f"bench-{number}", f"10.213.0.{120 + number}", "caddy") for number in range(1, max(COUNTS) + 1)]
    try:
        for site in sites:
            site.up(fresh=True)
        yield sites
    finally:
        for site in sites:
            site.down()


def measured(what: str, machines: int, play: Callable[[], Played]) -> dict[str, object]:
    """The median of some rounds.

    :raises AssertionError: when one changes something, as then it is not what was to be measured.
    """
    rounds = [play() for _ in range(ROUNDS)]
    for played in rounds:
        if played.rc or played.changed():
            raise AssertionError(played.tail(100))
    seconds = [played.seconds for played in rounds]
    return {"what": what, "machines": machines, "tasks": rounds[0].tasks(), "s": spread(seconds)}


def hosts() -> list[dict[str, object]]:
    """Stage 1; the hosts that come newly into the group are brought there before the clock starts."""
    rows: list[dict[str, object]] = []
    with standing() as sites:
        for count in COUNTS:
            write_inventory(sites[:count])
            first = stage1(sites[:count])
            row = measured("stage1.yml again", count, partial(stage1, sites[:count]))
            rows.append({**row, "from bare s": f"{first.seconds:.0f} ({count - count // 2} new)"})
    one = float(str(rows[0]["s"]).split()[0])
    return [{**row, "times one host": f"{float(str(row['s']).split()[0]) / one:.2f}"} for row in rows]


def fleet() -> list[dict[str, object]]:
    """Stage 4 with two machines."""
    rehearsal("account", "up")
    road = next(walking(CHAT))
    road.play("stage4", "-e", "start_empty=db,cache")
    wait(road.version, "1", 300)
    return [measured("stage4.yml again", 2, lambda: road.play("stage4"))]


def main(parts: list[str]) -> None:
    if "hosts" in (parts or ["hosts"]):
        show("A stage with nothing to do, on hosts", hosts(), f"median (range) of {ROUNDS} rounds")
    if "fleet" in (parts or ["fleet"]):
        show("A stage with nothing to do, in a fleet", fleet(), "issue: 20 s at stage 4 with two machines")


if __name__ == "__main__":
    main(sys.argv[1:])
