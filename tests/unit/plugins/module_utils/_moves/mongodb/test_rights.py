"""Roles, as a mongod has them: taken, kept beside the user, given back; also by the guard of a run that has died."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Side, Wish
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import guard
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.engine import Mongodb
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.fence import Fence
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.rights import (
    NOTHING,
    PASSWORD,
    ROLES,
    Rights,
)
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import Connection
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login
from tests.support.ansible import ROOT
from tests.support.scripted_mongo import Scripted

WRITES = [{"role": "readWrite", "db": "chatdb"}, {"role": "dbAdmin", "db": "chatdb"}]
READS = [{"role": "read", "db": "chatdb"}]


class Users:
    """One user of a server, as usersInfo and updateUser have it."""

    def __init__(self, **about: Any) -> None:
        self.user: dict[str, Any] = {"user": "chat", "db": "chatdb", "roles": WRITES, **about}
        self.busy = 2
        self.doing: dict[str, Any] = {"op": "update"}
        self.actions = ["find", "grantRole", "revokeRole", "killAnySession"]
        self.build: dict[str, Any] = {"version": "7.0.14"}

    def info(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert asked["usersInfo"] == {"user": "chat", "db": "chatdb"}
        return {"users": [self.user] if self.user else []}

    def update(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert asked["updateUser"] == "chat"
        assert asked["$db"] == "chatdb"
        self.user |= {name: asked[name] for name in ("roles", "customData", "pwd") if name in asked}
        return {}

    def status(self, _asked: dict[str, Any]) -> dict[str, Any]:
        privileges = [{"resource": {"anyResource": True}, "actions": self.actions}]
        return {"authInfo": {"authenticatedUserPrivileges": privileges}}

    def current(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert asked["effectiveUsers.user"] == "chat"
        self.busy -= 1
        reading = {"op": "query", "command": {"find": "people"}}
        return {"inprog": [reading, self.doing] if self.busy >= 0 else [reading]}

    def scripted(self) -> Scripted:
        return Scripted(
            usersInfo=self.info,
            updateUser=self.update,
            connectionStatus=self.status,
            currentOp=self.current,
            killAllSessions={},
            buildInfo=lambda _asked: self.build,
        )


def rights_at(server: Scripted) -> Rights:
    app = replace(server.end("chat"), source="chatdb")
    return Rights(Connection(server.end()), app)


def stands(one: Rights) -> bool:
    return one.taken


def test_taken_and_given_back() -> None:
    users = Users(customData={"team": "b"})
    with users.scripted() as server:
        one = rights_at(server)
        assert one.way == ROLES
        assert not stands(one)
        one.take()
        assert users.user["roles"] == READS
        assert users.user["customData"] == {"team": "b", "stairway_move": {"roles": WRITES}}
        assert stands(one)
        one.take()
        assert users.user["customData"]["stairway_move"] == {"roles": WRITES}, "twice is as once"
        one.give()
        assert (users.user["roles"], users.user["customData"]) == (WRITES, {"team": "b"})
        assert not stands(one)
        one.give()
        assert users.user["roles"] == WRITES


DOING = [
    {"op": "insert"},
    {"op": "command", "command": {"findAndModify": "people"}},
    {"op": "command", "command": {"commitTransaction": 1}},
]


@pytest.mark.parametrize("doing", DOING, ids=["insert", "find and modify", "commit"])
def test_what_has_begun_is_ended(doing: dict[str, Any]) -> None:
    users = Users()
    users.doing = doing
    with users.scripted() as server:
        rights_at(server).end_writes(time.monotonic() + 10)
        assert users.busy < 0, "it waits for writes, and not for readers"
        (killed,) = [one for one in server.said if "killAllSessions" in one]
        assert killed["killAllSessions"] == [{"user": "chat", "db": "chatdb"}]
        users.busy = 10**9
        with pytest.raises(Exception, match="has not ended"):
            rights_at(server).end_writes(time.monotonic() + 0.1)


def test_who_may_do_what() -> None:
    users = Users()
    with users.scripted() as server:
        for few in (["find", "insert"], ["grantRole", "revokeRole"]):
            users.actions = few
            assert rights_at(server).way == NOTHING, "not all that a fence needs"
        users.actions = ["anyAction"]
        assert rights_at(server).way == ROLES
        assert Rights(Connection(server.end()), server.end()).way == NOTHING, "we are the app itself"
        users.build = {"version": "7.0.42", "ferretdbVersion": "v1.24.2"}
        assert rights_at(server).way == PASSWORD
        users.user = {}
        assert rights_at(server).way == NOTHING, "no such user"


def test_a_fence_and_its_guard() -> None:
    users = Users()
    users.busy = 0
    with users.scripted() as server:
        fence = Fence(lambda: rights_at(server))
        fence.close_off(time.monotonic() + 5)
        assert users.user["roles"] == READS
        fence.open()
        assert users.user["roles"] == WRITES
        fence.close_off(time.monotonic() + 5)
        fence.for_good()
        assert users.user["roles"] == READS


_DIES = """
import os, sys, time
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.fence import Fence
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.guard import end_of
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.rights import Rights
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import Connection
import json
told = json.loads(sys.stdin.readline())
fence = Fence(lambda: Rights(Connection(end_of(told["admin"])), end_of(told["app"])))
fence.close_off(time.monotonic() + 5)
if told["for good"]:
    fence.for_good()
