"""What the nodes of a balancer find becomes one word for each target."""

from __future__ import annotations

import pytest

from rehearsal.account.bodies.balancers import _together


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        (["healthy", "healthy"], "healthy"),
        (["unhealthy", "healthy"], "healthy"),
        (["unhealthy", "unhealthy"], "unhealthy"),
        (["healthy", "initial"], "initial"),
        (["healthy", None], "initial"),
        (["healthy", "draining"], "draining"),
        (["draining", None], "draining"),
    ],
    ids=str,
)
def test_a_target_is_healthy_when_every_node_has_judged_it(nodes: list[str | None], said: str) -> None:
    seen = [{"i-1:80": {"state": one, "reason": "", "description": ""}} if one else {} for one in nodes]
    assert _together(seen)["i-1:80"]["state"] == said
