"""MiniStack with what it lacks, as a process of its own: run by the Python of its virtualenv."""

from __future__ import annotations

import sys

from tests.support.aws import ministack_fixes


def main() -> None:
    ministack_fixes.apply()
    from ministack.app import main as serve  # type: ignore[import-not-found]

    sys.exit(serve())


if __name__ == "__main__":
    main()
