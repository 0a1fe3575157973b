"""What a supplier is rated by: each criterion's draws, and its value function anchored on absolute levels."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.allowed import Allowed, ListOf, Number
from analysis.decisions.stock import season_pieces
from analysis.errors import RuleError
from analysis.estimates.draws import DRAWS, Draws
from analysis.rules import Rules, Section, check_sum

ANCHOR_VALUES = (0.0, 0.4, 0.8, 1.0)
"""The worth of the four anchors: worst acceptable, acceptable, target, stretch."""
ALLOWED: dict[str, Allowed] = {"weight": Number(0, 1), "anchors": ListOf(Number(-math.inf), count=len(ANCHOR_VALUES))}
"""Of a criterion in the rules."""


@dataclass(frozen=True)
class Criterion:
    """A criterion in force: its weight and the levels worth 0, 0.4, 0.8 and 1."""

    name: str
    weight: float
    anchors: tuple[float, float, float, float]

    def value(self, level: np.ndarray) -> np.ndarray:
        """Worth in [0, 1] of a level, piecewise linear between the anchors and flat outside; NaN stays NaN."""
        anchors, worth = np.asarray(self.anchors), np.asarray(ANCHOR_VALUES)
        if anchors[0] > anchors[-1]:
            anchors, worth = anchors[::-1], worth[::-1]
        return np.interp(level, anchors, worth)


@dataclass(frozen=True)
class CriterionEvidence:
    """One criterion's draws in its own unit, and the number of observations behind each supplier's row.

    A supplier with `n` 0 has no evidence of its own. Its row, where there is one, is what the estimate says of an unseen
    supplier; where there is none, `decisions.scorecard` draws it from the suppliers that were seen.
    """

    draws: Draws
    n: pd.Series

    @classmethod
    def of_points(cls, levels: pd.Series, n: pd.Series) -> CriterionEvidence:
        """Levels known without a sampling error, such as a quoted price: the same in every draw."""
        levels = levels.dropna().astype(float)
        draws = Draws(pd.Index(levels.index), np.broadcast_to(levels.to_numpy()[:, None], (len(levels), DRAWS)))
        return cls(draws, n.reindex(levels.index))


@dataclass(frozen=True)
class Measure:
    """Whether more or less of a criterion is better; and what it is, in which unit and, in brackets, from which tables."""

    better: Literal["more", "less"]
    about: str


MEASURED = {
    "profit_margin": Measure("more", "share of the selling price left over a good piece's cost (cost sheet, demand)"),
    "cost_ratio": Measure(
        "less", "cost of a good piece over the market's price for the same thing (cost sheet, quotes)"
    ),
    "price_ratio": Measure("less", "quoted unit price over the market's price for the same thing (quotes)"),
    "minimum_cover": Measure("less", "months of demand that the least order covers, middle SKU (quotes, demand)"),
    "capacity": Measure(
        "more",
        "what it sold on the platform in 30 days over a month's need of the SKUs it quotes (suppliers, quotes, demand)",
    ),
    "lead_time": Measure("less", "median days from order to receipt (orders)"),
    "lead_time_stability": Measure("less", "90 % lead time over median lead time (orders)"),
    "on_time": Measure("more", "probability of arriving by the supplier's promise (orders)"),
    "defect_rate": Measure("less", "share of pieces defective (inspections)"),
    "drift": Measure(
        "less", "probability that the latest stage is worse than the ones before, worst SKU (inspections)"
    ),
    "after_sales_reply": Measure("less", "median hours to a reply after the sale (inquiries)"),
    "credentials": Measure("more", "licences and certificates named (suppliers)"),
    "years_on_platform": Measure("more", "years in business on the platform (suppliers)"),
    "dispute_rate": Measure("less", "share of orders in dispute, last 90 days (suppliers)"),
    "open_risks": Measure("less", "items of the risk list not closed (risks)"),
}
"""What can be rated."""


def criteria_in_force(rules: Rules) -> tuple[Criterion, ...]:
    """The criteria of the rules, checked; `RuleError` says what contradicts itself."""
    section = rules["criteria"]
    criteria = tuple(_criterion(name, table) for name, table in section.tables().items())
    try:
        check_sum((criterion.weight for criterion in criteria), "rules.weights_do_not_sum", month=rules.month)
    except RuleError as error:
        section.refuse_with(error)
    return criteria


def _criterion(name: str, entry: Section) -> Criterion:
    """The criterion `name` of the rules' `entry`, if it can be measured and weight and anchors are what they must be."""
    if name not in MEASURED:
        entry.refuse("rules.unknown_criterion", criterion=name, known=", ".join(MEASURED))
    values = entry.checked(ALLOWED)
    try:
        _check_direction(name, values["anchors"])
    except RuleError as error:
        entry.refuse_with(error)
    return Criterion(name, float(values["weight"]), values["anchors"])


