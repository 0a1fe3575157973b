"""Tables of defect, severity, checklist, return and rework rates: what notebook 02 shows and the report prints."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from analysis.estimates.defect_rate.found_share import ALL_FOUND, FoundShare
from analysis.estimates.defect_rate.lot_evidence import lot_evidence
from analysis.estimates.defect_rate.lot_variation import USUAL_LOT_CORRELATION
from analysis.estimates.defect_rate.posterior import DefectRates, fit_defect_rates, rates_by_block
from analysis.estimates.defect_rate.rate_mixture import RateMixture
from analysis.estimates.draws import DRAWS, Draws
from analysis.estimates.looks import first_looks

SEVERITIES = ("critical", "major", "minor")
CHECKLIST = (
    "appearance", "size", "function", "packaging", "quantity_match", "labelling", "accessories", "as_described",
    "material",
)  # fmt: skip
ITEMS = (*SEVERITIES, *CHECKLIST)
NOT_ASSESSED = "no inspections"
AT_ONCE = 5_000
"""Suppliers whose posteriors are in memory together when they are many."""

LOT_COLUMNS = [
    "order_id", "line_no", "batch", "supplier", "sku", "category", "stage", "inspected_on", "inspected", "defective", *ITEMS
]  # fmt: skip
RATE_COLUMNS = [
    "supplier", "sku", "level", "category", "inspected", "defective", "lots", "defect_rate", "defect_rate_low",
    "defect_rate_high", "p_over_limit", "limit", "pieces_to_settle", "inverse_yield", "lot_correlation",
]  # fmt: skip
SHOWN = ["supplier", "sku", "category", "stage", "inspected", "defective"]
"""What a lot shows; lots alike in it are counted."""
ITEM_COLUMNS = ["supplier", "item", "kind", "inspected", "failed", "rate", "rate_low", "rate_high"]
RETURN_COLUMNS = ["supplier", "kind", "received_pieces", "pieces", "rate", "rate_low", "rate_high"]


def inspected_lots(orders: pd.DataFrame, inspections: pd.DataFrame) -> pd.DataFrame:
    """One row a lot (order line and batch) with its counts, its supplier and its stage.

    Rows that hold a measurement and no count are no count evidence and are left out; counts that are repeated beside each
    measurement of an inspection count once; inspections of one lot on several days are added, second looks at the
    same pieces left out. An item that was never
    filled in for a lot stays missing. Inspections of an order that is not in `orders` are left out: their supplier is
    unknown. A missing line number finds the order's line when the order has one, else only its supplier.

    Returns
    -------
    DataFrame
        With the columns `LOT_COLUMNS`; counts Int64, `inspected_on` the last day.
    """
    counted = first_looks(inspections)
    counted = counted[counted["inspected"].notna() & counted["defective"].notna()]
    counted = counted[counted["inspected"] > 0]
    if counted.empty:
        return _empty_lots().copy()
    measured = counted["attribute"].notna() | counted["value"].notna()
    told = ["order_id", "line_no", "batch", "inspected_on", "inspected", "defective"]
    counted = pd.concat([counted[~measured], counted[measured]]).reset_index(drop=True)
    repeated = counted.duplicated(told) & (counted["attribute"].notna() | counted["value"].notna())
    placed = _with_order(orders, counted[~repeated])
    if placed.empty:
        return _empty_lots().copy()
    rules = {"inspected_on": "max", "inspected": "sum", "defective": "sum"}
    grouped = placed.groupby(
        ["order_id", "line_no", "batch", "supplier", "sku", "category", "stage"],
        dropna=False,
        as_index=False,
        sort=True,
    )
    lots = grouped.agg(rules).join(grouped[[*ITEMS]].sum(min_count=1)[[*ITEMS]])
    return lots[LOT_COLUMNS].astype(dict.fromkeys(("inspected", "defective", *ITEMS), "Int64"))


@cache
def _empty_lots() -> pd.DataFrame:
    counts = dict.fromkeys(("line_no", "inspected", "defective", *ITEMS), "Int64")
    types = {name: counts.get(name, "str") for name in LOT_COLUMNS} | {"inspected_on": "datetime64[us]"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})


def _with_order(orders: pd.DataFrame, inspections: pd.DataFrame) -> pd.DataFrame:
    """Supplier, SKU, category and stage of each inspection's order line."""
    facts = ["supplier", "sku", "category", "stage"]
    lines = orders.drop_duplicates(["order_id", "line_no"])[["order_id", "line_no", *facts]]
    exact = inspections.merge(lines, on=["order_id", "line_no"], how="inner")
    no_line = inspections[inspections["line_no"].isna()]
    if no_line.empty:
        return exact
    mine = lines[lines["order_id"].isin(no_line["order_id"])]
    one_fact = mine.groupby("order_id")[facts].agg(lambda v: v.iloc[0] if len(set(v.fillna(""))) == 1 else None)
    only_line = mine.drop_duplicates("order_id", keep=False).set_index("order_id")["line_no"]
    exact = exact[exact["line_no"].notna()]
    whole = no_line.merge(one_fact.reset_index(), on="order_id", how="inner")
    whole["line_no"] = whole["order_id"].map(only_line).astype("Int64")
    return pd.concat([exact, whole[whole["supplier"].notna()]], ignore_index=True)


