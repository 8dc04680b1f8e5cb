"""Which keys have changed: a server says so of each write, to whoever listens (keyspace notifications).

Only names are heard; what a key is now, is read again. So nothing is done twice that may not be, and the order does not
matter. A listener that is too slow loses its connection: that is seen, and ends the move. Of what groups do with their
streams nobody hears (:mod:`.streams`): those are looked at whenever everything is to be carried.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection

from ..._stores.model import Login, Server
from ..following import Background
from . import keys, streams
from .keys import Key
from .wire import Connection

# Everything by the key's name; https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/
SETTING, EVENTS = "notify-keyspace-events", "KA"
_CHANNEL = re.compile(rb"__keyspace@(\d+)__:(.*)", re.DOTALL)


class Listener:
    """Gathers the names of keys that have changed."""

    def __init__(self, server: Server, admin: Login) -> None:
        self.connection = Connection(server, admin)
        self.connection.call("PSUBSCRIBE", "__keyspace@*__:*")
        self.dirty: set[Key] = set()
        self._heard = b""

    def listen(self, seconds: float) -> None:
        for message in self.connection.said(seconds):
            if message[0] == b"pong":
                self._heard = message[1]
            elif message[0] == b"pmessage" and (found := _CHANNEL.fullmatch(message[2])):
                self.dirty.add((int(found.group(1)), found.group(2)))

    def all(self) -> None:
        """Hear of everything that was written before: an answer comes behind it.

        :raises StairwayError: when it does not come in the time that the connection has.
        """
        word = secrets.token_hex(8).encode()
        self.connection.send("PING", word)
        while self._heard != word:
            self.connection.within(self.connection.until)
            self.listen(0.2)

    def taken(self) -> set[Key]:
        """What was heard of since the last time."""
        found, self.dirty = self.dirty, set()
        return found

    def close(self) -> None:
        self.connection.close()


class Follower(Background):
    """Carries what has changed, here and now or in the background. ``touched`` has what has to be compared again: what
    has changed at the source, and whatever anyone has changed at the target. ``grouped`` has the streams with groups:
    whoever gives one its first group is heard of, so all of them are known.
    """

    def __init__(self, source: tuple[Server, Login], target: tuple[Server, Login], *, exact: bool, watch: bool) -> None:
        super().__init__()
        self.listener = Listener(*source)
        self.watcher = Listener(*target) if watch else None
        self.source, self.target = Connection(*source), Connection(*target)
        self.exact = exact
        self.touched: set[Key] = set()
        self.grouped: set[Key] = set()
        self.carried = 0

    @property
    def sessions(self) -> list[Connection]:
        watching = [self.watcher.connection] if self.watcher else []
        return [self.listener.connection, self.source, self.target, *watching]

    def step(self, seconds: float) -> None:
        """Carry what was heard of; wait ``seconds`` at most where nothing was."""
        self.listener.listen(seconds)
        self._carry(self.listener.taken())
        if self.watcher is not None:
            self.watcher.listen(0)
            self.touched |= self.watcher.taken()

    def reach(self) -> None:
        """Carry everything that was written by now."""
        self.listener.all()
        self._carry(self.listener.taken())
        self._carry(self._worked_on())
        if self.watcher is not None:
            self.watcher.all()
            self.touched |= self.watcher.taken()

    def _carry(self, dirty: set[Key]) -> None:
        self.touched |= dirty
        for database in sorted({one for one, _key in dirty}):
            mine = [key for one, key in dirty if one == database]
            for at in range(0, len(mine), keys.AT_ONCE):
                part = mine[at : at + keys.AT_ONCE]
                self.grouped |= keys.copy(self.source, self.target, database, part, exact=self.exact)
                self.carried += len(part)

    def _worked_on(self) -> set[Key]:
        """Streams whose groups have done something. What has changed is carried in any case: a worker that has only
        asked for more leaves another dump, and to compare a large stream by its entries takes longer than to carry it.
        """
        found = self.grouped & self.touched
        return found | self._of_each(self.grouped - found, streams.to_carry)

    def unlike(self) -> set[Key]:
        """Streams whose groups are not the same on both sides by now, as far as that shows at once."""
        return self._of_each(self.grouped, lambda *given: streams.otherwise(*given, messages=False))

    def _of_each(
        self, wanted: set[Key], look: Callable[[Connection, Connection, Collection[bytes]], set[bytes]]
    ) -> set[Key]:
        found: set[Key] = set()
        for database in sorted({one for one, _key in wanted}):
            self.source.use(database)
            self.target.use(database)
            mine = look(self.source, self.target, [key for one, key in wanted if one == database])
            found |= {(database, key) for key in mine}
        return found

    def tidy(self) -> None:
        """Forget some that are the same already, so that little is left for the fence."""
        part = sorted(self.touched - self.grouped)[: keys.AT_ONCE]
        if len(part) == keys.AT_ONCE:
            found = keys.compared(self.source, self.target, part, exact=self.exact)
            wrong = {one.name for one in found}
            self.touched -= {one for one in part if keys.name_of(*one) not in wrong}

    def portion(self) -> None:
        self.step(0.2)
        self.tidy()

    def close(self) -> None:
        self._halt()
        for one in self.sessions:
            one.close()
