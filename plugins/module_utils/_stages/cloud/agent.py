"""What the CloudWatch agent collects on a machine: the logs of each service, memory, disk, swap, processes, StatsD.

Pure. What the agent accepts: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..._app.model import Service
from ..presets import has_agent
from .agent_setup import script
from .metrics import AGENT
from .site import Entry, Part, Site, filled

# The managed policy CloudWatchAgentServerPolicy reads parameters of such names, and AWS's guides give no others.
PARAMETER = "AmazonCloudWatch-"
STANDARD_BYTES = 4096
LOGS = "/var/log/stairway"
# As docker's «json-file» writes it at the end of each line, in UTC; the app's own times may stand before it.
TIMESTAMP = '"time":"%Y-%m-%dT%H:%M:%S.%fZ'
# Memory that holds no file, and layers of containers, whose disk is that of the machine.
NO_DISKS = ("devtmpfs", "overlay", "squashfs", "sysfs", "tmpfs")


def agent(site: Site) -> Part:
    """In a fleet, which nobody reaches, the configuration and the way to the agent wait in Parameter Store."""
    if site.aspects["compute"] != "fleet" or not has_agent(site.app, site.stage):
        return Part()
    text = json.dumps(configuration(site), separators=(",", ":"))
    entries = (
        _kept("agent", parameter(site), text, "what the CloudWatch agent collects"),
        _kept("agent-setup", setup(site), script(site.name, parameter(site), text), "how a machine becomes watched"),
    )
    names = [{"parameter": entry["parameter"]} for entry in entries]
    return Part(entries, {"agent": [{"actions": ["ssm:GetParameter"], "resources": names}]})


def _kept(name: str, path: str, text: str, what: str) -> Entry:
    tier = "standard" if len(text.encode()) <= STANDARD_BYTES else "advanced"
    return {"parameter": name, "path": path, "type": "text", "value": text, "tier": tier, "description": what}


def parameter(site: Site) -> str:
    """Where a fleet's machines find it."""
    return f"{PARAMETER}{site.name}"


def setup(site: Site) -> str:
    """Where they find what to run after every release; see ``_fleet/agent/watch.py``."""
    return f"{parameter(site)}-setup"


def configuration(site: Site) -> dict[str, Any]:
    """The agent's own JSON. It puts no limit on how long logs are kept: the log group does."""
    spec = site.cloud.watch.agent
    dimensions = {"InstanceId": "${aws:InstanceId}"}
    if site.fleet:
        dimensions["AutoScalingGroupName"] = "${aws:AutoScalingGroupName}"
    return {
        "agent": {
            "metrics_collection_interval": spec.interval_seconds,
            "region": site.cloud.region,
            "run_as_user": "root",  # nobody else may read the files of Docker
        },
        "metrics": {
            "namespace": AGENT,
            "append_dimensions": dimensions,
            # what alarms and widgets name: a machine, and in a fleet all of them
            "aggregation_dimensions": [[name] for name in dimensions],
            "metrics_collected": _metrics(site),
        },
        "logs": {
            "logs_collected": {"files": {"collect_list": list(_files(site))}},
            "log_stream_name": "{instance_id}",
        },
    }


def log_group(site: Site) -> str:
    """Where all services write."""
    return site.cloud.watch.logs.group or f"/stairway/{site.name}"


def _metrics(site: Site) -> dict[str, Any]:
    spec = site.cloud.watch.agent
    processes = spec.processes if spec.processes is not None else _processes(site)
    measured = ["cpu_usage", "memory_rss", "pid_count"]
    statsd = spec.statsd_port
    return filled(
        {
            "mem": {"measurement": ["used_percent"]},
            "swap": {"measurement": ["used_percent"]},
            "disk": {
                "measurement": ["used_percent"],
                "resources": ["*"],
                "ignore_file_system_types": list(NO_DISKS),
                "drop_device": True,
            },
            "procstat": [{"exe": name, "measurement": measured} for name in processes] or None,
            "statsd": {"service_address": f":{statsd}", "metrics_aggregation_interval": 60} if statsd else None,
        }
    )


def _processes(site: Site) -> tuple[str, ...]:
    """What Stairway put on the machine itself."""
    return ("dockerd",) if site.fleet else ("dockerd", site.app.edge.server)


def _files(site: Site) -> Iterator[Entry]:
    for service in site.app.services:
        for name in containers(site, service):
            yield {
                "file_path": f"{LOGS}/{site.name}/{name}/*.log",
                "log_group_name": log_group(site),
                "log_stream_name": f"{{instance_id}}/{name}",
                "timestamp_format": TIMESTAMP,
                "timezone": "UTC",
            }


def containers(site: Site, service: Service) -> list[str]:
    """What a service's containers are called on one machine, without the app's name."""
    if site.fleet:
        # the load balancer knows one port of a machine
        count = 1 if service.port else service.replicas
        return [f"{service.name}-{number}" for number in range(1, count + 1)]
    colours = ("blue", "green")
    return [f"{service.name}-{colour}-{number}" for colour in colours for number in range(1, service.replicas + 1)]
