"""The stock collections, in a virtualenv of their own: what we compare with, and no dependency of anything."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from tests.support.ansible import ROOT

VENV = ROOT / ".cache" / "peers-venv"
COLLECTIONS = "ansible>=12,<13"


def peers_programs() -> Path:
    """The folder with the peers' ``ansible-inventory``; made at first, with the boto3 that we have.

    :raises subprocess.CalledProcessError: when the package index is not reached.
    """
    programs = VENV / "bin"
    VENV.parent.mkdir(exist_ok=True)
    with (VENV.parent / "peers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (programs / "pip").exists():
            subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        site = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
        wanted = [COLLECTIONS] if not (site / "ansible_collections" / "amazon").exists() else []
        if not (site / f"boto3-{version('boto3')}.dist-info").exists():
            wanted += [f"boto3=={version('boto3')}", f"botocore=={version('botocore')}"]
        if wanted:
            pip = [str(programs / "pip"), "install", "--quiet", "--disable-pip-version-check", *wanted]
            subprocess.run(pip, check=True)
    return programs
