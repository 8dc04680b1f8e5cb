"""What a role decides by, asked of a host in one line of shell that needs no Python there. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from .packages import QUERY

# Headings that neither os-release nor a package nor a path can be.
_PACKAGES, _PATHS, _END = "== packages", "== missing paths", "== end"
# https://www.freedesktop.org/software/systemd/man/latest/os-release.html
_RELEASE = re.compile(r"""^([A-Z][A-Z0-9_]*)=(["']?)(.*)\2$""")


@dataclass(frozen=True)
class Host:
    """What stands there: ``platform`` such as ``Debian 12``, ``packages`` as ``QUERY`` prints them."""

    platform: str
    packages: str
    missing_paths: tuple[str, ...]


def script(paths: Iterable[str]) -> str:
    """The line of shell; ``paths`` are looked for. A link counts as there, wherever it leads."""
    looks = "".join(f"[ -e {path} ] || [ -L {path} ] || echo {path}; " for path in map(shlex.quote, paths))
    return (
        f"cat /etc/os-release || cat /usr/lib/os-release; echo; echo '{_PACKAGES}'; {shlex.join(QUERY)}; "
        f"echo '{_PATHS}'; {looks}echo '{_END}'"
    )


def parse(output: str) -> Host | None:
    """What :func:`script` printed, or ``None`` where it was not run to its end."""
    lines = [line.rstrip("\r") for line in output.splitlines()]  # a terminal, without pipelining, ends lines its way
    if not {_PACKAGES, _PATHS, _END} <= set(lines):
        return None
    packages, paths, end = (lines.index(heading) for heading in (_PACKAGES, _PATHS, _END))
    return Host(_platform(lines[:packages]), "\n".join(lines[packages + 1 : paths]), tuple(lines[paths + 1 : end]))


def _platform(lines: Iterable[str]) -> str:
    found = {match[1]: match[3] for match in map(_RELEASE.match, lines) if match}
    name = found.get("NAME", "an unknown system").removesuffix(" GNU/Linux")
    # Debian's testing has a codename only.
    return f"{name} {found.get('VERSION_ID') or found.get('VERSION_CODENAME', '')}".strip()
