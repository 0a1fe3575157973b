"""What each past trial was worth in the end, and the worths its supplier was known to have when it was chosen.

Value of an ordered piece, in units of the product's reference price R, what such a piece costs on the market:

    value = (usable pieces x worth - defective pieces x defect cost) / ordered pieces
            - (paid + returns + financing) / (ordered pieces x R) - delay

A usable piece is worth its selling price where that is known, so that the value is the profit of the piece; else what the rules
say. A defective or returned one is worth nothing, and a defective one costs what its like cost at customers.
Goods that never came are an outcome too: no usable piece, the money gone (or given back, where the order is being refunded).
An order still on its way, not yet inspected, cancelled or unpaid has no outcome yet; `status` says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd

from analysis.allowed import ListOf, OneOf, Rate, Share, WholeDays, allowed_of
from analysis.decisions.offers import goods_paid, price_paid
from analysis.decisions.rating import Worths
from analysis.decisions.stock import selling_prices
from analysis.estimates.looks import first_looks
from analysis.rules import Rules
from analysis.sources.cell_words import STAGES

COMPLETE, NOT_ARRIVED, REFUNDED = "complete", "not arrived", "refunded"
OUTCOMES = (COMPLETE, NOT_ARRIVED, REFUNDED)
"""Statuses that have a value; the others: `open`, `not inspected`, `arrival unknown`, `cancelled`, `unpaid`, `no price`."""


@dataclass(frozen=True)
class OutcomeRules:
    """How losses are counted: section `outcomes` of the rules, and two rates that the house's costs name.

    `worth` of a usable piece whose selling price is not known, in units of R; `defect_cost` of a defective piece in units of R, on top
    of the piece lost: complaints, replacement, customers that leave, as far as such pieces slip through. A day later than promised costs `delay_per_day` of R a piece, for at most `delay_days` days; money tied up
    costs `financing_per_day` of itself, and credit beyond the arrival brings as much; an order open for more than `given_up_days` is taken as lost. `stages`: the orders
    that count as trials; an order without a stage counts.
    """

    worth: Rate
    defect_cost: Rate
    delay_per_day: Share
    delay_days: WholeDays
    financing_per_day: Share
    given_up_days: WholeDays
    stages: Annotated[tuple[str, ...], ListOf(OneOf(tuple(STAGES)))]

    @classmethod
    def of(cls, rules: Rules) -> OutcomeRules:
        """From the rules in force: a day of delay costs what it costs an order, money tied up what early payment costs."""
        rates = {
            "delay_per_day": rules["house_costs"]["delay_share_per_day"],
            "financing_per_day": rules["platform_fees"]["early_payment_per_day"],
        }
        own = {name: allowed for name, allowed in allowed_of(cls).items() if name not in rates}
        return cls(**rules["outcomes"].checked(own), **rates)


def trial_outcomes(tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, rules: OutcomeRules) -> pd.DataFrame:
    """One row a trial line, as known on `as_of`, in the order of `order_id line_no`.

    Columns: `order_id line_no month product supplier quote pieces reference_price status known_month value` and the parts
    of the value a piece, in units of the reference price: `usable defects paid returns financing delay`. `known_month` is the month
    in which the last part of it became known; `value` and the parts are NA without an outcome.
    """
    orders = tables["orders"]
    lines = orders[orders["stage"].isin(rules.stages) | orders["stage"].isna()].copy()
    lines["product"] = lines["sku"].fillna(lines["category"]).fillna("")
    lines["month"] = lines["ordered_on"].dt.strftime("%Y-%m")
    lines = lines.merge(_inspected(tables["inspections"]), on=["order_id", "line_no"], how="left")
    lines = lines.merge(_returned(tables["returns"]), on=["order_id", "line_no"], how="left")
    lines["quote"] = _quote_of(lines, tables["quotes"])
    lines["reference_price"] = lines["product"].map(reference_prices(lines, tables["quotes"])).astype(float)
    selling = lines["product"].map(selling_prices(tables["demand"])).astype(float)
    lines["worth"] = (selling / lines["reference_price"]).where(selling > 0).fillna(rules.worth)
    lines["arrived_on"] = lines["received_on"].fillna(lines["inspected_on"])
    lines["status"] = _status(lines, as_of, rules)
    valued = _value(lines, as_of, rules).where(lines["status"].isin(OUTCOMES))
    known = lines[["arrived_on", "inspected_on", "settled_on"]].max(axis=1)
    given_up = lines["ordered_on"] + pd.Timedelta(days=rules.given_up_days + 1)
    known = known.where(lines["status"].ne(NOT_ARRIVED), given_up).fillna(as_of)
    valued["known_month"] = known.dt.strftime("%Y-%m").where(lines["status"].isin(OUTCOMES))
    columns = ["order_id", "line_no", "month", "product", "supplier", "quote", "quantity", "reference_price", "status"]
    found = pd.concat([lines[columns], valued], axis=1).rename(columns={"quantity": "pieces"})
    return found.sort_values(["order_id", "line_no"], ignore_index=True)


def reference_prices(lines: pd.DataFrame, quotes: pd.DataFrame) -> pd.Series:
    """R of each product: the median market price that its quotes name, else the median price paid."""
    named = quotes[quotes["benchmark_price"] > 0].groupby("sku")["benchmark_price"].median()
    price = price_paid(lines)
    paid = price[price > 0].groupby(lines["product"]).median()
    return named.combine_first(paid)


def _inspected(inspections: pd.DataFrame) -> pd.DataFrame:
    counted = first_looks(inspections)
    counted = counted[counted["inspected"].fillna(0) > 0]
    return counted.groupby(["order_id", "line_no"], as_index=False, dropna=False).agg(
        inspected=("inspected", "sum"), defective=("defective", "sum"), inspected_on=("inspected_on", "max")
    )


def _returned(returns: pd.DataFrame) -> pd.DataFrame:
    return returns.groupby(["order_id", "line_no"], as_index=False, dropna=False).agg(
        returned=("returned", "sum"), return_cost=("cost", "sum"), settled_on=("settled_on", "max")
    )


def _quote_of(lines: pd.DataFrame, quotes: pd.DataFrame) -> pd.Series:
    """The newest quote on the day of the order; where there is none, the order stands for itself."""
    given = quotes.dropna(subset=["quoted_on", "sku"])[["supplier", "sku", "quoted_on", "quote_id"]]
    given = given.sort_values(["quoted_on", "quote_id"], kind="stable").drop_duplicates()
    wanted = lines[["supplier", "sku", "ordered_on"]].reset_index(names="row")
    wanted = wanted.dropna(subset=["sku"]).sort_values("ordered_on", kind="stable")
    matched = pd.merge_asof(wanted, given, left_on="ordered_on", right_on="quoted_on", by=["supplier", "sku"])
    quote = matched.set_index("row")["quote_id"].reindex(lines.index)
    return quote.fillna(lines["order_id"])


def _status(lines: pd.DataFrame, as_of: pd.Timestamp, rules: OutcomeRules) -> np.ndarray:
    arrived, inspected = lines["arrived_on"].notna(), lines["inspected"].fillna(0).gt(0)
    lost = (as_of - lines["ordered_on"]).dt.days > rules.given_up_days
    word = lines["status"]
    cases = [
        (word.isin(["cancelled", "unpaid"]), word),
        (lines["reference_price"].isna(), "no price"),
        (word.eq("refunding"), REFUNDED),
        (arrived & inspected, COMPLETE),
        (arrived, "not inspected"),
        (word.eq("unknown"), "arrival unknown"),
        (lost, NOT_ARRIVED),
    ]
    return np.select([c.to_numpy(bool) for c, _ in cases], [np.asarray(w, object) for _, w in cases], "open")


def _value(lines: pd.DataFrame, as_of: pd.Timestamp, rules: OutcomeRules) -> pd.DataFrame:
    """The value a piece and its parts, whatever the status."""
    pieces, price = lines["quantity"].astype(float), lines["reference_price"]
    came, refunded = lines["status"].eq(COMPLETE), lines["status"].eq(REFUNDED)
    defective = (lines["defective"].astype(float) / lines["inspected"].astype(float) * pieces).fillna(0.0)
    unusable = np.maximum(defective, lines["returned"].astype(float).fillna(0.0)).clip(upper=pieces)
    paid = _paid(lines).where(~refunded, lines["freight"].fillna(0.0))
    until = lines["arrived_on"].fillna(as_of)
    held = (until - lines["paid_on"].fillna(lines["ordered_on"])).dt.days  # below 0: paid after the arrival, on credit
    parts = pd.DataFrame(
        {
            "usable": lines["worth"] * (pieces - unusable).where(came, 0.0) / pieces,
            "defects": rules.defect_cost * defective.where(came, 0.0) / pieces,
            "paid": paid / (pieces * price),
            "returns": lines["return_cost"].astype(float).fillna(0.0) / (pieces * price),
            "financing": rules.financing_per_day * held * _paid(lines) / (pieces * price),
            "delay": rules.delay_per_day * _days_late(lines, until).clip(0, rules.delay_days),
        }
    )
    parts.insert(0, "value", parts["usable"] - parts[["defects", "paid", "returns", "financing", "delay"]].sum(axis=1))
    return parts


def _paid(lines: pd.DataFrame) -> pd.Series:
    """Goods, freight and duty less discount; the amount paid where the goods' amount is not known."""
    total = goods_paid(lines) + lines["freight"].fillna(0.0) + lines["duty"].fillna(0.0)
    return total.fillna(lines["paid_amount"])


