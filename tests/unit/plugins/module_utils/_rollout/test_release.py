"""A release around its rollout. The whole of it, with real containers, is in tests/acceptance/stage1."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.cutover import Turn
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.layout import Layout
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.release import Order, Releaser

from .conftest import Containers

DOCUMENT = {"app": "chat", "services": [{"name": "worker", "kind": "worker", "image": "r/b"}], "watch_seconds": 0}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    found = Layout("chat", tmp_path)
    found.environment.mkdir(parents=True)
    (found.environment / "worker").write_text("A=1\n")
    return found


def test_what_cannot_be_tidied_up_behind_a_good_release_is_a_warning(layout: Layout, docker: Containers) -> None:
    """Docker answers no more when the new version serves: the old one is taken away by the next run."""
    docker.put("chat-worker-blue-9", "running", 0)
    docker.become("silent.at.last")
    releaser = Releaser(Order(DOCUMENT, "1", "me"), layout=layout)
    outcome = releaser.present(check_mode=False)
    assert (outcome.changed, outcome.version, outcome.release["state"]) == (True, "1", "good")
    assert releaser.records.current().version == "1"
    (warning,) = outcome.warnings
    assert "not all is tidied up behind it" in warning
    assert "Asking Docker for its containers failed" in warning


@pytest.mark.parametrize(
    ("turned", "said"),
    [
        (False, "Version 1 was not released: The journal cannot be written. Nothing was released here before."),
        (
            True,
            "Version 1 serves, but not all is done: The journal cannot be written. Users are on 1 and its new stores: "
            "run the same command again, it goes on from there.",
        ),
    ],
)
def test_a_failed_cutover_says_where_users_are(layout: Layout, docker: Containers, turned: bool, said: str) -> None:
    """Behind the turn nothing leads them back: the old stores take no writes any more."""

    def over(turn: Turn) -> None:
        if turned:
            turn.flip()
        raise StairwayError("The journal cannot be written.")

    with pytest.raises(StairwayError) as caught:
        Releaser(Order(DOCUMENT, "1", "me"), layout=layout, cutover=over).present(check_mode=False)
    assert caught.value.message == said
