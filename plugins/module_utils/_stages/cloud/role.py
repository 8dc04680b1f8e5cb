"""What the app's machines or tasks may do in AWS: only what the aspects of the stage need. Pure."""

from __future__ import annotations

from .site import Entry, Part, Site

SESSIONS = "AmazonSSMManagedInstanceCore"
FULL_LOGS = "CloudWatchLogsFullAccess"
EXECUTION = "service-role/AmazonECSTaskExecutionRolePolicy"


def roles(site: Site, given: Part) -> list[Entry]:
    """``given`` is what all aspects together ask for."""
    asked = [*given.policies, *site.cloud.access.policies]
    if site.cloud.access.logs_full_access:
        asked.append(FULL_LOGS)
    if site.aspects["compute"] == "fargate":
        task = {
            "role": "app",
            "services": ["ecs-tasks"],
            "policies": _once(asked),
            "statements": dict(given.statements),
        }
        settings = {name: one for name, one in given.statements.items() if name == "settings"}
        execution: Entry = {"role": "execution", "services": ["ecs-tasks"], "policies": [EXECUTION]}
        return [task, {**execution, "statements": settings}]
    policies = _once([SESSIONS, *asked])
    return [{"role": "app", "services": ["ec2"], "policies": policies, "statements": dict(given.statements)}]


def _once(policies: list[str]) -> list[str]:
    return list(dict.fromkeys(policies))
