"""Small multiples on one scale: a row a supplier, a column a measure; actual dark, last year lighter, forecast hatched."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.estimates.trends import SHARES
from analysis.reporting.plot_style import FAINT, INK, ORANGE, shortened
from analysis.reporting.words import Words
from analysis.wording import Language

LAST_YEAR = "#9aa5b1"
MONTHS_SHOWN = 12
HEIGHT = 0.8
"""Of a supplier's row, which is 1 high."""


def plot_trends(
    trends: pd.DataFrame,
    suppliers: list[str],
    last: pd.Timestamp,
    ax: Axes,
    language: Language = "en",
    *,
    measure: str,
    scale: tuple[float, float],
    limit: float | None = None,
    forecast: pd.DataFrame | None = None,
    named: bool = False,
) -> Axes:
    """One measure of each supplier by month, all on `scale`; `last` is the first day of the month under review.

    `trends` are rows of the measure with value and interval; `forecast` has supplier, low and high of what is expected next.
    """
    _frame(ax, suppliers, last, named)
    for place, supplier in enumerate(suppliers):
        own = trends[trends["supplier"] == supplier]
        ago = _months_before(own["month"], last)
        _line(ax, own, ago - MONTHS_SHOWN, place, scale, LAST_YEAR)
        _line(ax, own, ago, place, scale, INK)
        if limit is not None:
            ax.plot([-MONTHS_SHOWN + 0.6, 1.6], [_at(limit, place, scale)] * 2, color=ORANGE, lw=0.6, ls="--")
    for row in forecast.itertuples() if forecast is not None else ():
        if row.supplier in suppliers:
            low, high = (_at(value, suppliers.index(row.supplier), scale) for value in (row.low, row.high))
            ax.bar(1.1, high - low, 0.9, bottom=low, fill=False, edgecolor=INK, hatch="//////", lw=0.5)
    words = Words(language)
    low, high = (
        words.percent(end, 0) if measure in SHARES else words.number(end, 1 if measure == "price" else 0)
        for end in scale
    )
    title = words.say("measure_on_scale", measure=words.say(f"measure_{measure}"), low=low, high=high)
    ax.set_title(title, fontsize=7.5, loc="left", color=INK)
    return ax


def _frame(ax: Axes, suppliers: list[str], last: pd.Timestamp, named: bool) -> None:
    ax.set_ylim(len(suppliers) - 0.5 + 0.1, -0.5)
    ax.set_xlim(-MONTHS_SHOWN + 0.3, 2.0)
    ax.set_yticks(range(len(suppliers)), [shortened(name, 24) for name in suppliers] if named else [])
    months = [last - pd.DateOffset(months=ago) for ago in (11, 6, 0)]
    ax.set_xticks([-11, -6, 0], [f"{month:%y-%m}" for month in months])
    ax.grid(False)
    ax.hlines(np.arange(len(suppliers)) + 0.5, -MONTHS_SHOWN + 0.3, 2.0, color=FAINT, lw=0.5)


def _line(ax: Axes, own: pd.DataFrame, ago: np.ndarray, place: int, scale: tuple[float, float], colour: str) -> None:
    """The months within the last year, with their intervals; a month without anything seen breaks the line."""
    inside = (ago >= 0) & (ago < MONTHS_SHOWN)
    if not inside.any():
        return
    at = np.full((3, MONTHS_SHOWN), np.nan)
    at[:, (MONTHS_SHOWN - 1 - ago[inside]).astype(int)] = (
        own.loc[inside, ["value", "value_low", "value_high"]].to_numpy(float).T
    )
    x = np.arange(MONTHS_SHOWN) - MONTHS_SHOWN + 1
    ax.vlines(x, _at(at[1], place, scale), _at(at[2], place, scale), color=colour, lw=0.9, alpha=0.35)
    ax.plot(x, _at(at[0], place, scale), color=colour, lw=0.9, marker="o", ms=1.6)


def _at(value, place: int, scale: tuple[float, float]):
    """Where a value stands in its supplier's row; what is off the scale stands at its end."""
    share = np.clip((np.asarray(value, float) - scale[0]) / (scale[1] - scale[0]), 0, 1)
    return place + HEIGHT / 2 - HEIGHT * share


def _months_before(months: pd.Series, last: pd.Timestamp) -> np.ndarray:
    return (last.year - months.dt.year).to_numpy() * 12 + last.month - months.dt.month.to_numpy()
