"""From the sum expected of an order line to the sum paid, link by link, so that the differences of a line add up to it exactly.

    paid - (quoted price x quantity + freight due + duty due - discount beyond the price - money credited)
        = (unit price - quoted price) x quantity
          - discount that makes the price                   price
        + goods amount - unit price x quantity              quantity
        + freight - freight due                             freight
        + duty - duty due                                   duty
        + paid + credited - (goods + freight + duty - discount)   the charge that it equals, else unexplained

A seller who lists 3.00 and takes 25.00 off an order of 50 pieces sells at 2.50: a discount down to the quoted price, and every
surcharge, make the price; what is taken off beyond is a discount. A payment shown net of a return that is settled is explained.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.sourcing.differences import LINE, Tolerances

HALF_A_FEN = 0.005
"""A unit price is written to the fen: times the quantity it may be off the goods' amount by so much a piece."""


def chain_of(lines: pd.DataFrame) -> pd.DataFrame:
    """The links from the sum expected to the sum paid: one column each, adding up to paid - expected; NaN counts as no link.

    `lines`: `quantity unit_price quoted_price goods_amount freight freight_due duty discount paid_amount`; a duty is not due
    (a domestic purchase has none) unless a column `duty_due` says so, and nothing was settled unless `settled` (money) does.
    """
    quoted = lines["quoted_price"].fillna(lines["unit_price"])
    above = (lines["unit_price"] - quoted) * lines["quantity"]
    zero = lines[["freight", "duty", "discount"]].fillna(0.0)
    duty_due = lines.get("duty_due", 0.0)
    billed = lines["goods_amount"] + zero["freight"] + zero["duty"] - zero["discount"]
    return pd.DataFrame(
        {
            "price": above - _discount_in_price(lines),
            "quantity": lines["goods_amount"] - lines["unit_price"] * lines["quantity"],
            "freight": zero["freight"] - lines["freight_due"].fillna(0.0),
            "duty": zero["duty"] - duty_due,
            "payment": lines["paid_amount"] + _credited(lines, billed) - billed,
        }
    )


def _discount_in_price(lines: pd.DataFrame) -> pd.Series:
    """The part of each discount that makes the price: down to the quoted price, and the whole of a surcharge."""
    above = ((lines["unit_price"] - lines["quoted_price"]) * lines["quantity"]).clip(lower=0)
    return np.minimum(lines["discount"].fillna(0.0), above).fillna(0.0)  # without a quote every discount is one


def _credited(lines: pd.DataFrame, billed: pd.Series) -> pd.Series:
    """What a payment shown net is short of, as far as settled returns explain it."""
    settled = lines.get("settled", pd.Series(0.0, index=lines.index))
    return np.minimum((billed - lines["paid_amount"]).clip(lower=0), settled).fillna(0.0)


def chain_differences(lines: pd.DataFrame, limits: Tolerances) -> pd.DataFrame:
    """The links that are out of tolerance, with what was expected and found; what is not due yet is none."""
    links, parts = chain_of(lines), []
    links["payment"] = links["payment"].mask(lines["not_due"] & (links["payment"] < 0))
    for link, (stage, expected, actual, limit) in _compared(lines, limits).items():
        out = links[link].abs() > limit + 1e-9
        told = {"expected": expected[out], "actual": actual[out], "difference": links.loc[out, link], "told": link}
        parts.append(lines.loc[out, [*LINE, "supplier", "sku"]].assign(stage=stage, reason=link, **told))
    rows = pd.concat(parts)
    paid = rows["reason"] == "payment"
    wrong = rows.loc[paid, "difference"]
    rows.loc[paid, "reason"] = [_equal_charge(lines.loc[at], wrong.loc[at], limits) for at in wrong.index]
    return rows


def _compared(lines: pd.DataFrame, limits: Tolerances) -> dict[str, tuple[Any, ...]]:
    """By link: the stage, what was expected, what was found, and the difference that nobody asks about."""
    quoted, amount = lines["quoted_price"], limits.amount
    billed = lines["goods_amount"] + lines[["freight", "duty"]].fillna(0).sum(axis=1) - lines["discount"].fillna(0)
    rounded = np.maximum(HALF_A_FEN * lines["quantity"], amount)
    price_limit = np.maximum(limits.price_share * quoted * lines["quantity"], amount)
    return {
        "price": ("order", quoted, lines["unit_price"] - _discount_in_price(lines) / lines["quantity"], price_limit),
        "quantity": ("order", lines["unit_price"] * lines["quantity"], lines["goods_amount"], rounded),
        "freight": ("order", lines["freight_due"], lines["freight"], amount),
        "duty": ("order", 0.0 * billed + lines.get("duty_due", 0.0), lines["duty"], amount),
        "payment": ("payment", billed, lines["paid_amount"] + _credited(lines, billed), amount),
    }


def _equal_charge(line: pd.Series, difference: float, limits: Tolerances) -> str:
    """The charge of the line that the wrong payment equals, left out or taken twice; else whole pieces; else unexplained."""
    for why in ("freight", "discount", "duty"):
        if line[why] and abs(abs(difference) - abs(line[why])) <= limits.amount:
            return why
    pieces = difference / line["unit_price"] if line["unit_price"] else np.nan
    if np.isfinite(pieces) and round(pieces) and abs(pieces - round(pieces)) * line["unit_price"] <= limits.amount:
        return "quantity"
    return "unexplained"
