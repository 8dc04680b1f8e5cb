"""The same rollout done three ways under the same load: Stairway, ``docker compose up -d``, and the docker-rollout way.

Same host, same stores, same images, same edge program, same run. The peers' edge has both ports of the service as
upstreams and tries the other one when the first refuses, which is the best they can have without a switch.
``python -m benchmarks.stage1.bench_06_comparison``
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.hosts import site
from benchmarks.table import show
from tests.support.report import Report, Summary
from tests.support.site import Background, Site

ROLLOUTS = 4
RATE = 200
SETTLE_SECONDS = 3
FOLDER = "/opt/peer06"
PEERS = Path(__file__).parents[1] / "peers"
START_EDGE = {
    "caddy": f"caddy run --adapter caddyfile --config {FOLDER}/Caddyfile",
    "nginx": f"nginx -c {FOLDER}/nginx.conf -g 'daemon off;'",
}
CERTIFICATE = (
    f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=peer"
    f" -keyout {FOLDER}/key.pem -out {FOLDER}/cert.pem 2>/dev/null"
)
OPEN_PORT = "nft insert rule inet stairway outside tcp dport 8443 accept"  # in the firewall of our role host


def put(found: Site, name: str, text: str) -> None:
    """Write a file into the peer's folder."""
    found.sh(f"mkdir -p {FOLDER} && cat > {FOLDER}/{name} <<'END_OF_FILE'\n{text}\nEND_OF_FILE")


def prepare(found: Site) -> None:
    """The peer's project and edge, on version 1, beside what stands there."""
    put(found, "compose.yml", (PEERS / "compose_06.yml").read_text())
    put(found, "rollout.sh", (PEERS / "docker_rollout_way.sh").read_text())
    name, source = {"caddy": ("Caddyfile", "edge.Caddyfile"), "nginx": ("nginx.conf", "edge.nginx.conf")}[found.edge]
    put(found, name, (PEERS / source).read_text().replace("@NAME@", found.domain))
    found.sh(f"docker exec $(docker ps -q --filter label=stairway.service=api | head -1) env > {FOLDER}/env.all")
    found.sh(f"grep -E '^(MONGO_URI|REDIS_URL|JWT_|NODE_ENV|LOG_LEVEL)' {FOLDER}/env.all > {FOLDER}/env")
    found.sh(f"{CERTIFICATE}; chmod 600 {FOLDER}/env*; rm {FOLDER}/env.all")
    found.sh("systemctl reset-failed peer06-edge 2>/dev/null; systemctl stop peer06-edge 2>/dev/null; true")
    found.sh(f"cd {FOLDER} && VERSION=1 docker compose up -d", seconds=120)
    found.sh(f"systemd-run --unit peer06-edge --collect -p Environment=HOME=/root {START_EDGE[found.edge]}")
    # the host's firewall knows nothing of the peer's port
    found.sh(OPEN_PORT)
    time.sleep(SETTLE_SECONDS)


def remove(found: Site) -> None:
    found.sh("systemctl stop peer06-edge; true", check=False)
    found.sh(f"cd {FOLDER} && VERSION=1 docker compose down -t 1; rm -rf {FOLDER}", check=False, seconds=120)


def stairway(found: Site, version: str) -> None:
    found.good("release.yml", version=version)


def compose_up(found: Site, version: str) -> None:
    found.sh(f"cd {FOLDER} && VERSION={version} docker compose up -d", seconds=120)


def docker_rollout(found: Site, version: str) -> None:
    found.sh(f"cd {FOLDER} && VERSION={version} sh rollout.sh", seconds=180)


def peer_load(found: Site) -> Background:
    """As :meth:`Site.start_load`, at the peer's port, whose certificate nobody vouches for.

    :raises RuntimeError: when the peer does not serve at all, so that its rollouts cannot be judged.
    """
    probe = found.start_load(2, rate=20, port=8443, verify=False)
    probe.process.wait(30)
    if (before := Report.load(probe.out)).failures:
        raise RuntimeError(f"the peer does not serve before its rollouts: {before.why()}")
    load = found.start_load(1200, rate=RATE, port=8443, verify=False)
    time.sleep(SETTLE_SECONDS)
    return load


def measure(found: Site, way: str, act: Callable[[Site, str], None]) -> dict[str, object]:
    """One row: ``ROLLOUTS`` rollouts between the versions 1 and 2."""
    load = found.start_load(1200, rate=RATE) if act is stairway else peer_load(found)
    seconds, windows = [], []
    try:
        time.sleep(SETTLE_SECONDS)
        for number in range(ROLLOUTS):
            begun = time.time()
            act(found, "2" if number % 2 == 0 else "1")
            seconds.append(time.time() - begun)
            windows.append((begun, time.time() + SETTLE_SECONDS))
            time.sleep(SETTLE_SECONDS + 1)
        load.stop()
    finally:
        load.kill()
    report = Report.load(load.out)
    rolling = Summary.of(report.within(windows))
    return {
        "edge": found.edge,
        "way": way,
        "rollouts": ROLLOUTS,
        "s each": round(statistics.median(seconds), 1),
        **vars(rolling),
        "failed per rollout": round(rolling.failed / ROLLOUTS, 1),
        "why": report.why(2)[:90],
    }


def main(edges: list[str]) -> None:
    rows = []
    for edge in edges or ["caddy", "nginx"]:
        with site(edge) as found:
            rows.append(measure(found, "stairway release.yml", stairway))
            prepare(found)
            try:
                rows.append(measure(found, "docker compose up -d", compose_up))
                rows.append(measure(found, "docker-rollout way", docker_rollout))
            finally:
                remove(found)
    note = f"{RATE} requests/s; figures are of the rollouts and the {SETTLE_SECONDS} s after each"
    show("The same rollout three ways", rows, note)


if __name__ == "__main__":
    main(sys.argv[1:])
