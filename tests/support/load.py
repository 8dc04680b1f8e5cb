"""An open-loop load generator: requests are due at fixed times, whether or not the answers keep up.

Latency counts from when a request was *due*, so a stall shows in every request that it delayed (no coordinated
omission). Nothing is sent twice: a request that found its connection closed has failed. One has failed too that gets no
answer in ``--timeout`` seconds; a time in which this machine stood still does not count there, for whoever should have
answered stood still as well. It runs as a process of its own, because its garbage and its callbacks must not be
measured as the server's::

    python -m tests.support.load https://chat.stairway.test/ --ip 10.213.0.11 --rate 200 --seconds 60 --json out.json

With ``--dns`` in the place of ``--ip`` it goes where that name server says, for as long as that may be believed: a new
connection tries one address after the other, and one that is open stays until the server ends it, as a browser's does.

It ends after ``--seconds`` or at SIGTERM, waits for the answers that are still out, and writes a ``Report``.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import signal
import ssl
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.support import dns
from tests.support.http11 import Answer, Broken, Connection, connect, request_bytes, tls_context
from tests.support.report import Report, Sample
from tests.support.targets import check_bounds, check_target

TICK = 0.25  # seconds between two looks at whose time is over
PATIENCE = 2.0  # seconds for a connection to one of several addresses, then the next is tried
DEFAULT_MIX = "GET /messages:7,POST /messages:1,GET /health:2"


@dataclass(frozen=True)
class Plan:
    """What to send where. ``mix`` is one round of (method, path); a POST carries ``{field: "<run>-<number>"}``."""

    name: str
    ip: str
    port: int
    rate: float
    seconds: float
    run: str
    mix: tuple[tuple[str, str], ...]
    tls: bool = True
    ca: str | None = None
    verify: bool = True
    field: str = "text"
    extra: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    connections: int = 64
    fresh_every: int = 50
    timeout: float = 10.0
    dns: str | None = None  # a name server that is asked in the place of ``ip``

    def __post_init__(self) -> None:
        if self.dns is None:
            check_target(self.ip)
        check_bounds(self.rate, self.seconds)


def parse_mix(text: str) -> tuple[tuple[str, str], ...]:
    """``"GET /a:2,POST /b:1"`` as one round, the kinds spread evenly over it.

    :raises ValueError: when a part is not «METHOD /path:count».
    """
    slots: list[tuple[float, tuple[str, str]]] = []
    for part in text.split(","):
        kind, _colon, count = part.strip().rpartition(":")
        method, _space, path = kind.partition(" ")
        if not path.startswith("/") or not count.isdigit():
            raise ValueError(f"not «METHOD /path:count»: {part!r}")
        slots += [((n + 0.5) / int(count), (method, path)) for n in range(int(count))]
    return tuple(kind for _place, kind in sorted(slots, key=lambda slot: slot[0]))


@dataclass
class Pool:
    """Idle connections, the longest idle one first, so that all of them are used in turn."""

    plan: Plan
    context: ssl.SSLContext | None
    idle: deque[Connection] = field(default_factory=deque)
    opened: int = 0

    def __post_init__(self) -> None:
        server = self.plan.dns
        self._resolver = (
            None if server is None else dns.Resolver(self.plan.name, lambda name: dns.look_up(server, name, 1))
        )

    async def take(self, *, fresh: bool) -> Connection:
        while self.idle and not fresh:
            connection = self.idle.popleft()
            if connection.open:
                return connection
        self.opened += 1
        return await self._connect()

    async def _connect(self) -> Connection:
        if self._resolver is None:
            return await connect(self.plan.ip, self.plan.port, self.plan.name, self.context)
        last: Exception = OSError(f"{self.plan.name} has no address")
        for ip in self._resolver.addresses():
            try:
                async with asyncio.timeout(PATIENCE):
                    return await connect(check_target(ip), self.plan.port, self.plan.name, self.context)
            except (OSError, TimeoutError) as error:
                last = error
        raise OSError(f"no address of {self.plan.name} lets in: {last!r}")

    def give_back(self, connection: Connection) -> None:
        if not connection.open:
            return
        if len(self.idle) < self.plan.connections:
            self.idle.append(connection)
        else:
            connection.close_after()

    def close(self) -> None:
        while self.idle:
            self.idle.popleft().close()


class Load:
    """One run of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.pool = Pool(plan, tls_context(plan.ca, verify=plan.verify) if plan.tls else None)
        self.samples: list[Sample] = []
        self.stopping = asyncio.Event()
        self.late = 0.0
        self._headers = {"Accept": "application/json", "User-Agent": "stairway-load", **dict(plan.headers)}
        self._writes = 0
        self._running: set[asyncio.Task[None]] = set()
        self._lived = 0.0  # seconds in which this machine did not stand still
        self._ends: dict[asyncio.Timeout, float] = {}  # what it is then

    async def run(self) -> Report:
        """Send until the plan's time is over or ``stopping`` is set; then wait for what is still out."""
        clock = asyncio.get_running_loop().time
        start, wall = clock(), time.time()
        total = int(self.plan.rate * self.plan.seconds)
        sent = 0
        watching = asyncio.create_task(self._watch())
        while sent < total and not self.stopping.is_set():
            due = start + sent / self.plan.rate
            if (wait := due - clock()) > 0:
                await self._sleep(wait)
                continue
            self.late = max(self.late, -wait)
            task = asyncio.create_task(self._one(sent, due, wall + (due - start)))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            sent += 1
        while self._running:
            await asyncio.wait(set(self._running))
        watching.cancel()
        self.pool.close()
        ordered = tuple(sorted(self.samples, key=lambda row: row.at))
        meta = {"rate": self.plan.rate, "connections_opened": self.pool.opened, "cpu_s": round(time.process_time(), 2)}
        return Report(ordered, run=self.plan.run, late_ms=round(self.late * 1000, 2), meta=meta)

    async def _watch(self) -> None:
        clock = asyncio.get_running_loop().time
        before = clock()
        while True:
            await asyncio.sleep(TICK)
            now = clock()
            self._lived += min(now - before, 2 * TICK)
            before = now
            for limit in [one for one, end in self._ends.items() if end <= self._lived]:
                del self._ends[limit]
                limit.reschedule(now)

    async def _sleep(self, seconds: float) -> None:
        if seconds < 0.05:
            await asyncio.sleep(seconds)
            return
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _one(self, index: int, due: float, at: float) -> None:
        method, path = self.plan.mix[index % len(self.plan.mix)]
        number, body, headers = -1, b"", self._headers
        if method == "POST":
            number, self._writes = self._writes, self._writes + 1
            body = json.dumps({self.plan.field: f"{self.plan.run}-{number}", **dict(self.plan.extra)}).encode()
            headers = {**headers, "Content-Type": "application/json"}
        request = request_bytes(method, path, self.plan.name, headers, body)
        every = self.plan.fresh_every
        status, error, version = 0, "", ""
        clock = asyncio.get_running_loop().time
        limit = asyncio.timeout(None)
        try:
            async with limit:
                self._ends[limit] = self._lived + self.plan.timeout
                answer = await self._exchange(request, fresh=every > 0 and index % every == every - 1)
            status, version = answer.status, answer.headers.get("x-app-version", "")
        except TimeoutError:
            error = f"no answer within {self.plan.timeout:g} s"
        except (Broken, OSError) as problem:
            error = f"{type(problem).__name__}: {problem}"
        finally:
            self._ends.pop(limit, None)
        self.samples.append(Sample(at, clock() - due, f"{method} {path}", status, error, version, number))

    async def _exchange(self, request: bytes, *, fresh: bool) -> Answer:
        connection = await self.pool.take(fresh=fresh)
        try:
            answer = await connection.ask(request)
        except BaseException:
            connection.close()
            raise
        self.pool.give_back(connection)
        return answer


