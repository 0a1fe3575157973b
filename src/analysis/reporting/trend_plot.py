"""A measure by month as a picture."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes

from analysis.reporting.glyphs import printable
from analysis.reporting.plot_style import BLUE, INK, QUIET, in_percent, new_axes, style
from analysis.reporting.words import Words
from analysis.wording import Language

SHARES = ("defect_rate", "on_time")


def plot_trend(
    table: pd.DataFrame, measure: str, limit: float | None, whom: str, language: Language = "en", ax: Axes | None = None
) -> Axes:
    """The months' values with intervals and counts, in the report's style; says so where there is nothing to show."""
    with mpl.rc_context(style()):  # also where no notebook asked for it: the usual font has no Chinese
        return _drawn(table, measure, limit, whom, Words(language), new_axes(height=2.2) if ax is None else ax)


def _drawn(table: pd.DataFrame, measure: str, limit: float | None, whom: str, words: Words, ax: Axes) -> Axes:
    ax.set_title(printable(f"{words.say(f'trend_{measure}')}{'  ' + whom if whom else ''}"), loc="left", fontsize=8.5)
    ax.grid(axis="y")
    if table.empty:
        ax.set_axis_off()
        ax.text(0.5, 0.5, words.say("nothing_to_show"), ha="center", va="center", color=QUIET, transform=ax.transAxes)
        return ax
    places = range(len(table))
    ax.vlines(places, table["value_low"], table["value_high"], color=BLUE, lw=2, alpha=0.5)
    ax.plot(places, table["value"], "o-", color=BLUE, ms=4, lw=1)
    ax.set_xticks(places, [f"{month}\n{n}" for month, n in zip(table["month"], table["observations"])], fontsize=7)
    if limit is not None:
        ax.axhline(limit, color=INK, lw=0.9, ls="--")
    if measure in SHARES:
        in_percent(ax.yaxis)
    ax.set_ylim(bottom=0)
    return ax
