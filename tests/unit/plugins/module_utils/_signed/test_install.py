"""A package is believed for its signature alone: real keys of GnuPG, and its gpgv."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._signed.install import fetch, verify
from ansible_collections.stairway.cloud.plugins.module_utils._signed.model import Signed

pytestmark = pytest.mark.skipif(
    not (shutil.which("gpg") and shutil.which("gpgv")), reason="gpg and gpgv are not installed here"
)


class Publisher:
    """Somebody with a key, and what he publishes."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "gnupg"
        self.home.mkdir(mode=0o700, parents=True)
        self.gpg("--passphrase", "", "--quick-generate-key", "publisher <p@example.com>", "rsa2048", "sign", "never")
        self.key = folder / "key.gpg"
        self.key.write_bytes(self.gpg("--armor", "--export"))
        listed = self.gpg("--with-colons", "--list-keys").decode().splitlines()
        self.fingerprint = next(line.split(":")[9] for line in listed if line.startswith("fpr"))
        self.deb = folder / "agent.deb"
        self.deb.write_text("a package")

    def gpg(self, *arguments: str) -> bytes:
        argv = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", *arguments]
        return subprocess.run(argv, check=True, capture_output=True).stdout

    def sign(self, path: Path, *how: str) -> Path:
        signature = path.with_suffix(".sig")
        self.gpg("--yes", *how, "--output", str(signature), "--detach-sign", str(path))
        return signature

    def wanted(self, fingerprint: str | None = None) -> Signed:
        return Signed("agent", "https://a.test/agent.deb", "", "https://a.test/key", fingerprint or self.fingerprint)


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    return Publisher(tmp_path_factory.mktemp("publisher"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    return Publisher(tmp_path_factory.mktemp("stranger"))


@pytest.mark.parametrize("how", [(), ("--armor",)], ids=["binary", "armoured"])
def test_a_good_signature(publisher: Publisher, how: tuple[str, ...]) -> None:
    verify(publisher.wanted(), publisher.deb, publisher.sign(publisher.deb, *how), publisher.key)


def test_changed_bytes(publisher: Publisher, tmp_path: Path) -> None:
    forged = tmp_path / "agent.deb"
    forged.write_text("another package")
    with pytest.raises(StairwayError, match="not what its publisher has signed") as caught:
        verify(publisher.wanted(), forged, publisher.sign(publisher.deb), publisher.key)
    assert "BAD signature" in "\n".join(caught.value.log)


def test_a_stranger(publisher: Publisher, stranger: Publisher) -> None:
    signature = stranger.sign(publisher.deb)
    with pytest.raises(StairwayError, match="not what its publisher has signed"):
        verify(publisher.wanted(), publisher.deb, signature, publisher.key)
    with pytest.raises(StairwayError, match="another key") as caught:
        verify(publisher.wanted(), publisher.deb, signature, stranger.key)
    assert caught.value.found == stranger.fingerprint


def test_a_key_that_is_none(publisher: Publisher, tmp_path: Path) -> None:
    page = tmp_path / "key"
    page.write_text("<html>")
    with pytest.raises(StairwayError, match="no public key") as caught:
        verify(publisher.wanted(), publisher.deb, publisher.sign(publisher.deb), page)
    assert caught.value.where == "https://a.test/key"


def test_an_address_that_has_nothing(publisher: Publisher, tmp_path: Path) -> None:
    fetch(publisher.deb.as_uri(), tmp_path / "here", "The package")
    assert (tmp_path / "here").read_text() == "a package"
    with pytest.raises(StairwayError, match="The package cannot be had"):
        fetch((tmp_path / "nothing").as_uri(), tmp_path / "there", "The package")
    with pytest.raises(StairwayError, match="The package cannot be had"):
        fetch("no address", tmp_path / "there", "The package")
