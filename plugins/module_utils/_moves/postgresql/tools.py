"""pg_dump and pg_restore, in a container of the store's image. What they bring is everything but the rows."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from ..._common import wait
from ..._common.errors import StairwayError
from ..._common.run import check, run
from ..._docker.argv import DOCKER, list_containers, remove
from ..model import Side, Wish
from .catalogue import OWN_SCHEMA
from .wire import OURS

HOME = Path("/run/stairway")
HOURS = 3600.0
LABEL, ENDING_SECONDS = "stairway.move", 60.0
# What the target has already, or what only a superuser may say.
_LEFT_OUT = re.compile(
    r"^\d+; \d+ \d+ (EXTENSION |COMMENT - EXTENSION |SCHEMA - public |\w+ - SCHEMA public |PUBLICATION|SUBSCRIPTION)"
)
_SCHEMA = re.compile(r"^\d+; \d+ \d+ SCHEMA - (.*) \S+$")
_DEFAULT_RIGHTS = re.compile(r"^\d+; \d+ \d+ DEFAULT ACL .* (\S+)$")


class Tools:
    """A folder that both tools see, with the logins in a file of root's. To be used with ``with``."""

    def __init__(self, wish: Wish, folder: Path) -> None:
        self.wish = wish
        self.folder = folder

    @classmethod
    @contextlib.contextmanager
    def of(cls, wish: Wish, home: Path = HOME) -> Iterator[Tools]:
        home.mkdir(parents=True, exist_ok=True)
        # 0700; what a tool that nobody waits for any more still writes there is left to the next run
        with tempfile.TemporaryDirectory(dir=home, prefix=prefix(wish), ignore_cleanup_errors=True) as folder:
            path = Path(folder)
            (path / "pgpass").touch(mode=0o600)
            (path / "pgpass").write_text("".join(_line(side) for side in (wish.source, wish.target)), encoding="utf-8")
            yield cls(wish, path)

    def dump(self, snapshot: str, *, objects: bool, there: Collection[str] = ()) -> None:
        """The definitions as ``snapshot`` sees them; with ``objects`` the large objects too. The schemas ``there`` are
        at the target already: extensions were made in them.
        """
        # --schema-only would leave the large objects out, whatever else is asked for
        what = ["--exclude-table-data=*.*"] if objects else ["--schema-only"]
        self._call(
            "Reading the definitions of the source",
            [
                "pg_dump",
                "--format=custom",
                *what,
                f"--snapshot={snapshot}",
                f"--file={self._at('dump')}",
            ]
            + [f"--exclude-schema={OWN_SCHEMA}", "--no-owner", "--no-tablespaces", "--no-security-labels"]
            + [f"--dbname={_address(self.wish.source)}"],
        )
        text = self._call("Listing them", ["pg_restore", "--list", self._at("dump")])
        kept = [line for line in text.splitlines() if not self._left_out(line, there)]
        (self.folder / "list").write_text("\n".join(kept) + "\n", encoding="utf-8")

    def restore(self, section: str, jobs: int = 1) -> None:
        """``pre-data``, ``data`` or ``post-data``, owned by the app's user."""
        parallel = [f"--jobs={jobs}"] if jobs > 1 and section == "post-data" else []
        self._call(
            f"Making the {section} of the target",
            ["pg_restore", "--exit-on-error", "--no-owner", f"--section={section}", *parallel]
            + [f"--use-list={self._at('list')}", f"--role={self.wish.target.app.user}"]
            + [f"--dbname={_address(self.wish.target)}", self._at("dump")],
        )

    def _left_out(self, line: str, there: Collection[str] = ()) -> bool:
        rights, schema = _DEFAULT_RIGHTS.match(line), _SCHEMA.match(line)
        if schema and schema.group(1) in there:
            return True
        return bool(_LEFT_OUT.match(line)) or bool(rights and rights.group(1) != self.wish.target.app.user)

    def _at(self, name: str) -> str:
        return str(self.folder / name)

    def _call(self, what: str, command: list[str]) -> str:
        done = run(argv(self.wish, self.folder, command), timeout=24 * HOURS)
        if not done.ok:
            raise StairwayError(
                f"{what} failed.",
                where=f"{command[0]}, {self.wish.source.words} to {self.wish.target.words}",
                fix="the last lines are the tool's; nothing is left of the move",
                log=done.tail(8),
            )
        return done.stdout


def argv(wish: Wish, folder: Path, command: list[str]) -> list[str]:
    """The whole command; its arguments hold no password. Pure."""
    mounts = [f"type=bind,source={folder},target={folder}"]
    for side in (wish.source, wish.target):
        if side.server.tls:
            ca = str(Path(side.server.authorities).parent)
            mounts.append(f"type=bind,source={ca},target={ca},readonly")
    return [
        *(DOCKER, "run", "--rm", "--network", "host", "--label", f"{LABEL}={_name(wish)}"),
        *(part for mount in dict.fromkeys(mounts) for part in ("--mount", mount)),
        *("--env", f"PGPASSFILE={folder}/pgpass", "--env", "PGOPTIONS=-c default_transaction_read_only=off"),
        *("--env", f"PGAPPNAME={OURS}"),
        *("--entrypoint", command[0], "--", wish.target.server.image, *command[1:]),
    ]


def prefix(wish: Wish) -> str:
    """How the names of this move's folders begin."""
    return f".move-{hashlib.sha256(_name(wish).encode()).hexdigest()[:12]}-"


def end_earlier(wish: Wish, home: Path = HOME) -> None:
    """End what a run that was killed has left at work for this target, or is still about to start there: it would make
    its tables between ours. Their folders go first: Docker starts nothing whose folder is not there.

    :raises StairwayError: when Docker does not do it.
    """
    said: list[str] = []

    def none() -> bool | None:
        for folder in home.glob(f"{prefix(wish)}*"):
            shutil.rmtree(folder, ignore_errors=True)
        listed = check(list_containers({LABEL: _name(wish)}), what="Asking Docker for tools").split()
        if listed:  # one that ends by itself just then cannot be removed a second time: what counts is that it is gone
            said[:] = run(remove(listed)).tail()
        return None if listed else True

    if wait.until(none, seconds=ENDING_SECONDS) is None:
        raise StairwayError(
            "The tools of an earlier run do not end.",
            where=f"the containers with the label {LABEL}={_name(wish)}",
            fix="end them (docker rm --force); then run the same command again",
            log=said,
        )


def _name(wish: Wish) -> str:
    """The move that a container or a folder is of."""
    return f"{wish.app}-{wish.store} to {wish.target.words}"


def _address(side: Side) -> str:
    """Where and who, without the password."""
    server = side.server
    secure = f"sslmode=verify-full sslrootcert={server.authorities}" if server.tls else "sslmode=disable"
    return f"host={server.host} port={server.port} user={side.admin.user} dbname={side.admin.database} {secure}"


def _line(side: Side) -> str:
    """https://www.postgresql.org/docs/current/libpq-pgpass.html"""
    parts = (side.server.host, str(side.server.port), side.admin.database, side.admin.user, side.admin.password)
    if any("\n" in part for part in parts):
        raise StairwayError(f"The password of {side.admin.user} has a line break, which no client takes.")
    return ":".join(part.replace("\\", "\\\\").replace(":", "\\:") for part in parts) + "\n"
