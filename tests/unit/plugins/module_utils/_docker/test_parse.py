"""Samples: `docker container inspect` and `docker image inspect` of Docker 20.10.24 and 26.1.5, shortened."""

from __future__ import annotations

import json

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._docker import parse

INSPECTED = {
    "Id": "4f5d",
    "Name": "/chat-api-blue-1",
    "RestartCount": 2,
    "State": {"Status": "exited", "ExitCode": 137, "OOMKilled": True, "StartedAt": "2026-11-21T04:00:00.1Z"},
    "HostConfig": {"RestartPolicy": {"Name": "", "MaximumRetryCount": 0}},
    "Config": {"Image": "r/chat@sha256:aa", "Labels": None},
}


def test_a_container_is_read_with_its_defaults():
    one = parse.container(INSPECTED)
    assert (one.name, one.status, one.exit_code, one.oom_killed, one.restarts) == (
        "chat-api-blue-1",
        "exited",
        137,
        True,
        2,
    )
    assert (one.restart, one.labels, one.running) == ("no", {}, False)


def test_the_file_of_its_output():
    one = parse.container({**INSPECTED, "LogPath": "/var/lib/docker/containers/4f5d/4f5d-json.log"})
    assert one.log_path == "/var/lib/docker/containers/4f5d/4f5d-json.log"


GONE = "Error response from daemon: No such container: 4f5d\n"


@pytest.mark.parametrize("stderr", ["", GONE, GONE + "Error: No such container: 77aa\n"])
def test_a_container_that_has_gone_is_left_out(stderr):
    assert parse.items(json.dumps([INSPECTED]), stderr) == [INSPECTED]


@pytest.mark.parametrize(
    ("stdout", "stderr"),
    [
        ("[]", GONE + "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n"),
        ("[]", "dial unix /var/run/docker.sock: connect: no such file or directory\n"),
        ("[]", "\nstopped after 60 s"),
        ("[{", ""),
        ("", ""),
    ],
)
def test_a_docker_that_does_not_answer_is_not_one_without_containers(stdout, stderr):
    with pytest.raises(ValueError, match=r"Docker|docker|stopped|line 1"):
        parse.items(stdout, stderr)


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        ("redis", "redis"),
        ("redis:7", "redis"),
        ("localhost:5000/chat", "localhost:5000/chat"),
        ("localhost:5000/a/chat:1.2-rc", "localhost:5000/a/chat"),
        ("ghcr.io/a/chat@sha256:00", "ghcr.io/a/chat"),
    ],
)
def test_a_port_is_no_tag(image, repository):
    assert parse.repository_of(image) == repository


@pytest.mark.parametrize(
    ("image", "digests", "expected"),
    [
        ("r:5000/chat:2", ["other/chat@sha256:1", "r:5000/chat@sha256:2"], "r:5000/chat@sha256:2"),
        ("docker.io/library/redis:7", ["redis@sha256:3"], "redis@sha256:3"),
        ("r:5000/chat:2", [], None),
        ("r:5000/chat:2", None, None),
    ],
    ids=["among-others", "familiar-name", "never-pulled", "null"],
)
def test_the_digest_of_the_repository_that_was_asked_for(image, digests, expected):
    assert parse.digest_reference(json.dumps([{"Id": "x", "RepoDigests": digests}]), image) == expected


@pytest.mark.parametrize(
    ("stderr", "wrong"),
    [
        (
            "Error response from daemon: manifest for r/chat:9 not found: manifest unknown: manifest unknown",
            "no such version",
        ),
        (
            'Error response from daemon: Get "https://r:5000/v2/": dial tcp 10.0.0.3:5000: connect: connection refused',
            "does not answer",
        ),
        (
            'Error response from daemon: Get "http://r/v2/": dial tcp: lookup r on 10.0.0.2:53: no such host',
            "does not resolve",
        ),
        ('Error response from daemon: Head "http://r/v2/chat/manifests/1": no basic auth credentials', "wants a login"),
        ("Error response from daemon: unauthorized: authentication required", "refused the login"),
        (
            "failed to register layer: Error processing tar file(exit status 1): write /x: no space left on device",
            "disk of the host is full",
        ),
        (
            'Error response from daemon: Get "https://r/v2/": http: server gave HTTP response to HTTPS client',
            "speaks plain HTTP",
        ),
        (
            'Get "https://r/v2/": net/http: request canceled (Client.Timeout exceeded while awaiting headers)',
            "did not answer in time",
        ),
    ],
)
def test_every_known_reason_is_told_apart(stderr, wrong):
    problem = parse.pull_problem(stderr)
    assert problem is not None
    assert wrong in problem[0]


def test_an_unknown_reason_is_not_guessed():
    assert parse.pull_problem("something new") is None