def _days_late(lines: pd.DataFrame, until: pd.Series) -> pd.Series:
    """Days after the promise; without a promise, after the median time of the product's received orders."""
    took = (lines["received_on"] - lines["ordered_on"]).dt.days
    usual = lines["product"].map(took.groupby(lines["product"]).median()).fillna(took.median())
    promised = (lines["promised_on"] - lines["ordered_on"]).dt.days.fillna(usual)
    return ((until - lines["ordered_on"]).dt.days - promised).fillna(0.0)


def frozen_worths(scored: Worths, month: str) -> pd.DataFrame:
    """The suppliers' expected worths as they stood when the trials of `month` were chosen.

    `scored` is the scorecard's, made before that month's orders. One row a supplier: `month supplier`, each criterion's mean
    worth and `<criterion>_missing`.
    """
    names = [criterion.name for criterion in scored.criteria]
    worths = pd.DataFrame(scored.mean.T, columns=names)
    missing = pd.DataFrame(scored.missing.T, columns=[f"{name}_missing" for name in names])
    return pd.concat([pd.DataFrame({"month": month, "supplier": scored.suppliers}), worths, missing], axis=1)


def learning_rows(
    outcomes: pd.DataFrame, frozen: pd.DataFrame, criteria: Sequence[str]
) -> tuple[pd.DataFrame, pd.Series]:
    """Trials with an outcome and worths frozen at their choice (the rows of `trial_rows`), and why others are left out.

    `frozen` has one row a month and supplier (and product, where worths differ by product): the criteria's worths, their
    `<criterion>_missing` and, if kept, the `reason` of the choice. The second answer counts trials by reason.
    """
    keys = [name for name in ("month", "product", "supplier") if name in frozen]
    if frozen.duplicated(keys).any():
        raise ValueError(f"frozen: one row for each {', '.join(keys)} is needed; drop the second choice of the same")
    columns = [*keys, *(["reason"] if "reason" in frozen else []), *criteria, *(f"{name}_missing" for name in criteria)]
    joined = outcomes.merge(frozen[columns], on=keys, how="left", indicator="scored_then", validate="many_to_one")
    valued, scored = joined["status"].isin(OUTCOMES), joined["scored_then"].eq("both")
    why = joined["status"].where(~valued, "not scored when chosen")[~(valued & scored)]
    rows = joined[valued & scored].drop(columns="scored_then").reset_index(drop=True)
    if "reason" not in rows:
        rows["reason"] = ""
    flags = {f"{name}_missing": rows[f"{name}_missing"].astype(bool) for name in criteria}
    return rows.assign(pieces=rows["pieces"].astype(float), value=rows["value"].astype(float), **flags), (
        why.value_counts().sort_index().rename("trials")
    )
