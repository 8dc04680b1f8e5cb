"""What a visitor reads while the app is in maintenance. ``render`` is pure; ``write_pages`` puts it in place."""

from __future__ import annotations

import html
import json
from pathlib import Path

from .._common import atomic

MESSAGE = "We are working on this site. It will be back in a few minutes."

_HTML = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Maintenance</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center;
  background: #fafafa; color: #222 }}
main {{ max-width: 32rem; padding: 2rem; text-align: center }}
@media (prefers-color-scheme: dark) {{ body {{ background: #181818; color: #ddd }} }}
</style>
</head>
<body><main><h1>Back soon</h1><p>{message}</p></main></body>
</html>
"""


def render(message: str | None = None) -> dict[str, str]:
    """The pages by file name; ``message`` is plain text for people, never HTML."""
    text = message or MESSAGE
    return {
        "maintenance.html": _HTML.format(message=html.escape(text)),
        "maintenance.json": json.dumps({"error": "maintenance", "message": text}) + "\n",
    }


def changed_pages(folder: Path, message: str | None) -> dict[str, str]:
    """The pages that are not yet as ``message`` wants them; ``None`` leaves pages alone that are there."""
    wanted = render(message)
    if message is None:
        return {name: text for name, text in wanted.items() if not (folder / name).exists()}
    return {name: text for name, text in wanted.items() if _read(folder / name) != text}


def write_pages(folder: Path, message: str | None) -> bool:
    """Put the pages into ``folder``, each of them atomically; false when they stood there already.

    :raises StairwayError: when they cannot be written.
    """
    pages = changed_pages(folder, message)
    for name, text in pages.items():
        atomic.write(folder / name, text)
    return bool(pages)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
