"""Where actionlint is. It has no wheel on PyPI, so a Go toolchain builds it once into ``.cache/bin``."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tools.sources import ROOT

VERSION = "1.7.7"
MODULE = f"github.com/rhysd/actionlint/cmd/actionlint@v{VERSION}"
BIN = ROOT / ".cache" / "bin"
GO_FOLDERS = ("/usr/local/go/bin", "/usr/lib/go/bin", "/usr/lib/go-1.24/bin", "/usr/lib/go-1.23/bin")


def actionlint() -> Path:
    """The path of actionlint: from PATH, else the one built before, else built now.

    :raises RuntimeError: when there is none and no Go to build it; the text says what to install.
    """
    built = BIN / "actionlint"
    if found := shutil.which("actionlint"):
        return Path(found)
    if built.exists():
        return built
    go = shutil.which("go") or next((f"{folder}/go" for folder in GO_FOLDERS if Path(folder, "go").exists()), None)
    if go is None:
        raise RuntimeError("actionlint is missing. Type: apt-get install golang-go (it is then built here).")
    BIN.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "GOBIN": str(BIN), "GOFLAGS": "-trimpath"}
    done = subprocess.run([go, "install", MODULE], env=env, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise RuntimeError(f"actionlint could not be built by {go}:\n{done.stderr}")
    return built
