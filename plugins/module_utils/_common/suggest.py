"""Words for people who mistyped one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of ``words`` that ``word`` probably meant, or None."""
    choices = list(words)
    lowered = word.lower().replace("_", "-")
    same = [choice for choice in choices if choice.lower().replace("_", "-") == lowered]
    close = same or difflib.get_close_matches(word.lower(), choices, n=1, cutoff=0.6)
    return close[0] if close else None


def listing(words: Iterable[str]) -> str:
    """``a, b or c``."""
    choices = [str(word) for word in words]
    return " or ".join([", ".join(choices[:-1]), choices[-1]]) if len(choices) > 1 else "".join(choices)