def parse_arguments(argv: list[str]) -> tuple[Plan, Path]:
    """The command line as a plan, and where the report goes."""
    parser = argparse.ArgumentParser(prog="tests.support.load", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("url", help="https://name[:port]/; the name is what TLS and Host carry")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--ip", default="", help="the address to connect to, in the rehearsal or on loopback")
    where.add_argument("--dns", metavar="SERVER:PORT", help="a name server that knows the name's addresses")
    parser.add_argument("--rate", type=float, default=200.0, help="requests per second")
    parser.add_argument("--seconds", type=float, required=True, help="the longest it may run")
    parser.add_argument("--json", type=Path, required=True, help="where the report is written")
    parser.add_argument("--mix", default=DEFAULT_MIX)
    parser.add_argument("--run", default=f"r{os.getpid()}x{int(time.time())}", help="the prefix of numbered writes")
    parser.add_argument("--field", default="text", help="the field of a POST that carries «<run>-<number>»")
    parser.add_argument("--extra", default="{}", help="more fields of a POST, as a JSON object of strings")
    parser.add_argument("--header", action="append", default=[], help="«Name: value»")
    parser.add_argument("--connections", type=int, default=64, help="idle connections kept")
    parser.add_argument("--fresh-every", type=int, default=50, help="each n-th request on a new connection; 0: none")
    parser.add_argument("--timeout", type=float, default=10.0)
    parser.add_argument("--ca", help="a PEM file to trust")
    parser.add_argument("--insecure", action="store_true", help="do not verify the certificate")
    known = parser.parse_args(argv)
    url = urlsplit(known.url)
    tls = url.scheme == "https"
    try:
        plan = Plan(
            name=url.hostname or "",
            ip=known.ip,
            port=url.port or (443 if tls else 80),
            rate=known.rate,
            seconds=known.seconds,
            run=known.run,
            mix=parse_mix(known.mix),
            tls=tls,
            ca=known.ca,
            verify=not known.insecure,
            field=known.field,
            extra=tuple(json.loads(known.extra).items()),
            headers=tuple(
                (name.strip(), value.strip()) for name, _c, value in (h.partition(":") for h in known.header)
            ),
            connections=known.connections,
            fresh_every=known.fresh_every,
            timeout=known.timeout,
            dns=known.dns,
        )
    except ValueError as error:
        parser.error(str(error))
    return plan, known.json


async def _main(plan: Plan, out: Path) -> int:
    load = Load(plan)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, load.stopping.set)
    report = await load.run()
    report.save(out)
    print(json.dumps({"run": report.run, **vars(report.summary), "late_ms": report.late_ms}))
    return 0


if __name__ == "__main__":
    gc.disable()  # a collection would stop the clock of every request that is out; the run is bounded
    sys.exit(asyncio.run(_main(*parse_arguments(sys.argv[1:]))))
