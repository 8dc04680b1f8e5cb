"""From whatever a machine is to the current release: what a boot does, and what a rollout in place asks for."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..._common import atomic, wait
from ..._common.errors import StairwayError
from ..._docker.engine import Docker
from ..._rollout.layout import AUTHORITIES, LABEL, Candidate
from ..._stores import authorities
from ..._stores.model import Login, Server
from ..._stores.work import let_in
from ..model import (
    FAILED,
    SERVING,
    STARTING,
    WAITING,
    Machine,
    Release,
    machine,
    machine_path,
    release,
    release_path,
    written,
)
from . import containers, ground, prepare, watch
from .aws import Aws
from .health import until_healthy
from .settings import Settings

DOCUMENT_SECONDS = 15 * 60
EVERY_SECONDS = 5
# a parameter of the standard tier holds 4 KB
MOST = 3500


class Agent:
    """One run on one machine."""

    def __init__(self, settings: Settings, aws: Aws, instance: str) -> None:
        self.settings, self.aws, self.instance = settings, aws, instance
        self.docker = Docker()
        self.begun = time.monotonic()
        self.release: Release | None = None
        self.environment: dict[str, dict[str, str]] = {}

    def run(self) -> None:
        """Serve the release that the document names; say how it goes.

        :raises StairwayError: when it does not; the machine's status says the same.
        """
        try:
            self._tell(WAITING)
            found = self.release = self._document()
            self._tell(STARTING)
            self._converge(found)
        except StairwayError as error:
            self._tell(FAILED, self._told(error))
            raise
        self._tell(SERVING)
        watch.bring(self.aws, self.settings.watch)

    def _document(self) -> Release:
        path = release_path(self.settings.app)
        text = wait.until(lambda: self.aws.parameter(path), seconds=DOCUMENT_SECONDS, every=EVERY_SECONDS)
        if text is None:
            raise StairwayError(
                "There is no release for this machine.",
                where=path,
                found=f"no such parameter for {DOCUMENT_SECONDS // 60} minutes",
                fix="ansible-playbook playbooks/release.yml -e version=...",
            )
        return release(text, path)

    def _converge(self, wanted: Release) -> None:
        ground.ready(self.settings)
        if any(store.tls for store in wanted.stores):
            authorities.install(Path(AUTHORITIES), self.settings.authorities)
        ground.log_in(self.aws, wanted.images.values())
        for image in dict.fromkeys(wanted.images.values()):
            if "@" not in image or not self.docker.has(image):
                ground.pull(image)
        self.environment = self.aws.secret(wanted.env.secret, wanted.env.version)
        self._write(wanted)
        self.docker.ensure_network(wanted.app, {f"{LABEL}.app": wanted.app})
        folders = (AUTHORITIES,) if Path(AUTHORITIES).is_dir() else ()
        mine = prepare.once(self.aws, wanted, self.instance, lambda: self._prepare(wanted, folders), self._told)
        self._replace(wanted, containers.candidates(wanted, folders, alone=mine))

    def _write(self, wanted: Release) -> None:
        folder = containers.envs(wanted.app)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        for service in wanted.services:
            text = containers.env_text(service.name, self.environment.get(service.name, {}))
            atomic.write(folder / service.name, text, mode=0o600)

    def _prepare(self, wanted: Release, folders: tuple[str, ...]) -> None:
        """What one machine does for all."""
        for store in wanted.stores:
            known = self.aws.secret(store.secret) if store.secret else {}
            admin = known.get("admin_password")
            if store.engine != "redis" and not self.docker.has(store.image):
                ground.pull(store.image)
            bundle = f"{AUTHORITIES}/{authorities.PEM}"
            at = Server(store.name, store.engine, store.host, store.port, store.tls, store.image, bundle)
            login = Login(store.user, known.get("password") or "", store.database)
            let_in(at, login, Login(store.admin_user, admin, "") if admin else None, check_mode=False)
        for task in wanted.tasks:
            one = containers.task_run(wanted, task, folders)
            # of an agent that was killed: its end is awaited by nobody, and it may not run twice at once
            with contextlib.suppress(StairwayError):
                self.docker.stop([one.name], seconds=one.stop_seconds)
            self.docker.remove([one.name])
            self.docker.run_once(one, seconds=task.timeout_seconds)

    def _replace(self, wanted: Release, candidates: list[Candidate]) -> None:
        """The old ones end only now, when everything that the new ones need is here."""
        found = self.docker.containers({f"{LABEL}.app": wanted.app})
        old = containers.stale(found, candidates)
        names = [one.id for one in old]
        patience = max([60, *(one.run.stop_seconds for one in candidates)])
        self.docker.stop(names, seconds=patience)
        self.docker.remove(names)
        standing = {one.name for one in found} - {one.name for one in old}
        for one in candidates:
            if one.name not in standing:
                self.docker.start(one.run)
        until_healthy(self.docker, wanted, candidates)
        self.docker.keep_running([one.name for one in candidates])

    def _told(self, error: StairwayError) -> dict[str, Any]:
        """An error as others may read it: no secret, and not too long."""
        parts = error.result()["error"]
        told: dict[str, Any] = {
            name: containers.hidden(text, self.environment)[:500] if text else text
            for name, text in parts.items()
            if name != "log"
        }
        lines = [containers.hidden(line, self.environment)[:300] for line in parts["log"]]
        while lines and len(json.dumps([told, lines])) > MOST - 400:
            del lines[0]
        return {**told, "log": lines}

    def _tell(self, state: str, error: Mapping[str, Any] | None = None) -> None:
        """Why a machine failed stays readable while it tries again, until it serves or has another release to serve."""
        path = machine_path(self.settings.app, self.instance)
        wanted = self.release
        if state in (WAITING, STARTING):
            before = self._before(path)
            if before and before.state == FAILED and (wanted is None or before.release == wanted.release):
                return
        status = Machine(
            instance=self.instance,
            state=state,
            at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            release=wanted.release if wanted else None,
            version=wanted.version if wanted else None,
            error=error,
            seconds=round(time.monotonic() - self.begun, 1),
            uptime=float(Path("/proc/uptime").read_text().split()[0]),
        )
        self.aws.put(path, written(status))

    def _before(self, path: str) -> Machine | None:
        try:
            text = self.aws.parameter(path)
            return machine(text) if text else None
        except (ValueError, KeyError, TypeError):
            return None
