"""What was known on a day: which rows existed, which of their dates had happened, and what an order's status was then.

The rules, table by table (`as_of` is a day; what happened on it is known):

- a row exists from its own day on (`ROW_DAY`): orders from `ordered_on`, inspections from `inspected_on`, quotes from
  `quoted_on`, candidates from `listed_on`, inquiries from `asked_at`, answers from `answered_on`, stock from `counted_on`,
  returns from `opened_on` (without it from `settled_on`), risks from `opened_on`, demand and decisions from their month's last
  day;
- dates of things that happen to a row afterwards (`HAPPENS_LATER`) are missing until they have happened; promises, due dates
  and validity lie in the future by nature and stay;
- of one thing told by several files, the newest file taken by then counts; if every file was taken later, the earliest of
  them, without its status word (`status_as_of`). A file without a day counts as known, and as the oldest;
- a row that says when it was entered (`known_on`) is unknown before that day; of rows about one thing the one entered last counts;
- a later row with another promise of an order line corrects it or moves it (`promises`): moved ones are known from the first;
- suppliers have no day of their own and follow the files' days alone. A risk is closed if the newest file known by then says so,
  and open if only later files do or it was closed on a later day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

ROW_DAY = {
    "orders": "ordered_on", "inspections": "inspected_on", "quotes": "quoted_on", "inquiries": "asked_at",
    "returns": "opened_on", "demand": "month", "risks": "opened_on", "receipts": "received_on",
    "candidates": "listed_on", "answers": "answered_on", "stock_counts": "counted_on",
    "decisions": "month",
}  # fmt: skip
HAPPENS_LATER = {
    "orders": ("paid_on", "shipped_on", "received_on"),
    "inquiries": ("replied_at",),
    "returns": ("settled_on",),
    "settlements": ("settled_on",),
    "risks": ("closed_on",),
}
END_OF_TIME = pd.Timestamp("2200-12-31").as_unit("us")
"""As of this day everything is known."""


def row_days(table: str, rows: pd.DataFrame) -> pd.Series:
    """The day from which each row exists; NaT for a row that always did."""
    if table not in ROW_DAY or ROW_DAY[table] not in rows:
        return pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    days = rows[ROW_DAY[table]].astype("datetime64[us]").dt.floor("D")
    if table == "returns" and "settled_on" in rows:
        days = days.fillna(rows["settled_on"].astype("datetime64[us]").dt.floor("D"))
    if table in ("demand", "decisions"):
        return (days + pd.offsets.MonthEnd(0)).astype("datetime64[us]")
    return days


def hide_later(table: str, rows: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """`rows` with the dates that had not happened by the end of `as_of` made missing."""
    dates = [name for name in HAPPENS_LATER.get(table, ()) if name in rows]
    hidden = {name: rows[name].mask(rows[name].dt.floor("D") > as_of) for name in dates}
    if table == "returns":  # the refund comes with the settlement
        hidden["refund"] = rows["refund"].mask(rows["settled_on"].dt.floor("D") > as_of)
    if table == "settlements":
        hidden["settled"] = rows["settled"].mask(rows["settled_on"].dt.floor("D") > as_of)
    if table == "risks" and {"status", "known_on"} <= {*rows}:
        hidden["status"] = risk_status_as_of(rows, as_of)
    return rows.assign(**hidden) if hidden else rows


@dataclass(frozen=True)
class Versions:
    """`current`: for each key the version that counts; index labels of the others: `superseded` by a newer file known by
    then, `later` told by files taken after `as_of` about keys already known."""

    current: pd.DataFrame
    superseded: pd.Index
    later: pd.Index


def newest_versions(rows: pd.DataFrame, key: list[str], as_of: pd.Timestamp, day: str = "known_on") -> Versions:
    """The version of each thing that counts on `as_of`; rows of equal `day` all stay (they are duplicates, no versions).

    `rows` has the columns `key` and `day` (NaT: the oldest), the day on which the row's file was taken, or the row was entered.
    """
    if rows.empty:
        return Versions(rows, rows.index, rows.index)
    taken = rows[day].fillna(pd.Timestamp.min.as_unit("us") + pd.Timedelta(days=1))
    if (taken == taken.iloc[0]).all():  # all told on one day: no versions
        return Versions(rows, rows.index[:0], rows.index[:0])
    known = taken <= as_of
    groups = rows.groupby(key, dropna=False, sort=False).ngroup()
    best_known = taken.where(known).groupby(groups).transform("max")
    first_later = taken.where(~known).groupby(groups).transform("min")
    counts = taken == best_known.fillna(first_later)
    return Versions(rows[counts], rows.index[~counts & known], rows.index[~counts & ~known])


def status_as_of(lines: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """The status of each order line on `as_of`, from its dates and the word of the file that tells of it.

    Received if and only if it had arrived. A word is believed if its file was taken by `as_of`, but finished without an
    arrival is unknown. A later word says only what cannot have been otherwise: still open later is open now; unpaid later
    is unpaid now; finished or cancelled later says nothing of now, unless the line's own arrival lies after `as_of`.

    Parameters
    ----------
    lines
        `status` (word or missing), `known_on` of that word, and `paid_on`, `received_on` with nothing hidden.
    """
    word = lines["status"].astype(object).where(lines["status"].notna(), None)
    believed = lines["known_on"] <= as_of
    undated = lines["known_on"].isna()
    paid, paid_later = lines["paid_on"] <= as_of, lines["paid_on"] > as_of
    arrived, arrives_later = lines["received_on"] <= as_of, lines["received_on"] > as_of
    never_paid = lines["paid_on"].isna() & word.isin(["cancelled"])
    earlier = ~believed & ~undated
    rules = [
        (arrived, "received"),
        (paid_later & (~believed | word.isna()), "unpaid"),
        (arrives_later & ~believed, "open"),
        (word.eq("unpaid") & ~paid, "unpaid"),
        (word.isna() | word.isin(["open", "unpaid"]), "open"),
        (word.eq("received"), "unknown"),
        (earlier & never_paid, "unpaid"),
        (earlier, "unknown"),
    ]
    chosen = np.select([rule.to_numpy(bool) for rule, _ in rules], [name for _, name in rules], default="")
    return pd.Series(np.where(chosen == "", word, chosen), index=lines.index, dtype="str")


def risk_status_as_of(risks: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """`open` for a risk closed after `as_of`, or of which only files taken later tell, else the word as it stands."""
    later = (risks["known_on"] > as_of) | (risks["closed_on"].dt.floor("D") > as_of)
    return risks["status"].mask(later, "open").astype("str")


def years_since(years: pd.Series, as_of: pd.Timestamp) -> pd.Series:
    """`years` with the years until `as_of` in place of the year since when; unknown for a later one, and at the end of time.

    >>> years_since(pd.Series([5.0, 2018.0, 2030.0]), pd.Timestamp("2026-04-30")).tolist()
    [5.0, 8.0, nan]
    """
    since = years.between(1900, 2100)
    passed = as_of.year - years if as_of < END_OF_TIME else years * float("nan")
    return years.mask(since, passed.where(passed >= 0))
