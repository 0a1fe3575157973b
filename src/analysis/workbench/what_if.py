"""Ranks, grades and purchase plan under other limits and weights, from the month's own draws; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.allowed import Number, in_words
from analysis.assessment import MONEY_CRITERIA, Assessment, rate_suppliers
from analysis.decisions.rating import Criterion
from analysis.decisions.sourcing import best_sizes, buying_basis, lot_correlation_of, purchase_plan
from analysis.decisions.weights import criteria_in, read_ledger
from analysis.errors import AnalysisError, RuleError
from analysis.estimates.lead_time import DELIVERY_CRITERIA
from analysis.house_rules import check_rules
from analysis.month import SEED, ReviewMonth
from analysis.reporting.sentences import worded_table
from analysis.reporting.words import ABSENT
from analysis.rules import Rules
from analysis.sources.tables import TABLES
from analysis.wording import near_names, say

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class WhatIf:
    """Before and after, side by side: `ranks`, `grades` (those that change), `plan` (a row an SKU) and the whole `scorecard`."""

    ranks: pd.DataFrame
    grades: pd.DataFrame
    plan: pd.DataFrame
    scorecard: pd.DataFrame

    def _repr_html_(self) -> str:
        moved = self.plan[self.plan["changed"]].drop(columns="changed")
        told = (("what_if_ranks", self.ranks.round(1)), ("what_if_grades", self.grades), ("what_if_plan", moved))
        return "".join(_titled(name, table) for name, table in told)


def _titled(name: str, table: pd.DataFrame) -> str:
    """A table under its title; without a row it says so, where bare heads would look like something lost."""
    body = table.to_html(index=False, na_rep=ABSENT) if len(table) else f"<p>{say('run.what_if_same', 'en')}</p>"
    return f"<p><b>{say(f'run.{name}', 'en')}</b></p>{body}"


def try_out(
    review: ReviewMonth,
    tables: Tables,
    sections: Mapping[str, Mapping[str, Any]],
    weights: Mapping[str, float],
    seed: int,
) -> WhatIf:
    """The month as it stands against the same month with values of `sections` of config/ and `weights` of criteria replaced."""
    standing = criteria_in(review.rules, read_ledger(review.weights_file))
    rules = with_values(review.rules, sections)
    changed = criteria_in(rules, read_ledger(review.weights_file)) if "criteria" in sections else standing
    wanted = with_weights(changed, weights)
    before, after = (_outcome(review, tables, *each, seed) for each in ((review.rules, standing), (rules, wanted)))
    return _beside(before, after)


def with_values(rules: Rules, sections: Mapping[str, Mapping[str, Any]]) -> Rules:
    """`rules` with some values replaced; `RuleError` for a section, value or number that the rules do not have or allow."""
    replaced = dict(rules.sections)
    for name, values in sections.items():
        section = rules[name]
        for key in values:
            section[key]  # an unknown one is told by name
        replaced[name] = {**rules.sections[name], **values}
    changed = replace(rules, sections=replaced)
    check_rules(changed)
    return changed


SHARE = Number(0, 1)


def with_weights(criteria: tuple[Criterion, ...], weights: Mapping[str, float]) -> tuple[Criterion, ...]:
    """`criteria` with the `weights` named; the others share the rest in their proportions."""
    known = [criterion.name for criterion in criteria]
    for name, weight in weights.items():
        if name not in known:
            raise AnalysisError("run.what_if_unknown", name=name, near=near_names(name, known))
        if not SHARE.takes(weight):
            raise RuleError("rules.asked_not_allowed", value=name, reads=weight, **in_words(SHARE))
    others = sum(criterion.weight for criterion in criteria if criterion.name not in weights)
    rest = 1 - sum(weights.values())
    if rest < -1e-9 or (others <= 0 and abs(rest) > 1e-9):
        raise AnalysisError("run.what_if_weights", total=sum(weights.values()))
    scale = max(rest, 0.0) / others if others > 0 else 0.0
    return tuple(replace(each, weight=weights.get(each.name, each.weight * scale)) for each in criteria)


def assessed(
    review: ReviewMonth,
    tables: Tables,
    rules: Rules | None = None,
    criteria: tuple[Criterion, ...] | None = None,
    seed: int = SEED,
) -> Assessment:
    """The month's scorecard with the worths behind it, from the draws that its notebooks wrote; None: as it stands."""
    read, rules = review.store.read_draws, rules or review.rules
    criteria = criteria or criteria_in(review.rules, read_ledger(review.weights_file))
    canonical = {name: tables[name] for name in TABLES}
    before = tables["previous_scorecard"]
    held = before.set_index("supplier")["grade"] if len(before) else None
    estimated = {name: read(name) for name in (*DELIVERY_CRITERIA, *MONEY_CRITERIA)}
    rated = canonical, review.as_of, rules, read("defect_rate"), estimated, tables["drift"], seed, held, criteria
    return rate_suppliers(*rated)


def _outcome(
    review: ReviewMonth, tables: Tables, rules: Rules, criteria: tuple[Criterion, ...], seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scorecard and purchase plan."""
    card = assessed(review, tables, rules, criteria, seed).scorecard
    canonical, read = {name: tables[name] for name in TABLES}, review.store.read_draws
    draws = read("bulk_rate"), read("next_lead_time")
    alike = lot_correlation_of(tables["defect_rates"])
    basis = buying_basis(canonical, review.as_of, rules, review.currency, *draws, seed, alike)
    sizes = best_sizes(basis, rules["stock"]["longest_cover_days"])
    return card, purchase_plan(basis, sizes, canonical, card, review.as_of, rules)


def _beside(before: tuple[pd.DataFrame, pd.DataFrame], after: tuple[pd.DataFrame, pd.DataFrame]) -> WhatIf:
    columns = ["supplier", "category", "rank", "rating", "grade"]
    ranks = before[0][columns].merge(after[0][columns], on=["supplier", "category"], suffixes=("_before", "_after"))
    ranks = ranks.assign(change=ranks["rank_before"] - ranks["rank_after"]).sort_values("rank_after", ignore_index=True)
    told = worded_table(after[0])[["supplier", "grade_reason"]]
    grades = ranks.loc[ranks["grade_before"] != ranks["grade_after"], ["supplier", "grade_before", "grade_after"]]
    return WhatIf(ranks, grades.merge(told, on="supplier"), _plans(before[1], after[1]), after[0])


def _plans(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    shown = ["action", "supplier", "pieces", "order_total", "cost_per_good_piece"]
    both = before[["sku", *shown]].merge(after[["sku", *shown]], on="sku", how="outer", suffixes=("_before", "_after"))
    same = [(both[f"{name}_before"] == both[f"{name}_after"]) | both[[f"{name}_before", f"{name}_after"]].isna().all(axis=1) for name in shown[:3]]  # fmt: skip
    return both.assign(changed=~pd.concat(same, axis=1).all(axis=1))
