from __future__ import annotations

from dataclasses import replace

from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.model import Plan, Step
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.tasks import removal, tasks_of
from ansible_collections.stairway.cloud.plugins.module_utils._resource.kind import Found

from .toys import BOX, KINDS, found

CROWD = {**KINDS, "box": replace(BOX, leaves_after=("vault",))}


def going(thing: Found) -> Step:
    return Step("delete", thing.kind, str(thing.name), thing.id, found=thing)


def test_what_leads_users_goes_before_those_who_serve_them() -> None:
    room = found("room", "hall", "r-1", size=3)
    shelf, door = found("shelf", "left", "s-1", room="r-1"), found("vault", "door", "v-1", room="r-1", gb=1)
    box = found("box", "one", "b-1", shelf="s-1", beside=[])
    steps = {one.kind: going(one) for one in (room, shelf, door, box)}
    names = {kind: removal(step) for kind, step in steps.items()}
    plan = Plan("shop", "stage1", "here", tuple(steps.values()))
    assert tasks_of(plan, KINDS)[names["box"]].after == set()
    tasks = tasks_of(plan, CROWD)
    assert tasks[names["box"]].after == {names["vault"]}
    assert tasks[names["shelf"]].after == {names["box"]}
    assert tasks[names["vault"]].after == set()
    assert tasks[names["room"]].after == {names["shelf"], names["vault"]}
