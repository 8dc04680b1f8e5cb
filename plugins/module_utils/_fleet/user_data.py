"""User data that brings a machine from a bare image to the app's current release, with nobody's help.

A shell script: it writes the settings, the agent and its unit, and starts that. The agent is a zip of Python that the
machine's own interpreter runs. Nothing secret is in it: whoever may describe a machine can read its user data.
"""

from __future__ import annotations

import base64
import bz2
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .pack import packed

ENTRY = "_fleet.agent.main"
# The first letters are a name of their own, so that the agent's packages are nobody else's.
PACKAGE = "stairway"
MODULE_UTILS = Path(__file__).resolve().parent.parent
_UNIT = """[Unit]
Description=Stairway: serve the current release
Wants=network-online.target
After=network-online.target docker.service
StartLimitIntervalSec=0
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/python3 /usr/local/lib/stairway/agent.pyz converge
Restart=on-failure
RestartSec=10
[Install]
WantedBy=multi-user.target
"""
_SCRIPT = """#!/bin/sh
# Managed by Stairway: brings this machine to the current release of {app}. See: journalctl -u stairway-agent
mkdir -p /usr/local/lib/stairway /etc/stairway
cat > /etc/stairway/agent.json <<'END'
{settings}
END
python3 - <<'END'
import base64,bz2,zipfile
t=bz2.decompress(base64.b64decode("{agent}")).decode().split("\\0")
open("/etc/systemd/system/stairway-agent.service","w").write(t.pop())
with zipfile.ZipFile("/usr/local/lib/stairway/agent.pyz","w")as z:
 for n,s in zip(t[::2],t[1::2]):z.writestr(n,s)
END
systemctl enable --now --no-block stairway-agent
"""


def user_data(settings: Mapping[str, Any]) -> str:
    """The script for machines with these settings (``agent/settings.py`` has their names); the same every time."""
    given = {name: value for name, value in settings.items() if value not in (None, [], ())}
    text = json.dumps(given, sort_keys=True, separators=(",", ":"))
    return _SCRIPT.format(app=settings["app"], settings=text, agent=_agent())


def files() -> dict[str, str]:
    """What is in the agent's zip, by path."""
    modules = {f"{PACKAGE}/{path}": text for path, text in packed(MODULE_UTILS, ENTRY).items()}
    folders = {str(parent) for path in modules for parent in Path(path).parents if parent.name}
    start = f"import sys\nfrom {PACKAGE}.{ENTRY} import main\nsys.exit(main(sys.argv[1:]))\n"
    return {"__main__.py": start, **{f"{folder}/__init__.py": "" for folder in sorted(folders)}, **modules}


@functools.cache
def _agent() -> str:
    parts = [part for path, text in files().items() for part in (path, text)]
    # base 64 is longer than base 85, but of 64 signs each is 6 bits again where the whole is compressed
    return base64.b64encode(bz2.compress("\0".join([*parts, _UNIT]).encode())).decode()
