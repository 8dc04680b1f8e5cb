"""A backup of 1 GB beside ``pg_dump | zstd`` by hand, on the same server in the same run, in turns.

By hand is what teams write: a dump, compressed, into a file. Ours also encrypts, counts every table in the dump's own
snapshot, writes a checksum and goes to S3 in parts, and stands beside it with each of these taken away in turn. Memory
is that of all its programs on the host together; a file that grows is looked for in all of them.
``python -m benchmarks.moves.bench_04_backup [megabytes]``
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from benchmarks.table import show
from tests.support.ansible import ROOT
from tests.support.aws.emulators import CREDENTIALS, REGION, moto
from tests.support.backups import Stand, age_key

TURNS = 3
TABLE = """CREATE TABLE events (id bigserial PRIMARY KEY, who text, what text, at timestamptz DEFAULT now());
INSERT INTO events (who, what)
  SELECT md5((i % 5000)::text), repeat(md5(i::text) || md5((i * 7)::text), 2) || ' a page'
  FROM generate_series(1, ROWS) i;
CREATE INDEX events_who ON events (who);
CHECKPOINT;
"""
ROW_BYTES = 200
RUN = """import sys
from pathlib import Path
sys.path[:0] = [{collections!r}]
from ansible_collections.stairway.cloud.plugins.module_utils._backups.places import Host
from ansible_collections.stairway.cloud.plugins.module_utils._backups.run import Wish, backup
report = backup(Host({app!r}, Path({etc!r}), Path({var!r}), Path({run!r})), Wish(("postg",), True, "bench"))
sys.stderr.write(chr(10).join(report.failed.values()))
sys.exit(1 if report.failed else 0)
"""


class Watch(threading.Thread):
    """The memory of a process and of all that it started, and the largest regular file that any of them holds open."""

    def __init__(self, pid: int, but: Path) -> None:
        super().__init__(daemon=True)
        self.pid, self.but = pid, str(but)
        self.over = False
        self.memory = self.file = 0

    def run(self) -> None:
        while not self.over:
            pids = family(self.pid)
            self.memory = max(self.memory, sum(resident(pid) for pid in pids))
            self.file = max([self.file, *(size for pid in pids for size in self._files(pid))])
            time.sleep(0.1)

    def _files(self, pid: int) -> Iterator[int]:
        try:
            for link in Path(f"/proc/{pid}/fd").iterdir():
                path, size = os.readlink(link), os.stat(link).st_size
                ours = path.startswith("/") and not path.startswith(("/dev", "/proc", "/usr", self.but))
                if ours and os.readlink(link) == path:  # its number may be another file's by now
                    yield size
        except OSError:
            return


def family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            text = Path(f"/proc/{one}/task/{one}/children").read_text()
        except OSError:
            continue
        found += [int(child) for child in text.split()]
    return found


def resident(pid: int) -> int:
    """The memory of one process; what several of them share is counted for each, so the sum is rather too much."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS")), 0)


def ours(stand: Stand) -> tuple[float, int, int]:
    """Seconds, memory and the largest file."""
    host = stand.host
    program = RUN.format(collections=str(ROOT / ".collections"), app=stand.name, etc=str(host.etc), var=str(host.var),
                         run=str(host.run))  # fmt: skip
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
    watch = Watch(process.pid, stand.root / "out")
    watch.start()
    said = process.communicate()[1]
    watch.over = True
    if process.returncode:
        raise RuntimeError(said)
    return time.monotonic() - begun, watch.memory, watch.file


def by_hand(stand: Stand) -> tuple[float, int, int]:
    out = stand.root / "by-hand.zst"
    login = 'PGPASSWORD="$(cat /stairway/admin/password)" pg_dump -h 127.0.0.1 -U postgres -Fc -Z0 chat'
    script = f"docker exec {stand.container('postg')} sh -c '{login}' | zstd -q -3 -f -o {out}"
    begun = time.monotonic()
    subprocess.run(["bash", "-o", "pipefail", "-c", script], check=True)
    seconds = time.monotonic() - begun
    out.unlink()
    return seconds, 0, 0


@contextmanager
def stood(megabytes: int) -> Iterator[Stand]:
    root = Path(tempfile.mkdtemp(prefix="stairway-bench-"))
    public, _private = age_key(root)
    stand = Stand(root, ("postgresql",), {"to": f"file://{root}/out", "encrypt": {"age": [public]}})
    try:
        stand.up()
        stand.wait("postg")
        login = 'PGPASSWORD="$(cat /stairway/admin/password)" psql -q -h 127.0.0.1 -U postgres chat'
        stand.sh("postg", login, TABLE.replace("ROWS", str(megabytes * 1_000_000 // ROW_BYTES)))
        yield stand
    finally:
        stand.down()
        subprocess.run(["rm", "-rf", str(root)], check=False)


def main(arguments: list[str]) -> None:
    megabytes = int(arguments[0]) if arguments else 1000
    with stood(megabytes) as stand, moto() as emulator:
        access, secret = CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
        keys = {"access_key": access, "secret_key": secret}
        client = boto3.client(
            "s3", endpoint_url=emulator.url, region_name=REGION, aws_access_key_id=access, aws_secret_access_key=secret
        )
        client.create_bucket(Bucket="bench", CreateBucketConfiguration={"LocationConstraint": REGION})
        bucket = {"to": "s3://bench/x", "region": REGION, "endpoint": emulator.url, **keys}

        def with_settings(**changes: object) -> Callable[[], tuple[float, int, int]]:
            def run() -> tuple[float, int, int]:
                stand.write(**changes)
                return ours(stand)

            return run

        ways = {
            "pg_dump | zstd by hand, into a file": lambda: by_hand(stand),
            "ours, encrypted, to a folder": with_settings(),
            "ours, not encrypted, to a folder": with_settings(seal={"age": [], "gpg": None}, drill=None),
            "ours, encrypted, to S3 (emulated on this machine)": with_settings(place=bucket),
        }
        size = int(stand.sh("postg", f"du -sb {stand.settings.stores[0].folder} | cut -f1")) // 1_000_000
        seen: dict[str, list[tuple[float, int, int]]] = {name: [] for name in ways}
        for way in ways.values():
            way()  # everything is read once before it is measured
        for _turn in range(TURNS):
            for name, way in ways.items():
                seen[name].append(way())
        base = statistics.median(one[0] for one in seen["pg_dump | zstd by hand, into a file"])
        rows = [
            {
                "way": name,
                "seconds": f"{statistics.median(one[0] for one in found):.1f}",
                "from-to": f"{min(one[0] for one in found):.1f}-{max(one[0] for one in found):.1f}",
                "speed by hand x": f"{base / statistics.median(one[0] for one in found):.2f}",
                "memory MB": max(one[1] for one in found) // 1_000_000 or "-",
                "largest file MB": max(one[2] for one in found) // 1_000_000 if found[0][1] else "-",
            }
            for name, found in seen.items()
        ]
    show(f"backup of {size} MB on the disk, {megabytes} MB of rows", rows)


if __name__ == "__main__":
    main(sys.argv[1:])
