"""One kind through its whole life on an emulator, each step checked against what AWS then describes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.compare import differences
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind as kind_of
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import (
    APP_TAG,
    NAME_TAG,
    Found,
    Kind,
    Scope,
    Wanted,
)

APP = "shop"


@dataclass
class Trial:
    """``make``, ``alter``, ``remove``; references in ``attrs`` are ids of what was made before."""

    account: Account
    made: list[Found] = field(default_factory=list)

    def make(self, kind_name: str, name: str, **attrs: Any) -> Found:
        """Create it; assert that AWS describes what was asked for, field by field, and the tags."""
        kind = kind_of(kind_name)
        wanted = self._wanted(kind, name, attrs)
        made_id = kind.create(self.account, wanted)
        found = self.only(kind, made_id, wanted.aws_name)
        self._same(kind, wanted, found)
        assert {k: found.tags.get(k) for k in wanted.tags} == dict(wanted.tags)
        self.made.append(found)
        return found

    def alter(self, found: Found, **attrs: Any) -> Found:
        """Change it as the engine does: every operation of the table that has a differing field, in order."""
        kind = kind_of(found.kind)
        wanted = self._wanted(kind, str(found.name), attrs)
        fields = {one.field for one in differences(kind, wanted.attrs, found.attrs)}
        assert fields, "nothing differs"
        refused = [name for name in fields if kind.fields[name].change != "in_place"]
        assert not refused, f"{refused} cannot be changed in place"
        ran = [change for change in kind.changes if change.fields & fields]
        assert fields <= set().union(*(change.fields for change in ran)), f"no operation changes all of {fields}"
        for change in ran:
            change.run(self.account, found, wanted)
        again = self.only(kind, found.id, wanted.aws_name)
        self._same(kind, wanted, again)
        return again

    def remove(self, found: Found) -> None:
        """Delete it; assert that it is gone, and that deleting it again is no error."""
        kind = kind_of(found.kind)
        # what an emulator does not know is not there: the account need not wait for it to appear
        self.account._fresh.clear()
        kind.delete(self.account, found)
        scope = Scope(APP, parents=self._parents())
        left = [one for one in kind.describe(self.account, scope) if one.id == found.id and one.state != "deleting"]
        assert left == []
        self.made = [one for one in self.made if one.id != found.id]

    def retag(self, found: Found) -> Found:
        """Add one tag and take it away again."""
        kind = kind_of(found.kind)
        assert kind.retag is not None
        kind.retag(self.account, found, {"team": "blue"}, [])
        tagged = self.only(kind, found.id, found.aws_name or "")
        assert tagged.tags == {**found.tags, "team": "blue"}
        kind.retag(self.account, tagged, {}, ["team"])
        again = self.only(kind, found.id, found.aws_name or "")
        assert again.tags == dict(found.tags)
        return again

    def all(self, kind_name: str) -> list[Found]:
        """Everything of the app."""
        return list(kind_of(kind_name).describe(self.account, Scope(APP, parents=self._parents())))

    def only(self, kind: Kind, made_id: str, aws_name: str) -> Found:
        """The one with this id, asked for alone, when it is ready."""
        names = frozenset({aws_name}) if aws_name else frozenset()
        scope = Scope(APP, names, frozenset({made_id}), only=True, parents=self._parents())
        for _try in range(40):
            found = [one for one in kind.describe(self.account, scope) if one.id == made_id]
            assert len(found) == 1, f"{kind.name} {made_id}: described {len(found)} times"
            if found[0].state != "pending":
                assert found[0].state == "ready", found[0].why
                return found[0]
            time.sleep(0.5)
        raise AssertionError(f"{kind.name} {made_id} does not become ready")

    def _parents(self) -> dict[str, tuple[Found, ...]]:
        kinds = {one.kind for one in self.made}
        return {name: tuple(one for one in self.made if one.kind == name) for name in kinds}

    def _wanted(self, kind: Kind, name: str, attrs: dict[str, Any]) -> Wanted:
        unknown = set(attrs) - set(kind.fields)
        assert not unknown, f"{kind.name} has no {unknown}"
        defaults = {key: one.default for key, one in kind.fields.items() if one.default is not None}
        whole = {**{key: None for key in kind.fields}, **defaults, **attrs}
        for key, value in attrs.items():
            if value is not None:
                assert [str(p) for p in kind.fields[key].shape.problems(value, key)] == []
        aws_name = kind.aws_name(APP, name, whole) if kind.aws_name else ""
        tags = {APP_TAG: APP, NAME_TAG: name, "Name": f"{APP}-{name}"}
        return Wanted(kind.name, name, APP, whole, tags, aws_name, token=f"t{time.time_ns()}")

    @staticmethod
    def _same(kind: Kind, wanted: Wanted, found: Found) -> None:
        assert differences(kind, wanted.attrs, found.attrs) == ()
        assert set(found.outputs) == set(kind.outputs), "the outputs are not those that the kind documents"
