"""A batch from its sample over its lot to what came back: one row tells all that is known by its number.

A number belongs to its supplier and article. Short ones (1, 12, 001, 第1批, 2号) count the parcels of an order and mean something else in
each order, so they are kept apart by order. A lot of which no sample bears the number stands beside the last sample of the article
inspected before it, numbered or not: that is what it was ordered on. Returns that name no batch belong to the batch of their line where it has one alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.estimates.defect_rate import inspected_lots
from analysis.estimates.second_opinions import OTHERS, reported_lots
from analysis.sources.folding import folded

LINE = ["order_id", "line_no"]
KEY = ["supplier", "sku", "batch", "within"]
COUNTS = ("received", "sample_inspected", "sample_defective", "lot_inspected", "lot_defective", "factory_inspected", "factory_defective", "third_party_inspected", "third_party_defective", "returned", "reworked", "complained")  # fmt: skip
TRACE_COLUMNS = [
    "batch",
    "supplier",
    "sku",
    "orders",
    "received_on",
    "inspected_on",
    "sample_batch",
    *COUNTS,
    "claimed_by",
]
"""`orders`: order numbers, as a text. `sample_*`: of the sample of this number, else of the last one before, whose number is `sample_batch` (missing: it bore none); `lot_*`: trial and bulk lots as we
inspected them; pieces; missing where nothing was written down. `claimed_by`: a key, whether returns name the "batch" or only its "line"."""
CLAIMS = ("batch", "line")
"""The surest first."""
SHORT = r"第?0*\d{1,2}(?:批次|批|号|箱)?"
DAYS = ("received_on", "inspected_on", "sampled_on")
SAMPLE = ["supplier", "sku", "batch", "sampled_on", "sample_inspected", "sample_defective"]
Tables = Mapping[str, pd.DataFrame]


def batch_trace(tables: Tables) -> pd.DataFrame:
    """`TRACE_COLUMNS` of the canonical `tables` (`orders inspections outside_inspections receipts returns`), a row a batch, newest first."""
    events = pd.concat([_looks(tables), _arrivals(tables)], ignore_index=True)
    events = _placed(events, tables["orders"])
    events = pd.concat([events, _placed(_returns(tables, events), tables["orders"])], ignore_index=True)
    if events.empty:
        return _typed(pd.DataFrame(columns=TRACE_COLUMNS))
    groups = events.groupby(KEY, dropna=False)
    rows = groups[list(COUNTS)].sum(min_count=1).join(groups[[*DAYS, "came_on"]].max())
    rows["received_on"] = rows["received_on"].fillna(rows["came_on"])
    rows["orders"] = _orders_of(events)
    surest = events["claimed_by"].map(CLAIMS.index, na_action="ignore").astype(float)
    rows["claimed_by"] = surest.groupby([events[name] for name in KEY], dropna=False).min().map(dict(enumerate(CLAIMS)))
    rows = _with_samples(rows.reset_index(), _unnumbered_samples(tables))
    return _typed(
        rows.sort_values(["inspected_on", *KEY], ascending=[False, True, True, True, True], ignore_index=True)
    )


def _orders_of(events: pd.DataFrame) -> pd.Series:
    """The order numbers of each batch as a text; few batches came in several."""
    pairs = events[[*KEY, "order_id"]].drop_duplicates()
    by_batch = pairs.groupby(KEY, dropna=False)["order_id"]
    named, several = by_batch.first(), pairs[by_batch.transform("size") > 1]
    if len(several):
        named.update(several.groupby(KEY, dropna=False)["order_id"].agg(", ".join))
    return named


def _looks(tables: Tables) -> pd.DataFrame:
    """The lots that we or others have looked at, their counts under the names of `COUNTS`."""
    orders, outside = tables["orders"], tables["outside_inspections"]
    own = inspected_lots(orders, tables["inspections"])
    sample = own["stage"].eq("sample").fillna(False).astype(bool)
    sides = {"sample": own[sample], "lot": own[~sample]}
    reported = reported_lots(orders, outside)
    sides |= {who: reported[reported["inspected_by"] == who] for who in OTHERS}
    named = {who: {name: f"{who}_{name}" for name in ("inspected", "defective")} for who in sides}
    told = [
        of.rename(columns=named[who])[[*LINE, "batch", "inspected_on", *named[who].values()]].assign(
            sampled_on=of["inspected_on"] if who == "sample" else pd.NaT
        )
        for who, of in sides.items()
    ]
    rows = pd.concat(told, ignore_index=True)
    return rows[rows["batch"].notna()]


def _arrivals(tables: Tables) -> pd.DataFrame:
    came = tables["receipts"].rename(columns={"received_quantity": "received"})
    return came.loc[came["batch"].notna(), [*LINE, "batch", "received_on", "received"]]


def _returns(tables: Tables, events: pd.DataFrame) -> pd.DataFrame:
    """Returns with the batch that they name, or that their line has alone."""
    named = events.drop_duplicates([*LINE, "batch"]).drop_duplicates(LINE, keep=False).set_index(LINE)["batch"]
    rows = tables["returns"]
    only = named.reindex(pd.MultiIndex.from_frame(rows[LINE])).to_numpy(object)
    batch = rows["batch"].astype(object)
    rows = rows.assign(batch=batch.where(batch.notna(), only), claimed_by=np.where(batch.notna(), "batch", "line"))
    return rows.loc[rows["batch"].notna(), [*LINE, "batch", "returned", "reworked", "complained", "claimed_by"]]


def _placed(events: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """With supplier and SKU of the order line; `within` the order where the number counts the parcels of one."""
    lines = orders.drop_duplicates(LINE)[[*LINE, "supplier", "sku", "received_on"]].rename(
        columns={"received_on": "came_on"}
    )
    placed = events.drop(columns=["supplier", "sku"], errors="ignore").merge(lines, on=LINE)
    short = folded(placed["batch"].astype("str")).str.fullmatch(SHORT).fillna(False).astype(bool)
    counts = {name: placed[name].astype(float) if name in placed else np.nan for name in COUNTS}
    days = {name: placed.get(name, pd.NaT) for name in DAYS}
    by = placed.get("claimed_by")
    return placed.assign(within=placed["order_id"].where(short, ""), **counts, **days, claimed_by=by)


def _unnumbered_samples(tables: Tables) -> pd.DataFrame:
    """Samples that bear no number, each with the day of its last look."""
    own = inspected_lots(tables["orders"], tables["inspections"])
    own = own[own["stage"].eq("sample").fillna(False).astype(bool) & own["batch"].isna() & own["sku"].notna()]
    return own.rename(
        columns={"inspected": "sample_inspected", "defective": "sample_defective", "inspected_on": "sampled_on"}
    )[SAMPLE].astype(dict.fromkeys(SAMPLE[-2:], float))


def _with_samples(rows: pd.DataFrame, unnumbered: pd.DataFrame) -> pd.DataFrame:
    """Lots without a sample of their number beside the last sample of their article inspected before them."""
    own = rows["sample_inspected"].notna()
    samples = pd.concat([part for part in (rows.loc[own, SAMPLE], unnumbered) if len(part)] or [rows.loc[own, SAMPLE]])
    samples = samples.rename(columns={"batch": "sample_batch"}).astype({"sampled_on": "datetime64[us]"})
    rows = rows.assign(sample_batch=rows["batch"].where(own))
    lots = rows[~own & rows["inspected_on"].notna()].drop(
        columns=["sample_batch", "sample_inspected", "sample_defective", "sampled_on"]
    )
    lots = lots.astype({"inspected_on": "datetime64[us]"}).sort_values("inspected_on", kind="stable")
    ordered = pd.merge_asof(
        lots,
        samples.sort_values("sampled_on", kind="stable"),
        left_on="inspected_on",
        right_on="sampled_on",
        by=["supplier", "sku"],
    )
    rest = rows[own | rows["inspected_on"].isna()]
    return pd.concat([part for part in (rest, ordered) if len(part)], ignore_index=True)


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    kinds: dict[str, str] = dict.fromkeys(TRACE_COLUMNS, "str") | dict.fromkeys(COUNTS, "Int64")
    return rows[TRACE_COLUMNS].astype(kinds | dict.fromkeys(("received_on", "inspected_on"), "datetime64[us]"))
