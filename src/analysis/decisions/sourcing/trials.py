"""The next round of trials, from what the purchase plan was made of: the same offers, beliefs, grades and rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import CostRow, CostSheet
from analysis.decisions.purchase_plan import PurchaseRule
from analysis.decisions.sourcing.basis import PurchaseInputs
from analysis.decisions.sourcing.purchases import barred_in_bulk, plan_sheet
from analysis.decisions.stock import selling_prices
from analysis.decisions.trial_plan import NOBODY, SMALLEST_TRIAL, Contest, TrialPlan, TrialRule, plan_trials
from analysis.estimates.defect_rate import ForeseenLots, FoundShare, foreseen_lots, inspected_lots
from analysis.estimates.draws import DRAWS
from analysis.months import DAYS_A_MONTH
from analysis.rules import Rules


def next_trials(
    basis: PurchaseInputs,
    plan: pd.DataFrame,
    sizes: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    scorecard: pd.DataFrame,
    drift: pd.DataFrame,
    rules: Rules,
    rule: TrialRule,
    *,
    seed: int,
    currency: str,
) -> TrialPlan:
    """Whom to test next: the trials whose outcome is expected to make the purchase `plan` save more than they cost.

    `sizes`, `tables` and `scorecard` are those that the plan was made from, `drift` from `drift_table`.
    """
    lots = foreseen_lots(inspected_lots(tables["orders"], tables["inspections"]), tables["orders"], drift)
    known = None if lots is None else _Known.of(basis, plan, tables, scorecard, lots, rules)
    by_sku = _by_sku(plan, plan_sheet(basis, sizes, rules))
    ended = basis.sold_no_more
    found = {
        sku: "sold_no_more" if sku in ended else _contest_or_why(row, offers, known) for sku, offers, row in by_sku
    }
    contests = [contest for contest in found.values() if isinstance(contest, Contest)]
    refused = {sku: status for sku, status in found.items() if isinstance(status, str)}
    chances = _nothing if lots is None else lots.chances
    return plan_trials(contests, refused, rule, chances, seed=seed, currency=currency)


def _nothing(supplier: str, pieces: int) -> np.ndarray:
    """What a lot may show where nothing was ever inspected: never asked, since nobody can be compared then."""
    raise ValueError(f"nothing was ever inspected: {pieces} pieces of {supplier!r} cannot be foreseen")


def _by_sku(plan: pd.DataFrame, sheet: CostSheet) -> list[tuple[str, list[CostRow], Any]]:
    """SKU, its offers and its row of the plan, in order of SKU."""
    offers: dict[str, list[CostRow]] = {}
    for offered in sheet.rows:
        offers.setdefault(offered.offer.sku, []).append(offered)
    return [(str(row.sku), offers.get(str(row.sku), []), row) for row in plan.sort_values("sku").itertuples()]


@dataclass(frozen=True)
class _Known:
    """What the contests of a month are made from; `grade` and `inspected` by supplier, `selling` price and pieces `coming` by SKU.

    A trial shows `found_share` of what is defective. `busy` suppliers are ordered from anyhow or have a trial's pieces on the road: what these show costs nothing.
    """

    basis: PurchaseInputs
    lots: ForeseenLots
    rule: PurchaseRule
    grade: pd.Series
    inspected: pd.Series
    busy: pd.Index
    selling: pd.Series
    coming: pd.Series
    found_share: float

    @classmethod
    def of(
        cls,
        basis: PurchaseInputs,
        plan: pd.DataFrame,
        tables: Mapping[str, pd.DataFrame],
        scorecard: pd.DataFrame,
        lots: ForeseenLots,
        rules: Rules,
    ) -> _Known:
        card, road = scorecard.set_index("supplier"), tables["orders"][tables["orders"]["status"] == "open"]
        busy = pd.Index(road.loc[road["quantity"] >= SMALLEST_TRIAL, "supplier"].unique())
        busy = busy.union(pd.Index(pd.concat([plan["supplier"], plan["rest_supplier"]]).dropna().unique()))
        prices = selling_prices(tables["demand"])
        rule = rules.read("purchase_plan", PurchaseRule)
        coming = road.groupby("sku")["quantity"].sum()
        grade = barred_in_bulk(basis, tables, rules).gate(card["grade"])
        found = rules.read("missed_defects", FoundShare).found_share
        return cls(basis, lots, rule, grade, card["inspected"], busy, prices, coming, found)

    def contest(self, row: Any, offers: list[CostRow]) -> Contest:
        """Of the SKU of a plan's row: those that are not grade C and whose cost is known in full, by expected cost."""
        allowed = [o for o in offers if self.grade.get(o.offer.supplier) != "C" and o.cost.complete]
        allowed = sorted(allowed, key=lambda o: (float(o.cost.mean), o.offer.supplier))
        names = pd.Index([o.offer.supplier for o in allowed], dtype="str")
        present = _place(names, row.present_supplier)
        seen = self.inspected.reindex(names).fillna(0).to_numpy() > 0
        seen |= np.arange(len(names)) == present
        traps = np.array([(name, row.sku) in self.basis.traps and name != row.present_supplier for name in names], bool)
        # at a price that nobody has paid yet the plan buys no more than a trial, which bears it out
        if not traps.all():
            seen &= ~traps
        return Contest(
            str(row.sku), tuple(names),
            np.array([np.broadcast_to(o.cost.draws, DRAWS) for o in allowed]).reshape(-1, DRAWS),
            self.lots.cells(self.basis.defect_rates.of(names) * self.found_share),
            seen, ~names.isin(self.busy), present,
            self._months(names, row),
            np.array([o.offer.ladder.list_price for o in allowed], float),
            np.array([o.offer.ladder.minimum for o in allowed], float),
            float(row.demand_per_month), float(self.selling.get(row.sku, np.inf)), self.rule,
        )  # fmt: skip

    def _months(self, names: pd.Index, row: Any) -> np.ndarray:
        """Months of the horizon that are left when a trial's outcome is in, and what is on the road or ordered now is used up."""
        a_month = float(self.basis.lasting.get(row.sku, row.demand_per_month))
        covered = (float(self.coming.get(row.sku, 0)) + float(row.pieces)) / a_month
        waits = np.ones((len(names), 1))
        if self.basis.lead_times is not None:  # known to the first review after it came
            waits = np.maximum(np.ceil(self.basis.lead_times.of(names) / DAYS_A_MONTH), 1.0)
        return np.maximum(self.rule.horizon_months - np.maximum(waits, covered), 0.0).mean(axis=1)

    def compares(self, row: Any, offers: list[CostRow]) -> bool:
        """Whether the plan can weigh others against today's supplier."""
        today = [o for o in offers if o.offer.supplier == row.present_supplier]
        return self.grade.get(row.present_supplier) == "C" or all(o.cost.complete for o in today)


def _place(names: pd.Index, supplier: Any) -> int:
    return NOBODY if pd.isna(supplier) else int(names.get_indexer([supplier])[0])


def _contest_or_why(row: Any, offers: list[CostRow], known: _Known | None) -> Contest | str:
    """The SKU's contest, or why no trial of it is reckoned with (a status of `NO_TRIAL_COLUMNS`)."""
    if not row.demand_per_month > 0:
        return "no_demand"
    if not offers:
        return "no_candidates"
    if known is None:
        return "nothing_inspected"
    found = known.contest(row, offers)
    if not found.suppliers or not known.compares(row, offers):
        return "not_compared"
    return "no_selling_price" if found.planned == NOBODY and not np.isfinite(found.floor) else found
