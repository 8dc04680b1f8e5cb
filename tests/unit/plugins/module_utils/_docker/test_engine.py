"""What Docker is asked, and what its silence means; ``docker`` is a shell script."""

from __future__ import annotations

import json

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._docker.engine import Docker

from .conftest import Program
from .test_parse import INSPECTED

BOTH = 'if test "$1" = ps; then echo 4f5d; echo 77aa; exit; fi\n'


def test_one_that_goes_between_the_two_questions_is_none(docker: Program) -> None:
    folder = docker(f"{BOTH}cat answer; echo 'Error response from daemon: No such container: 77aa' >&2; exit 1")
    (folder / "answer").write_text(json.dumps([INSPECTED]))
    assert [one.id for one in Docker().containers({})] == ["4f5d"]


@pytest.mark.parametrize(
    "answer",
    [
        "echo '[]'; echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1",
        "echo mrk3r-password; echo 'Error: No such container: 4f5d' >&2; echo 'Error from daemon: EOF' >&2; exit 1",
        "kill -9 $$",
        'echo \'[{"Env": "mrk3r-password\'',
    ],
    ids=["not-there", "both", "killed", "no-json"],
)
def test_a_docker_that_does_not_answer_is_not_one_without_containers(docker: Program, answer: str) -> None:
    docker(BOTH + answer)
    with pytest.raises(StairwayError, match="Docker does not answer") as caught:
        Docker().containers({})
    assert "systemctl status docker" in (caught.value.fix or "")
    assert "mrk3r" not in str(caught.value), "what Docker describes has the environment in it"
