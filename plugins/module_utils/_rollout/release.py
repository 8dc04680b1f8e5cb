"""A release from its lock to its notice: what the ``release`` module does."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .._common.errors import StairwayError
from .._docker.engine import Docker
from .._docker.parse import Container
from .._edge.switch import Colour, EdgeState
from . import model, notice, record
from .layout import LABEL, Candidate, Layout, candidates
from .lock import held
from .record import Records, Release
from .rollout import Host, Rollout
from .vigil import Vigil

LEAST_FREE_BYTES = 200 * 1024**2


@dataclass(frozen=True)
class Order:
    """What is asked for. ``version`` is ``None`` for «the one that runs»; times in seconds."""

    document: Mapping[str, Any]
    version: str | None
    actor: str
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
            "diff": {
                "before": {"version": self.before},
                "after": {"version": self.version},
            },
        }


class Releaser:
    """Releases and rollbacks of one app on this host."""

    def __init__(self, order: Order, *, layout: Layout | None = None) -> None:
        self.order = order
        self.layout = layout or Layout(order.document["app"])
        edge = EdgeState(self.layout.edge, self.layout.lock.parent)
        self.host = Host(Docker(), edge, self.layout)
        self.records = Records(self.layout)
        self.warnings: list[str] = []

    def present(self, *, check_mode: bool) -> Outcome:
        """Make ``order.version`` of ``order.document`` serve.

        :raises StairwayError: when it does not; the release that served before then still does.
        """
        if check_mode:
            return self._would_release()
        with self._locked("release"):
            self._recover()
            current = self.records.current()
            version = self._version(current)
            mark = self._mark(self.order.document)
            if current and not self.order.again and self._stands(current, version, mark):
                return self._unchanged(current)
            self._preflight()
            document = model.document(self.order.document)
            images = self._pull(document, version)
            return self._roll(self.order.document, version, images, mark, current, None)

    def rolled_back(self, *, check_mode: bool) -> Outcome:
        """Return to the last good release before the current one, by its own document and pinned images.

        :raises StairwayError: when there is none, or it does not come up; the current one then goes on.
        """
        if check_mode:
            current, target = self._target()
            return Outcome(True, target.version, current.version, target.summary())
        with self._locked("rollback"):
            self._recover()
            current, target = self._target()
            self._preflight()
            images = {name: self._fetch(image) for name, image in target.images.items()}
            mark = self._mark(target.document)
            return self._roll(target.document, target.version, images, mark, current, target)

    # --- one rollout, with its record and its notice -------------------------------------------------------------

    def _roll(
        self,
        data: Mapping[str, Any],
        version: str,
        images: dict[str, str],
        mark: str,
        current: Release | None,
        target: Release | None,
    ) -> Outcome:
        begun = time.monotonic()
        release = Release(
            number=self.records.next_number(),
            version=version,
            state=record.UNFINISHED,
            at=record.now(),
            actor=self.order.actor,
            images=images,
            mark=mark,
            rollback_of=target.number if target else None,
            document=data,
        )
        # Written before anything starts: a disk that is full says so here, where it harms nobody.
        self.records.save(release)
        self.records.note("started", number=release.number, version=version, actor=release.actor)
        document = model.document(data)
        rollout = Rollout(
            self.host,
            document,
            version=version,
            number=release.number,
            images=images,
            mark=mark,
            careful=target is None,
        )
        try:
            rollout.run()
        except StairwayError as error:
            self._failed(
                replace(
                    release,
                    state=record.BAD,
                    reason=error.message,
                    seconds=_since(begun),
                ),
                current,
            )
            raise self._explained(error, version, current) from error
        proof = rollout.proof.figures().numbers() if rollout.proof else None
        done = replace(release, state=record.GOOD, seconds=_since(begun), proof=proof)
        self._succeeded(done, current, target, rollout.colour)
        rollout.retire_old()
        self._forget(document, done)
        before = current.version if current else None
        return Outcome(True, version, before, done.summary(), rollout.steps.seconds, self.warnings)

    def _succeeded(
        self,
        done: Release,
        current: Release | None,
        target: Release | None,
        colour: str,
    ) -> None:
        self.records.save(done)
        if target and current:
            standing = record.standing_on(self.records.all(), current)
            for left in {one.number: one for one in (current, standing)}.values():
                self.records.save(replace(left, state=record.WITHDRAWN))
        self.records.stand(done, colour=colour)
        outcome = "rolled back" if target else "released"
        self.records.note(
            outcome,
            number=done.number,
            version=done.version,
            actor=done.actor,
            seconds=done.seconds,
        )
        self._notify(outcome, done, current)

    def _forget(self, document: model.Document, done: Release) -> None:
        dropped = record.to_forget(self.records.all(), keep=document.keep, current=done.number)
        self.records.forget(release.number for release in dropped)
        kept = {image for release in self.records.all() for image in release.images.values()}
        gone = {image for release in dropped for image in release.images.values()} - kept
        self.host.docker.remove_images(sorted(gone))

    def _failed(self, bad: Release, current: Release | None) -> None:
        self.records.save(bad)
        self.records.note(
            "failed",
            number=bad.number,
            version=bad.version,
            actor=bad.actor,
            seconds=bad.seconds,
            reason=bad.reason,
        )
        self._notify("failed", bad, current)

    def _notify(self, outcome: str, release: Release, current: Release | None) -> None:
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

    def _explained(self, error: StairwayError, version: str, current: Release | None) -> StairwayError:
        users = (
            f"Users are on {current.version}, as before"
            if current
            else "Nothing was running before, and nothing is now"
        )
        error.message = f"Version {version} was not released: {error.message} {users}."
        error.args = (error.message,)
        return error

    # --- before a rollout ----------------------------------------------------------------------------------------

    def _locked(self, what: str) -> Any:
        order = self.order
        return held(
            self.layout.lock,
            actor=order.actor,
            what=what,
            expires=order.lock_seconds,
            patience=order.lock_wait,
        )

    def _recover(self) -> None:
        """Make sense of what a run that was cut off left behind, users first."""
        self.host.edge.prepare()
        current = self.records.current()
        self.records.close_unfinished(but=None)
        if current is None:
            return
        colour: Colour = (self.records.record() or {}).get("colour", "blue")
        if colour == self.host.edge.colour():
            self._sweep(current)
            return
        # The switch was thrown but never confirmed. Whoever is well serves; the confirmed one if both are not.
        unconfirmed = [
            one for one in self.host.containers() if one.labels.get(f"{LABEL}.colour") == self.host.edge.colour()
        ]
        if not self._serves(current, self.host.edge.colour(), unconfirmed) and self._serves(
            current, colour, self.host.containers()
        ):
            self.host.edge.switch(colour)

    def _sweep(self, current: Release) -> None:
        """Remove what belongs to no release that serves: a half-made colour, a release task, an old colour not drained."""
        left = [one.id for one in self.host.containers() if one.labels.get(f"{LABEL}.release") != str(current.number)]
        self.host.docker.remove(left)

    def _serves(self, release: Release, colour: Colour, containers: list[Container]) -> bool:
        wanted = self._wanted(release, colour)
        running = {one.name for one in containers if one.running}
        routed = [one for one in wanted if one.service.routed]
        return {one.name for one in routed} <= running and self._vigil(release, wanted).well_now(routed)

    def _vigil(self, release: Release, group: list[Candidate]) -> Vigil:
        return Vigil(self.host.docker, model.document(release.document), group)

    def _wanted(self, release: Release, colour: Colour) -> list[Candidate]:
        document = model.document(release.document)
        images = dict(release.images)
        return candidates(
            document,
            self.layout,
            colour=colour,
            number=release.number,
            version=release.version,
            images=images,
            mark=release.mark,
        )

    def _stands(self, current: Release, version: str, mark: str) -> bool:
        """Whether nothing is to do: the same version, document and environment, every container there and well."""
        colour = self.host.edge.colour()
        if (current.state, current.version, current.mark) != (
            record.GOOD,
            version,
            mark,
        ):
            return False
        if (self.records.record() or {}).get("colour") != colour:
            return False
        wanted = {one.name: one for one in self._wanted(current, colour)}
        found = {one.name: one for one in self.host.containers()}
        return (
            wanted.keys() == found.keys()
            and all(one.running and one.restart == "unless-stopped" for one in found.values())
            and all(one.labels.get(f"{LABEL}.release") == str(current.number) for one in found.values())
            and self._vigil(current, list(wanted.values())).well_now(list(wanted.values()))
        )

    def _version(self, current: Release | None) -> str:
        version = self.order.version or (current.version if current else None)
        if version is None:
            raise StairwayError(
                "No version was given, and none runs yet.",
                expected="a version for the first release",
                found="none",
                fix="Type it: ansible-playbook playbooks/stage1.yml -e version=<version>",
            )
        return version

    def _mark(self, data: Mapping[str, Any]) -> str:
        environment = {}
        for service in data["services"]:
            path = self.layout.environment / service["name"]
            if not path.exists():
                raise StairwayError(
                    f"The environment of {service['name']} is missing.",
                    where=str(path),
                    expected="the file that the role app writes",
                    found="no such file",
                    fix="Run stage1.yml once; it writes the environment of every service.",
                )
            environment[service["name"]] = path.read_text(encoding="utf-8")
        return model.fingerprint(data, environment)

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

    # --- results without a rollout -------------------------------------------------------------------------------

    def _would_release(self) -> Outcome:
        current = self.records.current()
        version = self.order.version or (current.version if current else "unknown")
        try:
            same = bool(current) and self._stands(current, version, self._mark(self.order.document))  # type: ignore[arg-type]
        except StairwayError:
            # A bare host in check mode: Docker, the environment file or both are still to come.
            same = False
        return Outcome(not same, version, current.version if current else None)

    def _unchanged(self, current: Release) -> Outcome:
        return Outcome(False, current.version, current.version, current.summary())


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 1)
