"""What would change the answer: the price at which another supplier wins, and the defect rate at which the chosen one loses."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.decisions.purchase_plan.candidates import Candidate

WITH_PRICE = ("list_price", "price_step", "platform_fee", "financing", "refunds", "delay", "insurance", "duty", "vat")
WITH_RATE = ("rework", "returns", "refunds", "escaped_defects")
"""Parts of a lot's cost that are so many times the price, and so many times the defect rate."""
MOST = 0.95


def what_changes(chosen: Candidate, others: list[Candidate], margin: float, rate: float) -> dict[str, Any]:
    """`change_supplier` the next best, `change_price` below which it wins, `change_rate` of the chosen above which it does.

    Parameters
    ----------
    chosen : Candidate
        Whom the plan buys from.
    others : list of Candidate
        The rest, best first.
    margin : float
        Money a piece that the next best must be cheaper by, for the answer to change.
    rate : float
        Expected defect rate of the chosen.
    """
    rivals = [each for each in others if each.complete and each.supplier != chosen.supplier]
    if not rivals or not chosen.complete:
        return {}
    rival = min(rivals, key=lambda each: (not each.fits, each.cost))
    gap = rival.cost + margin - chosen.cost
    price = rival.price(rival.row.quantity)
    falls_to = price - max(gap, 0.0) / _a_unit_of_price(rival, price)
    return {
        "change_supplier": rival.supplier,
        "change_price": falls_to if falls_to > 0 else np.nan,
        "change_rate": _rate_at(chosen, rate, chosen.cost + max(gap, 0.0)),
    }


def _a_unit_of_price(of: Candidate, price: float) -> float:
    """Cost a good piece of one more unit of money in the price of a piece."""
    cost, costs, good = of.row.cost, of.row.costs, of.row.cost.good_pieces
    parts = {name: float(np.mean(part / good)) for name, part in cost.components.items()}
    escaping = (
        parts.get("escaped_defects", 0.0) * costs.escaped_price_share * price / max(costs.escape_cost(price), 1e-12)
    )
    return float((sum(parts.get(name, 0.0) for name in WITH_PRICE) + escaping) / price)


def _rate_at(of: Candidate, rate: float, cost: float) -> float:
    """The defect rate at which a good piece costs so much: (C0 + C1 p) / (q (1 - b p)) solved for p; NaN where there is none."""
    if not 0 < rate < 1:
        return np.nan
    lot = of.row.cost
    means = lot.expected
    each = sum(means.get(name, 0.0) for name in WITH_RATE) / rate
    fixed = sum(means.values()) - each * rate
    lost = 1 - of.row.costs.found_share * of.row.costs.rework_share
    found = (cost * lot.quantity - fixed) / (each + cost * lot.quantity * lost)
    return float(found) if rate < found < MOST else np.nan
