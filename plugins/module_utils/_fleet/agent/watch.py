"""What watches the machine: a script that waits in Parameter Store, since user data has no room for it."""

from __future__ import annotations

import contextlib
import sys

from ..._common.errors import StairwayError
from ..._common.run import run
from .aws import Aws

SECONDS = 900


def bring(aws: Aws, name: str | None) -> None:
    """Run what the parameter ``name`` holds, after each release. Never raises: a machine that serves, serves."""
    with contextlib.suppress(StairwayError):
        text = name and aws.parameter(name)
        if text:
            sys.stderr.write(run(["sh", "-c", text], timeout=SECONDS).stderr)
