"""Build the images of an example app: ``python3 examples/build.py chat 1 2 broken-boot``.

A version is a number or one of the faults of BEHAVIOURS, which gives an image broken on purpose. Prints one line
for each image. Only the last layers differ from version to version, so all but the first build take about a second.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REGISTRY = "registry.stairway.test:5000"
BEHAVIOURS = ("broken-boot", "broken-health", "broken-later")
VERSIONS = ("1", "2", *BEHAVIOURS)
# The images of each app: name -> folder with the Dockerfile.
APPS = {
    "chat": {"chat-api": "chat"},
    "resee": {"resee-api": "resee/api", "resee-web": "resee/web"},
    "shop": {"ecommerce-app": "shop"},
}
LINES_SHOWN = 30


@dataclass(frozen=True)
class Build:
    """One image to build: ``tag`` with the registry's name, ``folder`` with the Dockerfile."""

    tag: str
    folder: Path
    version: str

    def command(self) -> list[str]:
        behaviour = self.version if self.version in BEHAVIOURS else "normal"
        arguments = [f"--build-arg=VERSION={self.version}", f"--build-arg=BEHAVIOUR={behaviour}"]
        return ["docker", "build", *arguments, f"--tag={self.tag}", "--", str(self.folder)]


def builds(app: str, versions: list[str], registry: str) -> Iterator[Build]:
    """Every image of ``app`` in every version."""
    for version in versions:
        for name, folder in APPS[app].items():
            yield Build(f"{registry}/{name}:{version}", HERE / folder, version)


def main(arguments: list[str]) -> int:
    """Exit code 0, or 1 with the end of Docker's output when a build failed."""
    parser = argparse.ArgumentParser(description="Build the images of an example app.")
    parser.add_argument("app", choices=sorted(APPS))
    parser.add_argument("versions", nargs="*", default=list(VERSIONS), help=f"default: {' '.join(VERSIONS)}")
    parser.add_argument("--registry", default=REGISTRY, help="default: %(default)s")
    options = parser.parse_args(arguments)
    for build in builds(options.app, options.versions, options.registry):
        print(f"{build.tag} ... ", end="", flush=True)
        started = time.monotonic()
        result = subprocess.run(
            build.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        print(f"{'built' if result.returncode == 0 else 'FAILED'} in {time.monotonic() - started:.1f} s", flush=True)
        if result.returncode != 0:
            print("\n".join(result.stdout.splitlines()[-LINES_SHOWN:]), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
