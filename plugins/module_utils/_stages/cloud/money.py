"""What warns of money: a budget for the month, and a watch for what is unusual. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._app.cloud_model import Budget, BudgetAlert
from .site import Entry, Part, Site

# As the app spec has them by default.
ALERTS = (BudgetAlert(80, False, False), BudgetAlert(100, False, False), BudgetAlert(100, True, False))


def money(site: Site) -> Part:
    """Both tell the topics of the watch, so there has to be one."""
    if site.aspects["watch"] not in ("host", "full"):
        return Part()
    return Part((*_budget(site), *_anomaly(site)))


def _budget(site: Site) -> Iterator[Entry]:
    cloud = site.cloud
    budget = cloud.budget or (Budget(None, ALERTS) if cloud.plan_max_monthly is not None else None)
    if budget is None:
        return
    yield {
        "budget": "month",
        "monthly_limit": budget.monthly or cloud.plan_max_monthly,
        "notifications": [
            {
                "of": "forecast" if alert.forecast else "actual",
                "percent": alert.percent,
                # the topic of critical alarms goes to the telephones too
                "topic": "critical" if alert.sms else "warning",
            }
            for alert in budget.alerts
        ],
    }


def _anomaly(site: Site) -> Iterator[Entry]:
    least = site.cloud.anomaly
    if least is None:
        return
    mail = list(site.app.alerts.email)
    who: Entry = {"every": "daily", "emails": mail} if mail else {"every": "immediate", "topic": "warning"}
    yield {"anomaly_monitor": "costs", "watch": "app", "least_impact": least, **who}
