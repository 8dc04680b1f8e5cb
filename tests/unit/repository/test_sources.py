"""The house rules that no linter knows: who may import whom, how long a file is, and what never stands in one."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.sources import ROOT, tracked

UTILS = Path("plugins/module_utils")
OURS = "ansible_collections.stairway.cloud.plugins.module_utils."
# DESIGN, «Parts, and what each may know»: a package and those below it.
MAY_KNOW: dict[str, set[str]] = {
    "_atlas": {"_common"},
    "_aws": {"_common"},
    "_blueprint": {"_common", "_prices", "_resource"},
    "_certificate": {"_common", "_files"},
    "_common": set(),
    "_app": {"_common"},
    "_stages": {"_app", "_common", "_fleet"},
    "_docker": {"_common"},
    "_edge": {"_common"},
    "_files": {"_common"},
    "_backups": {"_common", "_docker", "_edge", "_identity", "_rollout"},
    "_fleet": {"_aws", "_common", "_docker", "_identity", "_rollout", "_stores"},
    "_identity": {"_common"},
    "_engine": {"_common", "_docker", "_files"},
    "_project": {"_common", "_docker", "_files"},
    "_journal": {"_common"},
    "_stores": {"_common", "_docker"},
    "_inventory": {"_aws", "_common"},
    "_kinds": {"_aws", "_common", "_resource"},
    "_moves": {"_common", "_docker", "_edge", "_rollout", "_stores"},
    "_prices": {"_common"},
    "_resource": {"_common"},
    "_restores": {"_aws", "_blueprint", "_common", "_kinds", "_resource"},
    "_rollout": {"_common", "_docker", "_edge"},
    "_snapshots": {"_aws", "_common"},
    "_signed": {"_common", "_files"},
}
ON_HOSTS = (
    *("_atlas", "_backups", "_certificate", "_common", "_docker", "_edge", "_files", "_engine", "_identity"),
    *("_journal", "_moves", "_project", "_rollout", "_signed", "_stores"),
)
PACKAGES = sorted(path.name for path in (ROOT / UTILS).iterdir() if (path / "__init__.py").exists())
UTIL_FILES = tracked(".py")
PYTHON = [path for path in tracked(".py") if not path.is_relative_to("examples")]
MAX_LINES = 400
# Tables and documentation may be longer; each with its reason.
LONGER: dict[str, str] = {}
MACHINE = re.compile(r"/work/|/tmp/w/|\.library/|proxy\.golang\.org|registry\.npmjs\.org|deb\.debian\.org|pypi\.org")
NAMES_THE_MACHINE = {Path("tests/unit/repository/test_sources.py"), Path("LICENSE")}


def imports(path: Path) -> Iterator[str]:
    """Absolute names of all that a file imports, relative ones resolved."""
    package = path.parent.parts
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            if not node.level:
                yield node.module or ""
                continue
            base = ".".join(package[: len(package) - node.level + 1]).replace("/", ".")
            base = base.replace("plugins.module_utils", OURS.removesuffix("."), 1)
            for name in node.names:
                yield f"{base}.{node.module}" if node.module else f"{base}.{name.name}"


def known_packages(path: Path) -> set[str]:
    return {name.removeprefix(OURS).split(".")[0] for name in imports(path) if name.startswith(OURS)}


def files_of(package: str) -> list[Path]:
    return [path for path in PYTHON if path.is_relative_to(UTILS / package)]


def test_every_package_has_its_place() -> None:
    assert set(PACKAGES) <= set(MAY_KNOW), "say in MAY_KNOW what the new package may know"


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_imports_upward(package: str) -> None:
    allowed = MAY_KNOW[package] | {package}
    assert {str(p): known_packages(p) - allowed for p in files_of(package) if known_packages(p) - allowed} == {}


# The way every module ends and logs; it comes with Ansible's own part of a module.
OF_ANSIBLE = {("plugins/module_utils/_common/quiet.py", "ansible.module_utils.basic")}


@pytest.mark.parametrize("package", [name for name in ON_HOSTS if name in PACKAGES])
def test_what_runs_on_hosts_needs_the_standard_library_only(package: str) -> None:
    foreign = {
        (str(path), name)
        for path in files_of(package)
        for name in imports(path)
        if not name.startswith(OURS) and name.split(".")[0] not in sys.stdlib_module_names
    }
    assert foreign - OF_ANSIBLE == set()


MODULES = sorted(path for path in PYTHON if path.is_relative_to("plugins/modules"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_knows_one_package(path: Path) -> None:
    assert len(known_packages(path) - {"_common"}) <= 1


def test_the_rehearsal_does_not_know_the_collection() -> None:
    knowing = [p for p in PYTHON if p.is_relative_to("rehearsal") and any("ansible" in name for name in imports(p))]
    assert knowing == []


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_is_not_too_long(path: Path) -> None:
    lines = len((ROOT / path).read_text().splitlines())
    assert lines < MAX_LINES or str(path) in LONGER


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """Dotted names that are called, with their lines."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


PLUGINS = [path for path in PYTHON if path.is_relative_to("plugins")]


def test_one_file_sleeps() -> None:
    sleeping = {str(path) for path in PLUGINS for name, _line in calls(path) if name in {"time.sleep", "sleep"}}
    assert sleeping <= {"plugins/module_utils/_common/wait.py"}


def test_three_files_start_programs() -> None:
    starters = {"subprocess.run", "subprocess.Popen", "subprocess.check_output", "os.system", "os.popen"}
    starting = {str(path) for path in PLUGINS for name, _line in calls(path) if name in starters}
    assert starting <= {f"plugins/module_utils/_common/{name}.py" for name in ("run", "pipe", "beside")}


def test_no_module_utils_ends_a_module() -> None:
    ending = {
        f"{path}:{line}"
        for path in PLUGINS
        if path.is_relative_to(UTILS)
        for name, line in calls(path)
        if name.endswith((".fail_json", ".exit_json"))
    }
    assert ending == set()


# A daemon goes on, and logs, whatever one of its bodies or one of moto's own functions does.
GOES_ON = Path("rehearsal/account")


def test_errors_are_caught_by_name() -> None:
    nets = []
    for path in PYTHON:
        if path.is_relative_to(GOES_ON):
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.ExceptHandler) and (
                node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
            ):
                reraises = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
                # where users wait, or other stores: it then says what it was, and where
                told = any(
                    isinstance(inner, ast.Call) and ast.unparse(inner.func) == "for_people" for inner in ast.walk(node)
                )
                if not reraises and not told:
                    nets.append(f"{path}:{node.lineno}")
    assert nets == []


@pytest.mark.parametrize("path", [path for path in PLUGINS if path.name != "__init__.py"], ids=str)
def test_annotations_are_not_evaluated(path: Path) -> None:
    assert "from __future__ import annotations" in (ROOT / path).read_text()


def test_no_file_names_the_machine_it_was_written_on() -> None:
    found = []
    for path in tracked():
        if path in NAMES_THE_MACHINE or path.suffix in {".png", ".ico", ".gz"}:
            continue
        for number, line in enumerate((ROOT / path).read_text(errors="replace").splitlines(), 1):
            # A lock file of npm names where each package comes from; that is its purpose.
            if MACHINE.search(line) and path.name != "package-lock.json":
                found.append(f"{path}:{number}: {line.strip()[:100]}")
    assert found == []
