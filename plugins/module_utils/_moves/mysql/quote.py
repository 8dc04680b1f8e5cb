"""Names and values as SQL takes them. Pure."""

from __future__ import annotations


def identifier(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def literal(value: str) -> str:
    """A text. Sessions of ours take a backslash as an escape (no ``NO_BACKSLASH_ESCAPES``)."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0") + "'"
