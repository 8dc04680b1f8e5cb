"""Python with nothing in it that only people need: blanks, empty lines, deep indentation, last commas. Pure."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator

# Python 3.12 looks into its f-strings, the ones before do not; both have to give the same text.
_BEGINS, _ENDS = getattr(tokenize, "FSTRING_START", -1), getattr(tokenize, "FSTRING_END", -1)
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_SILENT = (tokenize.COMMENT, tokenize.NL, tokenize.ENDMARKER)


def lean(source: str) -> str:
    """The same program in fewer characters."""
    parts: list[str] = []
    level, before = 0, ""
    for kind, text in _plain(source):
        if kind in (tokenize.INDENT, tokenize.DEDENT):
            level += 1 if kind == tokenize.INDENT else -1
        elif kind == tokenize.NEWLINE:
            parts.append("\n")
            before = ""
        else:
            parts.append(_gap(before, text, level) + text)
            before = text
    return "".join(parts)


def _gap(before: str, text: str, level: int) -> str:
    if not before:
        return " " * level
    return " " if _word(before[-1]) and _word(text[0]) else ""


def _word(character: str) -> bool:
    return character.isalnum() or character in "_\"'"


def _plain(source: str) -> Iterator[tuple[int, str]]:
    """Kind and text, without a comma before the bracket that closes. One that is alone there makes a tuple."""
    commas, comma = [0], False
    for kind, text in _tokens(source):
        if comma and not (text in _CLOSING and commas[-1] > 1):
            yield tokenize.OP, ","
        comma = text == ","
        if comma:
            commas[-1] += 1
            continue
        if text in _OPENING:
            commas.append(0)
        elif text in _CLOSING:
            commas.pop()
        yield kind, text


def _tokens(source: str) -> Iterator[tuple[int, str]]:
    """Kind and text, f-strings whole."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    depth, since = 0, 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == _BEGINS:
            since = since if depth else starts[token.start[0] - 1] + token.start[1]
            depth += 1
        elif token.type == _ENDS:
            depth -= 1
            if not depth:
                yield tokenize.STRING, source[since : starts[token.end[0] - 1] + token.end[1]]
        elif not depth and token.type not in _SILENT:
            yield token.type, token.string
