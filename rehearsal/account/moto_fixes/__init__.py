"""moto where it differs from AWS, put right: one file for each service, one function for each defect.

Every file is imported once, before moto's server starts. What stands here is never a reason to change the collection.
"""

from __future__ import annotations

import importlib
import pkgutil


def apply() -> None:
    """Import them all."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
