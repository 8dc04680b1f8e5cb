"""A connection to a server that a move speaks to by itself: read in pieces, watched, and ended in time."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterable

from .._common.errors import StairwayError
from .._stores import reach
from .._stores.model import Server

KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
SILENT_MILLISECONDS = 20_000
START_SECONDS = 30.0
BACK_SECONDS = 10.0
LOOK_SECONDS = 5.0
_CHUNK = 262_144
# Whoever is cut off leaves nothing behind that arrives later: a kernel goes on sending for minutes for a process that
# has gone, and the next run would have set a sequence, or written a row, by then.
_AT_ONCE, _IN_ORDER = struct.pack("ii", 1, 0), struct.pack("ii", 0, 0)


class _NothingYetError(Exception):
    """What has come is no data."""


class Session:
    """What the protocols have in common. Not for two threads at once.

    :raises StairwayError: when the server cannot be reached.
    """

    SCARCE = "room on its disk"  # what a server that hangs up may have run out of

    def __init__(self, server: Server, where: str) -> None:
        self._connect(server, where)

    def _connect(self, server: Server, where: str) -> None:
        self.server = server
        self.where = where
        self._buffer = bytearray()
        self._at = 0
        self.until: float | None = None
        self._unheard = False  # whether nothing has come since we last sent something
        self.socket = reach.connected(server)
        self.open = True
        _keep_alive(self.socket)
        self.socket.settimeout(START_SECONDS)

    def within(self, until: float | None) -> None:
        """From now on every answer has to come in the time that is left until ``until`` (``time.monotonic``).

        :raises StairwayError: when none is left.
        """
        if until is None or not self.open:
            return
        self.until = until
        left = until - time.monotonic()
        if left <= 0:
            raise StairwayError("The time for this is over.", where=self.where)
        self.socket.settimeout(left)

    def patient(self) -> None:
        """Let an answer take as long as it takes."""
        self.until = None
        if self.open:
            self.socket.settimeout(None)

    def cut(self) -> None:
        """End it from another thread, which then hears that it was lost."""
        with contextlib.suppress(OSError, ValueError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.open = False
        with contextlib.suppress(OSError, ValueError):
            if not self._unheard:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _IN_ORDER)
            self.socket.close()

    @property
    def secure(self) -> bool:
        return isinstance(self.socket, ssl.SSLSocket)

    @property
    def waiting(self) -> bool:
        """Whether something was read already; for TLS a socket that looks empty may hold more."""
        pending = self.socket.pending() if isinstance(self.socket, ssl.SSLSocket) else 0
        return len(self._buffer) > self._at or pending > 0

    def readable(self, seconds: float) -> bool:
        """Whether something has come, or comes in that time. TLS has messages of its own, nothing for us: whoever
        waited for the rest of those would wait for ever.

        :raises StairwayError: when the connection is lost.
        """
        if self.waiting:
            return True
        ready, _unused, _unused_too = select.select([self.socket], [], [], seconds)
        if not ready:
            return False
        patience = self.socket.gettimeout()
        self.socket.settimeout(0.0)
        try:
            self._more()
        except _NothingYetError:
            return False
        finally:
            if self.open:
                self.socket.settimeout(patience)
        return True

    # --- for the protocols -----------------------------------------------------------------------------------------

    def _look(self) -> None:
        """See, every few seconds in which an answer that may take as long as it takes does not come, whether the server
        waits for something that does not come by itself.

        :raises StairwayError: what it is.
        """

    def _opened(self, start: Callable[[], None]) -> None:
        """Let ``start`` have the server let us in; from then on answers take as long as they take."""
        try:
            start()
        except (OSError, ssl.SSLError) as error:
            self.close()
            raise self._lost(error) from error
        except StairwayError:
            self.close()
            raise
        self.socket.settimeout(None)

    def _put(self, data: bytes | memoryview) -> None:
        """:raises StairwayError: when the connection is lost, or the time is over."""
        self._unheard = True
        try:
            self.socket.sendall(data)
        except (OSError, ssl.SSLError) as error:
            raise self._lost(error) from error

    def _exactly(self, size: int) -> bytes:
        """So many bytes, when they have come.

        :raises StairwayError: when the connection is lost, or the time is over.
        """
        while len(self._buffer) - self._at < size:
            self._more()
        taken = bytes(self._buffer[self._at : self._at + size])
        self._at += size
        return taken

    def _more(self) -> None:
        """Read what has come."""
        try:
            chunk = self._patiently() if self.socket.gettimeout() is None else self.socket.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError) as error:
            raise _NothingYetError from error
        except (OSError, ssl.SSLError) as error:
            raise self._lost(error) from error
        if not chunk:
            raise self._lost(ConnectionError("it hung up"))
        self._unheard = False
        del self._buffer[: self._at]
        self._at = 0
        self._buffer += chunk

    def _patiently(self) -> bytes:
        while True:
            self.socket.settimeout(LOOK_SECONDS)
            try:
                return self.socket.recv(_CHUNK)
            except TimeoutError:
                self._look()
            finally:
                if self.open:
                    self.socket.settimeout(None)

    def _lost(self, error: Exception) -> StairwayError:
        self._unheard = True
        self.close()
        late = isinstance(error, TimeoutError)
        return StairwayError(
            f"The store {self.server.name} did not answer in time." if late else "The connection to a store was lost.",
            where=self.where,
            found=str(error),
            fix=f"see whether the server runs and has {self.SCARCE}; then run the same command again",
        )


def time_to_go_back(sessions: Iterable[Session]) -> None:
    """For what gives a source back to its users: of the fence's time next to nothing may be left. Who is gone keeps
    them waiting for this long only.
    """
    for session in sessions:
        if session.until is not None:
            session.within(time.monotonic() + BACK_SECONDS)


def _keep_alive(plain: socket.socket) -> None:
    """A network that is cut is noticed within half a minute, also while a statement takes hours."""
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in KEEPALIVE.items():
        plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_MILLISECONDS)
