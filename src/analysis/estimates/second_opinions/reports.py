"""What a factory or a third party reports of the goods, beside what we found.

A factory that inspects its own goods chooses the pieces, and has an interest in the result: its report is no evidence of the defect
rate, but that it says less than we find is evidence of the factory. A third party is paid to look, before the goods leave; its
report too is shown beside ours, for the same pieces would count twice. Lots that both have looked at are compared as they stand:
how lots differ from each other does not matter then. Where there are none, all lots of both are, each weighed by how alike its pieces are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.estimates.defect_rate import inspected_lots
from analysis.estimates.second_opinions.shares import Shares, verdicts

OTHERS = ("factory", "third_party")
LINE = ["order_id", "line_no"]
KEYS = ["supplier", "inspected_by"]
REPORT_COLUMNS = [
    "supplier", "inspected_by", "lots", "last_on", "same_lots", "reported_inspected", "reported_defective", "reported_rate", "reported_rate_low",
    "reported_rate_high", "own_inspected", "own_defective", "own_rate", "own_rate_low", "own_rate_high", "p_understates", "verdict",
]  # fmt: skip
"""`lots` reported in all; `same_lots` of them that we looked at too: where there are any, the counts are of these alone. `verdict`: a
key, "understates", "finds_more", "cannot_tell", or "no_own" where we inspected nothing."""


def outside_reports(
    orders: pd.DataFrame, lots: pd.DataFrame, outside: pd.DataFrame, lot_correlation: float, level: float = 0.90
) -> pd.DataFrame:
    """`REPORT_COLUMNS`, a row a supplier and who inspected, the most suspicious first.

    Parameters
    ----------
    orders : DataFrame
        Canonical orders
    lots : DataFrame
        Our own, from `inspected_lots`
    outside : DataFrame
        The table `outside_inspections`
    lot_correlation : float
        Of two pieces of one lot
    """
    theirs = reported_lots(orders, outside)
    if theirs.empty:
        return _typed(pd.DataFrame(columns=REPORT_COLUMNS))
    both = _on_both(theirs, lots)
    keys = theirs[KEYS].drop_duplicates().sort_values(KEYS, ignore_index=True)
    rows = keys.join(theirs.groupby(KEYS).agg(lots=("inspected", "size"), last_on=("inspected_on", "max")), on=KEYS)
    rows["same_lots"] = both.groupby(KEYS).size().reindex(pd.MultiIndex.from_frame(keys)).fillna(0).to_numpy(int)
    own = keys.merge(lots[["supplier", "inspected", "defective"]], on="supplier")
    same = (rows["same_lots"] > 0).to_numpy()
    reported = _either(
        same, _sides(both, keys, ""), Shares.of_lots(theirs, keys, "defective", "inspected", lot_correlation)
    )
    found = _either(
        same, _sides(both, keys, "_own"), Shares.of_lots(own, keys, "defective", "inspected", lot_correlation)
    )
    for name, shares in (("reported", reported), ("own", found)):
        rows[f"{name}_inspected"], rows[f"{name}_defective"] = shares.pieces, shares.found
        rows[f"{name}_rate"], rows[f"{name}_rate_low"], rows[f"{name}_rate_high"] = shares.columns(level)
    rows["p_understates"] = found.above(reported)
    rows["verdict"] = verdicts(rows["p_understates"].to_numpy(), "understates", "finds_more", "no_own")
    return _typed(rows.sort_values(["p_understates", *KEYS], ascending=[False, True, True], ignore_index=True))


def reported_lots(orders: pd.DataFrame, outside: pd.DataFrame) -> pd.DataFrame:
    """The lots that others report on, as `inspected_lots` has them, with `inspected_by`."""
    parts = [inspected_lots(orders, outside[outside["inspected_by"] == who]).assign(inspected_by=who) for who in OTHERS]
    return pd.concat(parts, ignore_index=True)


def _on_both(theirs: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Lots that we have looked at too, ours as `_own`: by batch where both name the batches of the line, else the line as a whole."""
    unnamed = [side.loc[side["batch"].isna(), LINE] for side in (theirs, own)]
    whole = pd.MultiIndex.from_frame(pd.concat(unnamed))
    sides = []
    for side, keys in ((theirs, [*KEYS, *LINE, "batch"]), (own, [*LINE, "batch"])):
        as_one = pd.MultiIndex.from_frame(side[LINE]).isin(whole)
        named = side.assign(batch=side["batch"].astype(object).mask(as_one, "").fillna(""))
        sides.append(named.groupby(keys, as_index=False, dropna=False)[["inspected", "defective"]].sum())
    return sides[0].merge(sides[1], on=[*LINE, "batch"], suffixes=("", "_own"))


def _sides(both: pd.DataFrame, keys: pd.DataFrame, side: str) -> Shares:
    return Shares.of_lots(both, keys, f"defective{side}", f"inspected{side}", 0.0)


def _either(first: np.ndarray, one: Shares, other: Shares) -> Shares:
    """`one` in the rows where `first`, else the `other`."""
    names = ("found", "pieces", "weight")
    return Shares(*(np.where(first, getattr(one, name), getattr(other, name)) for name in names))


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    counts = ("lots", "same_lots", "reported_inspected", "reported_defective", "own_inspected", "own_defective")
    kinds = dict.fromkeys(REPORT_COLUMNS, "float64") | dict.fromkeys(counts, "Int64")
    kinds |= dict.fromkeys((*KEYS, "verdict"), "str") | {"last_on": "datetime64[us]"}
    return rows[REPORT_COLUMNS].astype(kinds)
