"""Transport by mode and by the region that the goods come from: what it cost, insured too, how long it took, and what was lost on the way.

Loss (损耗率) is pieces ordered and not received of lines that arrived and were counted, with Jeffreys' interval. A line is counted
where every parcel of it tells its pieces; a quantity received that was taken from the order says nothing of losses.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.decisions.landed_cost import HouseCosts, premium
from analysis.decisions.offers import terms_of_order
from analysis.estimates.lead_time import jeffreys_interval

TRANSPORT_COLUMNS = [
    "transport_mode", "region", "lines", "freight_share", "freight_per_piece", "insurance_share", "duty_share", "days_median", "days_p90",
    "counted_pieces", "lost_pieces", "loss_rate", "loss_rate_low", "loss_rate_high",
]  # fmt: skip
"""`insurance_share`: premium of goods by the house's rates, of the lines whose way is at the buyer's risk (0: rated, and not insured).
`duty_share`: duty of goods, of the lines on which somebody wrote it, 0 too. A row a mode, over all regions (`region` missing), and a row
a mode and region where places are known. `days_*` from dispatch to arrival."""
TERMS = ["freight_terms", "transport_mode", "duty_paid", "freight_paid"]
"""Lines alike in these travel on the same terms."""


def transport_ways(
    orders: pd.DataFrame, suppliers: pd.DataFrame, counted: pd.DataFrame, costs: HouseCosts, level: float
) -> pd.DataFrame:
    """`TRANSPORT_COLUMNS` of lines that arrived, by mode and region; `counted` (`order_id line_no pieces`) tells what somebody counted,
    `costs` the rates of insurance, `level` is of the intervals."""
    place = suppliers.drop_duplicates("supplier").set_index("supplier")["region"]
    lines = orders[orders["status"].eq("received") & orders["transport_mode"].notna()]
    lines = lines.assign(
        region=lines["supplier"].map(place),
        pieces=lines["quantity"].astype(float),
        goods=lines["goods_amount"].fillna(lines["unit_price"] * lines["quantity"].astype(float)).astype(float),
        days=(lines["received_on"] - lines["shipped_on"]).dt.days.astype(float),
        came=lines[["order_id", "line_no"]].merge(counted, how="left")["pieces"].to_numpy(float),
    )
    lines["premium"] = _premiums(lines, costs)
    parts = [
        _by(lines, ["transport_mode"], level),
        _by(lines.dropna(subset="region"), ["transport_mode", "region"], level),
    ]
    rows = pd.concat(
        [part for part in parts if len(part)] or [pd.DataFrame(columns=TRANSPORT_COLUMNS)], ignore_index=True
    )
    kinds = dict.fromkeys(TRANSPORT_COLUMNS, float) | dict.fromkeys(("transport_mode", "region"), "str")
    kinds |= dict.fromkeys(("lines", "counted_pieces", "lost_pieces"), "Int64")
    return (
        rows.reindex(columns=TRANSPORT_COLUMNS)
        .astype(kinds)
        .sort_values(["transport_mode", "region"], na_position="first", ignore_index=True)
    )


def _premiums(lines: pd.DataFrame, costs: HouseCosts) -> pd.Series:
    """What each line bears of its order's premium; NaN where the seller insures, or where terms, goods or, at a border, freight are not known."""
    orders = lines.groupby("order_id")[["goods", "freight"]].transform("sum", min_count=1)
    lines = lines.assign(
        of_all=lines["goods"] / orders["goods"], duty_paid=lines["duty"] > 0, freight_paid=np.sign(lines["freight"])
    )
    found = pd.Series(np.nan, lines.index)
    for _, own in lines.groupby(TERMS, dropna=False):
        terms = terms_of_order(own.iloc[0].to_dict())
        if terms is not None and terms.buyer_pays("insurance"):
            goods, freight = orders.loc[own.index, "goods"], orders.loc[own.index, "freight"]
            found[own.index] = own["of_all"] * premium(goods, freight, terms, bool(terms.enters), costs)
    return found


def _by(lines: pd.DataFrame, keys: list[str], level: float) -> pd.DataFrame:
    """The figures of each group."""
    if lines.empty:
        return pd.DataFrame(columns=TRANSPORT_COLUMNS)
    billed, both = lines[lines["freight"].notna()], lines.dropna(subset=["freight", "goods"])
    dutied = lines.dropna(subset=["duty", "goods"]).groupby(keys)
    counted = lines[lines["came"].notna()].assign(lost=lambda of: (of["pieces"] - of["came"]).clip(lower=0))
    groups, freight, loss = lines.groupby(keys), billed.groupby(keys), counted.groupby(keys)
    known_both, insured = both.groupby(keys), lines.dropna(subset=["premium"]).groupby(keys)
    rows = pd.DataFrame(
        {"lines": groups.size(), "days_median": groups["days"].median(), "days_p90": groups["days"].quantile(0.9)}
    )
    rows["freight_share"] = known_both["freight"].sum() / known_both["goods"].sum()
    rows["freight_per_piece"] = freight["freight"].sum() / freight["pieces"].sum()
    rows["insurance_share"] = insured["premium"].sum() / insured["goods"].sum()
    rows["duty_share"] = dutied["duty"].sum() / dutied["goods"].sum()
    rows["counted_pieces"], rows["lost_pieces"] = loss["pieces"].sum(), loss["lost"].sum()
    rows = rows.fillna({"counted_pieces": 0, "lost_pieces": 0})
    seen, lost = (rows[name].to_numpy(float) for name in ("counted_pieces", "lost_pieces"))
    low, high = jeffreys_interval(lost, np.maximum(seen, 1), level)
    known = seen > 0
    rate = lost / np.maximum(seen, 1)
    low, high = np.minimum(low, rate), np.maximum(high, rate)
    rows["loss_rate"] = np.where(known, rate, np.nan)
    rows["loss_rate_low"], rows["loss_rate_high"] = np.where(known, low, np.nan), np.where(known, high, np.nan)
    return rows.reset_index()
