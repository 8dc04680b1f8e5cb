"""Programs joined by pipes, which do well only when every one of them does. Standard library only: this runs on hosts.

A shell says how the last program of a pipe ended, so a dump that broke off looks like a good one. Here all are asked.
"""

from __future__ import annotations

import contextlib
import fcntl
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import IO

from .errors import StairwayError

# What a writer gets when its reader has gone: it is a victim, and not the reason. A shell says it with 128 more.
_SIGPIPE = (-13, 141)
_PIPE_BYTES = 1 << 20
_END_SECONDS = 15
BLOCK = 1 << 20


class Pipe:
    """Running programs, the output of each the input of the next. Leaving the ``with`` block kills what still runs.

    ``read`` gives the last one's output, ``write`` feeds the first one (with ``fed``).
    """

    def __init__(self, commands: Sequence[Sequence[str]], *, what: str, fed: bool = False, output: bool = True) -> None:
        self.what = what
        self.commands = [list(command) for command in commands]
        self._fed, self._output = fed, output
        self._running: list[subprocess.Popen[bytes]] = []
        self._said: list[IO[bytes]] = []

    def __enter__(self) -> Pipe:
        try:
            for number, command in enumerate(self.commands):
                self._start(command, last=number == len(self.commands) - 1)
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kill()

    def read(self, size: int) -> bytes:
        """Exactly ``size`` bytes, fewer at the end."""
        output = self._running[-1].stdout
        return output.read(size) if output is not None else b""

    def blocks(self) -> Iterator[bytes]:
        while block := self.read(BLOCK):
            yield block

    def line(self) -> str | None:
        """The next line of the output, None at its end."""
        output = self._running[-1].stdout
        line = output.readline() if output is not None else b""
        return line.decode(errors="replace").rstrip("\n") if line else None

    def write(self, data: bytes) -> bool:
        """Feed the first program; false when it takes no more, and ``finish`` then says why."""
        given = self._running[0].stdin
        try:
            if given is not None:
                given.write(data)
                given.flush()
        except BrokenPipeError:
            return False
        return True

    def over(self) -> bool:
        """Whether the first program has ended."""
        return self._running[0].poll() is not None

    def end(self) -> None:
        """Nothing more is fed."""
        given = self._running[0].stdin
        if given is not None:
            with contextlib.suppress(BrokenPipeError):
                given.close()

    def finish(self) -> str:
        """Wait for all; what they printed beside their output.

        :raises StairwayError: when any of them failed, with the last lines it printed.
        """
        self.end()
        for process in self._running:
            process.wait()
        failed = [number for number, process in enumerate(self._running) if process.returncode]
        if failed:
            first = [number for number in failed if self._running[number].returncode not in _SIGPIPE] or failed
            raise self._error(first[0])
        return "\n".join(self._text(number) for number in range(len(self._running)))

    def _start(self, command: list[str], *, last: bool) -> None:
        said = tempfile.TemporaryFile()  # noqa: SIM115 it is closed with the pipe
        self._said.append(said)
        before = self._running[-1].stdout if self._running else None
        try:
            process = subprocess.Popen(
                command,
                stdin=before or (subprocess.PIPE if self._fed else subprocess.DEVNULL),
                stdout=subprocess.DEVNULL if last and not self._output else subprocess.PIPE,
                stderr=said,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise StairwayError(
                f"The program {command[0]} is not installed.", expected=f"{command[0]} on PATH", where=self.what
            ) from error
        if before is not None:
            before.close()  # its reader alone holds it now, so a writer learns when that has gone
        self._running.append(process)
        if process.stdout is not None:
            with contextlib.suppress(OSError):  # more than a user may have
                fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def _kill(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.terminate()
        for process in self._running:
            with contextlib.suppress(BrokenPipeError):
                for stream in (process.stdin, process.stdout):
                    if stream is not None:
                        stream.close()
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for said in self._said:
            said.close()
        self._said = []

    def _text(self, number: int) -> str:
        said = self._said[number]
        said.seek(0)
        return said.read().decode(errors="replace")

    def _error(self, number: int) -> StairwayError:
        lines = [line for line in self._text(number).splitlines() if line.strip()]
        return StairwayError(
            f"{self.what} failed: {self.commands[number][0]} ended with {self._running[number].returncode}.",
            where=shlex.join(self.commands[number]),
            log=lines[-10:],
        )
