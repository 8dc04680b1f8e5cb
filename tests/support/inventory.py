"""Running ``ansible-inventory`` as a user would, with our plugin or with the peer's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests.support.aws.emulators import CREDENTIALS, ROOT

OURS = "stairway.cloud.ec2"
PEER = "amazon.aws.aws_ec2"
# Linux counts the memory of the process that starts another to the other one, so a small one does that.
MEASURE = """
import os, sys, time
begun = time.perf_counter()
_pid, status, used = os.wait4(os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ), 0)
seconds = time.perf_counter() - begun
with open(sys.argv[1], "w") as file:
    file.write(f"{seconds} {used.ru_utime + used.ru_stime} {used.ru_maxrss}")
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""
SUFFIX = {OURS: "stairway_ec2.yml", PEER: "aws_ec2.yml"}


@dataclass(frozen=True)
class Listed:
    """What ``ansible-inventory`` printed. ``kilobytes`` is the most memory that it had, ``cpu`` its seconds."""

    rc: int
    output: str
    errors: str
    seconds: float
    cpu: float
    kilobytes: int

    @cached_property
    def hosts(self) -> dict[str, dict[str, Any]]:
        """Variables by host, without the marks of text that must not be run."""
        found: dict[str, dict[str, Any]] = _plain(json.loads(self.output))["_meta"]["hostvars"]
        return found

    @property
    def groups(self) -> dict[str, set[str]]:
        """Hosts by group, those of groups below not included."""
        whole = json.loads(self.output)
        return {name: set(one.get("hosts", ())) for name, one in whole.items() if name != "_meta" and one.get("hosts")}

    @property
    def children(self) -> dict[str, set[str]]:
        whole = json.loads(self.output)
        return {name: set(one["children"]) for name, one in whole.items() if name != "_meta" and one.get("children")}


def write(folder: Path, options: Mapping[str, Any], name: str = "test") -> Path:
    """An inventory file; ``plugin`` is ours if not said."""
    whole = {"plugin": OURS, **options}
    path = folder / f"{name}.{SUFFIX[str(whole['plugin'])]}"
    path.write_text(yaml.safe_dump(whole, sort_keys=False))
    return path


def run(
    path: Path,
    *arguments: str,
    programs: Path = Path(sys.executable).parent,
    environment: Mapping[str, str | None] | None = None,
) -> Listed:
    """``ansible-inventory -i path``; what ``environment`` maps to None is not there."""
    plugin = OURS if path.name.endswith(SUFFIX[OURS]) else PEER
    own = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "AWS_"))}
    env: dict[str, str | None] = {
        **own,
        **CREDENTIALS,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(path.parent / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(path.parent / "no-credentials"),
        "ANSIBLE_CONFIG": str(path.parent / "no.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections") if plugin == OURS else "",
        "ANSIBLE_INVENTORY_ENABLED": plugin,
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
        "ANSIBLE_HOME": str(path.parent / "home"),
        "ANSIBLE_NOCOLOR": "1",
        **(environment or {}),
    }
    argv = [str(programs / "ansible-inventory"), "-i", str(path), *(arguments or ("--list",))]
    out, err, used = path.parent / "stdout", path.parent / "stderr", path.parent / "used"
    with out.open("wb") as output, err.open("wb") as errors:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", MEASURE, str(used), *argv],
            cwd=path.parent,
            env={key: value for key, value in env.items() if value},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            check=False,
        )
    seconds, cpu, kilobytes = used.read_text().split()
    return Listed(done.returncode, out.read_text(), err.read_text(), float(seconds), float(cpu), int(kilobytes))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return (
            value["__ansible_unsafe"]
            if set(value) == {"__ansible_unsafe"}
            else {k: _plain(v) for k, v in value.items()}
        )
    return [_plain(one) for one in value] if isinstance(value, list) else value
