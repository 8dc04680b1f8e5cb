"""The loop that makes the machine look like the account: what is wanted beside what stands, round after round."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .account import Account
from .body import Kind, NotYet, Phase, Standing

PAUSE = 0.5  # seconds between two rounds when nobody calls the API
WORKERS = 6
PATIENCE = 10.0  # the longest pause between two tries of something that fails


class Reconciler:
    """Follows the account until it is stopped. One thread decides; jobs run in a pool."""

    def __init__(self, account: Account, kinds: list[Kind[Any]], log: Callable[[str], None]) -> None:
        self.account = account
        self.kinds = kinds
        self.bodies: dict[str, dict[str, Standing[Any]]] = {kind.name: {} for kind in kinds}
        self.ended = False
        self._log = log
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="body")
        self._busy: set[tuple[str, str]] = set()
        self._later: dict[tuple[str, str], float] = {}
        self._said: dict[str, str] = {}

    def run(self) -> None:
        while not self.ended:
            self.round()
            self.account.changed.wait(PAUSE)
            self.account.changed.clear()

    def round(self) -> None:
        """Look once at everything; a kind that fails keeps no other from its turn."""
        self._guarded("account", self.account.look)
        self._guarded("interfaces", self._interfaces)
        for kind in self.kinds:
            self._guarded(kind.name, lambda kind=kind: self._follow(kind))  # type: ignore[misc]

    def _interfaces(self) -> None:
        found = [one for kind in self.kinds for one in kind.interfaces(self.account)]
        self.account.interfaces = tuple(sorted(found, key=lambda one: (one.vpc, one.address)))

    def end(self) -> None:
        """No round begins any more."""
        self.ended = True
        self.account.changed.set()

    def _follow(self, kind: Kind[Any]) -> None:
        bodies = self.bodies[kind.name]
        wanted = kind.wanted(self.account)
        for key in [*wanted, *(key for key in bodies if key not in wanted)]:
            if (kind.name, key) not in self._busy and self._later.get((kind.name, key), 0) <= time.monotonic():
                self._decide(kind, key, bodies.get(key), wanted.get(key))
        kind.state(self.account, bodies)

    def _decide(self, kind: Kind[Any], key: str, body: Standing[Any] | None, spec: Any) -> None:
        account = self.account
        if body is None or (body.phase in ("making", "broken", "removing") and spec is not None):
            tries = body.tries if body else 0
            self.bodies[kind.name][key] = body = Standing("making", spec, body.error if body else "", tries)
            self._begin(kind, key, body, "standing", lambda: kind.make(account, key, spec))
        elif spec is None:
            body.phase = "removing"
            self._begin(kind, key, body, None, lambda: kind.remove(account, key, body.spec))
        elif spec != body.spec or body.phase == "changing":
            body.phase = "changing"
            old = body.spec
            self._begin(kind, key, body, "standing", lambda: kind.change(account, key, old, spec), spec)

    def _begin(
        self,
        kind: Kind[Any],
        key: str,
        body: Standing[Any],
        then: Phase | None,
        job: Callable[[], None],
        spec: Any = None,
    ) -> None:
        self._busy.add((kind.name, key))
        self._pool.submit(self._do, kind, key, body, then, job, spec)

    def _do(
        self,
        kind: Kind[Any],
        key: str,
        body: Standing[Any],
        then: Phase | None,
        job: Callable[[], None],
        spec: Any,
    ) -> None:
        begun, verb = time.monotonic(), body.phase
        try:
            job()
        except NotYet as reason:
            body.error = f"waits: {reason}"
        except Exception as error:
            body.tries += 1
            body.error = f"{type(error).__name__}: {error}"
            self._later[kind.name, key] = time.monotonic() + min(PATIENCE, 2.0**body.tries / 2)
            self._log(f"{kind.name} {key}: {verb} failed, try {body.tries}: {body.error}\n{traceback.format_exc()}")
        else:
            self._log(f"{kind.name} {key}: {verb} took {time.monotonic() - begun:.1f} s")
            body.error, body.tries = "", 0
            body.spec = body.spec if spec is None else spec
            if then is None:
                self.bodies[kind.name].pop(key, None)
            else:
                body.phase = then
            self.account.changed.set()
        finally:
            self._busy.discard((kind.name, key))

    def _guarded(self, name: str, work: Callable[[], None]) -> None:
        """A thing may vanish from moto while it is read: that is no news, and the next round sees it right."""
        try:
            work()
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            if self._said.get(name) != said:
                self._log(f"{name}: {traceback.format_exc()}")
            self._said[name] = said
        else:
            self._said.pop(name, None)
