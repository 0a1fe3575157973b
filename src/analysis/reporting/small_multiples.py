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
    own = trends[trends["supplier"].isin(suppliers)]
    ago, places = _months_before(own["month"], last), pd.Index(suppliers).get_indexer(own["supplier"])
    _lines(ax, own, ago - MONTHS_SHOWN, places, scale, LAST_YEAR)
    _lines(ax, own, ago, places, scale, INK)
    every = np.arange(len(suppliers))
    if limit is not None:
        ax.hlines(_at(limit, every, scale), -MONTHS_SHOWN + 0.6, 1.6, color=ORANGE, lw=0.6, ls="--")
    if forecast is not None:
        ends = forecast.drop_duplicates("supplier").set_index("supplier").reindex(suppliers)
        known = ends["low"].notna().to_numpy()
        low, high = (_at(ends[end], every, scale)[known] for end in ("low", "high"))
        ax.bar(
            np.full(known.sum(), 1.1), high - low, 0.9, bottom=low, fill=False, edgecolor=INK, hatch="//////", lw=0.5
        )
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


def _lines(
    ax: Axes, own: pd.DataFrame, ago: np.ndarray, places: np.ndarray, scale: tuple[float, float], colour: str
) -> None:
    """Every supplier's months within a year, with their intervals; a month without anything seen breaks the line."""
    inside = (ago >= 0) & (ago < MONTHS_SHOWN)
    if not inside.any():
        return
    at = np.full((3, places.max() + 1, MONTHS_SHOWN + 1), np.nan)  # nothing is seen between one supplier and the next
    at[:, places[inside], (MONTHS_SHOWN - 1 - ago[inside]).astype(int)] = (
        own.loc[inside, ["value", "value_low", "value_high"]].to_numpy(float).T
    )
    value, low, high = _at(at, np.arange(places.max() + 1)[:, None], scale)
    x = np.broadcast_to(np.arange(MONTHS_SHOWN + 1) - MONTHS_SHOWN + 1, value.shape)
    seen = ~np.isnan(low + high)
    ax.vlines(x[seen], low[seen], high[seen], color=colour, lw=0.9, alpha=0.35)
    ax.plot(x.ravel(), value.ravel(), color=colour, lw=0.9, marker="o", ms=1.6)


def _at(value, place, scale: tuple[float, float]):
    """Where values stand in their suppliers' rows; what is off the scale stands at its end."""
    share = np.clip((np.asarray(value, float) - scale[0]) / (scale[1] - scale[0]), 0, 1)
    return place + HEIGHT / 2 - HEIGHT * share


def _months_before(months: pd.Series, last: pd.Timestamp) -> np.ndarray:
    return (last.year - months.dt.year).to_numpy() * 12 + last.month - months.dt.month.to_numpy()
