"""One rollout on one host: the steps in their order, each with what undoes it.

Until the switch the colour that serves is not touched. The switch is one atomic operation on one file. Until the watch
is over the old colour keeps running, so that switching back is the same operation again.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from .._common import wait
from .._common.errors import StairwayError
from .._docker import logs
from .._docker.engine import Docker
from .._docker.parse import Container
from .._edge.gates import LONGEST_SECONDS, hold, release_hold
from .._edge.switch import Colour, EdgeState, other
from .cutover import Cutover, Turn
from .drain import drained
from .layout import LABEL, Candidate, Layout, candidates, task_run, volume_name
from .model import Document
from .probe import ProofRun, ask, too_bad
from .vigil import Vigil

# How long an old singleton that was started again may take to answer.
OLD_ANSWERS_SECONDS = 60
# How long users may be held behind a routed singleton that was replaced already.
CUTOVER_SECONDS = 60.0
# How long a colour that failed may finish what it is doing, when users have left it.
UNDER_WAY_SECONDS = 5.0


@dataclass(frozen=True)
class Host:
    """What a rollout works on."""

    docker: Docker
    edge: EdgeState
    layout: Layout

    def containers(self) -> list[Container]:
        """Every container of the app's releases; its stores are not among them."""
        return self.docker.containers({f"{LABEL}.app": self.layout.app})


