"""Small pictures that follow a slider: drawn without a window's figure, so that nothing is left behind."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from analysis.reporting.glyphs import printable
from analysis.reporting.plot_style import BLUE, FAINT, INK, ORANGE, QUIET, in_percent
from analysis.reporting.words import Words
from analysis.wording import Language

MOST_BARS = 25
WIDTH = 7.0


def plot_reweighted(ratings: pd.DataFrame, language: Language = "en") -> Axes:
    """Ratings with intervals, the one before as a tick; the first `MOST_BARS`."""
    rows = ratings.head(MOST_BARS)
    ax = _bars(rows["supplier"])
    place = np.arange(len(rows))
    ax.hlines(place, rows["rating_low"], rows["rating_high"], color=BLUE, lw=2, alpha=0.5)
    ax.plot(rows["rating"], place, "o", color=BLUE, ms=4)
    ax.plot(rows["before"], place, "|", color=QUIET, ms=9)
    ax.set_xlim(0, 100)
    ax.set_xlabel(Words(language).say("explore_rating"))
    return ax


def plot_over_limit(chances: pd.DataFrame, limit: float, language: Language = "en") -> Axes:
    """The chance of each supplier to be above the limit, the one at the limit in force as a tick."""
    rows, words = chances.head(MOST_BARS), Words(language)
    ax = _bars(rows["supplier"])
    place = np.arange(len(rows))
    ax.barh(place, rows["p_over_limit"], color=[ORANGE if p > 0.5 else BLUE for p in rows["p_over_limit"]], height=0.6)
    ax.plot(rows["before"], place, "|", color=INK, ms=9)
    ax.set_xlim(0, 1)
    in_percent(ax.xaxis)
    ax.set_xlabel(words.say("explore_over", limit=words.percent(limit)))
    return ax


def plot_reorder(points: pd.DataFrame, sku: str, level: float, language: Language = "en") -> Axes:
    """The reorder point by service level, the one chosen marked."""
    words, ax = Words(language), _axes(2.4)
    if points.empty:
        return _nothing(ax, words)
    chosen = float(np.interp(level, points["service_level"], points["reorder_point"]))
    ax.plot(points["service_level"], points["reorder_point"], color=BLUE)
    ax.plot([level], [chosen], "o", color=ORANGE)
    ax.set_title(words.say("explore_reorder", sku=sku, level=words.percent(level), point=words.number(np.ceil(chosen))), loc="left", fontsize=8.5)  # fmt: skip
    in_percent(ax.xaxis)
    ax.set_ylim(bottom=0)
    return ax


def plot_costs(costs: pd.DataFrame, sku: str, quantity: int, language: Language = "en") -> Axes:
    """What a good piece costs by order size, a line an offer, at `quantity` the cheapest first in the title."""
    words, ax = Words(language), _axes(3.2)
    at: dict[str, float] = {}
    for supplier, rows in costs.groupby("supplier"):
        ax.plot(rows["quantity"], rows["cost"], lw=1, color=QUIET, alpha=0.7)
        if len(rows) and rows["quantity"].min() <= quantity <= rows["quantity"].max():
            at[str(supplier)] = float(np.interp(quantity, rows["quantity"], rows["cost"]))
    if costs.empty or not at:
        return _nothing(ax, words)
    best = min(at, key=lambda name: at[name])
    rows = costs[costs["supplier"] == best]
    ax.fill_between(rows["quantity"], rows["cost_low"], rows["cost_high"], color=BLUE, alpha=0.15, lw=0)
    ax.plot(rows["quantity"], rows["cost"], color=BLUE, lw=2)
    ax.axvline(quantity, color=INK, lw=0.8, ls="--")
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(
        lambda pieces, _: words.number(pieces)
    )  # powers of ten are formulas, and no text is one
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_title(words.say("explore_cost", sku=sku, pieces=words.number(quantity), supplier=printable(best), cost=words.number(at[best], 2)), loc="left", fontsize=8.5)  # fmt: skip
    return ax


def _bars(names: pd.Series) -> Axes:
    ax = _axes(0.8 + 0.2 * len(names))
    ax.set_yticks(np.arange(len(names)), [printable(name) for name in names], fontsize=7.5)
    ax.set_ylim(max(len(names), 1) - 0.5, -0.5)
    return ax


def _axes(height: float) -> Axes:
    ax = Figure(figsize=(WIDTH, height), layout="constrained", dpi=110).add_subplot()
    ax.grid(color=FAINT, lw=0.5)
    return ax


def _nothing(ax: Axes, words: Words) -> Axes:
    ax.set_axis_off()
    ax.text(0.5, 0.5, words.say("nothing_to_show"), ha="center", va="center", color=QUIET, transform=ax.transAxes)
    return ax
