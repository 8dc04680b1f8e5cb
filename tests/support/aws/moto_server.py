"""moto with its defects put right, as a process of its own: ``python -m tests.support.aws.moto_server PORT``."""

from __future__ import annotations

import logging
import sys

from tests.support.aws import moto_fixes


def main() -> None:
    moto_fixes.apply()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from moto.server import main as serve  # type: ignore[attr-defined]

    serve(["-H", "127.0.0.1", "-p", sys.argv[1]])


if __name__ == "__main__":
    main()
