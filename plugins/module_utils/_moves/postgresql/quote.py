"""Names and texts as SQL writes them. Pure."""

from __future__ import annotations


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | None) -> str:
    """With ``standard_conforming_strings``, as every server has it since 9.1."""
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def qualified(schema: str, name: str) -> str:
    return f"{identifier(schema)}.{identifier(name)}"
