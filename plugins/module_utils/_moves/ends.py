"""Both ends of a move, and the sessions with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from .._stores.model import Login, Server
from .model import Wish
from .session import Session

S = TypeVar("S", bound=Session)


class Ends(Generic[S]):
    """The source and the target of ``wish``, whose sessions are opened when they are needed. A session's name is
    ``source`` or ``target``, with ``app`` behind it in the app's name, with another word one more of the administrator.
    """

    def __init__(self, wish: Wish, connect: Callable[[Server, Login], S]) -> None:
        self.wish = wish
        self.sessions: dict[str, S] = {}
        self._connect = connect

    def end(self, name: str) -> tuple[Server, Login]:
        """Where that session goes, and as whom."""
        side = self.wish.source if name.startswith("source") else self.wish.target
        return side.server, side.app if name.endswith("app") else side.admin

    def session(self, name: str) -> S:
        """:raises StairwayError: when that end cannot be reached."""
        found = self.sessions.get(name)
        if found is None or not found.open:
            found = self.sessions[name] = self._connect(*self.end(name))
        return found

    @property
    def source(self) -> S:
        return self.session("source")

    @property
    def target(self) -> S:
        return self.session("target")

    def close(self) -> None:
        for session in self.sessions.values():
            session.close()
