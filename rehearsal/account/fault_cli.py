"""``python3 -m rehearsal account fault``. Standard library only."""

from __future__ import annotations

import argparse
import json
import urllib.error
import urllib.request
from typing import Any

from ..errors import RehearsalError
from . import layout

_ASK = urllib.request.build_opener(urllib.request.ProxyHandler({}))
FAULTS = {
    "stop-instance": ("ID", "the machine is off at once; ID or its tag Name"),
    "kill-zone": ("ZONE", "nothing gets in or out of the zone; what has a standby elsewhere fails over"),
    "failover-db": ("NAME", "the standby takes over"),
    "stop-db": ("NAME", "the server dies, until clear"),
    "flush-cache": ("NAME", "every key is gone"),
    "stop-cache": ("NAME", "the servers die, until clear"),
    "slow-registry": ("[BYTES]", "layers come and go at so many bytes a second (65536), until clear"),
    "throttle": ("[SHARE [SERVICE]]", "the API refuses this share of its calls (0.5 of all), until clear"),
    "fill-disk": ("ID [FOLDER ...]", "not a byte more fits where images are pulled to and into /tmp, until clear"),
    "clear": ("", "end those that last"),
}


def add_to(actions: Any) -> None:
    """The action ``fault``."""
    listed = "\n".join(f"  {name + ' ' + words:34}{text}" for name, (words, text) in FAULTS.items())
    parser = actions.add_parser(
        "fault",
        help="break something on purpose",
        description=f"Break something on purpose.\n\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("fault", choices=FAULTS, metavar="FAULT")
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.set_defaults(function=lambda chosen: print(order(chosen.fault, *chosen.words)))


def order(*words: str) -> str:
    """What the account says to it.

    :raises RehearsalError: when it does not do it.
    """
    asked = urllib.request.Request(
        f"http://127.0.0.1:{layout.API_PORT}/_rehearsal/fault", json.dumps(words).encode(), method="POST"
    )
    try:
        with _ASK.open(asked, timeout=120) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        raise RehearsalError(
            f"No fault: {error.read().decode()}", fix="python3 -m rehearsal account fault --help"
        ) from error
    except OSError as error:
        raise RehearsalError("No account runs.", fix="python3 -m rehearsal account up") from error
