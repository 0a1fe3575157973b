"""What is to be paid when: unpaid orders, balances of orders paid in part, and the orders that the purchase plan places now.

A balance is due `credit_days` after the arrival, as the supplier's offer that is in force now says (分阶段付款, 账期, 月结, 货到付款), at the arrival where
it has none; an order on the road is reckoned with its expected arrival. Lines of which it is not known what was paid or what they cost have
no row; `not_reckoned` counts them. Money that the platform holds until the goods are confirmed (担保交易) is no payment to come, but it is not to be
released before the inspection: such rows have the kind "release". What a settled refund explains is no balance, and what came back is not held.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.decisions.cash.need import due_chance
from analysis.decisions.offers import PREPAID, Offers, billed, paid_before_refunds, settled_refunds
from analysis.decisions.purchase_plan import placed_orders

PAYMENT_COLUMNS = ["due_on", "kind", "supplier", "order_id", "sku", "amount", "uncertain", "due_chance"]
"""`kind`: unpaid, balance, deposit (of a planned order), planned (its balance), release (held by the platform until the inspection).
`uncertain`: the day rests on an expected arrival. `due_chance`: of falling due within `COMING`."""
KINDS = ("unpaid", "balance", "deposit", "planned", "release")
HALF_A_YUAN = 0.5
"""Less is a rounding and no balance."""


def payments_ahead(
    orders: pd.DataFrame,
    inspections: pd.DataFrame,
    returns: pd.DataFrame,
    offers: Offers,
    plan: pd.DataFrame,
    expected: pd.DataFrame,
    lead_times: pd.DataFrame,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """`PAYMENT_COLUMNS`, the first due first; `expected` is `open_orders` (`order_id line_no expected_on arrives_by_80`), `lead_times`
    those of new orders (`supplier lead_time_median lead_time_p90`)."""
    lines = _of_orders(orders, inspections, returns, offers, expected, as_of)
    parts = [lines, _planned(plan, offers, lead_times, as_of)]
    rows = pd.concat([part for part in parts if len(part)] or parts[1:], ignore_index=True)
    rows["due_on"] = pd.to_datetime(rows["due_on"])
    rows["due_chance"] = due_chance(rows, as_of)
    kinds = {"due_on": "datetime64[us]", "amount": float, "uncertain": bool, "due_chance": float}
    rows = rows[PAYMENT_COLUMNS].astype(dict.fromkeys(PAYMENT_COLUMNS, "str") | kinds)
    return rows.sort_values(["due_on", "supplier", "order_id", "kind", "sku"], na_position="last", ignore_index=True)


def not_reckoned(orders: pd.DataFrame) -> int:
    """Order lines of which nobody knows whether something is still to be paid."""
    return int(_left(_standing(orders)).isna().sum())


def _standing(orders: pd.DataFrame) -> pd.DataFrame:
    return orders[orders["status"].isin(["unpaid", "open", "received"])]


def _paid(lines: pd.DataFrame) -> pd.Series:
    return lines["paid_amount"].astype(float).where(lines["status"] != "unpaid", 0.0)


def _left(lines: pd.DataFrame) -> pd.Series:
    """What is still to be paid; NaN where either side is not known."""
    return billed(lines) - _paid(lines)


def _of_orders(
    orders: pd.DataFrame,
    inspections: pd.DataFrame,
    returns: pd.DataFrame,
    offers: Offers,
    expected: pd.DataFrame,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """By order line: what is still to be paid, and what is paid and not inspected yet."""
    lines = _standing(orders).reset_index(drop=True)
    settled = settled_refunds(lines, returns)["settled"]
    left, paid = _left(lines) - settled, paid_before_refunds(lines, settled) - settled
    lines = _with_expected(lines, expected)
    arrival = lines["received_on"].fillna(lines["expected_on"])
    due = _due_after(lines, arrival, offers)
    lines["credit_days"] = (due - pd.to_datetime(arrival)).dt.days.astype(float)
    median, far = ((pd.to_datetime(lines[name]) - as_of).dt.days for name in ("expected_on", "arrives_by_80"))
    lines["spread"] = _spread(median, far, 0.8)
    unpaid = lines["status"] == "unpaid"
    balance = lines.assign(
        kind=np.where(unpaid, "unpaid", "balance"), amount=left, uncertain=~unpaid & lines["received_on"].isna()
    )
    balance["due_on"] = due.mask(unpaid, as_of + pd.Timedelta(days=1))
    seen = pd.MultiIndex.from_frame(inspections[["order_id", "line_no"]].astype({"line_no": "Int64"}))
    looked = pd.MultiIndex.from_frame(lines[["order_id", "line_no"]].astype({"line_no": "Int64"})).isin(seen)
    held = lines.assign(
        kind="release", amount=paid, due_on=arrival, credit_days=0.0, uncertain=lines["received_on"].isna()
    )
    recent = lines["received_on"].isna() | (lines["received_on"] > as_of - pd.Timedelta(days=RELEASE_DAYS))
    return pd.concat([balance[left > HALF_A_YUAN], held[~unpaid & ~looked & recent & (paid > HALF_A_YUAN)]])


RELEASE_DAYS = 15
"""After which the platform releases the money by itself: an older arrival holds none any more."""


def _with_expected(lines: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    promised = lines["repromised_on"].fillna(lines["promised_on"]) if "repromised_on" in lines else lines["promised_on"]
    if expected.empty:
        return lines.assign(expected_on=promised, arrives_by_80=pd.NaT)
    known = expected.drop_duplicates(["order_id", "line_no"])[["order_id", "line_no", "expected_on", "arrives_by_80"]]
    lines = lines.assign(promise=promised).merge(
        known.astype({"line_no": "Int64"}), on=["order_id", "line_no"], how="left"
    )
    return lines.assign(expected_on=lines["expected_on"].fillna(lines["promise"])).drop(columns="promise")


def _due_after(lines: pd.DataFrame, arrival: pd.Series, offers: Offers) -> pd.Series:
    """The day on which the rest of each line falls due, by the terms of its offer; the arrival's where there is none."""
    terms = {(of.supplier, of.sku): of.payment for of in offers.offers}
    days = [terms.get(pair, PREPAID).due_after(day) for pair, day in zip(zip(lines["supplier"], lines["sku"]), arrival)]
    return pd.Series(pd.to_datetime(days), lines.index).astype("datetime64[us]")


