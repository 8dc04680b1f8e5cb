"""The copy of a move beside dump and restore by hand: ``python -m benchmarks.moves.bench_01_copy [ROWS] [ROUNDS]``.

Both carry the same database over the same two servers, in turn, in one run; the peer is ``pg_dump -Fd -j2`` followed by
``pg_restore -j2``, its dump on this machine's disk. Ours counts from the slot to the last index, without the
statistics (ANALYZE) and the comparison, which the peer has none of and which are shown beside, together.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.table import show
from tests.support.databases import PASSWORDS, Postgres, docker
from tests.support.moving import a_move, fill

ROWS, ROUNDS = 5_000_000, 3


def by_hand(here: Postgres, there: Postgres) -> float:
    """Seconds of the peer."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pgpass").write_text(f"*:*:*:*:{PASSWORDS['admin']}\n")
        (Path(folder) / "pgpass").chmod(0o600)
        (Path(folder) / "stores.pem").write_bytes((there.folder / "stores.pem").read_bytes())
        tool = [
            "run",
            "--rm",
            "--network",
            "host",
            "--volume",
            f"{folder}:{folder}",
            "--env",
            f"PGPASSFILE={folder}/pgpass",
        ]
        begun = time.monotonic()
        docker(
            *(*tool, "--entrypoint", "pg_dump", here.server.image, "-Fd", "-j2", "-f", f"{folder}/dump"),
            f"host={here.address} user=postgres dbname=shop sslmode=disable",
            seconds=3600,
        )
        docker(
            *(
                *tool,
                "--entrypoint",
                "pg_restore",
                here.server.image,
                "-j2",
                "--no-owner",
                "--role=shop",
                "--no-comments",
            ),
            *(
                "-d",
                f"host={there.address} user=stairway dbname=shop sslmode=verify-full sslrootcert={folder}/stores.pem",
            ),
            f"{folder}/dump",
            seconds=3600,
        )
        return time.monotonic() - begun


def ours(here: Postgres, there: Postgres) -> tuple[float, float]:
    """Seconds of the copy, and of statistics and comparison after it."""
    with tempfile.TemporaryDirectory() as folder:
        move = a_move(Path(folder), here, there)
        try:
            move.begin()
            took = {one["name"]: one["seconds"] for one in move.journal.data["steps"]}
            move.abort()
        finally:
            move.engine.close()
    return took["prepare"] + took["copy"], took["check"]


def main(rows: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Postgres("mv-pg-bench-here", "10.214.77.31", "17", False, Path(folder) / "here")
        there = Postgres("mv-pg-bench-there", "10.214.77.131", "17", True, Path(folder) / "there")
        try:
            here.start()
            there.start()
            fill(here, rows)
            here.psql("VACUUM ANALYZE")
            size = int(here.psql("SELECT pg_database_size('shop')"))
            _rounds(here, there, rounds, f"{size / 1e9:.2f} GB with indexes, {rows:,} rows in 30 tables")
        finally:
            here.remove()
            there.remove()


def _rounds(here: Postgres, there: Postgres, rounds: int, note: str) -> None:
    found = []
    for number in range(rounds):
        peer, copied, compared = 0.0, 0.0, 0.0
        # in turn first and second, so that neither always finds what the other has warmed
        for who in ("peer", "ours") if number % 2 == 0 else ("ours", "peer"):
            there.empty()
            here.psql("CHECKPOINT")
            there.psql("CHECKPOINT")
            if who == "peer":
                peer = by_hand(here, there)
            else:
                copied, compared = ours(here, there)
        found.append({
            "round": number + 1,
            "pg_dump -j2, pg_restore -j2": f"{peer:.1f} s",
            "copy of a move": f"{copied:.1f} s",
            "speed beside it": f"{peer / copied:.2f}",
            "statistics, comparing everything": f"{compared:.1f} s",
        })  # fmt: skip
    middle = statistics.median(float(str(row["speed beside it"])) for row in found)
    show("Copy of PostgreSQL", found, f"{note}; median speed {middle:.2f} times that of the peer")


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:3]), *(ROWS, ROUNDS)[len(sys.argv[1:3]) :])
