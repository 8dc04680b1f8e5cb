"""moto that takes its time over each call: ``python -m tests.support.aws.slow_server PORT``.

For tests of what is told about time: moto by itself may be quicker than what is worth telling.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from tests.support.aws import moto_server

SECONDS = 0.12


class Slow:
    """In front of moto's application."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        time.sleep(SECONDS)
        answer: Iterable[bytes] = self._application(environ, start)
        return answer


def main() -> None:
    """Serve as ``moto_server`` does."""
    import moto.server

    application = moto.server.DomainDispatcherApplication
    moto.server.DomainDispatcherApplication = lambda *given: Slow(application(*given))  # type: ignore[assignment, misc]
    moto_server.main()


if __name__ == "__main__":
    main()