def _check_direction(name: str, anchors: Sequence[float]) -> None:
    """Anchors run from worst to best, and which way is better is the measure's own: never the table's, never the rules'."""
    steps = np.diff(anchors)
    if not (np.all(steps > 0) or np.all(steps < 0)):
        raise RuleError("rules.anchors_not_monotone", criterion=name, anchors=list(anchors))
    better = MEASURED[name].better
    if (anchors[-1] > anchors[0]) != (better == "more"):
        turned = list(anchors)[::-1]
        raise RuleError(f"rules.anchors_{better}_is_better", criterion=name, anchors=list(anchors), turned=turned)


def quoted(quotes: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, CriterionEvidence]:
    """Price against the market's price, mean over each supplier's SKUs."""
    trial = trial_steps(quotes, as_of)
    ratio = (trial["unit_price"] / trial["benchmark_price"]).where(trial["benchmark_price"] > 0)
    by_supplier = ratio.groupby(trial["supplier"])
    return {"price_ratio": CriterionEvidence.of_points(by_supplier.mean(), by_supplier.count())}


def fit_to_need(
    quotes: pd.DataFrame, suppliers: pd.DataFrame, demand: pd.DataFrame, as_of: pd.Timestamp
) -> dict[str, CriterionEvidence]:
    """How the least order and the supplier's own sales compare with what we need; SKUs without demand are left out."""
    trial = trial_steps(quotes, as_of)
    trial = trial.assign(monthly=trial["sku"].map(season_pieces(demand, 1.0)).astype(float))
    trial = trial[trial["monthly"] > 0]
    cover = (trial["min_quantity"].astype(float) / trial["monthly"]).groupby(trial["supplier"])
    need = (trial["monthly"] * trial["unit_price"]).groupby(trial["supplier"]).sum()
    sold = suppliers.drop_duplicates("supplier").set_index("supplier")["sales_30d"].reindex(need.index)
    return {
        "minimum_cover": CriterionEvidence.of_points(cover.median(), cover.count()),
        "capacity": CriterionEvidence.of_points((sold / need).where(need > 0), pd.Series(1, index=need.index)),
    }


def trial_steps(quotes: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The first step, a trial's, of each supplier's and SKU's newest quote still valid on `as_of`."""
    valid = quotes[quotes["valid_until"].isna() | (quotes["valid_until"] >= as_of)]
    # Total order, so that the row kept does not depend on the order of the rows.
    ordered = valid.sort_values(["supplier", "sku", "quoted_on", "min_quantity", "unit_price", "quote_id"])
    pairs = ordered.groupby(["supplier", "sku"], dropna=False)
    newest = ordered[ordered["quoted_on"] == pairs["quoted_on"].transform("max")]
    return newest.groupby(["supplier", "sku"], dropna=False).head(1)


def platform_facts(suppliers: pd.DataFrame) -> dict[str, CriterionEvidence]:
    """Years in business and dispute rate as the platform shows them, and the credentials named."""
    facts = suppliers.set_index("supplier")
    one = pd.Series(1, index=facts.index)
    named = facts["credentials"].map(credentials_named, na_action="ignore").astype(float)
    return {
        "years_on_platform": CriterionEvidence.of_points(facts["years_on_platform"], one),
        "dispute_rate": CriterionEvidence.of_points(facts["dispute_rate_90d"], one),
        "credentials": CriterionEvidence.of_points(named, one),
    }


NO_CREDENTIALS = {"", "无", "没有", "none", "no", "-", "n/a"}


def credentials_named(text: str) -> int:
    """How many licences and certificates a cell names; words for none count as none."""
    named = (part.strip() for part in re.split(r"[、,，;；/\n]|\s{2,}|(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", text))
    return len({part for part in named if part.casefold() not in NO_CREDENTIALS})


def risk_items(risks: pd.DataFrame) -> dict[str, CriterionEvidence]:
    """Items not closed, of every supplier that the risk list names; one that it does not name was not looked at."""
    items = risks.groupby("supplier")["status"]
    still_open = items.agg(lambda words: (words != "closed").sum())
    return {"open_risks": CriterionEvidence.of_points(still_open, items.size())}


def drift_evidence(drift: pd.DataFrame) -> dict[str, CriterionEvidence]:
    """The most probable worsening of each supplier's SKUs, from the table `drift`, and how many ways of looking there were."""
    seen = drift.dropna(subset="p_worse").groupby("supplier")["p_worse"]
    return {"drift": CriterionEvidence.of_points(seen.max(), seen.size())}


def evidence_of(
    tables: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, estimated: Mapping[str, CriterionEvidence]
) -> dict[str, CriterionEvidence]:
    """All criteria's evidence: the estimates', the quotes', the need's, the platform's and the risk list's."""
    fit = fit_to_need(tables["quotes"], tables["suppliers"], tables["demand"], as_of)
    told = quoted(tables["quotes"], as_of) | fit | platform_facts(tables["suppliers"]) | risk_items(tables["risks"])
    return {**told, **estimated}
