"""Goes with the machines of a fleet from one release to another, forward and back; waits for them, and watches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ..._aws.account import Account
from ..._common.errors import StairwayError
from ..._common.wait import pause
from . import calls, note, order
from .lease import Lease
from .note import Note
from .order import Strategy, Watch
from .view import Member, View, names

POLL_SECONDS = 3.0
# How long a cancelled refresh may take to stop, and a way back to make one step.
CANCEL_SECONDS = 300
Say = Callable[[str], None]


@dataclass
class Machines:
    """The machines of one app while a release is rolled out over them."""

    aws: Account
    app: str
    group: str
    strategy: Strategy
    lease: Lease
    say: Say
    poll: float = POLL_SECONDS
    told: str = ""

    def look(self) -> View:
        """One look; the lease is kept meanwhile."""
        self.lease.keep()
        return calls.look(self.aws, self.app, self.group)

    def rest(self) -> None:
        pause(self.poll)

    def tell(self, view: View, release: str) -> None:
        """How far it is, when that has changed."""
        serving = len(view.serving(release))
        text = f"{serving} of {view.desired} serve {release}"
        if text != self.told:
            self.told = text
            self.say(text)

    # -- forward -------------------------------------------------------------------------------------------------------

    def forward(self, release: str, kept: Note) -> None:
        """Every machine serves ``release``. Those that wait for their first document only have to be waited for.

        :raises StairwayError: when it has to stop; what is in the way of users by then is for ``back`` to mend.
        """
        first = not kept.before
        if first and not self.look().behind(release):
            self._wait(release)
            return
        # where nothing has ever served, the machines themselves may be what was wrong
        if kept.kind == order.ROLLING and not first:
            with self.resting(kept):
                self._roll(release)
            return
        self._refresh(release)

    def _wait(self, release: str) -> None:
        view, watch = self._begin(release)
        deadline = time.monotonic() + self._patience()
        while not view.complete(release):
            self._stop_at_trouble(view, watch)
            if time.monotonic() > deadline:
                raise order.too_slow(view, watch, self._patience())
            self.rest()
            view = self.look()
            watch = watch.after(view)
            self.tell(view, release)

    def _begin(self, release: str) -> tuple[View, Watch]:
        view = self.look()
        there = frozenset(one.instance for one in view.members)
        return view, Watch(release, there, desired=view.desired).after(view)

    def _refresh(self, release: str) -> None:
        view, watch = self._begin(release)
        running = self._running()
        if running is None:
            self._protect(view, release)
            running = calls.start_refresh(self.aws, self.group, order.preferences(self.strategy, view.desired))
        progress = time.monotonic()
        while True:
            view = self.look()
            self.tell(view, release)
            self._stop_at_trouble(view, watch)
            seen = watch.after(view)
            if seen.served != watch.served:
                progress = time.monotonic()
            watch = seen
            if self._ended(running) and view.complete(release):
                return
            if time.monotonic() - progress > self._patience():
                raise order.too_slow(view, watch, time.monotonic() - progress)
            self.rest()

    def _patience(self) -> float:
        rest = self.strategy.checkpoint_seconds if self.strategy.checkpoints else 0
        return self.strategy.timeout_seconds + self.strategy.watch_seconds + rest

    def _protect(self, view: View, release: str) -> None:
        """Those that serve it already are passed over; nobody else is."""
        right = view.serving(release)
        calls.protect(self.aws, self.group, [one.instance for one in right if not one.protected], on=True)
        wrong = [one.instance for one in view.members if one.protected and one not in right]
        calls.protect(self.aws, self.group, wrong, on=False)

    def unprotect(self) -> None:
        view = self.look()
        calls.protect(self.aws, self.group, [one.instance for one in view.members if one.protected], on=False)

    def _running(self) -> str | None:
        """The refresh that goes on, of a run that was cut off."""
        for one in calls.refreshes(self.aws, self.group):
            if one["Status"] not in order.ENDED:
                return str(one["InstanceRefreshId"])
        return None

    def _ended(self, refresh: str) -> bool:
        """:raises StairwayError: when it did not end well."""
        one = next((one for one in calls.refreshes(self.aws, self.group) if one["InstanceRefreshId"] == refresh), None)
        if one is not None and one["Status"] in order.ENDED_BADLY:
            raise StairwayError(
                f"The instance refresh ended as {one['Status']}.",
                expected="Successful",
                found=one.get("StatusReason") or one["Status"],
                where=f"{self.group}, instance refresh {refresh}",
                fix="mend what AWS says above, and release again",
            )
        return one is None or one["Status"] in order.ENDED_WELL

    def _stop_at_trouble(self, view: View, watch: Watch) -> None:
        error = order.trouble(view, watch, calls.firing(self.aws, self.strategy.alarms))
        if error is not None:
            raise error

    # -- rolling in place ----------------------------------------------------------------------------------------------

    @contextmanager
    def resting(self, kept: Note) -> Iterator[None]:
        """The group replaces nobody and balances nothing meanwhile; what rested before goes on resting."""
        already = calls.suspended(self.aws, self.group)
        mine = tuple(one for one in order.RESTING if one not in already or one in kept.suspended)
        note.write(self.aws, self.app, replace(kept, suspended=mine))
        calls.suspend(self.aws, self.group, mine)
        yield
        calls.resume(self.aws, self.group, mine)

    def _roll(self, release: str) -> None:
        view, watch = self._begin(release)
        deadline = time.monotonic() + self._patience()
        while True:
            view = self.readmit(view, release)
            batch = order.batch_of(view, release, self.strategy.batch)
            if batch:
                self.change(batch, release)
                view, watch = self._watched(release, watch)
                deadline = time.monotonic() + self._patience()
                continue
            if view.complete(release):
                return
            self._stop_at_trouble(view, watch)
            if time.monotonic() > deadline:
                raise order.too_slow(view, watch, self._patience())
            self.rest()
            view = self.look()
            watch = watch.after(view)
            self.tell(view, release)

    def readmit(self, view: View, release: str) -> View:
        """Those that serve it already and that a run which was cut off has left out of the balancer.

        :raises StairwayError: when one does not become healthy there.
        """
        out = order.left_out(view, release)
        if not out:
            return view
        ids = [one.instance for one in out]
        self.say(f"{names(out)}: back into the balancer")
        calls.register(self.aws, list(out[0].targets), ids)
        return self._until(lambda now: all(one.serves(release) for one in _these(now, ids)), ids, "to be healthy")

    def change(self, batch: tuple[Member, ...], release: str) -> None:
        """These machines, in place: nobody is sent to them, they change, and they are sent to again.

        :raises StairwayError: when one of them cannot start it.
        """
        ids = [one.instance for one in batch]
        self.say(f"{', '.join(ids)}: out of the balancer")
        arns = list(batch[0].targets)
        for arn in arns:  # one that a run which was cut off has left out is unknown there
            calls.deregister(self.aws, [arn], [one.instance for one in batch if one.targets[arn] is not None])
        self.rest()  # a balancer needs a moment to say that they drain
        self._until(lambda view: all(one.out for one in _these(view, ids)), ids, "to be drained")
        command = calls.run_release(self.aws, ids, self.strategy.timeout_seconds)
        self.say(f"{', '.join(ids)}: {release}")
        self._until(lambda view: self._started(view, ids, release, command), ids, f"to start {release}")
        calls.register(self.aws, arns, ids)
        self._until(lambda view: all(one.serves(release) for one in _these(view, ids)), ids, "to be healthy", release)

    def _started(self, view: View, ids: list[str], release: str, command: str) -> bool:
        """:raises StairwayError: as the machine says it, or as the command does."""
        said = calls.commands(self.aws, command)
        for one in _these(view, ids):
            status, printed = said.get(one.instance, ("Pending", ""))
            if status in ("Pending", "InProgress", "Delayed", "Success"):
                continue
            if one.failed(release):
                raise order.of_machine(one)
            raise StairwayError(
                f"{one.instance} could not be told to change.",
                expected="that the command ends well",
                found=status,
                where=f"SSM Run Command {command} on {one.instance}",
                fix="see whether the SSM agent runs there, and what it printed; then release again",
                log=printed.splitlines()[-20:],
            )
        ended = all(said.get(one, ("", ""))[0] == "Success" for one in ids)
        return ended and all(one.started(release) for one in _these(view, ids))

    def _until(self, there: Callable[[View], bool], ids: list[str], what: str, release: str = "") -> View:
        """:raises StairwayError: when it takes longer than one batch may, or the release fails meanwhile."""
        deadline = time.monotonic() + self.strategy.timeout_seconds
        while True:
            view = self.look()
            if release:
                self.tell(view, release)
            if there(view):
                return view
            missing = [one for one in ids if view.by_id(one) is None]
            if missing or time.monotonic() > deadline:
                raise self._not_there(view, ids, what, missing)
            self.rest()

    def _not_there(self, view: View, ids: list[str], what: str, missing: list[str]) -> StairwayError:
        if missing:
            return StairwayError(
                f"{', '.join(missing)} went away while it was changed.",
                expected=f"{', '.join(ids)} {what}",
                found="it is in the Auto Scaling group no more",
                fix="see the group's activities; then release again",
            )
        late = _these(view, ids)
        return StairwayError(
            f"{names(late)} took longer than {self.strategy.timeout_seconds} s {what}.",
            expected="one batch in that time (app.release.fleet.timeout_seconds)",
            found="; ".join(one.why_ill or (one.machine.state if one.machine else "nothing was said") for one in late),
            where=names(late),
            fix="see the health checks of the target group and the logs on that machine; then release again",
        )

    def _watched(self, release: str, watch: Watch) -> tuple[View, Watch]:
        """The batch has to be well for a while before the next one begins."""
        end = time.monotonic() + self.strategy.watch_seconds
        while True:
            view = self.look()
            watch = watch.after(view)
            self.tell(view, release)
            self._stop_at_trouble(view, watch)
            if time.monotonic() > end:
                return view, watch
            self.rest()


def _these(view: View, ids: list[str]) -> list[Member]:
    return [one for one in view.members if one.instance in ids]
