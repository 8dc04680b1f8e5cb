"""Which repository of ECR an image of an example app goes to."""

from __future__ import annotations

import pytest

from rehearsal.account import push
from rehearsal.errors import RehearsalError

KNOWN = ["chat-api", "resee/api", "shop/ecommerce-app"]


@pytest.mark.parametrize(
    ("app", "image", "wanted"),
    [
        ("chat", "registry.stairway.test:5000/chat-api:1", "chat-api:1"),
        ("shop", "registry.stairway.test:5000/ecommerce-app:broken-boot", "shop/ecommerce-app:broken-boot"),
        ("resee", "registry.stairway.test:5000/resee-api:2", "resee/api:2"),
    ],
    ids=["its own name", "below the app's name", "the app's name once"],
)
def test_target(app: str, image: str, wanted: str) -> None:
    assert push.target(app, image, KNOWN) == wanted


def test_an_image_without_a_repository_says_how_one_is_made() -> None:
    with pytest.raises(RehearsalError, match="no repository for resee-web") as caught:
        push.target("resee", "r/resee-web:1", KNOWN)
    assert "playbooks/registry.yml" in str(caught.value)
