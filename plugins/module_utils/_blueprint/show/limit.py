"""``plan_max_monthly``: a plan that costs more is refused before anything is made. Pure."""

from __future__ import annotations

from decimal import Decimal

from ..._common.errors import StairwayError
from .money import dollars
from .view import View

TOP = 3


def check_limit(view: View, most: float | None) -> None:
    """Refuse a plan whose month after costs more than ``most`` USD. None refuses nothing.

    What is assumed about traffic counts. A plan after which a month costs less than now passes, as refusing it would
    keep the higher price.

    :raises StairwayError: naming what costs most.
    """
    if most is None:
        return
    after, now = view.after.usd, view.now.usd
    if after <= Decimal(str(most)) or after < now:
        return
    rows = sorted((row for row in view.rows if row.after.usd), key=lambda row: -row.after.usd)
    top = ", ".join(f"{row.step.key} {dollars(row.after.usd)}" for row in rows[:TOP])
    raise StairwayError(
        f"A month after this plan would cost {dollars(after)}, more than plan_max_monthly allows. Nothing was touched.",
        expected=f"at most {dollars(Decimal(str(most)))} a month",
        found=f"{dollars(after)}; most of it: {top}",
        where=f"{view.plan.app} {view.plan.stage} in {view.plan.region}",
        fix="take smaller sizes, leave something out, or raise plan_max_monthly",
    )
