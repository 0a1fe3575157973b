"""SKUs that sell no more, so that nobody should order them by the average of all their months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd

from analysis.allowed import Chance, Number
from analysis.decisions.stock.demand import complete_months

STOPPED_COLUMNS = ["empty_months", "silent_months", "noted_months", "sold_months", "last_month", "newest_month"]


@dataclass(frozen=True)
class StoppedRule:
    """Section `stopped_selling` of config/rules.toml.

    Attributes
    ----------
    least_chance : float
        Of as many last months without a sale, by the months before them, below which an SKU counts as sold no more.
    silent_months : int
        Last months without a row of it, while the sheet goes on for others, from which nobody knows whether it still sells.
    """

    least_chance: Chance
    silent_months: Annotated[int, Number(1, 120, whole=True)]


def stopped_selling(demand: pd.DataFrame, as_of: pd.Timestamp, rule: StoppedRule) -> pd.DataFrame:
    """The SKUs of the canonical `demand` table that sell no more, or of which nobody knows it any more: index SKU, `STOPPED_COLUMNS`.

    Of n months up to the last sale s had one: then a month passes without one with probability (n - s + 1) / (n + 2) (Laplace's rule), and
    `empty_months` k of them in a row with its k-th power. Where the same months of the year before had none either, it is the season.
    `silent_months` have no row at all; they count where no earlier gap was as long.
    """
    table, month = complete_months(demand, as_of)
    rows = pd.DataFrame({"sku": table["sku"].to_numpy(str), "at": month.year * 12 + month.month - 1})
    rows["sold"] = (table["units"].astype(float) > 0).to_numpy()
    rows = rows.groupby(["sku", "at"], as_index=False)["sold"].any()
    if rows.empty:
        return pd.DataFrame(columns=STOPPED_COLUMNS)
    last_sale = rows["at"].where(rows["sold"]).groupby(rows["sku"]).transform("max")
    rows["after"] = rows["at"] > last_sale
    year_before = rows.loc[~rows["sold"], ["sku", "at"]].assign(at=lambda of: of["at"] + 12, quiet_before=True)
    rows = rows.merge(year_before, on=["sku", "at"], how="left")
    rows["unusual"] = rows["after"] & rows["quiet_before"].isna()
    rows["gap"] = rows.groupby("sku")["at"].diff().fillna(1) - 1
    by = rows.groupby("sku")
    empty, noted, sold = by["after"].sum(), by["at"].size() - by["after"].sum(), by["sold"].sum()
    newest = int(rows["at"].max())
    silent = newest - by["at"].max()
    chance = ((noted - sold + 1) / (noted + 2)) ** empty
    over = by["unusual"].any() & (chance < rule.least_chance)
    unknown = (silent >= rule.silent_months) & (silent > by["gap"].max())
    found = pd.DataFrame(
        {
            "empty_months": empty.where(over, 0), "silent_months": silent.where(unknown, 0), "noted_months": noted, "sold_months": sold,
            "last_month": _text(by["at"].max()), "newest_month": _text(pd.Series(newest, sold.index)),
        }
    )  # fmt: skip
    return found[(sold > 0) & (over | unknown)][STOPPED_COLUMNS]


def _text(at: pd.Series) -> pd.Series:
    numbers = at.to_numpy(int)
    return pd.Series([f"{n // 12:04d}-{n % 12 + 1:02d}" for n in np.asarray(numbers)], at.index, dtype="str")
