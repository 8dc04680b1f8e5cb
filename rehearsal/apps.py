"""The example apps: their images built by ``examples/build.py`` and handed to the registry."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from . import build, catalogue, push, state
from .errors import RehearsalError
from .run import check, step

EXAMPLES = state.ROOT / "examples"


def ensure(app: str, versions: list[str]) -> list[str]:
    """Every image of the app is in the registry in these versions; the names that hosts pull.

    Docker's own build cache decides what is built anew.

    :raises RehearsalError: when there is no such app, or an image does not build.
    """
    folder = EXAMPLES / app
    dockerfiles = sorted(folder.glob("**/Dockerfile"))
    if not dockerfiles:
        known = sorted(path.name for path in EXAMPLES.glob("*") if path.is_dir())
        raise RehearsalError(f"There is no example app {app}.", fix=f"choose one of: {', '.join(known)}")
    build.ensure(bases(path.read_text() for path in dockerfiles))
    argv = [sys.executable, str(EXAMPLES / "build.py"), app, *versions]
    with step(f"Building {app} {' '.join(versions)}"):
        printed = check(argv, what=f"Building the images of {app}", timeout=1800)
    names = built(printed)
    for name in names:
        push.to_registry(name)
    return names


def bases(dockerfiles: Iterator[str]) -> list[catalogue.Image]:
    """The images of the rehearsal that Dockerfiles stand on. Pure."""
    lines = [line.split() for text in dockerfiles for line in text.splitlines()]
    names = {words[1] for words in lines if len(words) > 1 and words[0].upper() == "FROM"}
    return [image for image in map(catalogue.find, sorted(names)) if image is not None]


def built(printed: str) -> list[str]:
    """What ``examples/build.py`` says it built: the first word of each line. Pure."""
    return [line.split()[0] for line in printed.splitlines() if " ... built " in line]
