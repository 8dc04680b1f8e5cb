"""moto where it differs from AWS, put right: the files are in ``rehearsal/account/moto_fixes``; new ones go there.

A file that still lies here is imported too.
"""

from __future__ import annotations

import importlib
import pkgutil

from rehearsal.account import moto_fixes


def apply() -> None:
    """Import them all."""
    moto_fixes.apply()
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
