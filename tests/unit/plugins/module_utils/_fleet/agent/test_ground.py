"""What a bare machine is given."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._fleet.agent import ground
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.agent.settings import (
    AUTHORITIES,
    Settings,
    settings,
)


def test_what_an_image_has_set_stays() -> None:
    given = Settings("a", "r", mirrors=("https://m",))
    found = ground.daemon({"log-driver": "awslogs", "registry-mirrors": ["https://old"]}, given)
    assert (found["log-driver"], found["registry-mirrors"]) == ("awslogs", ["https://m"])
    assert "insecure-registries" not in found
    assert ground.daemon(found, given) == found


@pytest.mark.parametrize(
    ("policy", "client"),
    [
        ("docker-cli:\n  Installed: (none)\n  Candidate: 26.1.5\n", True),
        ("docker-cli:\n  Installed: (none)\n  Candidate: (none)\n", False),
        ("", False),
    ],
)
def test_the_client_is_a_package_of_its_own_since_debian_13(policy: str, client: bool) -> None:
    assert ("docker-cli" in ground.packages(policy)) is client


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("123456789012.dkr.ecr.ap-northeast-2.amazonaws.com", "ap-northeast-2"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("ghcr.io", None),
        ("docker.io", None),
    ],
)
def test_ecr_is_known_by_its_name(host: str, region: str | None) -> None:
    found = ground.ECR.fullmatch(host)
    assert (found[1] if found else None) == region


def test_settings() -> None:
    found = settings('{"app":"a","region":"r","mirrors":["https://m"]}')
    assert found == Settings("a", "r", mirrors=("https://m",))
    assert found.authorities == AUTHORITIES
