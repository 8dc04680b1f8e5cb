"""Both ends of a move, and the sessions with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from .._common import wait
from .._common.errors import StairwayError
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

    def alone(self, side: str) -> S:
        """A session with ``source`` or ``target``, and none of ours beside it.

        :raises StairwayError: when that end cannot be reached.
        """
        for name, session in self.sessions.items():
            if name.startswith(side):
                session.close()
        return self.session(side)

    def close(self) -> None:
        for session in self.sessions.values():
            session.close()


def ended(where: str, going: Callable[[], set[int]], end: Callable[[int], None], seconds: float, whose: str) -> None:
    """End the sessions that ``going`` names, and wait for their ends: what they wait for is not done.

    :raises StairwayError: when they do not end.
    """
    before = going()
    for session in sorted(before):
        end(session)
    if before and wait.until(lambda: None if before & going() else True, seconds=seconds, every=0.02) is None:
        listed = ", ".join(str(one) for one in sorted(before & going()))
        raise StairwayError(
            f"Sessions of {whose} do not end.",
            where=where,
            found=f"session {listed}",
            fix="see what they do (SHOW PROCESSLIST, or pg_stat_activity); then run the same command again",
        )
