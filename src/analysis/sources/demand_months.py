"""Demand by the day or week, added up to the months that everything behind the door reckons in."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.sources.folding import folded
from analysis.sources.quarantine import no_notes, note, notes

_LABEL = ["file", "sheet", "row"]
_MONTH = ["file", "sheet", "article", "first"]


@dataclass(frozen=True)
class MonthsOfDemand:
    """`table`: months by their first day; `merged`: labels of the rows that another one holds; `remarks` on what was added up."""

    table: pd.DataFrame
    merged: pd.Index
    remarks: pd.DataFrame


def by_month(rows: pd.DataFrame) -> MonthsOfDemand:
    """`rows` of the table `demand` (index file, sheet, row) with those of one sheet, article and month added up.

    A sheet most of whose days lie within a month lists sales by the day or week: all of its rows are added up, equal ones too. In a sheet
    of months several days of one month are told as such, a day told twice alike is one row told twice, and rows that all name the same
    day stay as they are: one month told twice. The price is the mean of the pieces sold.
    """
    if (rows["month"].dt.day == 1).all():
        return MonthsOfDemand(rows, rows.index[:0], no_notes())
    first = rows["month"].dt.to_period("M").dt.to_timestamp().astype(rows["month"].dtype)
    told = rows.assign(article=folded(rows["sku"]), first=first).reset_index()
    within = ~(told["month"].dt.is_month_start | told["month"].dt.is_month_end)
    by_day = within.groupby([told["file"], told["sheet"]]).transform("mean") > 0.5
    month = told.groupby(_MONTH, sort=False)["month"]
    several = (month.transform("nunique") > 1) | (by_day & (month.transform("size") > 1))
    listed = told[several & told["units"].notna()]
    rows = rows.assign(month=first)
    if listed.empty:
        return MonthsOfDemand(rows, rows.index[:0], no_notes())
    alike = listed.duplicated([*_MONTH, "month", "units", "selling_price"]) & ~by_day[listed.index]
    summed = _sums(listed[~alike])
    kept = pd.MultiIndex.from_frame(summed[_LABEL])
    others = pd.MultiIndex.from_frame(listed[_LABEL]).difference(kept, sort=False)
    rows = rows.drop(index=others)
    for name in ("units", "selling_price", *(name for name in ("known_on", "entered") if name in rows)):
        rows.loc[kept, name] = summed[name].astype(rows[name].dtype).to_numpy()
    return MonthsOfDemand(rows, others, _remarks(summed))


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    """A row a sheet, article and month: the label of its first row, `count` of rows, sums of units; known when the last is."""
    priced = rows["units"].astype(float).where(rows["selling_price"].notna())
    rows = rows.assign(count=1, priced=priced, turnover=priced * rows["selling_price"])
    how = {"units": "sum", "count": "sum", "priced": "sum", "turnover": "sum", "selling_price": "mean"}
    how |= dict.fromkeys(["row", "sku"], "first")
    how |= dict.fromkeys([name for name in ("known_on", "entered") if name in rows], "max")
    found = rows.groupby(_MONTH, sort=False, as_index=False).agg(how)
    return found.assign(
        selling_price=(found["turnover"] / found["priced"]).where(found["priced"] > 0, found["selling_price"])
    )


def _remarks(summed: pd.DataFrame) -> pd.DataFrame:
    return notes(
        note("demand", row.file, row.sheet, row.row, "month", "demand_added_up", value=row.sku, month=f"{row.first:%Y-%m}", count=row.count_, units=int(row.units))
        for row in summed.rename(columns={"count": "count_"}).itertuples()
    )  # fmt: skip
