"""Nothing to do, and what goes in beside the certificates. Issuing itself is tried against a real authority."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._certificate.arguments import SPEC, parse
from ansible_collections.stairway.cloud.plugins.module_utils._certificate.converge import Order, converge
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError


def order(folder: Path, **given: Any) -> Order:
    arguments = {name: option.get("default") for name, option in SPEC.items()}
    hook = {"path": str(folder / "hook"), "content": "#!/bin/sh\n", "mode": "0755"}
    return parse({**arguments, "certificates": [], "config_dir": str(folder), "entries": [hook], **given})


def test_the_hook_goes_in_before_the_authority_is_asked(tmp_path: Path) -> None:
    wanted = order(tmp_path)
    said = converge(wanted, check_mode=True)
    assert (said["changed"], said["issued"], list(tmp_path.iterdir())) == (True, False, [])
    done = converge(wanted, check_mode=False)
    assert (done["changed"], done["issued"]) == (True, False)
    assert done["changed_paths"] == [str(tmp_path / "hook")]
    assert converge(wanted, check_mode=False)["changed"] is False


def test_check_mode_tells_that_a_certificate_is_missing(tmp_path: Path) -> None:
    wish = {"name": "chat", "domains": ["chat.example.com"], "challenge": "webroot"}
    said = converge(order(tmp_path, certificates=[wish]), check_mode=True)
    assert (said["issued"], said["certificates"][0]["reasons"]) == (True, ["there is no certificate"])


def test_a_wish_that_makes_no_sense_touches_nothing(tmp_path: Path) -> None:
    wish = {"name": "chat", "domains": ["*.example.com"], "challenge": "webroot"}
    with pytest.raises(StairwayError, match="cannot be as asked for"):
        converge(order(tmp_path, certificates=[wish]), check_mode=False)
    assert list(tmp_path.iterdir()) == []