@dataclass
class Steps:
    """How long each step took, in seconds."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0) + time.monotonic() - begun, 2)


class Rollout:
    """Brings ``document`` at ``version`` into service on ``host`` as release ``number``.

    ``images`` has the pinned image of each service. :meth:`run` either ends with the new release serving, or raises
    with the old one serving and the new one gone. With a ``cutover`` (cutover.py) the switch itself is its business,
    and what fails behind it leaves the new release serving.
    """

    def __init__(
        self,
        host: Host,
        document: Document,
        *,
        version: str,
        number: int,
        images: dict[str, str],
        mark: str,
        careful: bool = True,
        cutover: Cutover | None = None,
    ) -> None:
        self.host = host
        self.cutover = cutover
        self.document = document
        self.steps = Steps()
        self.number = number
        self.images = images
        # A rollback returns to what was proven once: no release tasks, no watch.
        self.careful = careful
        # With a cutover there is no way back behind the switch: the old colour's stores take no writes any more.
        self.turned = False
        self.colour = self._free_colour()
        self.candidates = candidates(
            document,
            host.layout,
            colour=self.colour,
            number=number,
            version=version,
            images=images,
            mark=mark,
        )
        self.vigil = Vigil(host.docker, document, self.candidates)
        self.proof = self._proof_run()
        self.old: list[Container] = []

    def run(self) -> None:
        """Everything up to the end of the watch; the old colour still runs then, and :meth:`retire_old` ends it.

        :raises StairwayError: when any step fails; everything is then as it was before.
        """
        self._clear_the_way()
        self.old = self.host.containers()
        if self.proof:
            self.proof.begin()
        undo = contextlib.ExitStack()
        try:
            with undo:
                try:
                    self._bring_up(undo)
                    self._watch()
                except StairwayError as error:
                    # Users first; taking the new colour away can wait.
                    if not self.turned:
                        _also(error, self._lead_back)
                    _also(error, undo.close)
                    raise
                undo.pop_all()
        finally:
            if self.proof:
                self.proof.end()

    # --- the steps -----------------------------------------------------------------------------------------------

    def _bring_up(self, undo: contextlib.ExitStack) -> None:
        if self.careful and self.cutover is None:
            self._tasks()
        together = [one for one in self.candidates if not one.service.alone and not self._late(one)]
        with self.steps.step("start"):
            self._start(together, undo)
        with self.steps.step("health"):
            self.vigil.until_healthy(together)
        # Before the switch: a reboot after it must find the serving colour restarting by itself.
        self.host.docker.keep_running([one.name for one in together])
        if self.cutover is not None:
            self._cut_over(self.cutover, undo)
            return
        held = self._replace_routed_singletons(undo)
        with self.steps.step("switch"):
            self._switch(undo)
        if held:
            release_hold(self.document.app)
        self._replace_singletons([one for one in self.candidates if one.service.alone and not one.service.routed], undo)

    def _late(self, one: Candidate) -> bool:
        """Workers and schedulers write by themselves, so with a cutover the new ones start behind the switch."""
        return self.cutover is not None and not one.service.routed

    def _cut_over(self, cutover: Cutover, undo: contextlib.ExitStack) -> None:
        """Stop what writes by itself, let ``cutover`` hold users and turn them, then start the new workers."""
        with self.steps.step("workers stop"):
            idle = [one for one in self.old if one.running and self._unrouted(one)]
            undo.callback(self.host.docker.start_again, [one.id for one in idle])
            self.host.docker.stop([one.id for one in idle], seconds=self._longest_stop())
        held = self._replace_routed_singletons(undo, CUTOVER_SECONDS)
        turn = Turn(self.host.edge, self.document, self.colour, partial(self._turn, undo), held)
        try:
            with self.steps.step("switch"):
                try:
                    cutover(turn)
                finally:
                    turn.release()
        except StairwayError as error:
            # Nothing goes back behind the turn, so what works by itself goes on in the new colour too.
            if self.turned:
                _also(error, self._start_late)
            raise
        self._start_late()

    def _start_late(self) -> None:
        late = [one for one in self.candidates if self._late(one)]
        with self.steps.step("workers start"), contextlib.ExitStack() as nothing:
            self._start(late, nothing)
            nothing.pop_all()
            self.vigil.until_healthy(late)
            self.host.docker.keep_running([one.name for one in late])

    def _turn(self, undo: contextlib.ExitStack) -> None:
        self.host.edge.switch(self.colour)
        self.turned = True
        undo.pop_all()

    def _unrouted(self, container: Container) -> bool:
        routed = {service.name for service in self.document.routed}
        return container.labels.get(f"{LABEL}.service") not in routed

    def _tasks(self) -> None:
        for task in self.document.tasks:
            with self.steps.step(f"task {task.name}"):
                image = self.images[task.service]
                run = task_run(
                    self.document,
                    self.host.layout,
                    task,
                    image=image,
                    number=self.number,
                )
                self.host.docker.run_once(run, seconds=task.timeout_seconds)

    def _start(self, group: Sequence[Candidate], undo: contextlib.ExitStack) -> None:
        # Registered first: a start that fails half-way leaves a container too.
        undo.callback(self._take_away, [one.name for one in group])
        for one in group:
            self.host.docker.start(one.run)
        logs.link(self.document.app, self.host.containers(), self.host.layout.logs)

    def _switch(self, undo: contextlib.ExitStack) -> None:
        before = self.host.edge.colour()
        self.host.edge.switch(self.colour)
        undo.callback(self._switch_back, before)

    def _replace_routed_singletons(self, undo: contextlib.ExitStack, more_seconds: float = 5) -> bool:
        """Replace them while the edge holds every request; whether there were any, and so a hold that goes on for
        ``more_seconds`` at least.
        """
        group = self._routed_singletons()
        if not group:
            return False
        # Undone in reverse: the old ones start, they answer, and only then the requests go.
        undo.callback(release_hold, self.document.app)
        self._let_wait(group, more_seconds)
        undo.callback(self._until_old_answer, group)
        self._replace_singletons(group, undo)
        return True

    def _routed_singletons(self) -> list[Candidate]:
        return [one for one in self.candidates if one.service.alone and one.service.routed]

    def _let_wait(self, group: Sequence[Candidate], more_seconds: float) -> None:
        """Hold every request for as long as one of ``group`` may take to stop and another to start."""
        longest = max(one.service.health.start_seconds + one.service.stop_seconds for one in group)
        ports = {one.name: one.ports for one in self.document.routed if one.ports}
        hold(self.document.app, min(LONGEST_SECONDS, longest + more_seconds), ports)

    def _until_old_answer(self, group: Sequence[Candidate]) -> None:
        ports = [port for one in group if one.service.ports for port in one.service.ports[other(self.colour)]]
        for port in ports:
            wait.until(partial(_status, port), seconds=OLD_ANSWERS_SECONDS)

    def _replace_singletons(self, group: Sequence[Candidate], undo: contextlib.ExitStack) -> None:
        """Old first, then new: two never run at once."""
        if not group:
            return
        services = {one.service.name for one in group}
        old = [one for one in self.old if one.labels.get(f"{LABEL}.service") in services and one.running]
        with self.steps.step("singletons"):
            undo.callback(self.host.docker.start_again, [one.id for one in old])
            self.host.docker.stop([one.id for one in old], seconds=self._longest_stop())
            self._start(group, undo)
            self.vigil.until_healthy(group)
            self.host.docker.keep_running([one.name for one in group])

    def _watch(self) -> None:
        seconds = self.document.watch_seconds if self.careful else 0
        with self.steps.step("watch"):
            self.vigil.stay(seconds, self._check_proof)

    def _check_proof(self) -> None:
        if not (self.proof and self.document.proof):
            return
        figures = self.proof.figures()
        reason = too_bad(self.document.proof, figures)
        if reason:
            raise StairwayError(
                f"The proof run failed: {reason}.",
                where=f"{self.document.domain}{self.document.proof.path}, through the edge",
                fix="Mend the service, or widen release.proof in app.yml if these limits are too narrow.",
                log=[line for one in self.candidates if one.port for line in self.host.docker.last_lines(one.name)],
            )

    def retire_old(self) -> None:
        """Drain and remove what is not of this release; nothing here can harm the release that serves."""
        new = {one.name for one in self.candidates}
        old = [one for one in self.host.containers() if one.name not in new]
        with self.steps.step("drain"):
            drained(self._ports(other(self.colour)), seconds=self.document.drain_seconds)
        with self.steps.step("stop"):
            self._take_away([one.id for one in old])

    # --- what undoes them ----------------------------------------------------------------------------------------

    def _lead_back(self) -> None:
        """Users to the old colour; the new one finishes what is under way before it goes. They wait where what they
        go back to stands still: two of a singleton never run at once.
        """
        group = self._routed_singletons()
        if group and self.old and self.host.edge.colour() == self.colour:
            with contextlib.suppress(StairwayError):  # led back they are in any case
                self._let_wait(group, UNDER_WAY_SECONDS)
        if self._switch_back(other(self.colour)):
            drained(self._ports(self.colour), seconds=min(self.document.drain_seconds, UNDER_WAY_SECONDS))

    def _switch_back(self, colour: Colour) -> bool:
        return bool(self.old) and self.host.edge.switch(colour)

    def _take_away(self, names: Sequence[str]) -> None:
        """Stop gracefully, then remove; those that are gone already do not matter."""
        present = {key for one in self.host.containers() for key in (one.id, one.name)}
        names = [name for name in names if name in present]
        with contextlib.suppress(StairwayError):
            self.host.docker.stop(names, seconds=self._longest_stop())
        self.host.docker.remove(names)

    # --- helpers -------------------------------------------------------------------------------------------------

    def _free_colour(self) -> Colour:
        """The colour to build in: the one that does not serve."""
        return other(self.host.edge.colour())

    def _clear_the_way(self) -> None:
        """Remove what a cut-off run left in our colour, and make what containers need."""
        mine = [one for one in self.host.containers() if self._in_the_way(one)]
        self._take_away([one.id for one in mine])
        labels = {f"{LABEL}.app": self.document.app}
        self.host.docker.ensure_network(self.document.app, labels)
        for service in self.document.services:
            for name, _path in service.volumes:
                folder = self.host.layout.volumes / name
                self.host.docker.ensure_volume(volume_name(self.document.app, name), folder=folder, labels=labels)

    def _in_the_way(self, container: Container) -> bool:
        return container.labels.get(f"{LABEL}.colour", self.colour) == self.colour

    def _ports(self, colour: Colour) -> set[int]:
        return {port for service in self.document.services if service.ports for port in service.ports[colour]}

    def _longest_stop(self) -> int:
        return max((service.stop_seconds for service in self.document.services), default=10)

    def _proof_run(self) -> ProofRun | None:
        # On a first release nothing serves yet, and every probe before the switch would count as failed.
        if not (self.careful and self.document.proof and self.document.domain and self.host.containers()):
            return None
        return ProofRun(self.document.proof, domain=self.document.domain, tls=self.document.tls)


def _also(error: StairwayError, act: Callable[[], object]) -> None:
    """Do what has to follow ``error``. What was wrong first is what is said; what goes wrong now stands below it."""
    try:
        act()
    except StairwayError as other:
        error.log.append(other.message)


def _status(port: int) -> int | None:
    """What is answered at a port, whatever it is; ``None`` while nothing is."""
    return ask(port, "/", timeout=1).status
