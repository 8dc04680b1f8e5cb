"""What watches the app: log groups, topics, alarms, a dashboard, and attempts to mend. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from .agent import agent, log_group
from .alarms import SEVERITIES, alarms, chosen, names_of
from .metrics import AGENT, Metric, as_line, metrics, namespace
from .site import Entry, Part, Site, Statement, filled
from .stores import SQL

DASHBOARD = (
    "requests",
    "latency_seconds",
    "cpu",
    "memory",
    "database_cpu",
    "database_connections",
    "cache_memory",
)
# What the CloudWatch agent needs, less than CloudWatchAgentServerPolicy gives: its own log group, its own namespace.
AGENT_LOGS = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")


def watch(site: Site) -> Part:
    """``logs`` is nothing in an account, ``host`` everything but a dashboard, ``full`` all of it."""
    if site.aspects["watch"] not in ("host", "full"):
        return Part()
    collected = agent(site)
    entries = [*_log_groups(site), *_topics(site), *alarms(site), *_events(site), *_restart(site), *collected.entries]
    if site.aspects["watch"] == "full":
        entries += list(_dashboard(site))
    return Part(tuple(entries), {"watch": _statements(site), **collected.statements})


def _statements(site: Site) -> list[Statement]:
    spaces = {"StringEquals": {"cloudwatch:namespace": [AGENT, namespace(site)]}}
    return [
        {"actions": list(AGENT_LOGS), "resources": [{"log_group": "app"}]},
        {"actions": ["cloudwatch:PutMetricData"], "resources": ["*"], "conditions": spaces},
        # the agent adds the machine's own tags to what it sends
        {"actions": ["ec2:DescribeTags"], "resources": ["*"]},
    ]


def _log_groups(site: Site) -> Iterator[Entry]:
    logs = site.cloud.watch.logs
    counted = {
        one.name: {"pattern": one.pattern, "namespace": namespace(site), "metric": one.name, "default_value": 0}
        for one in logs.filters
    }
    yield {"log_group": "app", "log_name": log_group(site), "keep_days": logs.keep_days, "metrics": counted}
    for store in site.managed(*SQL):
        for log in store.managed.logs:
            yield {
                "log_group": f"{store.name}-{log}",
                # RDS dictates it: the user guide, "Publishing database logs to Amazon CloudWatch Logs"
                "log_name": f"/aws/rds/instance/{site.name}-{store.name}/{log}",
                "keep_days": logs.keep_days,
            }


def _topics(site: Site) -> Iterator[Entry]:
    spec, mail = site.cloud.watch, [{"email": one} for one in site.app.alerts.email]
    urgent = [*({"sms": one} for one in spec.sms), *({"https": one} for one in spec.https)]
    for severity in SEVERITIES:
        also = urgent if severity == "critical" else []
        yield {"topic": severity, "subscriptions": [*mail, *also], "display_name": f"{site.name} {severity}"}


def _events(site: Site) -> Iterator[Entry]:
    """RDS tells of a failover as an event, not as a metric: RDS-EVENT-0049 and its like have this category."""
    for alarm in chosen(site):
        databases = [f"{site.name}-{store.name}" for store in site.managed(*SQL)]
        if alarm.metric == "database_failover" and databases:
            yield {
                "event_rule": "database-failover",
                "pattern": {
                    "source": ["aws.rds"],
                    "detail-type": ["RDS DB Instance Event"],
                    "detail": {"EventCategories": ["failover"], "SourceIdentifier": databases},
                },
                "targets": {"people": {"topic": alarm.severity}},
                "description": "A database failed over to its standby",
            }
            return


def _restart(site: Site) -> Iterator[Entry]:
    """A first attempt to mend without a person: when a machine is ill, Docker and what had stopped is started."""
    if not site.cloud.watch.restart or site.aspects["compute"] not in ("host", "fleet"):
        return
    words = ("unhealthy_targets",) if site.fleet else ("instance_down", "memory", "cpu")
    ill = [f"{site.name}-{name}" for word in words for name in names_of(site, word)]
    if not ill:
        return
    script = [
        "systemctl is-active --quiet docker || systemctl restart docker",
        f"docker ps --all --quiet --filter label=stairway.app={site.name} --filter status=exited"
        " | xargs --no-run-if-empty docker start",
    ]
    yield {
        "ssm_document": "restart",
        "type": "command",
        "content": {
            "schemaVersion": "2.2",
            "description": f"Start what has stopped of {site.name}",
            "mainSteps": [{"action": "aws:runShellScript", "name": "restart", "inputs": {"runCommand": script}}],
        },
    }
    yield {
        "role": "events",
        "services": ["events"],
        "statements": {"restart": [{"actions": ["ssm:SendCommand"], "resources": ["*"], "conditions": _only(site)}]},
    }
    yield {
        "event_rule": "restart",
        "pattern": {
            "source": ["aws.cloudwatch"],
            "detail-type": ["CloudWatch Alarm State Change"],
            "detail": {"alarmName": ill, "state": {"value": ["ALARM"]}},
        },
        "targets": {
            "restart": {"command": "restart", "role": "events", "instances": {"tag:stairway:app": [site.name]}}
        },
        "description": "Start what has stopped when an alarm rings",
    }


def _only(site: Site) -> Entry:
    return {"StringLikeIfExists": {"ssm:resourceTag/stairway:app": [site.name]}}


def _dashboard(site: Site) -> Iterator[Entry]:
    """Words that are about one thing share a widget with nothing; a stage's missing things are left out."""
    given = site.cloud.watch.dashboard
    logs = site.cloud.watch.logs
    counted = (*(one.name for one in logs.filters), *(one.name for one in logs.rates))
    words = given if given is not None else (*DASHBOARD, *counted)
    widgets = [widget for word in words if (widget := _widget(metrics(site, word))) is not None]
    if widgets:
        yield {"dashboard": "overview", "widgets": widgets}


def _widget(found: list[Metric]) -> Entry | None:
    if not found:
        return None
    if found[0].expression is not None:
        return _formula(found[0])
    return {"title": found[0].title, "width": 8, "lines": [as_line(one) for one in found]}


def _formula(metric: Metric) -> Entry:
    parts = [{**as_line(part), "key": name, "hidden": True} for name, part in metric.parts.items()]
    return {
        "title": metric.title,
        "width": 8,
        "lines": [*parts, filled({"expression": metric.expression, "label": metric.title})],
    }
