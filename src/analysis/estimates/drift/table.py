"""Sample against bulk: is what arrives in production worse than the pieces that won the order?

The latest stage that a SKU has reached is judged against the stages before it: bulk against sample and trial pieces, or,
before there is any bulk, trial against sample pieces.

Counts of defects and measurements are both asked, because five sample pieces cannot show a defect rate that rises from 2 % to
20 %, but five weights can show a shift. Lots differ among themselves; a difference that lots show anyway is no drift. Each
row says how large a change would have been seen, so that silence is not taken for proof.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.estimates.defect_rate import DefectRates
from analysis.estimates.drift.counts import CountComparison
from analysis.estimates.drift.measurements import compare_measurements
from analysis.estimates.looks import first_looks

FLAG_FROM = 0.95
"""Posterior probability of worse from which a row is flagged: without any change one row in twenty, at most, is."""
STAGES = ("sample", "trial", "bulk")

DRIFT_COLUMNS = [
    "supplier", "sku", "stage", "kind", "attribute",
    "sample_lots", "sample_pieces", "sample_defective", "production_lots", "production_pieces", "production_defective",
    "sample_value", "production_value", "difference", "difference_low", "difference_high", "lot_sd", "piece_sd",
    "p_worse", "flagged", "detectable", "note",
]  # fmt: skip
"""`stage`: the stage judged, bulk or trial; `production_*` is it, `sample_*` are the stages before. `sample_value`,
`production_value`: defect rate seen, or mean measurement; `difference`: production less sample, with its 90 % credible
interval; `lot_sd`, `piece_sd`: of measurements, between and within lots; `detectable`: smallest production
rate, or shift in the attribute's unit, that would be flagged in 80 % of cases (missing: none would be); `note`: a key, "",
"no_power", "lots_not_replicated" or "direction_unknown"."""
_TEXT = {"supplier", "sku", "stage", "kind", "attribute", "note"}
_WHOLE = {
    "sample_lots",
    "sample_pieces",
    "sample_defective",
    "production_lots",
    "production_pieces",
    "production_defective",
}


def drift_table(
    lots: pd.DataFrame, measurements: pd.DataFrame, fit: DefectRates | None, flag_from: float = FLAG_FROM
) -> pd.DataFrame:
    """One row for each supplier, SKU and way of looking that has lots of its latest stage and of one before it.

    Parameters
    ----------
    lots : DataFrame
        From `inspected_lots`
    measurements : DataFrame
        From `measured_pieces`
    fit : DefectRates or None
        From `fit_lots`; its prior and its lot correlation judge the counts. None: no counts are judged.

    Returns
    -------
    DataFrame
        With the columns `DRIFT_COLUMNS`; empty when no SKU was seen in two stages.
    """
    rows = [] if fit is None else _count_rows(lots, fit, flag_from)
    rows += compare_measurements(_sided(measurements), flag_from)
    judged = _judged_stage(lots, measurements)
    rows = [{**row, "stage": judged[row["supplier"], row["sku"]]} for row in rows]
    table = pd.DataFrame(rows, columns=DRIFT_COLUMNS) if rows else _empty()
    types = {c: "str" if c in _TEXT else "Int64" if c in _WHOLE else float for c in DRIFT_COLUMNS}
    table = table.astype(types | {"flagged": bool})
    return table.sort_values(["supplier", "sku", "kind", "attribute"], na_position="first").reset_index(drop=True)


def _empty() -> pd.DataFrame:
    return pd.DataFrame({c: pd.Series(dtype="str" if c in _TEXT else float) for c in DRIFT_COLUMNS})


def measured_pieces(orders: pd.DataFrame, inspections: pd.DataFrame) -> pd.DataFrame:
    """Measured values with supplier, SKU and stage: `lot supplier sku stage attribute value lower_limit upper_limit`."""
    measured = first_looks(inspections)
    measured = measured[measured["attribute"].notna() & measured["value"].notna()]
    lines = orders.drop_duplicates(["order_id", "line_no"])[["order_id", "line_no", "supplier", "sku", "stage"]]
    placed = measured.merge(lines, on=["order_id", "line_no"], how="inner")
    order, line, batch = (placed[name].astype("str").fillna("") for name in ("order_id", "line_no", "batch"))
    placed["lot"] = order + "\x1f" + line + "\x1f" + batch
    return placed[["lot", "supplier", "sku", "stage", "attribute", "value", "lower_limit", "upper_limit"]]


def _sided(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of known stages, with `production` True for the latest stage that the SKU has reached in them."""
    known = rows[rows["stage"].isin(STAGES) & rows["sku"].notna()]
    step = known["stage"].map(STAGES.index).astype(int)
    return known.assign(production=step == step.groupby([known["supplier"], known["sku"]]).transform("max"))


def _judged_stage(*tables: pd.DataFrame) -> dict[tuple[str, str], str]:
    """The latest stage by supplier and SKU."""
    seen = pd.concat([table.loc[table["stage"].isin(STAGES), ["supplier", "sku", "stage"]] for table in tables])
    steps = seen["stage"].map(STAGES.index).groupby([seen["supplier"], seen["sku"]]).max()
    return {key: STAGES[int(step)] for key, step in steps.items()}


def _count_rows(lots: pd.DataFrame, fit: DefectRates, flag_from: float) -> list[dict[str, Any]]:
    rows = []
    compare = CountComparison(fit.lot_correlation, flag_from)
    priors = dict(zip(fit.categories.labels, fit.categories.on(compare.grid).masses))
    category_of = dict(zip(fit.counts["supplier"], fit.counts["category"]))
    sided = _sided(lots)
    production = sided["production"].to_numpy(dtype=bool)
    defective, inspected = (sided[name].to_numpy(dtype=float) for name in ("defective", "inspected"))
    for (supplier, sku), at in sorted(sided.groupby(["supplier", "sku"]).indices.items()):
        before, after = at[~production[at]], at[production[at]]
        if not (before.size and after.size):
            continue
        prior = priors[category_of[supplier]]
        found = compare(defective[before], inspected[before], defective[after], inspected[after], prior)
        rows.append({"supplier": supplier, "sku": sku, "kind": "count", "attribute": None, **found})
    return rows
