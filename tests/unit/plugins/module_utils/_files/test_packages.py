from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._files import packages

# dpkg-query of Debian 13, with QUERY's format
DPKG = """\
bash\tinstall ok installed\t
chrony\tinstall ok installed\ttime-daemon
libc6:amd64\tinstall ok installed\t
mawk\tinstall ok installed\tawk, mawk-compat (= 1.3)
vim\tdeinstall ok config-files\t
nginx\tinstall ok half-configured\t
"""
SQV = """\
W: Failed to fetch https://download.docker.com/linux/debian/dists/trixie/InRelease\
  Could not resolve 'download.docker.com'
W: Some index files failed to download. They have been ignored, or old ones used instead.
"""
UNSIGNED_2 = (
    "W: Failed to fetch http://mirror/debian/dists/bookworm/InRelease  The following signatures couldn't be verified"
    " because the public key is not available: NO_PUBKEY 6ED0E7B82643E131"
)
UNSIGNED_3 = (
    "W: Failed to fetch http://mirror/debian/dists/trixie/InRelease  Sub-process /usr/bin/sqv returned an error code"
    " (1), error message is: Missing key 4CB50190207B4758A3F73A796ED0E7B82643E131, which is needed to verify signature."
)


def test_installed() -> None:
    assert packages.installed(DPKG) == {"bash", "chrony", "time-daemon", "libc6", "mawk", "awk", "mawk-compat"}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(["bash"], (), id="there"),
        pytest.param(["vim"], ("vim",), id="removed but not purged"),
        pytest.param(["nginx"], ("nginx",), id="half configured"),
        pytest.param(["systemd-timesyncd|chrony"], (), id="an alternative is there"),
        pytest.param(["systemd-timesyncd|time-daemon"], (), id="provided"),
        pytest.param(["one|two"], ("one",), id="the first of two"),
        pytest.param(["one", "one|two"], ("one",), id="once"),
    ],
)
def test_missing(wanted: list[str], expected: tuple[str, ...]) -> None:
    assert packages.missing(wanted, packages.installed(DPKG)) == expected


def test_nothing_is_removed_and_no_name_is_an_option() -> None:
    argv = packages.install(["a"], 300)
    assert "--no-remove" in argv
    assert argv[-2:] == ["--", "a"]


@pytest.mark.parametrize(
    "output",
    [
        "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 77 (unattended-upgr)",
        "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?",
        "Reading package lists...\nE: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt)",
    ],
)
def test_locked(output: str) -> None:
    line = packages.locked(output)
    assert line is not None
    assert line.startswith(("Could not", "Unable"))


def test_not_locked() -> None:
    assert packages.locked("E: Unable to locate package nothing") is None


def test_unknown() -> None:
    output = "E: Package 'docker-ce' has no installation candidate\nE: Unable to locate package containerd.io\n"
    assert packages.unknown(output) == ("docker-ce", "containerd.io")


def test_unreachable_says_why() -> None:
    assert packages.unreachable(SQV) == (
        "Failed to fetch https://download.docker.com/linux/debian/dists/trixie/InRelease"
        "  Could not resolve 'download.docker.com'",
    )
    assert not packages.untrusted(packages.unreachable(SQV))


@pytest.mark.parametrize("output", [UNSIGNED_2, UNSIGNED_3], ids=["apt 2", "apt 3"])
def test_untrusted(output: str) -> None:
    assert packages.untrusted(packages.unreachable(output))
