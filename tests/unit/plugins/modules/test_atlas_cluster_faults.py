"""Atlas that is slow, silent, limited or not itself; and a run that ends in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.support.ansible import ROOT, environment
from tests.support.atlas import CLIENT, PRIVATE, PUBLIC, SECRET, Atlas
from tests.support.secrets import Arguments, hits, spellings

Task = Callable[..., dict[str, Any]]
PASSWORD = "s3cret/of:the@chat"


@pytest.mark.parametrize("how", [500, 503, "reset", "half"])
def test_a_question_is_asked_again(atlas: Atlas, task: Task, how: str | int) -> None:
    atlas.fault("GET", "/groups/byName/chat", how, times=3)
    assert task()["state"] == "IDLE"
    assert atlas.paused[:3] == [1.0, 2.0, 4.0]


def test_a_question_is_not_asked_for_ever(atlas: Atlas, task: Task) -> None:
    atlas.fault("GET", "/groups/byName/chat", 503, times=99)
    refused = task()
    assert refused["error"]["found"] == "HTTP 503 UNEXPECTED_ERROR: Unexpected error."
    assert "goes on" in refused["error"]["fix"]
    assert atlas.paused == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_too_many_requests_are_slowed_down_as_atlas_says(atlas: Atlas, task: Task) -> None:
    atlas.fault("GET", "/groups/byName/chat", 429, headers={"Retry-After": "55"})
    atlas.fault("POST", "/clusters$", 429, times=2)
    assert task()["state"] == "IDLE"
    assert atlas.paused[0] == 55.0
    assert atlas.writes().count(("POST", "/clusters")) == 1


def test_too_many_requests_end(atlas: Atlas, task: Task) -> None:
    atlas.fault("GET", "/groups/byName/chat", 429, times=99, headers={"Retry-After": "soon"})
    refused = task()
    assert "RATE_LIMITED_TOKEN_BUCKET" in refused["error"]["found"]
    assert "wait some minutes" in refused["error"]["fix"]


@pytest.mark.parametrize("path", ["/clusters$", "/databaseUsers$", "/accessList$"])
@pytest.mark.parametrize("how", [500, 503, "reset", "half"])
def test_a_request_whose_answer_got_lost_is_not_made_twice(atlas: Atlas, task: Task, path: str, how: str | int) -> None:
    """It was done, and nobody heard. It is looked for, and found."""
    atlas.fault("POST", path, how, done=True)
    made = task()
    assert (made["changed"], made["state"]) == (True, "IDLE")
    assert sorted(atlas.writes()) == [("POST", "/accessList"), ("POST", "/clusters"), ("POST", "/databaseUsers")]


@pytest.mark.parametrize("path", ["/clusters$", "/databaseUsers$", "/accessList$"])
@pytest.mark.parametrize("how", [500, "reset"])
def test_a_request_that_did_not_arrive_is_told_and_the_next_run_goes_on(
    atlas: Atlas, task: Task, path: str, how: str | int
) -> None:
    atlas.fault("POST", path, how)
    refused = task()
    assert refused["failed"] is True
    assert "run again" in refused["error"]["fix"]
    assert len(atlas.lost) == 1
    again = task()
    assert (again["changed"], again["state"]) == (True, "IDLE")
    assert task()["changed"] is False


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_lost_answer_to_a_change(atlas: Atlas, task: Task, method: str) -> None:
    task()
    atlas.seen.clear()
    atlas.fault(method, "/clusters/chat-db-prod", "reset", done=True)
    if method == "PATCH":
        assert task(tier="M20")["changes"] == ["cluster.tier: M10 -> M20"]
    else:
        give_up = {"atlas_cluster/chat-db-prod": datetime.now(timezone.utc).isoformat()}
        assert task(state="absent", give_up=give_up)["state"] == "absent"
    assert [one for one, _path in atlas.writes()].count(method) == (1 if method == "PATCH" else 2)


GARBAGE = [
    b"<html>Sign in to the hotel's network</html>",
    b"[1, 2]",
    b'{"results": 7}',
    b'{"results": [1]}',
    b"{",
    b"\xff\xfe\x00",
    b"null",
    b"{}",
]


@pytest.mark.parametrize("body", GARBAGE, ids=range(len(GARBAGE)))
@pytest.mark.parametrize("path", ["/groups/byName/chat", "/clusters/chat-db-prod$", "/accessList"])
def test_something_else_answers_in_the_place_of_atlas(atlas: Atlas, task: Task, path: str, body: bytes) -> None:
    task()
    atlas.seen.clear()
    atlas.fault("GET", path, "garbage", body=body)
    refused = task()
    if path == "/clusters/chat-db-prod$" and body.startswith(b'{"results"'):
        assert "stateName" in refused["msg"]
    assert refused["failed"] is True
    assert "something else" in refused["msg"]
    assert "hotel" not in refused["msg"]
    assert atlas.writes() == []


@pytest.mark.parametrize("specs", ["null", "7", "[1]", "[{}]", '[{"regionConfigs": [1]}]', '[{"regionConfigs": {}}]'])
def test_a_cluster_that_is_none(atlas: Atlas, task: Task, specs: str) -> None:
    body = f'{{"stateName": "IDLE", "replicationSpecs": {specs}}}'.encode()
    atlas.fault("GET", "/clusters/chat-db-prod$", "garbage", body=body)
    assert "something else" in task()["msg"]
    assert atlas.writes() == []


def test_a_redirection_is_not_followed_with_a_login(atlas: Atlas, task: Task) -> None:
    with Atlas() as other:
        atlas.fault("GET", "/groups/byName/chat", 302, headers={"Location": f"{other.url}/api/atlas/v2/groups/x"})
        assert "HTTP 302" in task()["msg"]
        assert (other.seen, other.challenges) == ([], 0)


def test_nobody_answers(task: Task) -> None:
    refused = task(base_url="http://127.0.0.1:9")
    assert "did not answer" in refused["msg"]
    assert "refused" in refused["error"]["found"]


def test_a_nonce_grows_old(atlas: Atlas, task: Task) -> None:
    atlas.nonce_uses = 2
    assert task()["state"] == "IDLE"
    assert atlas.challenges > 3


def test_a_server_that_names_no_qop(atlas: Atlas, task: Task) -> None:
    atlas.qop = False
    assert task()["state"] == "IDLE"


def test_a_token_ends_in_the_middle(atlas: Atlas, task: Task) -> None:
    login = {"public_key": None, "private_key": None, "client_id": CLIENT, "client_secret": SECRET}
    atlas.after = lambda method, path: atlas.tokens.clear() if method == "POST" else None
    assert task(**login)["state"] == "IDLE"
    assert atlas.token_requests == 4
    assert len([one for one in atlas.writes() if one == ("POST", "/clusters")]) == 1


def test_tokens_are_limited_too(atlas: Atlas, task: Task) -> None:
    login = {"public_key": None, "private_key": None, "client_id": CLIENT, "client_secret": SECRET}
    atlas.fault("POST", "/api/oauth/token", 429, headers={"Retry-After": "6"})
    atlas.fault("POST", "/api/oauth/token", "reset")
    assert task(**login)["state"] == "IDLE"
    assert atlas.paused[:1] == [6.0]


def test_a_cluster_takes_longer_than_the_run(atlas: Atlas, task: Task) -> None:
    atlas.model.looks = 10**9
    refused = task(timeout_seconds=0)
    assert "not ready within 0 s" in refused["msg"]
    assert "waits on" in refused["error"]["fix"]
    atlas.model._left["chat-db-prod"] = atlas.model._users_left = 1
    done = task()
    assert (done["changed"], done["state"]) == (False, "IDLE")


def test_atlas_is_silent_for_minutes_while_a_cluster_is_made(atlas: Atlas, task: Task) -> None:
    """The cluster is made meanwhile; users of other tools lost theirs at the first 503 or «unexpected EOF»."""

    def fail(method: str, path: str) -> None:
        if (method, path[-9:]) == ("POST", "/clusters"):
            atlas.fault("GET", "/clusters/chat-db-prod$", "reset", times=20)
            atlas.fault("GET", "/clusters/chat-db-prod$", 503, times=20)

    atlas.after = fail
    made = task()
    assert (made["changed"], made["state"]) == (True, "IDLE")
    assert atlas.writes().count(("POST", "/clusters")) == 1
    assert len(atlas.lost) == 40


def test_a_silence_that_does_not_end_is_told(atlas: Atlas, task: Task) -> None:
    task()
    atlas.after = lambda _method, path: (
        atlas.fault("GET", "/clusters/chat-db-prod$", 503, times=99) if "accessList" in path else None
    )
    refused = task(timeout_seconds=0)
    assert "not ready" in refused["msg"]
    assert "HTTP 503" in refused["error"]["found"]


def test_a_user_that_a_killed_run_has_made_is_waited_for(atlas: Atlas, task: Task) -> None:
    task(wait=False)
    atlas.seen.clear()
    assert task()["changed"] is False
    assert [one.path[-7:] for one in atlas.seen].count("/status") == atlas.model.looks + 1


def test_an_entry_that_atlas_cannot_apply(atlas: Atlas, task: Task) -> None:
    atlas.fault("GET", "/accessList/.*/status", "garbage", body=b'{"STATUS": "FAILED"}')
    assert "could not let this in" in task()["msg"]


def test_a_peering_that_aws_refuses(atlas: Atlas, task: Task) -> None:
    peering = {"vpc": "vpc-0123456789abcdef0", "cidr": "10.0.0.0/16", "account": "123456789012", "region": "us-east-1"}

    def refused(method: str, path: str) -> None:
        for peer in atlas.model.peers.values():
            peer.update(statusName="FAILED", errorStateName="INVALID_ARGUMENT")

    atlas.after = refused
    said = task(peering=peering)
    assert "AWS refused the peering" in said["msg"]
    assert said["error"]["found"] == "INVALID_ARGUMENT"


# A run that ends in the middle

PROGRAM = """
import json, sys
from ansible.module_utils.testing import patch_module_args
from ansible_collections.stairway.cloud.plugins.modules import atlas_cluster
with patch_module_args(json.loads(sys.stdin.read())):
    atlas_cluster.main()
