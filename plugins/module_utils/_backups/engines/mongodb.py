"""MongoDB: ``mongodump`` to an archive. Its tools say how many documents of each collection went through them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..model import Manifest, Store
from .words import ADMIN, Dump, Facts, inside

_DUMPED = re.compile(r"done dumping (\S+) \((\d+) documents?\)")
_LOADED = re.compile(r"finished restoring (\S+) \((\d+) documents?, (\d+) failures?\)")
# The password goes by a file that only this shell sees, and never by an argument.
_LOGIN = (
    "exec {program} --config=/dev/fd/3 --host 127.0.0.1 -u stairway_admin --authenticationDatabase admin {words} "
    f"3<<END\npassword: {ADMIN[1:-1]}\nEND\n"
)


class MongoDB:
    suffix = "archive"
    cold = False

    @contextmanager
    def dump(self, store: Store) -> Iterator[Dump]:
        script = _LOGIN.format(program="mongodump", words=f"--archive --db '{store.database}'")
        yield Dump(inside(store.container, script), lambda said, _head: _facts(_DUMPED, said, store.database))

    def server(self, store: Store) -> list[str]:
        return ["mongod"]

    def ready(self, store: Store) -> str:
        # The image first starts a server that listens here too, to make the user, and ends it. The last is process 1.
        return """bash -c '[ "$(cat /proc/1/comm)" = mongod ] && exec 3<>/dev/tcp/127.0.0.1/27017'"""

    def load(self, store: Store, manifest: Manifest) -> str:
        return _LOGIN.format(
            program="mongorestore", words=f"--archive --drop --stopOnError --nsInclude '{store.database}.*'"
        )

    def facts(self, container: str, store: Store, said: str) -> Facts:
        return _facts(_LOADED, said, store.database)

    def settle(self, container: str, store: Store) -> None:
        """Nothing is left to do."""

    def ask(self, store: Store) -> str:
        url = f"mongodb://stairway_admin:{ADMIN[1:-1]}@127.0.0.1/{store.database}?authSource=admin"
        login = "db = connect(process.env.STAIRWAY_URL)"
        return f"STAIRWAY_URL=\"{url}\" exec mongosh --quiet --nodb --eval '{login}' --file /dev/stdin"


def _facts(pattern: re.Pattern[str], said: str, database: str) -> Facts:
    counts = {match[1].removeprefix(f"{database}."): int(match[2]) for match in pattern.finditer(said)}
    return Facts(counts=counts)
