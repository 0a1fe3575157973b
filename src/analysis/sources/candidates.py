"""Before the first quote: candidates and answers as the offers and profiles that they are, where nothing better is known.

A formal quote says more than an answer, an answer more than the platform's page. So an answer stands in for a quote that there
is not, and a candidate's listed price for both; what a supplier's profile lacks is filled from its candidates. An offer without
a price or a least quantity is none: it is asked for, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.sources.tables import empty

ANSWERED, LISTED = "answered", "listed"
"""What stands as the number of a quote that nobody wrote: it was answered, or seen on the platform's page."""
STOOD_IN = (ANSWERED, LISTED)
PAIR = ["supplier", "sku"]
OF_PROFILE = {
    "region": "region", "credentials": "credentials", "category": "category", "dispute_rate": "dispute_rate_90d",
    "sales_30d": "sales_30d", "sample_offered": "gives_samples",
}  # fmt: skip
"""Columns of the candidates that say something of their supplier, and where it stands in its profile."""


def with_candidates(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """`tables` with the SKU of every candidate named, and with the offers and profiles that candidates and answers tell."""
    listed = _named(tables["candidates"])
    quotes = tables["quotes"]
    for told, offers in ((tables["answers"], _answered), (listed, _listed)):
        if told.empty:
            continue
        rows = offers(told)
        known = pd.MultiIndex.from_frame(quotes[PAIR])
        new = rows[~pd.MultiIndex.from_frame(rows[PAIR]).isin(known)]
        quotes = pd.concat([quotes, new], ignore_index=True) if len(new) else quotes
    return {**tables, "candidates": listed, "quotes": quotes, "suppliers": _profiles(tables["suppliers"], listed)}


def _named(candidates: pd.DataFrame) -> pd.DataFrame:
    """A candidate without a number of the house goes by its name and specification."""
    if candidates.empty:
        return candidates
    name = (candidates["name"] + " " + candidates["specification"].fillna("")).str.strip()
    return candidates.assign(sku=candidates["sku"].fillna(name).astype(candidates["sku"].dtype))


def _newest(rows: pd.DataFrame, day: str) -> pd.DataFrame:
    """The newest row of each supplier and SKU that has a price and a least quantity; the dearer price is that of few pieces."""
    rows = rows.assign(unit_price=rows["price_high"].fillna(rows["price_low"]), quoted_on=rows[day])
    rows = rows[rows["unit_price"].notna() & rows["min_quantity"].notna() & rows["sku"].notna()]
    return rows.sort_values([*PAIR, day], kind="stable").drop_duplicates(PAIR, keep="last")


def _as_quotes(rows: pd.DataFrame, number: str) -> pd.DataFrame:
    blank = empty("quotes")
    return rows.assign(quote_id=number).reindex(columns=blank.columns).astype(blank.dtypes.to_dict())


def _answered(answers: pd.DataFrame) -> pd.DataFrame:
    rows = _newest(answers, "answered_on")
    return _as_quotes(rows.assign(freight_terms=rows["freight_discount"]), ANSWERED)


def _listed(candidates: pd.DataFrame) -> pd.DataFrame:
    return _as_quotes(_newest(candidates, "listed_on"), LISTED)


def _profiles(suppliers: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """`suppliers` with what their candidates tell where the profile is blank, and a row for each that had none."""
    if candidates.empty:
        return suppliers
    told = candidates.assign(sales_30d=candidates["sales_3m"] / 3).sort_values("listed_on", kind="stable")
    told = told.groupby("supplier")[list(OF_PROFILE)].last().rename(columns=OF_PROFILE)
    blank = empty("suppliers")
    names = pd.Index(np.sort(np.union1d(suppliers["supplier"], told.index)), name="supplier")
    profile = suppliers.set_index("supplier").reindex(names)
    filled = {name: profile[name].astype(object).fillna(told[name].reindex(names)) for name in told}
    return profile.assign(**filled).reset_index()[list(blank.columns)].astype(blank.dtypes.to_dict())
