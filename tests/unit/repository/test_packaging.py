"""The collection's own description: versions that agree, and nothing shipped or required that should not be."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tools.sources import ROOT


def requirements(name: str) -> dict[str, str]:
    """Package in lower case -> what stands behind its name and its extras."""
    found = {}
    for line in (ROOT / name).read_text().splitlines():
        if match := re.match(r"([A-Za-z0-9_.-]+)(?:\[\w+\])?(.*)", line.split("#")[0].strip()):
            found[match[1].lower()] = match[2]
    return found


def test_the_controller_needs_five_packages() -> None:
    assert set(requirements("requirements.txt")) == {"ansible-core", "boto3", "botocore", "jmespath", "pyyaml"}


def test_development_is_pinned_and_covers_the_runtime() -> None:
    pinned = requirements("requirements-dev.txt")
    assert [name for name, version in pinned.items() if not re.fullmatch(r"==[\w.]+", version)] == []
    assert set(requirements("requirements.txt")) <= set(pinned)


def test_contributing_gives_a_reason_for_each_package() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text().lower()
    named = {*requirements("requirements.txt"), *requirements("requirements-dev.txt")}
    assert [name for name in sorted(named) if f"`{name}`" not in text] == []


def test_ansible_core_is_bounded_in_both_places() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["requires_ansible"] == ">=2.19.0"
    assert requirements("requirements.txt")["ansible-core"] == ">=2.19"


SANITY_RULES = {
    "pylint:dangerous-default-value",
    "pylint:unidiomatic-typecheck",
    "replace-urlopen",
    "shebang",
    "validate-modules:missing-gplv3-license",
    "validate-modules:nonexistent-parameter-documented",
}


def test_sanity_is_ignored_only_where_it_has_to_be() -> None:
    """Modules are Apache-2.0, where ansible-test asks for the GPL; anything else carries its reason."""
    for line in (ROOT / "tests" / "sanity" / "ignore-2.19.txt").read_text().splitlines():
        path, rule, *reason = line.split(" ", 2)
        assert (ROOT / path).is_file(), line
        assert reason, line
        assert reason[0].startswith("# "), line
        assert rule in SANITY_RULES, line


def test_what_is_built_leaves_the_workshop_behind() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    for folder in ("benchmarks", "examples", "molecule", "rehearsal", "tests", "tools"):
        assert folder in galaxy["build_ignore"]
        assert Path(ROOT / folder).is_dir()
