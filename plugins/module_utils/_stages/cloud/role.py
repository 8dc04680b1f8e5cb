"""What the app's machines or tasks may do in AWS: only what the aspects of the stage need. Pure."""

from __future__ import annotations

from .secrets import ENVIRONMENT, store_secrets
from .site import Entry, Part, Site, Statement

SESSIONS = "AmazonSSMManagedInstanceCore"
FULL_LOGS = "CloudWatchLogsFullAccess"
PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
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
    statements = {**given.statements, **(_machine(site) if site.aspects["compute"] == "fleet" else {})}
    return [{"role": "app", "services": ["ec2"], "policies": policies, "statements": statements}]


def _machine(site: Site) -> dict[str, list[Statement]]:
    """What brings a machine of a fleet to its release: it reads what is released and what others have prepared, and
    says how it is. What is released it cannot change.
    """
    partition = PARTITIONS.get(site.cloud.region.rsplit("-", 2)[0], "aws")
    root = f"arn:{partition}:ssm:{site.cloud.region}:*:parameter/stairway/{site.name}"
    secrets = [{"secret": ENVIRONMENT}, *({"secret": name} for name in store_secrets(site))]
    return {
        "machine": [
            {"actions": ["ssm:GetParameter"], "resources": [f"{root}/*"]},
            {"actions": ["ssm:PutParameter"], "resources": [f"{root}/prepared/*", f"{root}/machines/*"]},
            {"actions": ["secretsmanager:GetSecretValue"], "resources": secrets},
        ]
    }


def _once(policies: list[str]) -> list[str]:
    return list(dict.fromkeys(policies))
