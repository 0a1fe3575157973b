"""A measure by month, straight from the files' rows: what was seen in each month, with its interval and count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.estimates.looks import looked_at
from analysis.estimates.trends import lines_due
from analysis.wording import Language

Tables = Mapping[str, pd.DataFrame]
COLUMNS = ["month", "value", "value_low", "value_high", "observations"]


@dataclass(frozen=True)
class Trend:
    """`table`: `month value value_low value_high observations`, a row each month with something to count; `limit` where there is one.

    Shown in a notebook it is its picture; `table` has the numbers.
    """

    measure: str
    table: pd.DataFrame
    limit: float | None
    whom: str = ""

    def plot(self, language: Language = "en", ax=None):
        """Draw it; returns the Axes."""
        from analysis.reporting.trend_plot import plot_trend  # matplotlib, when a picture is wanted

        return plot_trend(self.table, self.measure, self.limit, self.whom, language, ax)

    def _repr_html_(self) -> str:
        self.plot()
        return self.table.round(3).to_html(index=False)


def trend(
    tables: Tables,
    as_of: pd.Timestamp,
    measure: str,
    supplier: str | None,
    sku: str | None,
    level: float,
    limit: float | None,
) -> Trend:
    """The trend of `measure`; `AnalysisError` naming those that there are for an unknown one."""
    if measure not in MEASURES:
        raise AnalysisError("run.unknown_trend", name=measure, known=", ".join(MEASURES))
    rows = MEASURES[measure](tables, as_of)
    for column, wanted in (("supplier", supplier), ("sku", sku)):
        rows = rows if wanted is None else rows[rows[column].eq(wanted)]
    by_month = rows.groupby(rows["day"].dt.strftime("%Y-%m"))
    table = _shares(by_month, level) if "hits" in rows else _middles(by_month, level)
    whom = " · ".join(name for name in (supplier, sku) if name)
    return Trend(measure, table, limit if measure == "defect_rate" else None, whom)


def _shares(by_month, level: float) -> pd.DataFrame:
    """Pieces or lines that count among all of the month, with Jeffreys' interval."""
    counts = by_month[["hits", "tries"]].sum()
    hits, tries = counts["hits"].to_numpy(float), counts["tries"].to_numpy(float)
    from scipy import special

    low, high = special.betaincinv(hits + 0.5, tries - hits + 0.5, [[(1 - level) / 2], [(1 + level) / 2]])
    low, high = np.where(hits == 0, 0.0, low), np.where(hits == tries, 1.0, high)
    return _table(counts.index, hits / tries, low, high, tries)


def _middles(by_month, level: float) -> pd.DataFrame:
    """The median of the month, with the order statistics around it that hold it at `level` (binomial)."""
    found = [(month, *_median(np.sort(rows["value"].to_numpy(float)), level)) for month, rows in by_month]
    columns = list(zip(*found)) or [()] * 5
    return _table(*columns)


def _median(values: np.ndarray, level: float) -> tuple[float, float, float, int]:
    """Median, and its distribution-free interval; the range where there are too few values for it."""
    from scipy import special

    n = len(values)
    tail = special.bdtr(np.arange(n), n, 0.5)  # P(at most k of n lie below the median)
    below = max(int(np.searchsorted(tail, (1 - level) / 2)) - 1, 0)
    return float(np.median(values)), float(values[below]), float(values[n - 1 - below]), n


def _table(months, value, low, high, n) -> pd.DataFrame:
    return pd.DataFrame({"month": list(months), "value": value, "value_low": low, "value_high": high, "observations": np.asarray(n, int)})[COLUMNS]  # fmt: skip


def _lots(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    first = looked_at(tables["orders"], tables["inspections"])
    return _rows(first, "inspected_on", hits=first["defective"], tries=first["inspected"])


def _days(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    orders = tables["orders"]
    came = orders[orders["status"].eq("received") & orders["received_on"].notna()]
    return _rows(came, "received_on", value=(came["received_on"] - came["ordered_on"]).dt.days)


def _on_time(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    due = lines_due(tables["orders"], as_of)  # not here by then: late
    return _rows(due, "promised_on", hits=due["received_on"].le(due["promised_on"]).astype(int), tries=1)


def _prices(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    paid = tables["orders"][tables["orders"]["unit_price"].gt(0).fillna(False)]
    return _rows(paid, "ordered_on", value=paid["unit_price"])


def _rows(table: pd.DataFrame, day: str, **values) -> pd.DataFrame:
    return table[["supplier", "sku"]].assign(day=pd.to_datetime(table[day]), **values).dropna()


MEASURES: Mapping[str, Callable[[Tables, pd.Timestamp], pd.DataFrame]] = {
    "defect_rate": _lots,
    "lead_time": _days,
    "on_time": _on_time,
    "price": _prices,
}
"""What there are trends of: defective pieces by month of inspection, days by month of arrival, lines on time by month of their
promise (not arrived counts as late), price a piece by month of the order."""
