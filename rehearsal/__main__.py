"""``python3 -m rehearsal``: see ``python3 -m rehearsal --help``."""

from __future__ import annotations

import sys

from .cli import main

sys.exit(main())
