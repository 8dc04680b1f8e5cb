"""What the app's user may do at one end, and who may change that.

MongoDB looks at a user's roles with every command, so taking them stops sessions that are open already. What the user
had is kept beside the user itself, so that any process may give it back. FerretDB before 2 knows no roles: there the
password is another one for that time, which keeps new sessions out only. Where we are nobody but the app itself (an
Atlas cluster by its URL), nothing can be taken.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from ..._common import wait
from ..._common.errors import StairwayError
from .wire import Connection, End, MongoError

ROLES, PASSWORD, NOTHING = "roles", "password", ""
PATIENCE_SECONDS = 1.0
_NOTE = "stairway_move"
_NEEDED = {"grantRole", "revokeRole", "killAnySession"}
_WRITES = ("insert", "update", "remove")
# What writes without being called so, by the first word of its command.
_WRITING = {
    *("findAndModify", "findandmodify", "bulkWrite", "commitTransaction", "aggregate", "mapReduce", "create", "drop"),
    *("createIndexes", "renameCollection", "collMod", "dropIndexes", "dropDatabase"),
}


class Rights:
    """Those of ``app``, as ``admin`` may change them."""

    def __init__(self, admin: Connection, app: End) -> None:
        self.admin = admin
        self.app = app
        self._way: str | None = None

    @property
    def way(self) -> str:
        """How writes can be taken from the app."""
        if self._way is None:
            self._way = self._found_way()
        return self._way

    def _found_way(self) -> str:
        if (self.admin.end.user, self.admin.end.source) == (self.app.user, self.app.source):
            return NOTHING
        if self._user() is None:
            return NOTHING
        if "ferretdbVersion" in self.admin.call({"buildInfo": 1}, "admin"):
            return PASSWORD
        may = self.admin.call({"connectionStatus": 1, "showPrivileges": True}, "admin")["authInfo"]
        actions = {action for one in may.get("authenticatedUserPrivileges") or [] for action in one["actions"]}
        return ROLES if actions >= _NEEDED or "anyAction" in actions else NOTHING

    def _user(self) -> dict[str, Any] | None:
        try:
            asked = {"usersInfo": {"user": self.app.user, "db": self.app.source}}
            found = self.admin.call(asked, self.app.source)["users"]
        except MongoError as error:
            if error.unknown:
                return None
            raise
        return dict(found[0]) if found else None

    @property
    def taken(self) -> bool:
        """Whether they stand as :meth:`take` has left them.

        :raises StairwayError: when the server cannot be reached.
        """
        if self.way == ROLES:
            return _NOTE in ((self._user() or {}).get("customData") or {})
        if self.way == PASSWORD:
            return not self._lets_in()
        return False

    def _lets_in(self) -> bool:
        try:
            Connection(self.app).close()
        except StairwayError as error:
            if isinstance(error.__cause__, MongoError):
                return False
            raise
        return True

    def take(self) -> None:
        """From now on the app may read, and no write of it succeeds any more; with PASSWORD none of a new session."""
        if self.way == PASSWORD:
            self._change(pwd=secrets.token_urlsafe(24))
        if self.way != ROLES:
            return
        user = self._user() or {}
        data = dict(user.get("customData") or {})
        if _NOTE not in data:
            data[_NOTE] = {"roles": user.get("roles") or []}
        self._change(roles=[{"role": "read", "db": self.app.database}], customData=data)

    def give(self) -> None:
        """What :meth:`take` took; nothing where nothing was."""
        if self.way == PASSWORD:
            self._change(pwd=self.app.password)
        if self.way != ROLES:
            return
        data = dict((self._user() or {}).get("customData") or {})
        note = data.pop(_NOTE, None)
        if note is not None:
            self._change(roles=note["roles"], customData=data)

    def _change(self, **what: Any) -> None:
        self.admin.call({"updateUser": self.app.user, **what}, self.app.source)

    def end_writes(self, until: float) -> None:
        """What the app had begun before its rights were taken is ended; a transaction would ask for none at its commit.

        :raises StairwayError: when it goes on until then.
        """
        if self.way != ROLES:
            return
        asked = {"currentOp": 1, "active": True, "effectiveUsers.user": self.app.user}
        patience = min(until, time.monotonic() + PATIENCE_SECONDS)
        while self._writes(asked) and time.monotonic() < patience:
            wait.pause(0.02)
        self.admin.call({"killAllSessions": [{"user": self.app.user, "db": self.app.source}]}, "admin")
        while self._writes(asked):
            if time.monotonic() > until:
                raise StairwayError("What the app had begun has not ended.", where=self.admin.where)
            wait.pause(0.02)

    def _writes(self, asked: dict[str, Any]) -> bool:
        found = self.admin.call(asked, "admin").get("inprog") or []
        return any(one.get("op") in _WRITES or next(iter(one.get("command") or {}), "") in _WRITING for one in found)
