"""``python3 -m rehearsal account fault``, ``metric`` and ``due``. Standard library only."""

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
    """The actions ``fault``, ``metric`` and ``due``."""
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
    metric = actions.add_parser("metric", help="say what a metric of CloudWatch is, for alarms and for Auto Scaling")
    metric.add_argument("namespace", help="AWS/EC2")
    metric.add_argument("name", help="CPUUtilization")
    metric.add_argument("value", help="a number; - for what is really measured")
    metric.add_argument("dimensions", nargs="*", metavar="NAME=VALUE", help="AutoScalingGroupName=shop")
    metric.set_defaults(
        function=lambda chosen: print(pull("metric", chosen.namespace, chosen.name, chosen.value, *chosen.dimensions))
    )
    due = actions.add_parser("due", help="have a scheduled action of Auto Scaling fall due now")
    due.add_argument("group")
    due.add_argument("action")
    due.set_defaults(function=lambda chosen: print(pull("due", chosen.group, chosen.action)))


def order(*words: str) -> str:
    """What the account says to a fault.

    :raises RehearsalError: when it does not do it.
    """
    return _ask("fault", words)


def pull(*words: str) -> str:
    """What the account says to ``metric`` or ``due``.

    :raises RehearsalError: when it does not do it.
    """
    return _ask("lever", words)


def _ask(what: str, words: tuple[str, ...]) -> str:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{layout.API_PORT}/_rehearsal/{what}", json.dumps(words).encode(), method="POST"
    )
    try:
        with _ASK.open(asked, timeout=120) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        raise RehearsalError(f"Not done: {error.read().decode()}", fix="python3 -m rehearsal account --help") from error
    except OSError as error:
        raise RehearsalError("No account runs.", fix="python3 -m rehearsal account up") from error
