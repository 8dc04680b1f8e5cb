"""Debian packages: which of those asked for are missing, and the commands that bring them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

QUERY = ["dpkg-query", "--show", "--showformat=${binary:Package}\t${Status}\t${Provides}\n"]
_LOCKS = ("Could not get lock", "Unable to acquire the dpkg frontend lock", "Unable to lock")


def installed(output: str) -> frozenset[str]:
    """The names of installed packages, and of what they provide, in the output of ``QUERY``."""
    names: set[str] = set()
    for line in output.splitlines():
        package, status, provides = (line.split("\t") + ["", ""])[:3]
        if status.split()[-1:] == ["installed"]:
            names.add(package.split(":")[0])
            names.update(part.split("(")[0].strip() for part in provides.split(",") if part.strip())
    return frozenset(names)


def missing(wanted: Iterable[str], have: frozenset[str]) -> tuple[str, ...]:
    """What has to be installed. ``a|b`` is content with either and asks for the first."""
    needed = []
    for item in wanted:
        choices = [name.strip() for name in item.split("|")]
        if not have.intersection(choices):
            needed.append(choices[0])
    return tuple(dict.fromkeys(needed))


def update(lock_seconds: int) -> list[str]:
    return ["apt-get", "update", "--quiet", "-o", f"DPkg::Lock::Timeout={lock_seconds}"]


def install(names: Iterable[str], lock_seconds: int) -> list[str]:
    """Configuration files that stand already are kept; nothing is removed to make room for a package."""
    return [
        "apt-get",
        "install",
        "--yes",
        "--quiet",
        "--no-remove",
        "--no-install-recommends",
        "-o",
        f"DPkg::Lock::Timeout={lock_seconds}",
        "-o",
        "Dpkg::Options::=--force-confdef",
        "-o",
        "Dpkg::Options::=--force-confold",
        "--",
        *names,
    ]


def locked(output: str) -> str | None:
    """The line that says who holds the lock, when that is why apt-get failed."""
    lines = [line.strip() for line in output.splitlines() if any(text in line for text in _LOCKS)]
    return lines[0].removeprefix("E: ") if lines else None


def interrupted(output: str) -> bool:
    """Whether an earlier dpkg run was killed in the middle, so that packages wait for their configuration."""
    return "dpkg --configure -a" in output


def unknown(output: str) -> tuple[str, ...]:
    """The packages that no repository of the host has."""
    names = []
    for line in output.splitlines():
        for start, end in (("Unable to locate package ", ""), ("Package '", "' has no installation candidate")):
            if start in line and line.rstrip().endswith(end):
                names.append(line.split(start, 1)[1].rstrip().removesuffix(end).strip())
                break
    return tuple(names)


def unreachable(output: str) -> tuple[str, ...]:
    """Why repositories could not be read, one line for each (``apt-get update`` exits 0 all the same)."""
    lines = [line.strip() for line in output.splitlines()]
    return tuple(
        line[3:] for line in lines if line.startswith(("W: Failed to fetch", "E: Failed to fetch", "E: The repo"))
    )


def untrusted(lines: Iterable[str]) -> bool:
    """Whether one of the lines of :func:`unreachable` is about a signature (the words of apt 2 and of apt 3)."""
    words = ("NO_PUBKEY", "Missing key", "not signed", "signatures", "signature verification")
    return any(word in line for line in lines for word in words)
