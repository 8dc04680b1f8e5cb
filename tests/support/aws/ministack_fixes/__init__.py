"""MiniStack where it lacks what AWS has: one file for each service. Imported by the Python of its virtualenv, before it
starts. What stands here is never a reason to change the collection.
"""

from __future__ import annotations

import importlib
import pkgutil


def apply() -> None:
    """Import them all."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