"""


@pytest.mark.parametrize(
    "moment", [("POST", "/clusters"), ("POST", "/databaseUsers"), ("POST", "/accessList"), ("GET", "/status")]
)
def test_a_run_that_is_killed_is_gone_on_with(atlas: Atlas, task: Task, moment: tuple[str, str]) -> None:
    """SIGKILL while Atlas does what it was asked for: the answer never arrives."""
    arrived, dead = threading.Event(), threading.Event()

    def stop(method: str, path: str) -> None:
        if method == moment[0] and path.endswith(moment[1]) and not dead.is_set():
            arrived.set()
            dead.wait(20)

    atlas.after = stop
    given = {
        "project": "chat", "name": "chat-db-prod", "region": "us-east-1", "tier": "M10", "version": "7",
        "access_list": ["203.0.113.7"], "user": {"name": "chat", "password": PASSWORD, "database": "chatdb"},
        "base_url": atlas.url, "public_key": PUBLIC, "private_key": PRIVATE, "poll_seconds": 0.05,
    }  # fmt: skip
    path = os.pathsep.join([str(ROOT / ".collections"), str(ROOT)])
    run = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert run.stdin is not None
    run.stdin.write(json.dumps(given).encode())
    run.stdin.close()
    assert arrived.wait(30)
    run.send_signal(signal.SIGKILL)
    run.wait()
    dead.set()
    done = task()
    assert done["state"] == "IDLE"
    assert sorted(atlas.writes()) == [("POST", "/accessList"), ("POST", "/clusters"), ("POST", "/databaseUsers")]
    assert task()["changed"] is False


# Secrets

PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - stairway.cloud.atlas_cluster: &chat
        project: chat
        name: chat-db-prod
        region: us-east-1
        tier: M10
        access_list: [203.0.113.7]
        user: {name: chat, password: "{{ password }}", database: chatdb}
        private_key: "{{ private_key }}"
        public_key: kxqzvwab
        base_url: "{{ url }}"
        poll_seconds: 0.1
      diff: true
    - stairway.cloud.atlas_cluster: *chat
      register: made
      no_log: true
    - ansible.builtin.copy:
        content: "{{ made.url }}"
        dest: "{{ kept }}"
        mode: "0600"
      no_log: true
    - stairway.cloud.atlas_cluster:
        <<: *chat
        private_key: "{{ private_key }}x"
      ignore_errors: true
"""


def test_a_playbook_at_its_loudest_shows_no_secret(atlas: Atlas, tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(PLAY)
    kept = tmp_path / "url"
    told = {"password": PASSWORD, "private_key": PRIVATE, "url": atlas.url, "kept": str(kept)}
    (tmp_path / "told.json").write_text(json.dumps(told))
    argv = [str(ROOT / ".venv/bin/ansible-playbook"), "-vvv", "-i", "localhost,", "-c", "local"]
    argv += ["-e", f"@{tmp_path / 'told.json'}", "-e", f"ansible_python_interpreter={sys.executable}"]
    secrets = {*spellings(PASSWORD), *spellings(PRIVATE), "s3cret%2F", "%73%33%63"}
    env = {**environment(), "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"), "ANSIBLE_LOCALHOST_WARNING": "0"}
    with Arguments(secrets, every=0.05) as arguments:
        done = subprocess.run(
            [*argv, str(tmp_path / "play.yml")], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
        )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-2000:]
    assert "does not know this login" in said
    assert "cluster.tier: M10" in said
    assert kept.read_text().startswith("mongodb+srv://chat:%73%33%63%72%65%74")
    assert hits(said, secrets) == []
    assert (arguments.found, arguments.looks > 3) == (set(), True)
