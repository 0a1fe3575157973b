"""What a factory or a third party reports of the goods, beside what we found.

A factory that inspects its own goods chooses the pieces, and has an interest in the result: its report is no evidence of the defect
rate, but that it says less than we find is evidence of the factory. A third party is paid to look, before the goods leave; its
report too is shown beside ours, for the same pieces would count twice. Lots that both have looked at are compared one by one, and what
they say is put together (`chance_above`): how lots differ, and of which lot a side saw more pieces, does not matter then. Where there
are none, lots of the same article and stage are, which weigh less the more alike the pieces of a lot are; other goods are not compared.
"""

from __future__ import annotations

import pandas as pd

from analysis.estimates.defect_rate import inspected_lots
from analysis.estimates.second_opinions.shares import Shares, verdicts
from analysis.estimates.second_opinions.within_lots import COUNTS, chance_above

OTHERS = ("factory", "third_party")
LINE = ["order_id", "line_no"]
KEYS = ["supplier", "inspected_by"]
GOODS = ["sku", "stage"]
SIDES = ["inspected", "defective"]
REPORT_COLUMNS = [
    "supplier", "inspected_by", "skus", "lots", "last_on", "same_lots", "reported_inspected", "reported_defective", "reported_rate",
    "reported_rate_low", "reported_rate_high", "own_inspected", "own_defective", "own_rate", "own_rate_low", "own_rate_high", "p_understates",
    "verdict",
]  # fmt: skip
"""`lots` reported in all; `same_lots` of them that we looked at too: where there are any, the counts and `skus` (a text) are of these
alone, else of the goods that both looked at; where there are none either, all that was reported. `verdict`: a key, "understates",
"finds_more", "cannot_tell", or "no_own" where we inspected nothing of the same goods."""


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
    same = _on_both(theirs, lots)
    keys = theirs[KEYS].drop_duplicates().sort_values(KEYS, ignore_index=True)
    rows = keys.join(theirs.groupby(KEYS).agg(lots=("inspected", "size"), last_on=("inspected_on", "max")), on=KEYS)
    rows["same_lots"] = same.groupby(KEYS).size().reindex(pd.MultiIndex.from_frame(keys)).fillna(0).to_numpy(int)
    alike = _of_the_same_goods(_without(theirs, same), lots, lot_correlation)
    strata = pd.concat([same, alike], ignore_index=True)
    nothing = _without(theirs, strata).assign(inspected_own=0, defective_own=0)
    shown = pd.concat([strata, nothing], ignore_index=True)
    rows["skus"] = rows[KEYS].join(shown.groupby(KEYS)["sku"].agg(_named), on=KEYS)["sku"].to_numpy(object)
    for name, side in (("reported", ""), ("own", "_own")):
        shares = Shares.of_lots(shown, keys, f"defective{side}", f"inspected{side}", 0.0)
        rows[f"{name}_inspected"], rows[f"{name}_defective"] = shares.pieces, shares.found
        rows[f"{name}_rate"], rows[f"{name}_rate_low"], rows[f"{name}_rate_high"] = shares.columns(level)
    rows["p_understates"] = chance_above(strata, keys)
    rows["verdict"] = verdicts(rows["p_understates"].to_numpy(), "understates", "finds_more", "no_own")
    return _typed(rows.sort_values(["p_understates", *KEYS], ascending=[False, True, True], ignore_index=True))


def reported_lots(orders: pd.DataFrame, outside: pd.DataFrame) -> pd.DataFrame:
    """The lots that others report on, as `inspected_lots` has them, with `inspected_by`; of several days on which a
    factory looked at a lot the first: the pieces looked at later may have been sorted."""
    looked = [*LINE, "batch", "inspected_by"]
    first = outside["inspected_on"].groupby([outside[name] for name in looked], dropna=False).transform("min")
    outside = outside[(outside["inspected_on"] == first) | outside["inspected_by"].ne("factory")]
    parts = [inspected_lots(orders, outside[outside["inspected_by"] == who]).assign(inspected_by=who) for who in OTHERS]
    return pd.concat(parts, ignore_index=True)


def _on_both(theirs: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Lots that we have looked at too, ours as `_own`: by batch where both name the batches of the line, else the line as a whole."""
    unnamed = [side.loc[side["batch"].isna(), LINE] for side in (theirs, own)]
    whole = pd.MultiIndex.from_frame(pd.concat(unnamed))
    sides = []
    for side, keys in ((theirs, [*KEYS, "sku", *LINE, "batch"]), (own, [*LINE, "batch"])):
        as_one = pd.MultiIndex.from_frame(side[LINE]).isin(whole)
        named = side.assign(batch=side["batch"].astype(object).mask(as_one, "").fillna(""))
        sides.append(named.groupby(keys, as_index=False, dropna=False)[SIDES].sum())
    return (
        sides[0]
        .merge(sides[1], on=[*LINE, "batch"], suffixes=("", "_own"))[[*KEYS, "sku", *COUNTS[:-1]]]
        .assign(weight=1.0)
    )


def _of_the_same_goods(theirs: pd.DataFrame, own: pd.DataFrame, lot_correlation: float) -> pd.DataFrame:
    """What both sides saw of one supplier's article and stage, in whatever lots: its evidence weighs what independent pieces would."""
    sides = []
    for side, keys in ((theirs, [*KEYS, *GOODS]), (own, ["supplier", *GOODS])):
        counts = side.dropna(subset="sku").assign(stage=side["stage"].astype(object).fillna(""))
        counts["squares"] = counts["inspected"].astype(float) ** 2
        sums = counts.groupby(keys, as_index=False)[[*SIDES, "squares"]].sum()
        pieces = sums["inspected"].astype(float)
        sides.append(sums.assign(effective=pieces / (1 + (sums["squares"] / pieces - 1) * lot_correlation)))
    both = sides[0].merge(sides[1], on=["supplier", *GOODS], suffixes=("", "_own"))
    seen, told = (
        1 / (1 / both[name].astype(float) + 1 / both[f"{name}_own"].astype(float))
        for name in ("inspected", "effective")
    )
    return both.assign(weight=told / seen)[[*KEYS, "sku", *COUNTS]]


def _without(lots: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """The `lots` of those of whom `told` has no row."""
    return lots[~pd.MultiIndex.from_frame(lots[KEYS]).isin(pd.MultiIndex.from_frame(told[KEYS]))]


def _named(skus: pd.Series) -> str | None:
    """The articles as a text, each once."""
    return ", ".join(sorted(set(skus.dropna()))) or None


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    counts = ("lots", "same_lots", "reported_inspected", "reported_defective", "own_inspected", "own_defective")
    kinds = dict.fromkeys(REPORT_COLUMNS, "float64") | dict.fromkeys(counts, "Int64")
    kinds |= dict.fromkeys((*KEYS, "skus", "verdict"), "str") | {"last_on": "datetime64[us]"}
    return rows[REPORT_COLUMNS].astype(kinds)
