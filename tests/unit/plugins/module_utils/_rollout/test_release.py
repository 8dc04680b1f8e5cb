"""A release around its rollout. The whole of it, with real containers, is in tests/acceptance/stage1."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.stairway.cloud.plugins.module_utils._rollout.layout import Layout
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.release import Order, Releaser

from .conftest import Containers

DOCUMENT = {"app": "chat", "services": [{"name": "worker", "kind": "worker", "image": "r/b"}], "watch_seconds": 0}


def test_what_cannot_be_tidied_up_behind_a_good_release_is_a_warning(tmp_path: Path, docker: Containers) -> None:
    """Docker answers no more when the new version serves: the old one is taken away by the next run."""
    layout = Layout("chat", tmp_path)
    layout.environment.mkdir(parents=True)
    (layout.environment / "worker").write_text("A=1\n")
    docker.put("chat-worker-blue-9", "running", 0)
    docker.become("silent.at.last")
    releaser = Releaser(Order(DOCUMENT, "1", "me"), layout=layout)
    outcome = releaser.present(check_mode=False)
    assert (outcome.changed, outcome.version, outcome.release["state"]) == (True, "1", "good")
    assert releaser.records.current().version == "1"
    (warning,) = outcome.warnings
    assert "not all is tidied up behind it" in warning
    assert "Asking Docker for its containers failed" in warning
