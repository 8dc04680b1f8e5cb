"""Making one backup: a dump on its way through zstd and encryption to its place, never in a file of this host."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .._common.errors import StairwayError
from .._common.pipe import BLOCK, Pipe
from . import manifest as manifests
from .catalogue import Catalogue
from .engines.registry import ENGINES
from .engines.words import Dump, Facts
from .manifest import FILE
from .model import Manifest, Store
from .plausible import ACCEPTED, doubt
from .target import Source, Target, Upload


@dataclass(frozen=True)
class Closed:
    """How what is made gets closed: the programs, what that is called, and what it adds to a name."""

    programs: list[list[str]]
    kind: str
    suffix: str


def make(app: str, store: Store, closed: Closed, target: Target, known: Catalogue, *, accept: bool = False) -> Manifest:
    """The backup, whole and written down. With ``accept`` its size is believed whatever it is, and
    is what those after it are compared with.

    :raises StairwayError: when the dump, a program, or the place fails; nothing of it then counts.
    """
    began = time.time()
    sequence = known.last + 1
    name = manifests.new_id(sequence, began)
    engine = ENGINES[store.engine]
    file = f"{store.database or store.name}.{engine.suffix}.zst{closed.suffix}"
    _room(target, known)
    with engine.dump(store) as dump, _stream(store, dump, closed) as (source, finish):
        upload = target.write(f"{store.name}/{name}/{file}", source)
        try:
            facts = finish()
            if not upload.bytes:
                raise StairwayError(f"The dump of {store.name} is empty.", where=store.container)
            upload.commit()
        except BaseException:
            upload.abort()
            raise
    made = _manifest(app, store, name, sequence, began, upload, facts, file, closed)
    why = doubt(made, known.good)
    if why is not None:
        made = dataclasses.replace(made, good=accept, note=f"{ACCEPTED}{why}" if accept else why)
    target.put(f"{store.name}/{name}/{FILE}", manifests.text(made).encode())
    if not made.good:
        raise StairwayError(
            f"The backup of {store.name} is implausible: {why}.",
            where=f"{target.where}/{store.name}/{name}",
            expected="a size like those before",
            fix="see whether the store lost data. When it is as it should be: "
            "ansible-playbook playbooks/backup.yml -e accept_size=true",
        )
    return made


def _manifest(
    app: str,
    store: Store,
    name: str,
    sequence: int,
    began: float,
    upload: Upload,
    facts: Facts,
    file: str,
    closed: Closed,
) -> Manifest:
    return Manifest(
        app=app,
        store=store.name,
        engine=store.engine,
        id=name,
        sequence=sequence,
        began=began,
        made=time.time(),
        host=socket.gethostname(),
        server=facts.server,
        image=store.image,
        database=store.database,
        file=file,
        bytes=upload.bytes,
        sha256=upload.sha256,
        sealed=closed.kind,
        counts=dict(facts.counts),
        objects=dict(facts.objects),
        loose=facts.loose,
        roles=facts.roles,
        database_bytes=facts.database_bytes,
    )


def _room(target: Target, known: Catalogue) -> None:
    """:raises StairwayError: when a backup like the last one would not fit."""
    free = target.free()
    last = known.good[-1].bytes if known.good else 0
    if free is not None and free < last * 1.2 + (1 << 20):
        raise StairwayError(
            "There is no room for another backup.",
            where=target.where,
            expected=f"{int(last * 1.2) + (1 << 20)} bytes",
            found=f"{free} bytes",
            fix="make room, or keep fewer: app.backups.keep_days and keep_least",
        )


@contextmanager
def _stream(store: Store, dump: Dump, closed: Closed) -> Iterator[tuple[Source, _Finish]]:
    """What comes out at the end, and a function that waits for all programs and returns what was dumped."""
    what = f"The backup of {store.name}"
    if not dump.head_bytes:
        with Pipe([dump.command, *closed.programs], what=what) as pipe:
            dump.begun(pipe.over)
            yield pipe, _Finish(dump, [pipe], None)
        return
    with Pipe([dump.command], what=what) as first, Pipe(closed.programs, what=what, fed=True) as pipe:
        dump.begun(first.over)
        pump = _Pump(first, pipe, dump.head_bytes)
        pump.start()
        yield pipe, _Finish(dump, [first, pipe], pump)


class _Pump(threading.Thread):
    """Carries a dump on, and keeps its first bytes."""

    def __init__(self, source: Pipe, to: Pipe, size: int) -> None:
        super().__init__(daemon=True)
        self.source, self.to, self.size = source, to, size
        self.head = b""

    def run(self) -> None:
        while block := self.source.read(BLOCK):
            if len(self.head) < self.size:
                self.head += block[: self.size - len(self.head)]
            if not self.to.write(block):
                break
        self.to.end()


class _Finish:
    def __init__(self, dump: Dump, pipes: list[Pipe], pump: _Pump | None) -> None:
        self.dump, self.pipes, self.pump = dump, pipes, pump

    def __call__(self) -> Facts:
        if self.pump is not None:
            self.pump.join()
        said = "\n".join(pipe.finish() for pipe in self.pipes)
        return self.dump.facts(said, self.pump.head if self.pump is not None else b"")
