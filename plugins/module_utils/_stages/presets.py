"""The stages as data: what each aspect is at each stage (DESIGN.md has the same table in words)."""

from __future__ import annotations

from .._app.model import ASPECTS, App
from .._common.errors import StairwayError

STAGES: dict[str, dict[str, str]] = {
    "local": dict(
        zip(ASPECTS, ("compose", "container", "container", "volume", "file", "local", "http", "logs"), strict=True)
    ),
    "stage1": dict(
        zip(ASPECTS, ("host", "container", "container", "volume", "file", "any", "host", "host"), strict=True)
    ),
    "stage2": dict(
        zip(ASPECTS, ("host", "managed", "container", "volume", "file", "any", "host", "host"), strict=True)
    ),
    "stage3": dict(zip(ASPECTS, ("host", "managed", "managed", "volume", "file", "any", "host", "host"), strict=True)),
    "stage4": dict(
        zip(ASPECTS, ("fleet", "managed", "managed", "s3", "secrets_manager", "ecr", "alb", "full"), strict=True)
    ),
}

# How long others may remember where the app's names lead, and so how long a switch between a host and a fleet takes.
NAMES_SECONDS = 60
FLEETS = ("fleet", "fargate")
# What follows when an app asks for a fleet: several machines share no disk, no env file and no address.
OF_A_FLEET = {aspect: STAGES["stage4"][aspect] for aspect in ("database", "cache", "files", "secrets", "edge")}


def aspects(app: App, stage: str) -> dict[str, str]:
    """Every aspect of the app at a stage: the preset, with the app's own choices over it.

    :raises StairwayError: when there is no such stage.
    """
    if stage not in STAGES:
        raise StairwayError("There is no such stage.", expected=f"one of {', '.join(STAGES)}", found=stage)
    implied = OF_A_FLEET if app.stage.get("compute") in FLEETS else {}
    return {**STAGES[stage], **implied, **app.stage}


def on_fleet(app: App, stage: str) -> bool:
    """Whether the app runs on several machines at a stage; no stage is no fleet."""
    return stage in STAGES and aspects(app, stage)["compute"] in FLEETS


def has_agent(app: App, stage: str) -> bool:
    """Whether machines that Stairway makes have the CloudWatch agent at a stage; no role lets others send."""
    chosen = aspects(app, stage)
    machines = chosen["compute"] in ("host", "fleet") and chosen["watch"] in ("host", "full")
    return app.cloud is not None and machines and app.cloud.watch.agent.install
