"""Demand by the day, the week or the shop, added up to the months that everything behind the door reckons in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from string import digits as DIGITS

import pandas as pd

from analysis.sources.cells import clean_column
from analysis.sources.columns_beside import YEAR
from analysis.sources.folding import folded
from analysis.sources.quarantine import Sifted, no_notes, note, notes
from analysis.sources.sideways import YEAR_IN_NAME, bare_month
from analysis.sources.table_types import RawTable

_LABEL = ["file", "sheet", "row"]
_MONTH = ["file", "sheet", "article", "first"]
_ALL_SHOPS = frozenset({
    "全部", "所有", "全店", "全部店铺", "所有店铺", "全渠道", "全部渠道", "全平台", "合计", "总计", "all", "total", "allshops",
})  # fmt: skip


@dataclass(frozen=True)
class MonthsOfDemand:
    """`table`: months by their first day; `merged`: labels of the rows that another one holds; `remarks` on what was added up; `refused`."""

    table: pd.DataFrame
    merged: pd.Index
    remarks: pd.DataFrame
    refused: pd.DataFrame = field(default_factory=no_notes)


def with_years(raw: RawTable) -> Sifted:
    """Demand whose months tell no year, in that of the column beside them, else the one year that the sheet's or file's name tells."""
    if raw.table != "demand" or "month" not in raw.frame:
        return Sifted(raw)
    named = {*YEAR_IN_NAME.findall(raw.sheet)} or {*YEAR_IN_NAME.findall(raw.file)}
    frame = raw.frame.drop(columns=YEAR.name, errors="ignore")
    beside = clean_column(raw.frame[YEAR.name]) if YEAR.name in raw.frame else [""] * len(frame)
    years = [text.removesuffix("年") or (min(named) if len(named) == 1 else "") for text in beside]
    bare = [bare_month(text if text[-1:] not in DIGITS else f"{text}月") for text in clean_column(frame["month"])]
    told = [f"{year}-{month:02d}" if year and 0 < month <= 12 else None for year, month in zip(years, bare)]
    found = pd.Series(told, frame.index, dtype=object)
    weeks = pd.Series(
        [_day_of_week(text, year) for text, year in zip(clean_column(frame["month"]), years)], frame.index, dtype=object
    )
    month = frame["month"].astype(object).mask(found.notna(), found).mask(weeks.notna(), weeks)
    remarks = [note(raw.table, raw.file, raw.sheet, 0, "month", "demand_by_week")] if weeks.notna().any() else []
    return Sifted(replace(raw, frame=frame.assign(month=month)), remarks=notes(remarks))


_WEEK = re.compile(
    r"(?:(?P<y>20\d\d)\s*[-/年.]?\s*)?(?:W(?:EEK|K)?\s*|第\s*)(?P<w>[1-9]|[0-4]\d|5[0-3])\s*周?", re.IGNORECASE
)
_SPAN = re.compile(r"(?P<first>20\d\d\D\d{1,2}\D\d{1,2}日?)\s*(?:~|～|至|到|—|–|\bto\b|\s-\s|(?<=\d)-(?=20\d\d))\s*\S+")


def _day_of_week(text: str, year: str) -> str | None:
    """The Thursday of a week by its number, which says whose month most of it is, or the first of the days that a cell tells.

    >>> [_day_of_week(text, "2026") for text in ("2026-W09", "2026年第10周", "W1", "2026-03-02~2026-03-08", "2026-03", "9")]
    ['2026-02-26', '2026-03-05', '2026-01-01', '2026-03-02', None, None]
    """
    text = unicodedata.normalize("NFKC", text)
    if (span := _SPAN.fullmatch(text)) is not None:
        return span["first"]
    found = _WEEK.fullmatch(text)
    if found is None or not (found["y"] or year):
        return None
    thursday = date.fromisocalendar(int(found["y"] or year), 1, 4) + timedelta(weeks=int(found["w"]) - 1)
    return f"{thursday:%Y-%m-%d}"


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
    by = [*_MONTH, *(["shop"] if "shop" in rows else [])]
    told_apart = ["unread"] if "unread" in rows else []
    month = told.groupby(by, sort=False, dropna=False)["month"]
    several = (month.transform("nunique") > 1) | (by_day & (month.transform("size") > 1))
    listed = told[several & told["units"].notna()]
    rows = rows.assign(month=first)
    if listed.empty:
        return MonthsOfDemand(rows, rows.index[:0], no_notes())
    alike = listed.duplicated([*by, *told_apart, "month", "units", "selling_price"]) & ~by_day[listed.index]
    summed = _sums(listed[~alike], by)
    kept = pd.MultiIndex.from_frame(summed[_LABEL])
    others = pd.MultiIndex.from_frame(listed[_LABEL]).difference(kept, sort=False)
    rows = rows.drop(index=others)
    for name in ("units", "selling_price", *(name for name in ("known_on", "entered") if name in rows)):
        rows.loc[kept, name] = summed[name].astype(rows[name].dtype).to_numpy()
    return MonthsOfDemand(rows, others, _remarks(summed))


def over_shops(rows: pd.DataFrame) -> MonthsOfDemand:
    """Months of demand, each shop's once, added up over the shops (column `shop`, if any), the price the mean of the pieces sold.

    A row of no shop or of all beside those of single shops is refused: it may be their sum, or what other shops sold.
    """
    if "shop" not in rows:
        return MonthsOfDemand(rows, rows.index[:0], no_notes())
    told = rows.assign(article=folded(rows["sku"]), first=rows["month"]).reset_index()
    by = ["article", "first"]
    single = told["shop"].notna() & ~told["shop"].isin(_ALL_SHOPS)
    unclear = (single.groupby([told[name] for name in by]).transform("any") & ~single).to_numpy(bool)
    refused = notes(
        note("demand", file, sheet, row, "units", "demand_shop_unclear", value=sku, month=f"{month:%Y-%m}")
        for file, sheet, row, sku, month in told.loc[unclear, [*_LABEL, "sku", "month"]].itertuples(index=False)
    )
    told = told[~unclear & told["units"].notna().to_numpy()]
    several = told[told.duplicated(by, keep=False)]
    rows = rows[~unclear].drop(columns="shop")
    if several.empty:
        return MonthsOfDemand(rows, rows.index[:0], no_notes(), refused)
    summed = _sums(several, by)
    kept = pd.MultiIndex.from_frame(summed[_LABEL])
    others = pd.MultiIndex.from_frame(several[_LABEL]).difference(kept, sort=False)
    rows = rows.drop(index=others)
    for name in ("units", "selling_price"):
        rows.loc[kept, name] = summed[name].astype(rows[name].dtype).to_numpy()
    articles = summed.groupby("article", sort=False).agg({**dict.fromkeys([*_LABEL, "sku"], "first"), "count": "size"})
    remarks = notes(
        note("demand", file, sheet, row, "units", "demand_of_shops", value=sku, count=months)
        for file, sheet, row, sku, months in articles.itertuples(index=False)
    )
    return MonthsOfDemand(rows, others, remarks, refused)


def _sums(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """A row a thing that `by` names: the label of its first row, `count` of rows, sums of units; known when the last is."""
    priced = rows["units"].astype(float).where(rows["selling_price"].notna())
    rows = rows.assign(count=1, priced=priced, turnover=priced * rows["selling_price"])
    how = {"units": "sum", "count": "sum", "priced": "sum", "turnover": "sum", "selling_price": "mean"}
    how |= dict.fromkeys([*_LABEL, "sku", "first"], "first")
    how |= dict.fromkeys([name for name in ("known_on", "entered") if name in rows], "max")
    found = rows.groupby(by, sort=False, dropna=False).agg(how)
    found = found.droplevel([name for name in by if name in found]).reset_index()
    return found.assign(
        selling_price=(found["turnover"] / found["priced"]).where(found["priced"] > 0, found["selling_price"])
    )


def _remarks(summed: pd.DataFrame) -> pd.DataFrame:
    return notes(
        note("demand", row.file, row.sheet, row.row, "month", "demand_added_up", value=row.sku, month=f"{row.first:%Y-%m}", count=row.count_, units=int(row.units))
        for row in summed.rename(columns={"count": "count_"}).itertuples()
    )  # fmt: skip