def _planned(plan: pd.DataFrame, offers: Offers, lead_times: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """What the planned orders cost: with the order what the terms ask, the rest after the arrival."""
    rows = placed_orders(plan)
    known = {(of.supplier, of.sku): of for of in offers.offers}
    goods = rows["unit_price"] * rows["pieces"].astype(float)
    usual = lead_times.set_index("supplier")
    spread = _spread(usual["lead_time_median"], usual["lead_time_p90"], 0.9)
    made: list[dict[str, Any]] = []
    placed = as_of + pd.Timedelta(days=1)
    for row, total, price in zip(rows.to_dict("records"), rows["order_total"].fillna(goods), goods):
        offer = known.get((row["supplier"], row["sku"]))
        payment = PREPAID if offer is None else offer.payment
        base = {"supplier": row["supplier"], "order_id": None, "sku": row["sku"], "spread": spread.get(row["supplier"])}
        at_once = price * payment.paid_with_order + total - price  # the carrier is paid with the order
        now = {"kind": "deposit", "due_on": placed, "uncertain": False, "credit_days": 0.0}
        made.append({**base, **now, "amount": at_once})
        leaves = placed + pd.to_timedelta(offer.lead_time_days if offer else np.nan, unit="D")
        later = [
            (leaves if pd.notna(leaves) else row["expected_by"], payment.dispatch_share),
            (payment.due_after(row["expected_by"]), 1 - payment.paid_before),
        ]
        for day, share in later:
            if share > 1e-9:
                after = float((day - row["expected_by"]).days)  # of dispatch less than 0: it moves with the arrival
                late = {"kind": "planned", "due_on": day, "uncertain": True, "credit_days": after}
                made.append({**base, **late, "amount": price * share})
    return pd.DataFrame(made, columns=[*PAYMENT_COLUMNS, "spread", "credit_days"])


def _spread(median: pd.Series, far: pd.Series, share: float) -> pd.Series:
    """Of log days, from their median and the days by which this share is there; missing where either is."""
    return np.log((far + 0.5) / (median + 0.5)) / special.ndtri(share)
