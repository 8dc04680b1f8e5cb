"""The table of ``app.cloud.watch``, ``budget`` and ``anomaly``."""

from __future__ import annotations

from . import cloud_model as model
from .cloud_scalars import METRICS, keep_days, log_group, phone
from .fields import FLAG, integer, number, text, word
from .scalars import https_url, name
from .shapes import Field, Items, Scalar, record

METRIC = text(f"one of {', '.join(METRICS)}, or a filter or rate of watch.logs")

FILTER = record(
    model.Filter,
    {
        "name": Field(text("a name", name(30, "filter")), required=True),
        "pattern": Field(text("a pattern such as ERROR"), required=True),
    },
)

RATE = record(
    model.Rate,
    {
        "name": Field(text("a name", name(30, "rate")), required=True),
        "good": Field(text("a filter of watch.logs"), required=True),
        "bad": Field(text("a filter of watch.logs"), required=True),
    },
)

LOGS = record(
    model.Logs,
    {
        "group": Field(text("a name such as /chat/app", log_group)),
        "keep_days": Field(Scalar("integer", "a number of days such as 7, 14 or 30", keep_days), default=30),
        "filters": Field(Items(FILTER), default=[{"name": "errors", "pattern": "ERROR"}]),
        "rates": Field(Items(RATE), default=[]),
    },
    {"retention": "keep_days", "retention_days": "keep_days", "name": "group"},
)

AGENT = record(
    model.Agent,
    {
        "install": Field(FLAG, default=True),
        "interval_seconds": Field(integer(10, 3600, " (seconds)"), default=60),
        "processes": Field(Items(text("the name of a program such as java"))),
        "statsd_port": Field(integer(1024, 65535)),
    },
    {"interval": "interval_seconds", "procstat": "processes", "statsd": "statsd_port", "enabled": "install"},
)

ALARM = record(
    model.Alarm,
    {
        "metric": Field(METRIC, required=True),
        "above": Field(number(0, 1_000_000_000)),
        "below": Field(number(0, 1_000_000_000)),
        "minutes": Field(integer(1, 1440, " (minutes)"), default=5),
        "severity": Field(word("critical", "warning"), default="warning"),
    },
    {"on": "metric", "over": "above", "threshold": "above", "under": "below", "priority": "severity"},
)

WATCH = record(
    model.Watch,
    {
        "logs": Field(LOGS, default={}),
        "alarms": Field(Items(ALARM)),
        "dashboard": Field(Items(METRIC)),
        "sms": Field(Items(text("a number such as +821012345678", phone)), default=[]),
        "https": Field(Items(text("a URL that starts with https://", https_url)), default=[]),
        "recover": Field(FLAG, default=True),
        "restart": Field(FLAG, default=False),
        "agent": Field(AGENT, default={}),
    },
    {
        "email": "alerts.email",
        "slack": "alerts.slack_webhook",
        "alarm": "alarms",
        "log": "logs",
        "widgets": "dashboard",
    },
)

BUDGET = record(
    model.Budget,
    {
        "monthly": Field(integer(1, 10_000_000, " (USD)")),
        "alerts": Field(
            Items(
                record(
                    model.BudgetAlert,
                    {
                        "percent": Field(integer(1, 1000, " (percent)"), required=True),
                        "forecast": Field(FLAG, default=False),
                        "sms": Field(FLAG, default=False),
                    },
                    {"threshold": "percent", "at": "percent"},
                )
            ),
            default=[{"percent": 80}, {"percent": 100}, {"percent": 100, "forecast": True}],
        ),
    },
    {"limit": "monthly", "amount": "monthly", "thresholds": "alerts"},
)

# whom it costs more than so many dollars too much
ANOMALY = integer(1, 1_000_000, " (USD)")
