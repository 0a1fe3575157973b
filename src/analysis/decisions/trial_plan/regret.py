"""What a wrong choice of supplier costs: money that a season's purchase is expected to miss against the best choice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.decisions.trial_plan.season_value import SeasonValues
from analysis.estimates.draws import summary

REGRET_COLUMNS = [
    "supplier", "sku", "season", "value_per_piece", "value_per_piece_low", "value_per_piece_high",
    "p_best_value", "expected_regret", "expected_regret_low", "expected_regret_high",
]  # fmt: skip
"""`season` pieces; money in the source's currency. `expected_regret` is a mean over the worlds, `_low` and `_high` the interval of
the regret itself, which is 0 in every world in which the supplier is the best."""


def choice_regret(found: SeasonValues, bad_choice_factor: float, level: float = 0.90) -> pd.DataFrame:
    """Expected regret of buying a whole season of an SKU from each candidate.

        regret_i = season x bad_choice_factor x (max over candidates k of V_k - V_i),   V value a piece in one world

    `REGRET_COLUMNS`, by SKU and from the least regret up. The candidates are those with a known value; an SKU that only one
    supplier offers has no regret, because there is nobody else to choose.
    """
    parts = [_of_sku(found, str(sku), rows, bad_choice_factor, level) for sku, rows in _rivals(found)]
    if not parts:
        return pd.DataFrame(columns=REGRET_COLUMNS)
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["sku", "expected_regret", "supplier"], ignore_index=True)


def _rivals(found: SeasonValues) -> Iterator[tuple[str, np.ndarray]]:
    """SKU and the places of its candidates, for SKUs with a season."""
    wanted = found.candidates[found.candidates["sku"].isin(found.season.index)].reset_index(names="place")
    return ((sku, rows["place"].to_numpy()) for sku, rows in wanted.groupby("sku"))


def _of_sku(found: SeasonValues, sku: str, rows: np.ndarray, factor: float, level: float) -> pd.DataFrame:
    values, season = found.values[rows], float(found.season[sku])
    value, regret = summary(values, level), summary(season * factor * (values.max(axis=0) - values), level)
    best = values == values.max(axis=0)
    names = found.candidates["supplier"].to_numpy()[rows]
    columns = [names, sku, season, *value, (best / best.sum(axis=0)).mean(axis=1), *regret]
    return pd.DataFrame(dict(zip(REGRET_COLUMNS, columns)))


def add_expected_regret(scorecard: pd.DataFrame, regrets: pd.DataFrame) -> pd.DataFrame:
    """`scorecard` with `expected_regret`: money a season that is expected to be missed by buying every SKU that the supplier
    offers from it, rather than each from whoever turns out best.

    Over SKUs with a rival offer; missing where there is none, since nobody can choose wrongly there.
    """
    rivals = regrets.groupby("sku")["supplier"].transform("size") > 1
    total = regrets[rivals].groupby("supplier")["expected_regret"].sum().astype(float)
    return scorecard.assign(expected_regret=scorecard["supplier"].map(total).astype(float))
