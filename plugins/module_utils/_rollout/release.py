"""A release from its lock to its notice: what the ``release`` module does."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from .._common.errors import StairwayError
from .._docker.engine import Docker
from .._edge.switch import EdgeState
from . import model, notice, record, settings
from .cutover import Cutover
from .layout import Layout
from .lock import held
from .record import Records, Release
from .recovery import Standing
from .rollout import Host, Rollout

LEAST_FREE_BYTES = 200 * 1024**2


@dataclass(frozen=True)
class Order:
    """What is asked for. ``version`` is ``None`` for «the one that runs, or ``first_version``»; times in seconds."""

    document: Mapping[str, Any]
    version: str | None
    actor: str
    first_version: str | None = None
    slack_webhook: str | None = None
    again: bool = False
    lock_seconds: float = 900
    lock_wait: float = 60


@dataclass
class Outcome:
    """What a run did: the result of the module."""

    changed: bool
    version: str
    before: str | None
    release: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def result(self) -> dict[str, Any]:
        return {
            "changed": self.changed,
            "version": self.version,
            "release": self.release,
            "steps": self.steps,
            "diff": {"before": {"version": self.before}, "after": {"version": self.version}},
        }


@dataclass(frozen=True)
class Plan:
    """A rollout that is about to begin; ``target`` is the release a rollback returns to."""

    data: Mapping[str, Any]
    version: str
    images: dict[str, str]
    mark: str
    current: Release | None
    target: Release | None = None
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)


class Releaser:
    """Releases and rollbacks of one app on this host."""

    def __init__(self, order: Order, *, layout: Layout | None = None, cutover: Cutover | None = None) -> None:
        self.order = order
        self.cutover = cutover
        self.layout = layout or Layout(order.document["app"])
        edge = EdgeState(self.layout.edge, self.layout.lock.parent)
        self.host = Host(Docker(), edge, self.layout)
        self.records = Records(self.layout)
        self.standing = Standing(self.host, self.records)
        self.warnings: list[str] = []

    def present(self, *, check_mode: bool) -> Outcome:
        """Make ``order.version`` of ``order.document`` serve.

        :raises StairwayError: when it does not; the release that served before then still does.
        """
        if check_mode:
            return self._would_release()
        with self._locked("release"):
            self.standing.recover()
            current = self.records.current()
            version = self._version(current)
            given = settings.given(self.layout, self.order.document)
            mark = model.fingerprint(self.order.document, given)
            done = current and not self.order.again and self.standing.whole(current, version=version, mark=mark)
            if current and done and self.cutover is None:
                return Outcome(False, current.version, current.version, current.summary())

            def prepare() -> Plan:
                images = self._pull(model.document(self.order.document), version)
                return Plan(self.order.document, version, images, mark, current, settings=given)

            return self._attempt(version, current, prepare)

    def rolled_back(self, *, check_mode: bool) -> Outcome:
        """Return to the last good release before the current one, by its own document and pinned images, with the
        settings of the one that serves: its stores are the app's, and its passwords are right.

        :raises StairwayError: when there is none, or it does not come up; the current one then goes on.
        """
        if check_mode:
            current, target = self._target()
            return Outcome(True, target.version, current.version, target.summary())
        with self._locked("rollback"):
            self.standing.recover()
            current, target = self._target()

            def prepare() -> Plan:
                images = {name: self._fetch(image) for name, image in target.images.items()}
                given = settings.to_go_back(self.layout, target, self.standing.serving(current))
                mark = model.fingerprint(target.document, given)
                return Plan(target.document, target.version, images, mark, current, target, given)

            return self._attempt(target.version, current, prepare)

    def made_good(self) -> None:
        """What a run has left that was cut off is brought to one side or the other; nothing is released."""
        with self._locked("making good"):
            self.standing.recover()

    # --- one rollout, with its record and its notice -------------------------------------------------------------

    def _attempt(self, version: str, current: Release | None, prepare: Callable[[], Plan]) -> Outcome:
        begun = time.monotonic()
        release = Release(self.records.next_number(), version, record.UNFINISHED, record.now(), self.order.actor)
        rollout: Rollout | None = None
        try:
            self._preflight()
            # Written before anything starts: a disk that is full says so here, where it harms nobody.
            self.records.save(release)
            self.records.note("started", number=release.number, version=version, actor=release.actor)
            plan = prepare()
            release = replace(
                release,
                images=plan.images,
                mark=plan.mark,
                rollback_of=plan.target.number if plan.target else None,
                document=plan.data,
            )
            self.records.save(release)
            settings.keep(self.layout, release.number, plan.settings)
            rollout = Rollout(
                self.host,
                model.document(plan.data),
                version=version,
                number=release.number,
                images=plan.images,
                mark=plan.mark,
                careful=plan.target is None,
                cutover=self.cutover,
            )
            rollout.run()
        except StairwayError as error:
            self._failed(replace(release, state=record.BAD, reason=error.message, seconds=_since(begun)), current)
            raise _explained(error, version, current, turned=rollout is not None and rollout.turned) from error
        proof = rollout.proof.figures().numbers() if rollout.proof else None
        done = replace(release, state=record.GOOD, seconds=_since(begun), proof=proof)
        self._succeeded(done, plan, rollout.colour)
        self._tidy(rollout.retire_old)
        self._tidy(partial(self._forget, rollout.document.keep, done))
        before = current.version if current else None
        return Outcome(True, version, before, done.summary(), rollout.steps.seconds, self.warnings)

    def _succeeded(self, done: Release, plan: Plan, colour: str) -> None:
        self.records.save(done)
        if plan.target and plan.current:
            standing = record.standing_on(self.records.all(), plan.current)
            for left in {one.number: one for one in (plan.current, standing)}.values():
                self.records.save(replace(left, state=record.WITHDRAWN))
        self.records.stand(done, colour=colour)
        self._tell("rolled back" if plan.target else "released", done, plan.current)

    def _failed(self, bad: Release, current: Release | None) -> None:
        try:
            self.records.save(bad)
        except StairwayError as error:
            # The disk may be what failed in the first place; the reason is on its way to the user already.
            self.warnings.append(error.message)
        self._tell("failed", bad, current)

    def _tell(self, outcome: str, release: Release, current: Release | None) -> None:
        """Into the audit trail, and to Slack; neither may fail a release."""
        facts = {"number": release.number, "version": release.version, "actor": release.actor}
        try:
            self.records.note(outcome, **facts, seconds=release.seconds, reason=release.reason)
        except StairwayError as error:
            self.warnings.append(error.message)
        if not self.order.slack_webhook:
            return
        text = notice.text(
            outcome,
            app=self.layout.app,
            version=release.version,
            host=socket.gethostname(),
            actor=release.actor,
            seconds=release.seconds or 0,
            before=current.version if current else None,
            reason=release.reason,
        )
        trouble = notice.send(self.order.slack_webhook, text)
        if trouble:
            self.warnings.append(f"The notice to Slack did not arrive: {trouble}.")

    def _tidy(self, act: Callable[[], None]) -> None:
        """Users are on the new release: what cannot be tidied up behind it does not fail it; the next run does it."""
        try:
            act()
        except StairwayError as error:
            self.warnings.append(f"The release serves, but not all is tidied up behind it: {error.message}")

    def _forget(self, keep: int, done: Release) -> None:
        dropped = record.to_forget(self.records.all(), keep=keep, current=done.number)
        self.records.forget(release.number for release in dropped)
        settings.forget_others(self.layout, done.number)
        kept = {image for release in self.records.all() for image in release.images.values()}
        gone = {image for release in dropped for image in release.images.values()} - kept
        self.host.docker.remove_images(sorted(gone))

    # --- before a rollout ----------------------------------------------------------------------------------------

    def _locked(self, what: str) -> AbstractContextManager[None]:
        order = self.order
        path = self.layout.lock
        return held(path, actor=order.actor, what=what, expires=order.lock_seconds, patience=order.lock_wait)

    def _version(self, current: Release | None) -> str:
        version = self.order.version or (current.version if current else self.order.first_version)
        if version is None:
            raise StairwayError(
                "No version was given, and none runs yet.",
                expected="a version for the first release",
                found="none",
                fix="Type it: ansible-playbook playbooks/stage1.yml -e version=<version>",
            )
        return version

    def _preflight(self) -> None:
        for folder in (self.layout.state, self.layout.root / "var/lib/docker"):
            while not folder.exists():
                folder = folder.parent
            free = shutil.disk_usage(folder).free
            if free < LEAST_FREE_BYTES:
                raise StairwayError(
                    "The disk of the host is nearly full; nothing was touched.",
                    where=str(folder),
                    expected=f"at least {LEAST_FREE_BYTES // 1024**2} MB free",
                    found=f"{free // 1024**2} MB free",
                    fix="Free some space: docker image prune --all; journalctl --vacuum-size=200M; df -h",
                )

    def _pull(self, document: model.Document, version: str) -> dict[str, str]:
        pinned: dict[str, str] = {}
        for service in document.services:
            image = f"{service.image}:{version}"
            if image not in pinned:
                pinned[image] = self.host.docker.pull(image)
        return {service.name: pinned[f"{service.image}:{version}"] for service in document.services}

    def _fetch(self, image: str) -> str:
        return image if self.host.docker.has(image) else self.host.docker.pull(image)

    def _target(self) -> tuple[Release, Release]:
        current = self.records.current()
        target = record.rollback_target(self.records.all(), current) if current else None
        if current is None or target is None:
            raise StairwayError(
                "There is no earlier good release to go back to.",
                expected="a good release before the current one",
                found=f"version {current.version} and nothing before it" if current else "no release at all",
                fix="Release the version you want: ansible-playbook playbooks/release.yml -e version=<version>",
            )
        return current, target

    def _would_release(self) -> Outcome:
        current = self.records.current()
        version = self.order.version or (current.version if current else self.order.first_version) or "unknown"
        same = False
        if current:
            try:
                given = settings.given(self.layout, self.order.document)
                mark = model.fingerprint(self.order.document, given)
                same = self.standing.whole(current, version=version, mark=mark)
            except StairwayError:
                # The check of a whole playbook comes here with Docker or the environment file still to be made.
                same = False
        return Outcome(not same, version, current.version if current else None)


def _explained(error: StairwayError, version: str, current: Release | None, *, turned: bool) -> StairwayError:
    """The same error, which also says what users see now; ``turned`` are those whom a cutover has led to new stores."""
    users = f"Users are on {current.version}, as before." if current else "Nothing was released here before."
    if turned:
        users = f"Users are on {version} and its new stores: run the same command again, it goes on from there."
    return StairwayError(
        f"Version {version} {'serves, but not all is done' if turned else 'was not released'}: {error.message} {users}",
        expected=error.expected,
        found=error.found,
        where=error.where,
        fix=error.fix,
        log=error.log,
    )


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 1)
