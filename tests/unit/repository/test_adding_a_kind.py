"""What ``docs/kinds/adding.md`` tells people to write works: the kind, its test, and its blueprint."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.engine import plan_for, run
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.plan import Goal
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.read import read
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import registry
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Kind
from tests.support.aws.emulators import REGION, Emulator, ministack, moto
from tests.support.aws.trial import Trial

PAGE = Path(__file__).resolve().parents[3] / "docs/kinds/adding.md"
KIND_FILE = "plugins/module_utils/_kinds/queue.py"
TEST_FILE = "tests/unit/plugins/module_utils/_kinds/test_queue.py"


def blocks() -> dict[str, str]:
    """File to its text: the Python blocks of the page that start with the file's name, one behind the other."""
    files: dict[str, list[str]] = {}
    for text in re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL):
        first, _newline, rest = text.partition("\n")
        files.setdefault(first.removeprefix("# "), []).append(rest)
    return {name: "\n\n".join(parts) for name, parts in files.items()}


def load(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kind, ModuleType]]:
    """The kind from the page in the registry, and its test."""
    folder = tmp_path_factory.mktemp("page")
    text = blocks()
    for file in (KIND_FILE, TEST_FILE):
        (folder / Path(file).name).write_text(text[file])
    name = f"{registry.__package__}.queue"
    module = load(name, folder / "queue.py")
    yield module.KIND, load("test_queue_of_the_page", folder / "test_queue.py")
    del sys.modules[name], sys.modules["test_queue_of_the_page"]
    registry.kind.cache_clear()


@pytest.fixture(scope="module", params=[moto, ministack], ids=["moto", "ministack"])
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with request.param() as one:
        yield one


def test_the_page_has_both_files() -> None:
    assert set(blocks()) == {KIND_FILE, TEST_FILE}


def test_its_test_passes(queue: tuple[Kind, ModuleType], emulator: Emulator) -> None:
    ran = 0
    for name, function in vars(queue[1]).items():
        if name.startswith("test_") and list(inspect.signature(function).parameters) == ["trial"]:
            emulator.reset()
            function(Trial(emulator.account()))
            ran += 1
    assert ran == 2


def test_its_bad_entries_are_refused(queue: tuple[Kind, ModuleType]) -> None:
    function: Any = queue[1].test_bad_entries
    (mark,) = function.pytestmark
    for case in mark.args[1]:
        function(*case)


def test_its_blueprint_goes_through_the_engine(queue: tuple[Kind, ModuleType], emulator: Emulator) -> None:
    emulator.reset()
    account = emulator.account()
    resources = yaml.safe_load(re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)[-1])
    kinds = {"queue": queue[0]}

    def goal(wanted: list[dict[str, Any]]) -> Goal:
        return Goal("promo", "stage4", REGION, read(wanted, kinds, REGION), {}, prune=True)

    plan, _outcome = run(account, goal(resources), kinds)
    assert [step.verb for step in plan.steps] == ["create", "create"]
    assert {step.verb for step in plan_for(account, goal(resources), kinds).steps} == {"keep"}
    changed = [{**one, "keep_days": 7} for one in resources]
    assert {step.verb for step in run(account, goal(changed), kinds)[0].steps} == {"change"}
    assert {step.verb for step in run(account, goal([]), kinds)[0].steps} == {"delete"}
    assert plan_for(account, goal([]), kinds).steps == ()
