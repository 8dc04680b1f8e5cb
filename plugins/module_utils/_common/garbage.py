"""Python's garbage collector, told to wait."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No collection until the end of the block.

    botocore's models of AWS's services are some hundred thousand objects that stay for good. While they are loaded,
    Python would look through all of them for garbage again and again, which takes longer than loading them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