def fit_lots(lots: pd.DataFrame, orders: pd.DataFrame) -> DefectRates | None:
    """Posterior defect rates of every supplier inspected or ordered from; None when nothing was inspected."""
    if lots.empty:
        return None
    rows = lots_and_strangers(lots, orders)
    return fit_defect_rates(
        rows["defective"].to_numpy(dtype=np.int64),
        rows["inspected"].to_numpy(dtype=np.int64),
        rows["supplier"],
        sku=rows["sku"],
        category=rows["category"],
        stage=rows["stage"],
        lots=rows["lots"].to_numpy(dtype=np.int64),
    )


def count_lots(lots: pd.DataFrame) -> pd.DataFrame:
    """Lots alike in `SHOWN` counted once, with how many they are (`lots`), unless they are so already: all that the rates need to know of them."""
    if "lots" in lots:
        return lots[[*SHOWN, "lots"]]
    return lots.assign(lots=1).groupby(SHOWN, dropna=False, sort=True, as_index=False)["lots"].sum()


def lots_and_strangers(lots: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """The lots, counted, and a row without pieces for each supplier and SKU ordered but never inspected."""
    return pd.concat([count_lots(lots), _never_inspected(lots, orders).assign(lots=1)], ignore_index=True)


def _never_inspected(lots: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """A row without pieces for each supplier, SKU and category ordered where that SKU of that supplier was never inspected."""
    ordered = orders[["supplier", "sku", "category"]].drop_duplicates()
    seen = pd.MultiIndex.from_frame(lots[["supplier", "sku"]].fillna(""))
    new = ordered[~pd.MultiIndex.from_frame(ordered[["supplier", "sku"]].fillna("")).isin(seen)]
    return new.assign(inspected=0, defective=0, stage=pd.NA)


def defect_rate_table(
    lots: pd.DataFrame,
    orders: pd.DataFrame,
    limit: float,
    level: float = 0.90,
    fit: DefectRates | None = None,
    found: FoundShare = ALL_FOUND,
) -> pd.DataFrame:
    """Defect rates by supplier, and by supplier and SKU, with credible intervals and P(rate > limit).

    Parameters
    ----------
    lots : DataFrame from `inspected_lots`
    orders : DataFrame
        Canonical orders; their suppliers appear with `inspected` 0 and their category's prior when never inspected.
    limit : float
        Share of defective pieces that is still accepted
    fit : DefectRates, optional
        From `fit_lots`, when it is at hand already
    found : FoundShare, optional
        What inspections find of the defective pieces: rates are of all of them, `defective` is what was found

    Returns
    -------
    DataFrame
        With the columns `RATE_COLUMNS`, suppliers first; lines without a SKU count for their supplier only. A supplier's rate
        is the average over all its SKUs, ordered yet or not, so it is less certain than that of an SKU inspected often; what
        is ordered again is judged by the SKU's own row. Rates are those of the first of `fit.stages`. `pieces_to_settle`:
        after so many more pieces it is as likely as not that P(rate > limit) has left 10-90 %; 0: it has already; missing:
        more than 5,000. `lot_correlation`: of two pieces of one lot, the same in all rows. Without a single inspected piece there is no prior to show: the table is empty, and
        `.attrs["status"]` is `NOT_ASSESSED` (else "assessed").
    """
    fit = fit or fit_lots(lots, orders)
    if fit is None:
        table = _empty_rates()
        table.attrs["status"] = NOT_ASSESSED
        return table
    table = _rates_of(fit, _totals(lots), limit, level, found)
    table.attrs["status"] = "assessed"
    return table


def defect_rates_by_block(
    lots: pd.DataFrame, orders: pd.DataFrame, limit: float, level: float = 0.90, found: FoundShare = ALL_FOUND
) -> pd.DataFrame:
    """`defect_rate_table` of many suppliers, `AT_ONCE` at a time, so that their posteriors are never all in memory."""
    if lots.empty:
        return defect_rate_table(lots, orders, limit, level, found=found)
    rows = lots_and_strangers(lots, orders)
    columns = (rows[name] for name in ("supplier", "sku", "category", "stage", "lots"))
    pieces = (rows[name].to_numpy(dtype=np.int64) for name in ("defective", "inspected"))
    evidence = lot_evidence(*pieces, *columns)
    del rows, columns
    totals = _totals(lots)
    parts = [_rates_of(fit, totals, limit, level, found) for fit in rates_by_block(evidence, AT_ONCE)]
    table = pd.concat(parts, ignore_index=True).sort_values("level", kind="stable", ignore_index=True)
    table.attrs["status"] = "assessed"
    return table


def _rates_of(
    fit: DefectRates, totals: dict[int, pd.DataFrame], limit: float, level: float, found: FoundShare
) -> pd.DataFrame:
    suppliers = _counted(totals, ["supplier"], pd.DataFrame({"supplier": fit.suppliers.labels}))
    suppliers["sku"] = pd.NA
    suppliers["category"] = fit.counts["category"].to_numpy()
    pairs = _counted(totals, ["supplier", "sku"], fit.supplier_skus.labels.to_frame(index=False))
    pairs["category"] = pairs["supplier"].map(fit.counts.set_index("supplier")["category"])
    table = pd.concat(
        [
            _with_rates(suppliers.assign(level="supplier"), fit.suppliers, limit, level, found),
            _with_rates(pairs.assign(level="supplier_sku"), fit.supplier_skus, limit, level, found),
        ],
        ignore_index=True,
    )
    table = table[(table["level"] == "supplier") | (table["sku"] != "")].reset_index(drop=True)
    table["category"] = table["category"].where(table["category"] != "", pd.NA)
    return check_rates(table.astype({"supplier": "str", "sku": "str", "category": "str"})[RATE_COLUMNS])


def _empty_rates() -> pd.DataFrame:
    text, whole = {"supplier", "sku", "level", "category"}, {"inspected", "defective", "lots", "pieces_to_settle"}
    return pd.DataFrame(
        {c: pd.Series(dtype="str" if c in text else "Int64" if c in whole else float) for c in RATE_COLUMNS}
    )


def _totals(lots: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """Pieces and lots of each supplier (1), and of each of its SKUs (2)."""
    many = lots["lots"] if "lots" in lots else pd.Series(1, index=lots.index)
    pieces = {name: lots[name] * many for name in ("inspected", "defective")}
    keyed = lots[[]].assign(supplier=lots["supplier"], sku=lots["sku"].fillna(""), **pieces, lots=many)
    names = ["supplier", "sku"]
    return {n: keyed.groupby(names[:n], as_index=False)[["inspected", "defective", "lots"]].sum() for n in (1, 2)}


def _counted(totals: dict[int, pd.DataFrame], by: list[str], labels: pd.DataFrame) -> pd.DataFrame:
    """Pieces and lots of each label; 0 where there are none."""
    merged = labels.merge(totals[len(by)], on=by, how="left")
    names = ["inspected", "defective", "lots"]
    merged[names] = merged[names].fillna(0).astype("Int64")
    return merged


def _with_rates(
    rows: pd.DataFrame, counted: RateMixture, limit: float, level: float, found: FoundShare
) -> pd.DataFrame:
    posterior = found.of_mixture(counted)
    low, high = posterior.interval(level)
    return rows.assign(
        defect_rate=posterior.mean(),
        defect_rate_low=low,
        defect_rate_high=high,
        p_over_limit=posterior.probability_over(limit),
        limit=float(limit),
        pieces_to_settle=counted.pieces_to_settle(limit * found.found_share),
        inverse_yield=posterior.inverse_yield(),
        lot_correlation=posterior.lot_correlation,
    )


def lot_correlation_of(table: pd.DataFrame) -> float:
    """How alike pieces of one lot are, as `defect_rate_table` has learned from all lots; what is expected of it where it is empty."""
    return float(table["lot_correlation"].iloc[0]) if len(table) else USUAL_LOT_CORRELATION


def check_rates(table: pd.DataFrame, stem: str = "defect_rate") -> pd.DataFrame:
    """`table` itself when 0 <= low <= rate <= high <= 1 in each row, else `ValueError`."""
    low, rate, high = (table[name].to_numpy(dtype=float) for name in (f"{stem}_low", stem, f"{stem}_high"))
    if not ((low >= 0) & (low <= rate) & (rate <= high) & (high <= 1)).all():
        raise ValueError(f"{stem} must lie inside its interval within [0, 1] in every row")
    return table


def defect_items(lots: pd.DataFrame, level: float = 0.90, lot_correlation: float = 0.0) -> pd.DataFrame:
    """Rate of each severity and checklist item by supplier, pooled over the suppliers, with credible intervals.

    Only lots in which an item was filled in count for it. `lot_correlation` is that of the defects (`fit_lots(...)
    .lot_correlation`). Items that nobody filled in have no rows; no lots give an empty table.
    """
    tables = []
    for item in ITEMS:
        told = lots[lots[item].notna()]
        if told.empty:
            continue
        counts = told.groupby("supplier", as_index=False).agg(inspected=("inspected", "sum"), failed=(item, "sum"))
        rates = fit_defect_rates(
            told[item].to_numpy(dtype=np.int64),
            told["inspected"].to_numpy(dtype=np.int64),
            told["supplier"].to_numpy(),
            lot_correlation=[lot_correlation],
        ).suppliers
        kind = "severity" if item in SEVERITIES else "checklist"
        tables.append(_with_interval(counts.assign(item=item, kind=kind), rates, level))
    if not tables:
        return _empty(ITEM_COLUMNS, {"inspected", "failed"})
    return check_rates(pd.concat(tables, ignore_index=True), "rate")[ITEM_COLUMNS]


def _with_interval(counts: pd.DataFrame, rates: RateMixture, level: float) -> pd.DataFrame:
    rates = rates.of(counts["supplier"])
    low, high = rates.interval(level)
    return counts.assign(rate=rates.mean(), rate_low=low, rate_high=high)


def _empty(columns: list[str], whole: set[str]) -> pd.DataFrame:
    text = {"supplier", "item", "kind"}
    return pd.DataFrame({c: pd.Series(dtype="str" if c in text else "Int64" if c in whole else float) for c in columns})


def return_rates(orders: pd.DataFrame, returns: pd.DataFrame, level: float = 0.90) -> pd.DataFrame:
    """Returned and reworked pieces as a share of the pieces received, by supplier, pooled over the suppliers.

    Each received order line is one lot: its pieces are alike. More pieces returned than the line had count as all of
    them. Lines that are not received say nothing, unless something of them was returned: then they had arrived.
    """
    settled = returns.groupby(["order_id", "line_no"], as_index=False, dropna=False)[["returned", "reworked"]].sum()
    lines = orders.drop_duplicates(["order_id", "line_no"]).merge(settled, on=["order_id", "line_no"], how="left")
    arrived = lines[((lines["status"] == "received") | lines["returned"].notna()) & lines["quantity"].notna()]
    if arrived.empty or returns.empty:
        return _empty(RETURN_COLUMNS, {"received_pieces", "pieces"})
    tables = [_return_rate(arrived, kind, level) for kind in ("returned", "reworked")]
    return check_rates(pd.concat(tables, ignore_index=True), "rate")[RETURN_COLUMNS]


def _return_rate(arrived: pd.DataFrame, kind: str, level: float) -> pd.DataFrame:
    received = arrived["quantity"].to_numpy(dtype=np.int64)
    pieces = np.minimum(arrived[kind].fillna(0).to_numpy(dtype=np.int64), received)
    rates = fit_defect_rates(pieces, received, arrived["supplier"].to_numpy()).suppliers
    counts = (
        pd.DataFrame({"supplier": arrived["supplier"].to_numpy(), "received_pieces": received, "pieces": pieces})
        .groupby("supplier", as_index=False)
        .sum()
    )
    return _with_interval(counts.assign(kind=kind), rates, level)


def defect_draws(rates: DefectRates | None, seed: int, found: FoundShare = ALL_FOUND) -> Draws:
    """Posterior draws of each supplier's defect rate, of which inspections see `found`; empty if nothing was inspected."""
    if rates is None:
        return Draws.of_nobody()
    return found.of_draws(rates.suppliers.draws(DRAWS, np.random.default_rng([seed, 2])), seed)


def draws_beforehand(orders: pd.DataFrame, seed: int) -> Draws:
    """What is thought of each supplier ordered from while no piece of anybody was inspected: wide, and the same of all."""
    rows = _never_inspected(_empty_lots(), orders)
    none = np.zeros(len(rows), np.int64)
    if rows.empty:
        return Draws.of_nobody()
    facts = {name: rows[name] for name in ("sku", "category", "stage")}
    return defect_draws(fit_defect_rates(none, none, rows["supplier"], **facts), seed)
