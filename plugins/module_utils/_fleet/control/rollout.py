"""A release over a fleet, from its lock to its note: everything is written down before it is done, so that a run that
was cut off anywhere is finished or undone by the next one.

Order: the lock; what an earlier run has left; images by digest; the environment as a version of its own; the note; the
document; the machines, batch by batch; the list of good ones. What fails goes back: first the document, then the
machines.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from ..._aws.account import Account
from ..._common.errors import StairwayError
from ..model import Release, Secret, release_path
from . import calls, note, order, publish
from .back import back, stop
from .document import Kept, before, release_document, release_id, same, with_good
from .lease import Lease, Lost
from .machines import POLL_SECONDS, Machines
from .note import BACK, Note
from .view import View

NEW_ENVIRONMENT = "made by this run"


@dataclass(frozen=True)
class Wish:
    """What is asked for: ``facts`` and ``fleet`` are those parts of the app's facts."""

    facts: Mapping[str, Any]
    fleet: Mapping[str, Any]
    environment: Mapping[str, Any] = field(repr=False, default_factory=dict)
    endpoints: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    version: str = ""
    first_version: str = ""
    again: bool = False
    actor: str = "unknown"
    lock_wait: int = 60
    check_mode: bool = False
    poll_seconds: float = POLL_SECONDS


@dataclass(frozen=True)
class Outcome:
    """What a run has made of it."""

    changed: bool
    version: str
    release: str
    before: str | None
    seconds: float
    text: tuple[str, ...]

    def result(self) -> dict[str, Any]:
        return {**asdict(self), "text": list(self.text)}


