"""``.venv/bin/python -m rehearsal.account``: the process behind ``python3 -m rehearsal account up``."""

from __future__ import annotations

from .serve import main

main()
