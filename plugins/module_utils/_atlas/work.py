"""A cluster, its access and its user made as wanted, and waited for. Any point of interruption is safe: it looks before
it makes, and what is on its way is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from .._common import wait
from .._common.errors import StairwayError
from . import cluster, network, plan, user
from .client import Client
from .faults import AtlasError, Unanswered
from .login import login
from .project import Found, Project, check_region, found, project, the_cluster
from .wanted import Wanted, wanted

_ORDER = ("network", cluster.WHAT, user.WHAT, "access_list", "peering")
# Somebody else was faster, or our own request whose answer was lost.
_THERE = (
    "DUPLICATE_CLUSTER_NAME",
    "USER_ALREADY_EXISTS",
    "CONTAINER_ALREADY_EXISTS",
    "CLUSTER_ALREADY_REQUESTED_DELETION",
)
_ROUNDS = 8
_LOOK_AGAIN_SECONDS = 5.0


@dataclass
class Outcome:
    """What a task gives back. No part but ``url`` holds a password."""

    project: Project
    state: str = "absent"
    host: str | None = None
    url: str | None = field(default=None, repr=False)
    changes: tuple[plan.Change, ...] = ()
    notes: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    peering: dict[str, Any] | None = None

    def result(self) -> dict[str, Any]:
        return {
            "changed": bool(self.changes),
            "changes": [change.text() for change in self.changes],
            "diff": plan.diff(self.changes),
            "state": self.state,
            "host": self.host,
            "url": self.url,
            "project": {"id": self.project.id, "name": self.project.name},
            "peering": self.peering,
            "pending": self.pending,
            "notes": self.notes,
        }


def url(host: str | None, who: user.User | None) -> str | None:
    """What ``managed.url`` of a store takes; None where a part is not known.

    Every character of the password is percent-encoded (RFC 3986, section 2.1), also those that need not be: Ansible
    puts stars wherever the password itself stands in a result.
    """
    if host is None or who is None or who.password is None:
        return None
    password = "".join(f"%{byte:02X}" for byte in who.password.encode())
    database = quote(who.database or "", safe="")
    return f"mongodb+srv://{quote(who.name, safe='')}:{password}@{host}/{database}?retryWrites=true&w=majority"


class Work:
    """One run. ``seconds`` is how long it waits for all together, ``every`` how often it looks."""

    def __init__(
        self, client: Client, want: Wanted, *, absent: bool, waits: bool, seconds: float, every: float
    ) -> None:
        self._client = client
        self._want = want
        self._absent = absent
        self._waits = waits
        self._until = time.monotonic() + seconds
        self._seconds = seconds
        self._every = every

    def run(self, *, check_mode: bool) -> Outcome:
        """:raises StairwayError: when it is refused, beforehand; when Atlas says no; when the time is over."""
        where = project(self._client, self._want.project)
        there, part = self._looked(where)
        if there.cluster is None and not self._absent:
            check_region(self._client, self._want, where)
        if check_mode:
            return self._outcome(there, part, part.changes)
        if not self._absent and any((step.what, step.method) == (cluster.WHAT, "PATCH") for step in part.steps):
            self._poll(lambda: self._ready(where, cluster.IDLE), "the change before this one is done", always=True)
            there, part = self._looked(where)
        changes = part.changes
        self._apply(where, there, part)
        changes += self._await(where, part)
        return self._outcome(*self._looked(where), changes)

    def _looked(self, where: Project) -> tuple[Found, plan.Part]:
        there = found(self._client, self._want, where)
        part = self._planned(there)
        part.check()
        return there, part

    def _planned(self, there: Found) -> plan.Part:
        want = self._want
        if self._absent:
            return cluster.gone(want, there.cluster) + user.gone(want, there.user)
        part = (
            cluster.part(want, there.cluster, used_gb=there.used_gb)
            + user.part(want, there.user)
            + network.access(want, there.entries, there.peers)
            + network.peering(want, there.region(want), there.containers, there.peers)
        )
        part.steps.sort(key=lambda step: _ORDER.index(step.what))
        return part

    def _apply(self, where: Project, there: Found, part: plan.Part) -> None:
        """Every step, once. After an answer that got lost it looks what has become of it."""
        done: set[Any] = set()
        for _round in range(_ROUNDS):
            failed = self._steps(where, there, part, done)
            if failed is None:
                return
            step, error = failed
            wait.pause(_LOOK_AGAIN_SECONDS)
            there, part = self._looked(where)
            if step.key in {one.key for one in part.steps}:
                raise error
        raise StairwayError("Atlas loses one answer after another.", where=where.path, fix="run again later")

    def _steps(
        self, where: Project, there: Found, part: plan.Part, done: set[Any]
    ) -> tuple[plan.Step, StairwayError] | None:
        """The first step of which nobody knows whether it was done, with the error that it gave."""
        for step in part.steps:
            if step.key in done:
                continue
            body = step.body
            if (step.what, step.method) == ("peering", "POST") and body["containerId"] is None:
                body = {**body, "containerId": self._container(where, there)}
            try:
                self._client.send(step.method, where.path + step.path, body)
            except Unanswered as error:
                return step, error
            except AtlasError as error:
                if error.code not in _THERE:
                    raise
                return step, error
            done.add(step.key)
            if (step.what, step.method) == ("peering", "DELETE"):
                self._poll(partial(self._unpeered, where, step.path), "the failed peering is gone", always=True)
        return None

    def _container(self, where: Project, there: Found) -> str:
        containers = self._client.all(f"{where.path}/containers", {"providerName": "AWS"})
        made = network.container_of(containers, there.region(self._want))
        if made is None:
            raise StairwayError("The network that was just made is not to be seen.", where=where.path, fix="run again")
        return str(made["id"])

    def _unpeered(self, where: Project, path: str) -> bool | None:
        peer = self._client.find(where.path + path, "PEER_NOT_FOUND", "INVALID_PEER_ID")
        return True if peer is None or peer.get("statusName") == "DELETED" else None

    def _await(self, where: Project, part: plan.Part) -> tuple[plan.Change, ...]:
        """Until all is as it was asked for; what was changed while waiting."""
        if not self._waits:
            return ()
        if self._absent:
            self._poll(
                lambda: True if the_cluster(self._client, where, self._want.name) is None else None, "it is gone"
            )
            return ()
        self._poll(lambda: self._ready(where, *cluster.USABLE), "the cluster is ready")
        if self._want.user is not None:  # also where it was a run before this one that made it
            self._poll(lambda: self._users_known(where), "the user may log in")
        for step in part.steps:
            if step.what == "access_list":
                self._poll(self._let_in(where, step), f"{step.changes[0].after} is let in")
        return self._after_peering(where)

    def _ready(self, where: Project, *states: str) -> dict[str, Any] | None:
        there = the_cluster(self._client, where, self._want.name)
        if there is None or there["stateName"] not in states or _host(self._want, there) is None:
            return None
        return there

    def _users_known(self, where: Project) -> bool | None:
        said = self._client.get(f"{where.path}/clusters/{self._want.name}/status")
        return True if said.get("changeStatus") == "APPLIED" else None

    def _let_in(self, where: Project, step: plan.Step) -> Callable[[], bool | None]:
        value = str(step.changes[0].after)

        def ask() -> bool | None:
            status = self._client.get(f"{where.path}/accessList/{quote(value, safe='')}/status").get("STATUS")
            if status == "FAILED":
                raise StairwayError("Atlas could not let this in.", found=value, where="access_list")
            return True if status == "ACTIVE" else None

        return ask

    def _after_peering(self, where: Project) -> tuple[plan.Change, ...]:
        """Security groups, where AWS's side has accepted the peering by now."""
        if self._want.peering is None:
            return ()
        self._poll(lambda: self._peered(where), "the peering is asked for")
        _there, part = self._looked(where)
        groups = [step for step in part.steps if step.what == "access_list"]
        for step in groups:
            self._client.send(step.method, where.path + step.path, step.body)
        return plan.changes(groups)

    def _peered(self, where: Project) -> bool | None:
        peers = self._client.all(f"{where.path}/peers", {"providerName": "AWS"})
        mine = [one for one in peers if self._want.peering is not None and network.is_peer(one, self._want.peering)]
        for one in mine:
            if one.get("statusName") == network.FAILED:
                raise StairwayError(
                    "AWS refused the peering.",
                    found=str(one.get("errorStateName")),
                    where="peering",
                    fix="see vpc, account, region and cidr, then run again; it is asked for anew",
                )
        settled = (network.AVAILABLE, network.PENDING)
        return True if any(one.get("statusName") in settled for one in mine) else None

    def _poll(self, ask: Callable[[], Any], until: str, *, always: bool = False) -> None:
        if not (self._waits or always):
            return
        silence: list[Unanswered] = []

        def patiently() -> Any:
            """Minutes are long: an Atlas that says nothing for a while is asked again until the time is over."""
            try:
                return ask()
            except Unanswered as error:
                silence[:] = [error]
                return None

        left = max(self._until - time.monotonic(), 0.0)
        if wait.until(patiently, seconds=left, every=self._every) is None:
            raise StairwayError(
                f"Atlas was not ready within {self._seconds:g} s.",
                expected=until,
                found=f"{silence[0].message} {silence[0].found}" if silence else None,
                where=f"cluster {self._want.name}",
                fix="run again, which waits on; or give it more timeout_seconds. Atlas goes on meanwhile",
            )

    def _outcome(self, there: Found, part: plan.Part, changes: tuple[plan.Change, ...]) -> Outcome:
        made = Outcome(project=there.project, changes=changes, notes=part.notes)
        if there.cluster is not None:
            made.state, made.host = str(there.cluster["stateName"]), _host(self._want, there.cluster)
        asked = self._want.peering
        peer = next((one for one in there.peers if asked is not None and network.is_peer(one, asked)), None)
        if peer is not None:
            made.peering = network.told(peer, there.region(self._want), there.containers)
        if peer is not None and peer.get("statusName") == network.PENDING:
            made.pending.append(
                f"accept the peering {peer.get('connectionId')} in AWS, and route {made.peering['atlas_cidr']} to it"
                if made.peering
                else "accept the peering in AWS"
            )
        made.pending += [f"access_list: {step.changes[0].after}, once the peering is accepted" for step in part.later]
        return made


def _host(want: Wanted, there: Mapping[str, Any]) -> str | None:
    """The name that stands for its hosts. A VPC with name servers of its own gets another one for the peering."""
    known = there.get("connectionStrings") or {}
    text = (known.get("privateSrv") if want.peering else None) or known.get("standardSrv")
    return str(text).removeprefix("mongodb+srv://").partition("/")[0] if text else None


def run(params: Mapping[str, Any], environment: Mapping[str, str], *, check_mode: bool, show_url: bool) -> Outcome:
    """The module. The password is in the URL only with ``show_url``.

    :raises StairwayError: when it cannot be done.
    """
    want = wanted(params)
    hidden = (want.user.password,) if want.user and want.user.password else ()
    client = Client(params["base_url"], login(params, environment), hidden=hidden)
    work = Work(
        client,
        want,
        absent=params["state"] == "absent",
        waits=params["wait"],
        seconds=params["timeout_seconds"],
        every=params["poll_seconds"],
    )
    made = work.run(check_mode=check_mode)
    made.url = url(made.host, want.user) if show_url else None
    return made
