"""The bundle of authorities, as PEM and as a key store that Java reads."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._stores import authorities

DAY = 86400.0


@pytest.fixture(scope="module")
def bundle() -> str:
    """Two authorities that this machine trusts."""
    found = ssl.create_default_context().get_ca_certs(binary_form=True)[:2]
    if len(found) < 2:
        pytest.skip("this machine knows no authorities")
    return "".join(f"# one\n{ssl.DER_cert_to_PEM_cert(one)}" for one in found)


def test_it_is_written_once_and_then_left_alone(tmp_path: Path, bundle: str) -> None:
    given = {"url": "file:///none", "content": bundle, "max_age_seconds": DAY}
    assert authorities.bring(tmp_path / "ca", check_mode=True, **given)  # type: ignore[arg-type]
    assert not (tmp_path / "ca").exists()
    assert authorities.bring(tmp_path / "ca", check_mode=False, **given)  # type: ignore[arg-type]
    assert not authorities.bring(tmp_path / "ca", check_mode=False, **given)  # type: ignore[arg-type]
    assert (tmp_path / "ca" / "stores.pem").read_text() == bundle
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "ca").iterdir()} == {0o644}


def test_an_old_bundle_outlives_an_address_that_does_not_answer(tmp_path: Path, bundle: str) -> None:
    (tmp_path / "new.pem").write_text(bundle)
    folder, url = tmp_path / "ca", (tmp_path / "new.pem").as_uri()
    assert authorities.bring(folder, url=url, content=None, max_age_seconds=DAY, check_mode=False)
    assert not authorities.bring(folder, url="file:///none", content=None, max_age_seconds=0, check_mode=False)
    with pytest.raises(StairwayError, match="cannot be had"):
        authorities.bring(tmp_path / "x", url="file:///none", content=None, max_age_seconds=DAY, check_mode=False)


@pytest.mark.parametrize("text", ["", "<html>", f"-----BEGIN CERTIFICATE-----\nAAAA\n{authorities.END}\n"])
def test_what_is_no_bundle_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(StairwayError, match="no bundle"):
        authorities.bring(tmp_path, url="", content=text, max_age_seconds=DAY, check_mode=False)


def test_java_reads_the_key_store(tmp_path: Path, bundle: str) -> None:
    keytool = shutil.which("keytool")
    if keytool is None:
        pytest.skip("no Java here")
    authorities.bring(tmp_path, url="", content=bundle, max_age_seconds=DAY, check_mode=False)
    argv = [keytool, "-list", "-storetype", "JKS", "-storepass", "changeit"]
    said = subprocess.run([*argv, "-keystore", tmp_path / "stores.jks"], capture_output=True, text=True, check=True)
    assert said.stdout.count("trustedCertEntry") == 2