print("fenced", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("for_good", [False, True], ids=["in the fence", "after the switch"])
def test_a_run_that_is_killed(for_good: bool) -> None:
    """By SIGKILL: nothing of it can do anything any more."""
    users = Users()
    users.busy = 0
    with users.scripted() as server:
        one = rights_at(server)
        told = {"admin": asdict(one.admin.end), "app": asdict(one.app), "for good": for_good}
        run = subprocess.Popen(
            [sys.executable, "-c", _DIES],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / ".collections")},
        )
        run.stdin.write(json.dumps(told) + "\n")
        run.stdin.flush()
        assert run.stdout.readline() == "fenced\n"
        assert users.user["roles"] == READS
        run.send_signal(signal.SIGKILL)
        run.wait(10)
        until = time.monotonic() + (2 if for_good else 20)
        while users.user["roles"] == READS and time.monotonic() < until:
            time.sleep(0.05)
        assert users.user["roles"] == (READS if for_good else WRITES)


def fenced(server: Scripted) -> Mongodb:
    """Behind the fence; what comes has a second left."""
    app = replace(server.end("chat"), source="chatdb")
    login = Login(app.user, "", app.database)
    engine = Mongodb(Wish("shop", "db", "mongodb", *[Side("container", app.server, login, login)] * 2))
    engine._ends = (server.end(), server.end())
    engine._rights[0] = Rights(engine.source, app)
    engine.facts.update(how="follow", fenced=True)
    engine._ready().close_off(time.monotonic() + 30)
    engine.source.within(time.monotonic() + 1)
    return engine


def test_a_fence_ends_by_another_session_where_its_own_was_lost() -> None:
    """A source that is slow loses the session that has waited for it: it is the one of the rights."""
    users = Users()
    users.busy = 0
    with users.scripted() as server:
        engine = fenced(server)
        assert users.user["roles"] == READS
        engine.source.close()
        seen = []
        server.answers["updateUser"] = lambda asked: seen.append(engine.source.until) or users.update(asked)
        engine.unfence()
        assert users.user["roles"] == WRITES
        assert seen != [None], "it may be slow still: then the guard does it"
        assert engine._fence is None
        engine.close()


def test_a_fence_ends_in_a_time_of_its_own() -> None:
    users = Users()
    users.busy = 0
    with users.scripted() as server:
        engine = fenced(server)
        left, seen = engine.source.until, []
        server.answers["updateUser"] = lambda asked: seen.append(engine.source.until) or users.update(asked)
        engine.unfence()
        assert [one > left + 5 for one in seen] == [True]
        assert engine.source.until is None
        engine.close()


def test_a_switch_is_taken_back_in_a_time_of_its_own() -> None:
    """Its guard has been dismissed: there is nobody else."""
    users = Users()
    users.busy = 0
    with users.scripted() as server:
        engine = fenced(server)
        engine._ready().for_good()
        engine.facts["switched"] = True
        engine._rights[1] = Rights(engine.target, server.end())
        left, seen = engine.source.until, []
        server.answers["updateUser"] = lambda asked: seen.append(engine.source.until) or users.update(asked)
        engine.switch_back()
        assert [one > left + 5 for one in seen] == [True]
        assert users.user["roles"] == WRITES
        assert "switched" not in engine.facts
        engine.close()


def test_a_guard_acts_where_the_run_itself_cannot() -> None:
    users = Users()
    users.busy = 0
    with users.scripted() as server:
        ours = [rights_at(server), rights_at(server)]
        fence = Fence(lambda: ours.pop() if ours else rights_of_nobody())
        fence.close_off(time.monotonic() + 30)
        assert users.user["roles"] == READS
        with pytest.raises(StairwayError, match="out of reach"):
            fence.open()
        assert wait.until(lambda: users.user["roles"] == WRITES or None, seconds=60)


def rights_of_nobody() -> Rights:
    raise StairwayError("out of reach")


def test_a_guard_that_has_died_is_dismissed_too() -> None:
    users = Users()
    users.busy = 0
    with users.scripted() as server:
        fence = Fence(lambda: rights_at(server))
        fence.close_off(time.monotonic() + 5)
        assert fence._guard is not None
        os.kill(fence._guard.process.number, signal.SIGKILL)
        time.sleep(0.2)
        fence.open()
        assert users.user["roles"] == WRITES


def test_a_guard_tries_until_the_server_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    users = Users(roles=READS, customData={"stairway_move": {"roles": WRITES}})
    with users.scripted() as server:
        one = rights_at(server)
        gone = replace(one.admin.end, server=replace(one.admin.end.server, port=1))
        assert guard.given_back(gone, one.app) is None
        assert guard.given_back(one.admin.end, one.app) is True
    assert users.user["roles"] == WRITES
