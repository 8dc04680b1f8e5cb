from __future__ import annotations

import base64
import json

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._engine import login
from ansible_collections.stairway.cloud.plugins.module_utils._engine.login import Registry

GHCR = Registry("ghcr.io", "acme", "MARKER")


def config(key: str, user: str = "acme", secret: str = "MARKER", **more: object) -> str:
    auth = base64.b64encode(f"{user}:{secret}".encode()).decode()
    return json.dumps({"auths": {key: {"auth": auth}}, **more})


@pytest.mark.parametrize(
    ("text", "registry", "expected"),
    [
        pytest.param("", GHCR, False, id="no file"),
        pytest.param("{}", GHCR, False, id="no login"),
        pytest.param(config("ghcr.io"), GHCR, True, id="there"),
        pytest.param(config("ghcr.io", secret="old"), GHCR, False, id="another password"),
        pytest.param(config("ghcr.io", user="other"), GHCR, False, id="another user"),
        pytest.param(config("quay.io"), GHCR, False, id="another registry"),
        pytest.param(config(login.HUB), Registry("docker.io", "acme", "MARKER"), True, id="Docker Hub"),
        pytest.param('{"auths": {"ghcr.io": {}}, "credsStore": "pass"}', GHCR, True, id="credential store"),
    ],
)
def test_holds(text: str, registry: Registry, expected: bool) -> None:
    assert login.holds(text, registry, "config.json") is expected


def test_a_broken_config_is_an_error() -> None:
    with pytest.raises(StairwayError, match="is not JSON"):
        login.holds("{", GHCR, "/root/.docker/config.json")


def test_the_password_is_neither_in_argv_nor_in_a_representation() -> None:
    assert "MARKER" not in " ".join(login.argv(GHCR, "/root/.docker"))
    assert "MARKER" not in repr(GHCR)
    assert login.argv(GHCR, "/d")[-2:] == ["--", "ghcr.io"]
    assert login.argv(Registry("docker.io", "a", "b"), "/d")[-1] == "--"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        pytest.param("login attempt to http://r/v2/ failed with status: 401 Unauthorized", "refuses", id="26"),
        pytest.param("unauthorized: incorrect username or password", "refuses", id="hub"),
        pytest.param("denied: requested access to the resource is denied", "refuses", id="ghcr"),
        pytest.param("dial tcp 10.0.0.7:5000: connect: connection refused", "does not answer", id="down"),
        pytest.param("dial tcp: lookup r.test: no such host", "does not answer", id="no name"),
        pytest.param("net/http: request canceled (Client.Timeout exceeded)", "does not answer", id="timeout"),
        pytest.param("http: server gave HTTP response to HTTPS client", "speaks HTTP", id="plain"),
        pytest.param("x509: certificate signed by unknown authority", "not trusted", id="ca"),
        pytest.param("failed with status: 404 Not Found", "no registry at this address", id="404"),
        pytest.param("something else", "docker login failed", id="unknown"),
    ],
)
def test_refused(output: str, reason: str) -> None:
    error = login.refused(GHCR, output, [output, "echo MARKER"])
    assert reason in error.message
    assert "MARKER" not in str(error)
    assert error.fix
