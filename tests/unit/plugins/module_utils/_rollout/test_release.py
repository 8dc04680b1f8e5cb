"""A release around its rollout. The whole of it, with real containers, is in tests/acceptance/stage1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.cutover import Turn
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.layout import Layout
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.release import Order, Releaser

from .conftest import Containers

SERVICES = [{"name": "worker", "kind": "worker", "image": "r/b"}]
DOCUMENT: dict[str, Any] = {"app": "chat", "services": SERVICES, "watch_seconds": 0}


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


# --- settings --------------------------------------------------------------------------------------------------------

MAILER = {"name": "mailer", "kind": "worker", "image": "r/b"}


def write(layout: Layout, **texts: str) -> None:
    """As the role does before a release, and before a move."""
    for service, text in texts.items():
        (layout.environment / service).write_text(text)


def release(layout: Layout, version: str, document: dict[str, Any] | None = None) -> None:
    Releaser(Order(document or DOCUMENT, version, "me"), layout=layout).present(check_mode=False)


def go_back(layout: Layout) -> str:
    return Releaser(Order(DOCUMENT, None, "me"), layout=layout).rolled_back(check_mode=False).version


def test_a_rollback_has_the_settings_that_serve_and_not_those_of_a_move_that_failed(
    layout: Layout, docker: Containers
) -> None:
    """Nothing writes the files back where a move was given up: they lead to a store that the app does not use."""
    write(layout, worker="DATABASE_URL=retired\n")
    release(layout, "1")
    write(layout, worker="DATABASE_URL=ours\n")
    release(layout, "2")
    write(layout, worker="DATABASE_URL=target\n")

    def over(_turn: Turn) -> None:
        raise StairwayError("The fence was over.")

    with pytest.raises(StairwayError, match="fence was over"):
        Releaser(Order(DOCUMENT, "2", "me"), layout=layout, cutover=over).present(check_mode=False)
    assert go_back(layout) == "1"
    assert docker.environment("chat-worker-green-1") == "DATABASE_URL=ours\n"
    assert [path.name for path in layout.settings(0).parent.iterdir()] == ["4"], "no old password stays"
    assert (layout.settings(4) / "worker").stat().st_mode & 0o777 == 0o600


def test_a_rollback_after_a_move_that_failed_behind_its_turn_stays_with_the_new_stores(
    layout: Layout, docker: Containers
) -> None:
    release(layout, "1")
    release(layout, "2")
    write(layout, worker="DATABASE_URL=target\n")

    def over(turn: Turn) -> None:
        turn.flip()
        raise StairwayError("The journal cannot be written.")

    with pytest.raises(StairwayError, match="journal cannot be written"):
        Releaser(Order(DOCUMENT, "2", "me"), layout=layout, cutover=over).present(check_mode=False)
    write(layout, worker="DATABASE_URL=written by whoever came then\n")
    assert go_back(layout) == "1"
    assert docker.environment("chat-worker-blue-1") == "DATABASE_URL=target\n"


@pytest.mark.parametrize("place", ["container", "managed"])
def test_a_service_that_the_release_has_not_is_not_led_to_a_store_that_was_left(
    layout: Layout, docker: Containers, place: str
) -> None:
    both = {**DOCUMENT, "services": [*DOCUMENT["services"], MAILER], "stores": {"db": "container"}}
    write(layout, mailer="DATABASE_URL=container\n")
    release(layout, "1", both)
    release(layout, "2", {**DOCUMENT, "stores": {"db": place}})
    if place == "container":
        assert go_back(layout) == "1"
        assert docker.environment("chat-mailer-green-1") == "DATABASE_URL=container\n"
        return
    with pytest.raises(StairwayError, match="a store has changed its place since") as caught:
        go_back(layout)
    assert "Users are on 2, as before." in caught.value.message
    assert caught.value.expected == "version 2 with db: managed"
