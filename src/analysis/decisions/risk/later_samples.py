"""A later sample batch (多批样品) that is clearly worse than the first: the supplier may not be able to repeat what won the order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.decisions.risk.finding_rows import FINDING_COLUMNS, finding_rows
from analysis.reasons import chance, reason

PAIR = ["supplier", "sku"]


def worse_samples(samples: pd.DataFrame, lots: pd.DataFrame, comparison: pd.DataFrame, worse_by: float) -> pd.DataFrame:
    """Findings of the kind "sample_batch": the newest batch of an article that is surely worse than its first one, by defects (at least
    `worse_by` more of the pieces) or by measurement, as long as no lot inspected since has shown as many pieces that are not.

    `samples` from `sample_batches`, `lots` as in `inspected_lots`. The money is what the supplier's offer in `comparison` comes to.
    """
    first = samples[samples["number"] == 1].set_index(PAIR)[["defective", "inspected", "rate"]].add_prefix("first_")
    rows = samples[samples["verdict"] == "worse"].join(first, on=PAIR)
    counted = (rows["p_worse"] >= rows["p_worse_measured"].fillna(0)) & (rows["rate"] - rows["first_rate"] >= worse_by)
    rows = rows.assign(counted=counted, p=np.where(counted, rows["p_worse"], rows["p_worse_measured"]))
    rows = rows[counted | rows["p_worse_measured"].notna()].sort_values("number").drop_duplicates(PAIR, keep="last")
    rows = rows[~_made_good(rows, lots)]
    if rows.empty:
        return pd.DataFrame(columns=FINDING_COLUMNS)
    at_stake = (
        (comparison["unit_price"] * comparison["quantity"].astype(float))
        .groupby([comparison[name] for name in PAIR])
        .max()
    )
    money = at_stake.reindex(pd.MultiIndex.from_frame(rows[PAIR])).to_numpy(float)
    rows = rows.assign(money=money, seen_on=rows["inspected_on"])
    item = [_told({str(name): value for name, value in row.items()}) for row in rows.to_dict("records")]
    return finding_rows("sample_batch", rows, rows["sku"], item, rows["p"])


def _made_good(rows: pd.DataFrame, lots: pd.DataFrame) -> np.ndarray:
    """Of which batch a lot inspected later, sample or not, holds as many pieces: it speaks for the article now."""
    later = (
        rows[[*PAIR, "inspected_on", "inspected"]]
        .reset_index()
        .merge(lots[[*PAIR, "inspected_on", "inspected"]], on=PAIR)
    )
    after = (later["inspected_on_y"] > later["inspected_on_x"]) & (later["inspected_y"] >= later["inspected_x"])
    return rows.index.isin(later.loc[after, "index"])


def _told(row: dict[str, Any]) -> str:
    """Which batch, what was found in it and in the first, and how likely it is worse."""
    values = {"sku": row["sku"], "number": int(row["number"]), "chance": chance(row["p"])}
    if row["counted"]:
        names = ("defective", "inspected", "first_defective", "first_inspected")
        return reason("before_order.risk_sample", **values, **{name: int(row[name]) for name in names})
    return reason(
        "before_order.risk_sample_measured", **values, attribute=row["attribute"], pieces=int(row["measured_pieces"])
    )
