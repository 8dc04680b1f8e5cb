"""Money and quantities as people read them. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def dollars(usd: Decimal) -> str:
    """``$1,234.50``; less than half a cent is ``$0.00``."""
    rounded = usd.quantize(CENT, ROUND_HALF_UP)
    return f"-${-rounded:,.2f}" if rounded < 0 else f"${abs(rounded):,.2f}"


def change(usd: Decimal) -> str:
    """``+$3.00``, ``-$3.00`` or ``$0.00``."""
    rounded = usd.quantize(CENT, ROUND_HALF_UP)
    return f"+{dollars(rounded)}" if rounded > 0 else dollars(rounded)


def amount(quantity: Decimal) -> str:
    """``1,460`` or ``0.5``, without zeros at its end."""
    text = f"{quantity:,f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def number(usd: Decimal) -> float:
    """For JSON: four digits, as a bill has fractions of cents."""
    return float(round(usd, 4))
