"""Many pieces of work, a few at once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from .._common.errors import StairwayError, for_people


def in_parallel(work: Sequence[Callable[[], None]], jobs: int) -> None:
    """Do all of it, ``jobs`` at once; the first error stops what has not begun.

    :raises StairwayError: the first one.
    """
    left: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    for one in work:
        left.put(one)
    problems: list[StairwayError] = []

    def serve() -> None:
        while not problems:
            try:
                left.get_nowait()()
            except queue.Empty:
                return
            except Exception as error:  # whatever it is: its piece is not done
                problems.append(for_people(error))

    threads = [threading.Thread(target=serve, daemon=True) for _number in range(max(1, min(jobs, len(work))))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