class Rollout:
    """One run."""

    def __init__(self, aws: Account, wish: Wish, say: Callable[[str], None]) -> None:
        self.aws, self.wish, self.say = aws, wish, say
        self.app, self.group = str(wish.facts["app"]), str(wish.fleet["group"])
        self.strategy = order.strategy({**wish.fleet["strategy"], "watch_seconds": wish.facts["watch_seconds"]})
        self.begun = time.monotonic()
        self.lease = Lease(aws, self.app, wish.actor, f"{self.app} {wish.version or 'again'}".strip())
        self.machines = Machines(aws, self.app, self.group, self.strategy, self.lease, say, poll=wish.poll_seconds)

    # -- what is asked for ---------------------------------------------------------------------------------------------

    def present(self) -> Outcome:
        """The version serves everywhere. Where no group is yet, its machines will start it.

        :raises StairwayError: when it does not; what served before does again.
        """
        with self._alone():
            current, _at = publish.current(self.aws, self.app)
            wanted = self._wanted(current)
            noted = note.read(self.aws, self.app)
            if noted is not None:
                if self._goes_on(noted, current, wanted):
                    return self._over_machines(current, noted)  # type: ignore[arg-type]
                self._undo(noted)
                current, _at = publish.current(self.aws, self.app)
            if current is not None and same(current, wanted) and not self.wish.again:
                return self._standing(current, wanted)
            return self._release(current, wanted)

    def rolled_back(self) -> Outcome:
        """The last good release before the current one serves, with its own images and settings.

        :raises StairwayError: when there is none.
        """
        with self._alone():
            noted = note.read(self.aws, self.app)
            if noted is not None and not self.wish.check_mode:
                self._undo(noted)
                back_on, _at = publish.current(self.aws, self.app)
                return self._outcome(True, back_on, noted.version)
            current, _at = publish.current(self.aws, self.app)
            target = before(publish.good(self.aws, self.app), current.release) if current else None
            if current is None or target is None:
                raise StairwayError(
                    "There is no earlier release to go back to.",
                    expected="a release that served before the current one",
                    found=f"only {current.version}" if current else "no release at all",
                    where=release_path(self.app),
                    fix="ansible-playbook playbooks/release.yml -e version=... releases any version",
                )
            return self._to(current, self._document_of(target))

    # -- steps ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """With the lock; in check mode nothing is written, so there is none."""
        if self.wish.check_mode:
            yield
            return
        self.lease.take(self.wish.lock_wait)
        try:
            yield
        finally:
            self.lease.give_back()

    def _wanted(self, current: Release | None) -> Release:
        """:raises StairwayError: when there is no such image, or no version was named."""
        version = self.wish.version or (current.version if current else self.wish.first_version)
        if not version:
            raise StairwayError(
                "No version was given, and none runs yet.",
                expected="the tag of the images to begin with",
                fix="give it: -e version=1, or set app_version beside app",
            )
        secret = str(self.wish.fleet["secret"])
        images = publish.pinned(self.aws, self.wish.fleet["images"], version)
        known = current.env.version if current and current.env.secret == secret else None
        held = publish.version_with(self.aws, secret, self.wish.environment, known)
        ecr = any(one.get("repository") for one in self.wish.fleet["images"].values())
        return release_document(
            self.wish.facts,
            self.wish.fleet,
            version=version,
            images=images,
            env=Secret(secret, held or NEW_ENVIRONMENT),
            registry=publish.registry(self.aws) if ecr else None,
            endpoints=self.wish.endpoints,
            at=_now(),
            by=self.wish.actor,
        )

    def _release(self, current: Release | None, wanted: Release) -> Outcome:
        if self.wish.check_mode:
            return self._outcome(True, wanted, current.version if current else None)
        if current is not None and wanted.release <= current.release:  # two in one second
            wanted = replace(wanted, release=release_id(f"{wanted.at}-1", wanted.version))
        label = publish.label_of(wanted.release)
        secret = wanted.env.secret
        if wanted.env.version == NEW_ENVIRONMENT:
            written = publish.write_environment(self.aws, self.app, secret, self.wish.environment, label)
            wanted = replace(wanted, env=Secret(secret, written))
        else:
            publish.keep_environment(self.aws, secret, wanted.env.version, label)
        return self._to(current, wanted)

    def _to(self, current: Release | None, wanted: Release) -> Outcome:
        """From one document to another, and the machines with it."""
        if self.wish.check_mode:
            return self._outcome(True, wanted, current.version if current else None)
        _same, parameter = publish.current(self.aws, self.app)
        if calls.group(self.aws, self.group) is None:
            publish.put(self.aws, wanted)
            self.say(f"{self.app} {wanted.version} is what the machines will start")
            return self._outcome(True, wanted, current.version if current else None)
        view = self.machines.look()
        calls.forget(self.aws, self.app, view.gone)
        self._check_alarms()
        served = current is not None and self._has_served(view, current.release)
        kept = note.write(
            self.aws,
            self.app,
            Note(
                to=wanted.release,
                version=wanted.version,
                before=current.release if current and served else "",
                parameter=parameter,
                kind=self.strategy.kind,
                by=self.wish.actor,
                at=_now(),
            ),
        )
        publish.put(self.aws, wanted)
        return self._over_machines(wanted, kept)

    def _has_served(self, view: View, release: str) -> bool:
        """Whether it is any use to go back to it: one that failed on every machine is none."""
        return bool(view.serving(release)) or any(one.release == release for one in publish.good(self.aws, self.app))

    def _check_alarms(self) -> None:
        firing = calls.firing(self.aws, self.strategy.alarms)
        if firing:
            raise StairwayError(
                f"The alarm {', '.join(sorted(firing))} fires already.",
                expected="no alarm of app.release.fleet.alarms before a release begins",
                found="ALARM",
                fix="mend what it tells of first, or leave it out of app.release.fleet.alarms for this time",
            )

    def _over_machines(self, wanted: Release, kept: Note) -> Outcome:
        try:
            self.machines.forward(wanted.release, kept)
        except Lost:  # it is the other run's now
            raise
        except StairwayError as error:
            raise self._failed(wanted, kept, error) from error
        self._good(wanted)
        self._tidy()
        was = next((one.version for one in publish.good(self.aws, self.app) if one.release == kept.before), None)
        return self._outcome(True, wanted, was)

    def _goes_on(self, noted: Note, current: Release | None, wanted: Release) -> bool:
        """Whether a run that was cut off wanted just this, and can go on."""
        if self.wish.check_mode or noted.way == BACK or current is None:
            return False
        goes_on = noted.to == current.release and same(current, wanted) and noted.kind == self.strategy.kind
        if goes_on:
            self.say(f"going on with {noted.to}, which a run of {noted.by} began at {noted.at}")
        return goes_on

    def _standing(self, current: Release, wanted: Release) -> Outcome:
        """It is what the machines are told already; those that are behind are brought to it. Where it has failed, it is
        released once more, as what was prepared once for all machines is tried anew only for a release of its own.
        """
        if calls.group(self.aws, self.group) is None:
            return self._outcome(False, current, current.version)
        view = self.machines.look()
        if not view.behind(current.release):
            if view.complete(current.release) and not self.wish.check_mode:
                self._good(current)
            return self._outcome(False, current, current.version)
        if any(one.failed(current.release) for one in view.members):
            self.say(f"{current.release} has failed on a machine: once more")
            return self._release(current, wanted)
        return self._to(current, current)

    # -- ends ----------------------------------------------------------------------------------------------------------

    def _failed(self, wanted: Release, kept: Note, error: StairwayError) -> StairwayError:
        """Takes it back; the error that people see."""
        self.say(f"{wanted.version} failed: {error.message}")
        if kept.before in ("", wanted.release):
            stop(self.machines)
            self._tidy()
            return error
        try:
            self._undo(replace(kept, error=error.result()["error"]))
        except Lost:
            raise
        except StairwayError as second:
            return StairwayError(
                f"{self.app} {wanted.version} failed, and the way back too: {second.message}",
                where=second.where,
                expected=second.expected,
                found=f"{second.found or ''} (the release itself: {error.message})",
                fix="ansible-playbook playbooks/rollback.yml goes on with the way back",
                log=second.log or error.log,
            )
        back_on, _at = publish.current(self.aws, self.app)
        return StairwayError(
            f"{self.app} {wanted.version} was not released. Users are on {back_on.version if back_on else 'nothing'}. "
            f"{error.message}",
            where=error.where,
            expected=error.expected,
            found=error.found,
            fix=error.fix,
            log=error.log,
        )

    def _undo(self, kept: Note) -> None:
        """The release before ``kept`` serves everywhere, and nothing is noted any more."""
        if self.wish.check_mode:
            return
        current, _at = publish.current(self.aws, self.app)
        old, _same = publish.at_version(self.aws, self.app, kept.parameter) if kept.parameter else (None, 0)
        if old is None or kept.before in ("", kept.to):
            stop(self.machines)
            self._tidy()
            return
        self.say(f"back to {old.release}")
        noted = note.read(self.aws, self.app) or kept  # it knows what rests
        kept = note.write(self.aws, self.app, replace(kept, way=BACK, suspended=noted.suspended))
        if current is None or current.release != old.release:
            publish.put(self.aws, old)
        back(self.machines, old.release, kept)
        self._tidy()

    def _tidy(self) -> None:
        """What a rollout needs only while it goes on."""
        noted = note.read(self.aws, self.app)
        if noted is not None and noted.suspended:
            calls.resume(self.aws, self.group, noted.suspended)
        self.machines.unprotect()
        calls.forget(self.aws, self.app, self.machines.look().gone)
        note.drop(self.aws, self.app)

    def _good(self, served: Release) -> None:
        """It has served on every machine: a rollback may return to it."""
        current, parameter = publish.current(self.aws, self.app)
        if current is None or current.release != served.release:
            return
        known = publish.good(self.aws, self.app)
        seconds = round(time.monotonic() - self.begun, 1)
        new = Kept(served.release, served.version, served.at, served.by, parameter, served.env.version, seconds=seconds)
        if known and known[0].release == new.release and known[0].parameter == parameter:
            return
        after = with_good(known, new, int(self.wish.facts["keep"]))
        publish.write_good(self.aws, self.app, after)
        publish.unlabel(self.aws, served.env.secret, {one.env for one in after})

    def _document_of(self, target: Kept) -> Release:
        """:raises StairwayError: when it, or one of its images, or its environment, is no more."""
        found, _at = publish.at_version(self.aws, self.app, target.parameter)
        if found is None or found.release != target.release:
            raise StairwayError(
                f"The document of {target.release} is no more.",
                expected=f"version {target.parameter} of its parameter",
                found=found.release if found else "nothing: Parameter Store keeps the last hundred",
                where=release_path(self.app),
                fix=f"ansible-playbook playbooks/release.yml -e version={target.version}",
            )
        publish.still_there(self.aws, found.images.values())
        if publish.environment(self.aws, found.env.secret, found.env.version)[0] is None:
            raise StairwayError(
                f"The environment of {target.release} is no more.",
                expected=f"version {found.env.version} of the secret",
                where=found.env.secret,
                fix=f"ansible-playbook playbooks/release.yml -e version={target.version}, with the settings of today",
            )
        return found

    def _outcome(self, changed: bool, now: Release | None, was: str | None) -> Outcome:
        seconds = round(time.monotonic() - self.begun, 1)
        version, name = (now.version, now.release) if now else ("", "")
        what = "would be released" if changed and self.wish.check_mode else "serves" if changed else "serves already"
        return Outcome(changed, version, name, was, seconds, (f"{self.app} {version} {what} ({name})",))


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
