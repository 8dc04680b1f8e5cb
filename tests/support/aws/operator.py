"""Who types the commands of a restore, on an emulated account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.engine import plan_for
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.guard import GiveUp
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.model import Plan
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.plan import Goal
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Entry, Found
from ansible_collections.stairway.cloud.plugins.module_utils._restores.moments import shown
from ansible_collections.stairway.cloud.plugins.module_utils._restores.work import Asked, Outcome, Restoring
from tests.support.aws.emulators import REGION
from tests.support.aws.trial import APP, Trial

KNOWN = {"database": kind("database")}


@dataclass
class Operator:
    """Who types the commands. ``told`` are the plans that were shown, ``said`` what happened."""

    trial: Trial
    asked: Asked

    def __post_init__(self) -> None:
        self.told: list[Plan] = []
        self.said: list[str] = []

    def types(self, state: str, at: datetime | str = "", **given: Any) -> Outcome:
        text = at if isinstance(at, str) else shown(at)
        now = datetime.now(timezone.utc) + timedelta(seconds=2)
        asked = replace(self.asked, **{"at": text, "now": now, **given})
        restoring = Restoring(
            self.trial.account, asked, lambda key, what, _s: self.said.append(f"{key}: {what}"), self.told.append
        )
        outcome: Outcome = getattr(restoring, state)()
        return outcome

    def cut(self, state: str, at: datetime | str, call: str, count: int = 1) -> None:
        """The same, killed before the call of that name is made for the ``count``-th time."""
        account, real, made = self.trial.account, self.trial.account.call, []

        def call_or_die(service: str, operation: str, /, **given: Any) -> Any:
            if operation == call:
                made.append(operation)
                if len(made) == count:
                    raise KeyboardInterrupt
            return real(service, operation, **given)

        account.call = call_or_die  # type: ignore[method-assign]
        try:
            with pytest.raises((KeyboardInterrupt, StairwayError)):
                self.types(state, at)
        finally:
            account.call = real  # type: ignore[method-assign]
        assert len(made) == count

    def names(self) -> dict[str, str]:
        """Name -> DB instance; two of one name are told apart by their ids."""
        found = sorted(self.trial.all("database"), key=lambda one: one.id)
        assert len({one.name for one in found}) == len(found), [(one.id, one.name) for one in found]
        return {str(one.name): one.id for one in found}

    def plan(self, **give_up: str) -> Plan:
        """What the next stage would do; its blueprint has the store as it was made."""
        (source,) = [one for one in self.trial.made if one.kind == "database"]
        attrs = {**dict.fromkeys(KNOWN["database"].fields), **wanted(source)}
        goal = Goal(APP, "stage2", REGION, (Entry("database", "db", attrs),), {}, prune=True, give_up=GiveUp(give_up))
        return plan_for(self.trial.account, goal, KNOWN)


def wanted(source: Found) -> dict[str, Any]:
    told_only = ("zone", "iops", "throughput_mibps", "kms_key")
    return {name: value for name, value in source.attrs.items() if name not in told_only}
