"""The example apps: their images built and handed to the registry.

Every folder of ``examples/<app>`` with a Dockerfile is one image: ``examples/<app>`` itself is ``<app>-api``,
``examples/<app>/web`` is ``<app>-web``. The version is the tag and the build argument ``VERSION``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from . import build, catalogue, docker, push, state
from .catalogue import INPUTS
from .errors import RehearsalError
from .run import check, run, step

EXAMPLES = state.ROOT / "examples"
IGNORED = {"node_modules", ".venv", "__pycache__", ".pytest_cache", "dist"}


def images_of(app: str) -> dict[str, Path]:
    """Image name and folder of each image of an example app.

    :raises RehearsalError: when there is no such app.
    """
    folder = EXAMPLES / app
    contexts = [path.parent for path in [folder / "Dockerfile", *sorted(folder.glob("*/Dockerfile"))] if path.exists()]
    if not contexts:
        known = sorted(path.name for path in EXAMPLES.glob("*") if path.is_dir())
        raise RehearsalError(f"There is no example app {app} with a Dockerfile.", fix=f"choose one of: {', '.join(known)}")
    return {f"{app}-{'api' if path == folder else path.name}": path for path in contexts}


def ensure(app: str, versions: list[str]) -> int:
    """Every image of the app exists in the registry in these versions; the number that had to be pushed."""
    images = images_of(app)
    build.ensure([image for path in images.values() for image in _bases(path)])
    return sum(_ensure(name, folder, version) for version in versions for name, folder in images.items())


def _ensure(name: str, folder: Path, version: str) -> bool:
    tag = f"{name}:{version}"
    bases = [check(docker.image_id(image.tag), what=f"Looking for {image.tag}") for image in _bases(folder)]
    wanted = catalogue.fingerprint([tag, *bases, *_sources(folder)])
    if run(docker.label_of(tag, INPUTS)).stdout.strip() != wanted:
        with step(f"Building {tag}"):
            job = docker.Build(tag, folder, {"VERSION": version}, {INPUTS: wanted})
            check(docker.build(job), what=f"Building {tag}", timeout=1200)
    return push.to_registry(tag)


def _bases(folder: Path) -> list[catalogue.Image]:
    lines = (folder / "Dockerfile").read_text().splitlines()
    names = [line.split()[1] for line in lines if line.upper().startswith("FROM ")]
    return [image for image in map(catalogue.find, names) if image is not None]


def _sources(folder: Path) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in IGNORED)
        for name in sorted(files):
            path = Path(parent, name)
            yield str(path.relative_to(folder))
            yield path.read_bytes().hex()
