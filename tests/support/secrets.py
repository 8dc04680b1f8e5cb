"""Looking for secrets where they must not be: the arguments of all processes while a play runs, and texts."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType


def spellings(secret: str) -> set[str]:
    """``secret`` as it is and as base64 shows it at each of the three alignments, the uncertain edges cut off."""
    found = {secret}
    raw = secret.encode()
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        begin = (0, 2, 3)[shift]
        found.add(coded[begin : len(coded) - 1])
    return found


def hits(text: str, words: Iterable[str]) -> list[str]:
    """The words that ``text`` has, each with what stands around it."""
    return [
        f"{word!r} in «{text[max(0, text.find(word) - 60) : text.find(word) + 60]}»" for word in words if word in text
    ]


class Arguments:
    """Samples the arguments of every process of this machine, its containers and theirs too, while it is entered."""

    def __init__(self, words: Iterable[str], every: float = 0.02) -> None:
        self.words = [word.encode() for word in words]
        self.every = every
        self.found: set[str] = set()
        self.looks = 0
        self.seen: set[bytes] = set()
        self._stop = threading.Event()

    def __enter__(self) -> Arguments:
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(10)

    def _poll(self) -> None:
        while not self._stop.is_set():
            self._look()
            time.sleep(self.every)

    def _look(self) -> None:
        self.looks += 1
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes()
            except OSError:  # it ended between the two
                continue
            if line in self.seen:
                continue
            self.seen.add(line)
            if any(word in line for word in self.words):
                self.found.add(line.replace(b"\0", b" ").decode(errors="replace")[:300])
