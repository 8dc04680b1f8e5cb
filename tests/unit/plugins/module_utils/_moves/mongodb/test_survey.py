"""The preflight, by what a MongoDB says of itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import (
    REFUSE,
    SAY,
    Finding,
    Limits,
    Side,
    Wish,
)
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb import survey
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.survey import Asked
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mongodb.wire import Connection
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server
from tests.support.scripted_mongo import Scripted, batch

SETS = {"hello": {"isWritablePrimary": True, "setName": "rs0"}, "aggregate": batch([])}
ALONE = {"aggregate": {"ok": 0, "code": 40573, "errmsg": "only supported on replica sets"}}


def server(**answers: Any) -> Scripted:
    """MongoDB 7 with one collection of 3 documents."""
    known: dict[str, Any] = {
        "buildInfo": {"version": "7.0.14"},
        "dbStats": {"dataSize": 5_000_000.0, "fsTotalSize": 9e9, "fsUsedSize": 1e9},
        "listCollections": batch([{"name": "cards", "type": "collection", "options": {}}]),
        "listIndexes": batch([{"key": {"_id": 1}, "name": "_id_"}]),
        "count": {"n": 3},
        "collStats": {"size": 10**9},
        "getParameter": {"featureCompatibilityVersion": {"version": "7.0"}},
        "listDatabases": {"databases": [{"name": one} for one in ("admin", "chatdb", "local", "config")]},
        "rolesInfo": {"roles": []},
        "usersInfo": lambda asked: {"users": [] if asked["usersInfo"] == 1 else [{"user": "chat", "roles": []}]},
        "connectionStatus": {
            "authInfo": {"authenticatedUserPrivileges": [{"actions": ["grantRole", "revokeRole", "killAnySession"]}]}
        },
        **SETS,
    }
    return Scripted(**{**known, **answers})


EMPTY = {"listCollections": batch([]), "count": {"n": 0}}


def wish(how: str = "auto") -> Wish:
    login = Login("chat", "", "chatdb")
    here, there = (Side("container", Server("db", "mongodb", one, 1, False, "", ""), login, login) for one in "ab")
    return Wish("chat", "db", "mongodb", here, there, how=how, limits=Limits())


def look(source: Scripted, target: Scripted, *, how: str = "auto", left: str = "") -> Any:
    with source, target:
        asked = []
        for one, words in ((source, "at the source"), (target, "at the target")):
            # nobody logs in here: the app is somebody else than we are by the database of its user alone
            app = replace(one.end(), source="chatdb")
            asked.append(Asked(Connection(one.end()), app, words).ask())
        return survey.survey(wish(how), asked[0], asked[1], left)


def told(found: Any) -> dict[str, Finding]:
    return {one.what: one for one in found.findings}


def test_nothing_hinders() -> None:
    found = look(server(), server(**EMPTY))
    assert found.refusals == []
    assert (found.tables, found.rows, found.size, found.how) == (1, 3, 5_000_000, "follow")
    assert (found.source_version, found.fence_seconds) == ("MongoDB 7.0.14", 5.0)
    assert found.target_free == 8_000_000_000
    assert [one.what for one in found.findings] == ["its changes are followed by change streams"]


HINDERS: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "an older target": ({}, {"buildInfo": {"version": "6.0.3"}}, "is older than MongoDB 7.0.14", "newer one"),
    "a cluster": ({"hello": {"isWritablePrimary": True, "msg": "isdbgrid"}}, {}, "sharded cluster", "mongosync"),
    "a target that is one": ({}, {"hello": {"isWritablePrimary": True, "msg": "isdbgrid"}}, "sharded", "mongosync"),
    "alone": (ALONE, {}, "does not tell of changes", "-e move_how=dump"),
    "a full target": ({}, {"dbStats": {"fsTotalSize": 2e6, "fsUsedSize": 1e6}}, "disk has 0 MB", "larger"),
    "a target with documents": (
        {},
        {"listCollections": batch([{"name": "theirs", "type": "collection", "options": {}}]), "count": {"n": 7}},
        "7 document(s) in 1 collection(s) (theirs)",
        "drop the database",
    ),
    "a target with a view": (
        {},
        {"listCollections": batch([{"name": "v", "type": "view", "options": {"viewOn": "x"}}])},
        "0 document(s) in 1 collection(s) (v)",
        "drop the database",
    ),
    "encrypted by the client": (
        {"listCollections": batch([{"name": "c", "type": "collection", "options": {"encryptedFields": {}}}])},
        {},
        "Queryable Encryption",
        "",
    ),
    "a time series": (
        {
            "listCollections": batch(
                [{"name": "w", "type": "timeseries", "options": {"timeseries": {"timeField": "t"}}}]
            )
        },
        {},
        "no change stream tells of a time series",
        "-e move_how=dump",
    ),
}


@pytest.mark.parametrize("what", HINDERS)
def test_what_hinders(what: str) -> None:
    source, target, words, fix = HINDERS[what]
    found = look(server(**source), server(**{**EMPTY, **target}))
    (one,) = found.refusals
    assert words in one.what
    assert fix in one.fix


@pytest.mark.parametrize("what", ["alone", "a time series"])
def test_what_hinders_no_dump(what: str) -> None:
    source, target, _words, _fix = HINDERS[what]
    found = look(server(**source), server(**{**EMPTY, **target}), how="dump")
    assert found.refusals == []
    assert found.fence_seconds >= 2


SAID: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "other databases": (
        {"listDatabases": {"databases": [{"name": "chatdb"}, {"name": "stats"}]}},
        {},
        "other databases stay where they are: stats",
    ),
    "other users": (
        {"usersInfo": lambda asked: {"users": [{"user": "chat"}, {"user": "bob"}]}},
        {},
        "users that are not carried: bob",
    ),
    "roles": ({"rolesInfo": {"roles": [{"role": "auditor"}]}}, {}, "roles that are not carried: auditor"),
    "what it holds itself to": (
        {"getParameter": {"featureCompatibilityVersion": {"version": "6.0"}}},
        {},
        "what 6.0 could (featureCompatibilityVersion)",
    ),
    "a large capped collection": (
        {"listCollections": batch([{"name": "log", "type": "collection", "options": {"capped": True, "size": 10**9}}])},
        {},
        "carried whole behind the fence",
    ),
    "nobody who may take rights": (
        {"connectionStatus": {"authInfo": {"authenticatedUserPrivileges": []}}},
        {},
        "nobody may take the right to write",
    ),
    "no rights at the target": (
        {},
        {"usersInfo": {"ok": 0, "code": 13, "errmsg": "not authorized"}},
        "until the switch nobody keeps",
    ),
    "a target that is silent": ({}, ALONE, "up to 20,000 documents are compared behind the fence"),
    "FerretDB": (
        {"buildInfo": {"version": "7.0.42", "ferretdbVersion": "v1.24.2"}, **ALONE, "listCollections": batch([])},
        {"buildInfo": {"version": "7.0.42", "ferretdbVersion": "v1.24.2"}},
        "it knows no roles",
    ),
}


@pytest.mark.parametrize("what", SAID)
def test_what_is_said(what: str) -> None:
    source, target, words = SAID[what]
    found = told(look(server(**source), server(**{**EMPTY, **target})))
    (one,) = [finding for text, finding in found.items() if words in text]
    assert one.weight == SAY


@pytest.mark.parametrize(
    ("left", "weight", "words"),
    [("left", REFUSE, "-e replace_target=db"), ("replace", SAY, "what an earlier move has left at the target")],
)
def test_what_an_earlier_move_has_left(left: str, weight: str, words: str) -> None:
    found = look(server(), server(), left=left)
    (one,) = [each for each in found.findings if words in each.what + each.fix]
    assert one.weight == weight
    assert bool(found.refusals) == (weight == REFUSE)
