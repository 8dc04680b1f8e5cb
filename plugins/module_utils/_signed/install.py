"""Fetch a signed package, believe it or not, install it. Nothing is installed before its signature is good."""

from __future__ import annotations

import shutil
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from .._common.errors import StairwayError
from .._common.run import check, run
from .._files import apt
from .model import Signed, keyring, signers

SECONDS = 60
CHUNK = 1 << 20


def installed(name: str) -> str | None:
    """The version of a package that is here, or None."""
    done = run(["dpkg-query", "--show", "--showformat=${Status}\t${Version}", name])
    status, _tab, version = done.stdout.partition("\t")
    return version if done.ok and status.endswith(" installed") else None


def install(wanted: Signed, *, lock_seconds: int = 300) -> list[str]:
    """Bring the package; what apt had to say of waiting.

    :raises StairwayError: when it cannot be had, is not signed by that key, is another package, or does not install.
    """
    here = wanted.on(check(["dpkg", "--print-architecture"], what="Asking dpkg for the architecture").strip())
    packages = apt.Apt(lock_seconds)
    if shutil.which("gpgv") is None:
        packages.install(("gpgv",), refresh=False)
    # below /var: /tmp may be too small for it, and /run is memory
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="stairway-") as folder:
        deb = Path(folder) / f"{here.name}.deb"
        signature, key = Path(folder) / "signature", Path(folder) / "key"
        fetch(here.key_url, key, "The key of the package")
        fetch(here.signature_url, signature, "The signature of the package")
        fetch(here.url, deb, "The package")
        verify(here, deb, signature, key)
        _is(here, deb)
        Path(folder).chmod(0o755)  # apt reads it as a user of its own
        packages.install((str(deb),), refresh=False)
    return packages.notes


def fetch(url: str, path: Path, what: str) -> None:
    """:raises StairwayError: naming the address and what it answered."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer, path.open("wb") as file:  # noqa: S310 as given
            shutil.copyfileobj(answer, file, CHUNK)
    except urllib.error.HTTPError as error:
        raise _not_had(what, url, f"HTTP status {error.code}") from error
    except (OSError, ValueError) as error:
        raise _not_had(what, url, str(getattr(error, "reason", error))) from error


def _not_had(what: str, url: str, found: str) -> StairwayError:
    return StairwayError(
        f"{what} cannot be had.",
        where=url,
        found=found,
        fix=f"look at the address, and whether the host reaches it: curl -I {url}",
    )


def verify(wanted: Signed, deb: Path, signature: Path, key: Path) -> None:
    """:raises StairwayError: when the signature is not that of the one key that is believed."""
    try:
        ring = keyring(key.read_bytes())
    except StairwayError as error:
        error.where = wanted.key_url
        raise
    trusted = key.with_suffix(".ring")
    trusted.write_bytes(ring)
    argv = ["gpgv", "--status-fd", "1", "--homedir", str(key.parent), "--keyring", str(trusted)]
    done = run([*argv, str(signature), str(deb)])
    good = signers(done.stdout) if done.ok else ()
    if wanted.fingerprint in good:
        return
    raise StairwayError(
        "The package is not what its publisher has signed; nothing was installed."
        if not good
        else "The package is signed with another key than the one that is believed; nothing was installed.",
        where=wanted.url,
        expected=f"a good signature of {wanted.fingerprint}",
        found=", ".join(good) or "no good signature",
        fix="compare the fingerprint with the publisher's page; if that is right, do not install this package",
        log=[line for line in done.tail(6) if not line.startswith("[GNUPG:]")],
    )


def _is(wanted: Signed, deb: Path) -> None:
    done = run(["dpkg-deb", "--field", str(deb), "Package"])
    found = done.stdout.strip()
    if not done.ok or found != wanted.name:
        raise StairwayError(
            "The address has another package; nothing was installed.",
            where=wanted.url,
            expected=wanted.name,
            found=found or "no package of Debian",
            fix="look at the address",
            log=done.tail(3) if not done.ok else None,
        )
