"""Stage 4 of shop, up and down, on both emulators: each step does exactly what it says."""

from __future__ import annotations

from typing import Any

from tests.support.aws.apps import changed, resources
from tests.support.aws.emulators import Emulator
from tests.support.aws.runs import converge, holding, picture, planned, verbs


def supported(emulator: Emulator, stage: str) -> list[dict[str, Any]]:
    return resources("shop", stage, on=emulator.name)


def test_apply_again_change_go_down_destroy(emulator: Emulator) -> None:
    stage4 = supported(emulator, "stage4")
    keys = {"/".join(next(iter(one.items()))) for one in stage4}
    assert len(stage4) >= 45

    # apply to an empty account
    plan, outcome = converge(emulator.account(), stage4)
    assert verbs(plan) == dict.fromkeys(keys, "create")
    assert set(outcome.outputs) == keys
    assert all(outputs["id"] for outputs in outcome.outputs.values())

    # again: nothing to do
    before = picture(emulator.account())
    again, _outcome = converge(emulator.account(), stage4)
    assert (again.changed, verbs(again)) == (False, {})
    assert picture(emulator.account()) == before

    # ten attributes
    altered, expected = changed(stage4)
    plan = planned(emulator.account(), altered)
    seen = {(step.key, one.field) for step in plan.steps for one in step.differences}
    assert seen == expected
    assert len(expected) == 10
    converge(emulator.account(), altered)
    assert verbs(planned(emulator.account(), altered)) == {}

    # down a stage: what holds data stays
    stage3 = supported(emulator, "stage3")
    below = {"/".join(next(iter(one.items()))) for one in stage3}
    plan, _outcome = converge(emulator.account(), stage3)
    assert {key for key, verb in verbs(plan).items() if verb == "create"} == below - keys
    gone = {key for key, verb in verbs(plan).items() if verb == "delete"}
    assert gone <= keys - below
    kept = {step.key for step in plan.steps if step.entry is None and step.verb == "keep"}
    assert gone | kept == keys - below
    assert {"load_balancer/main", "target_group/app", "listener/https"} <= gone
    assert verbs(planned(emulator.account(), stage3)) == {}

    # destroy, with everything given up by name
    everything = {**holding(stage4), **holding(stage3)}
    converge(emulator.account(), [], give_up=everything)
    assert picture(emulator.account()) == {}
