"""``python3 -m rehearsal account``: start, end and show the account. Standard library only."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from .. import layout as rehearsal
from .. import parts, state
from ..errors import RehearsalError
from ..run import INSTALL, check, run, step
from . import fault_cli, ground, layout, report

_PYTHON = state.ROOT / ".venv" / "bin" / "python"
_ASK = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def add_to(commands: Any) -> None:
    """The command ``account`` and what can be done with it."""
    account = commands.add_parser("account", help="an AWS account whose machines, databases and balancers really run")
    actions = account.add_subparsers(required=True, metavar="ACTION")
    for name, function, text in (
        ("up", _up, "start it; prints what a client needs"),
        ("down", _down, "end it and take every body away"),
        ("status", _status, "what stands"),
        ("env", _env, "what a client needs, for eval"),
    ):
        actions.add_parser(name, help=text).set_defaults(function=function)
    shown = actions.add_parser("show", help="how to reach an example app, and what to type next")
    shown.add_argument("app")
    shown.add_argument("--since", type=float, help="when it was begun, in seconds since 1970")
    shown.set_defaults(function=lambda chosen: print(report.text(chosen.app, chosen.since), end=""))
    fault_cli.add_to(actions)


def running() -> bool:
    """Whether the account answers."""
    try:
        _ASK.open(f"http://127.0.0.1:{layout.API_PORT}/_rehearsal/alive", timeout=10).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _wait_for_answer(seconds: float = 120) -> None:
    """One that lives is never ended here: on a busy machine it is only slow, and its end loses all that it had."""
    end = time.monotonic() + seconds
    while not running():
        if time.monotonic() > end:
            raise RehearsalError(
                f"The account lives and has not answered for {seconds:g} s.",
                fix=f"read {layout.LOG}; python3 -m rehearsal account down ends it, with all that stands in it",
            )
        time.sleep(0.5)


def up() -> None:
    """The account answers when this returns. Network and parts of the rehearsal are there already."""
    if _process():
        _wait_for_answer()
        return
    down()
    if not _PYTHON.exists():
        raise RehearsalError("The account runs in the virtualenv, and there is none.", fix="make venv")
    if shutil.which("nft") is None:
        raise RehearsalError("The program nft is not installed.", fix=INSTALL["nft"])
    with step("Images of the account"):
        check(
            [str(_PYTHON), "-c", "from rehearsal.account import images; images.ensure()"],
            what="Making images",
            timeout=1800,
            env={**os.environ, "PYTHONPATH": str(state.ROOT)},
        )
    layout.FOLDER.mkdir(parents=True, exist_ok=True)
    with step("Starting the account"):
        with layout.LOG.open("ab") as log:
            process = subprocess.Popen(
                [str(_PYTHON), "-m", "rehearsal.account"],
                cwd=state.ROOT,
                env={**os.environ, **_ENVIRONMENT},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _wait(process)
    state.write(layout.ENV, environment())


# moto reads these when it starts
_ENVIRONMENT = {
    **layout.CREDENTIALS,
    "AWS_DEFAULT_REGION": layout.REGION,
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "MOTO_ENABLE_AMI_VALIDATION": "true",
    "MOTO_ENABLE_KEYPAIR_VALIDATION": "true",
}


def environment() -> str:
    """Lines for a shell of this machine."""
    pairs = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{layout.API_PORT}",
        **layout.CREDENTIALS,
        "AWS_DEFAULT_REGION": layout.REGION,
        "AWS_REGION": layout.REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return "".join(f"export {name}={value}\n" for name, value in pairs.items())


def down() -> bool:
    """Process, bodies, networks, rules and addresses are gone when this returns; whether there was anything."""
    process = _process()
    if process:
        _end(process)
    label = f"--filter=label={layout.LABEL}"
    found = check(["docker", "ps", "--all", "--quiet", label], what="Looking for bodies").split()
    if found:
        with step(f"Taking {len(found)} bodies away"):
            check(["docker", "rm", "--force", "--volumes", *found], what="Removing bodies", timeout=600)
    for kind in ("volume", "network"):
        for name in check(["docker", kind, "ls", "--quiet", label], what=f"Looking for every {kind}").split():
            check(["docker", kind, "rm", name], what=f"Removing the {kind} {name}")
    if layout.FIRST:
        parts.atlas_down()
    _forget_names()
    ground.clear()
    existed = layout.FOLDER.exists()
    shutil.rmtree(layout.FOLDER, ignore_errors=True)
    return bool(existed or process or found)


def everywhere_down() -> None:
    """No account is left, whichever place it stands in."""
    down()
    for place in layout.PLACES:
        if place != layout.PLACE:
            argv = [sys.executable, "-m", "rehearsal", "account", "down"]
            environment = {**os.environ, "STAIRWAY_ACCOUNT": place, "PYTHONPATH": str(state.ROOT)}
            check(argv, what="Taking the other account away", timeout=900, env=environment)


def _forget_names() -> None:
    if not layout.FIRST:
        return
    dns = rehearsal.DNS.container
    if run(["docker", "exec", dns, "sh", "-c", ": > /tmp/servers"]).ok:
        run(["docker", "kill", "--signal=HUP", dns])


def _process() -> int | None:
    """The process of the account, when it lives and is ours."""
    try:
        number = int(layout.PID.read_text())
        line = Path(f"/proc/{number}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return number if b"rehearsal.account" in line else None


def _end(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)
    for _each in range(100):
        if _process() is None:
            return
        time.sleep(0.1)
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if layout.PID.exists() and running():
            return
        time.sleep(0.2)
    log = layout.LOG.read_text(errors="replace").splitlines()[-20:]
    raise RehearsalError("The account does not answer.", fix=f"read {layout.LOG}", log=log)


def _up(chosen: argparse.Namespace) -> None:
    from ..cli import parts_up

    parts_up()
    up()
    if layout.FIRST:
        parts.atlas_up()
    print(environment(), end="")


def _down(chosen: argparse.Namespace) -> None:
    down()


def _env(chosen: argparse.Namespace) -> None:
    print(environment(), end="")


def _status(chosen: argparse.Namespace) -> None:
    if not _process():
        print("no account runs: python3 -m rehearsal account up")
        return
    for one in json.loads(layout.STATUS.read_text()):
        if one["kind"] not in ("groups", "records"):
            print(f"{one['kind']:12}{one['phase']:10}{one['key']}  {one['error']}".rstrip())
