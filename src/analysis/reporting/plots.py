"""One plot, one function, one Axes, the same in the report and in the notebooks; nothing is computed here.

Tables come in the order in which their rows are drawn, top to bottom. What a colour says is also said by a letter, a marker or a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.reporting.glyphs import printable
from analysis.reporting.plot_style import (
    BLUE,
    GRADE_COLOURS,
    GREEN,
    INK,
    ORANGE,
    QUIET,
    SKY,
    in_percent,
    new_axes,
    shortened,
    use_style,
)
from analysis.reporting.words import ABSENT, Words
from analysis.wording import Language

__all__ = [
    "legend_over",
    "plot_arrivals",
    "plot_best_chances",
    "plot_defect_rates",
    "plot_failures",
    "plot_lead_times",
    "plot_operating_curves",
    "plot_ratings",
    "plot_reliability",
    "plot_survival",
    "plot_waterfall",
    "plot_weights",
    "use_style",
]

GRADE_MARKERS = {"A": "o", "B": "s", "C": "D"}


def plot_defect_rates(rates: pd.DataFrame, limit: float | None = None, language: Language = "en", ax: Axes | None = None) -> Axes:  # fmt: skip
    """Defect rate of each supplier with its 90 % interval and `x of n`; hollow where nothing was inspected.

    `rates` has supplier, inspected, defective, defect_rate with `_low` and `_high`, p_over_limit.
    """
    ax, words = _rows(ax, rates["supplier"]), Words(language)
    for place, row in enumerate(rates.itertuples()):
        assessed, over = row.inspected > 0, row.p_over_limit > 0.5
        colour = (ORANGE if over else BLUE) if assessed else QUIET
        ax.plot([row.defect_rate_low, row.defect_rate_high], [place, place], color=colour, lw=2, alpha=0.75, ls="-" if assessed else ":")  # fmt: skip
        ax.plot(row.defect_rate, place, "D" if over else "o", color=colour, ms=4.5, mfc=colour if assessed else "white")
    heads = [words.say(f"col_{name}") for name in ("defects", "defect_rate", "interval", "over")]
    _columns_beside(ax, heads, [_rate_texts(words, row) for row in rates.itertuples()])
    if limit is not None:
        ax.axvline(limit, color=INK, lw=0.9, ls="--")
        ax.text(limit, -0.75, words.say("axis_limit", limit=words.percent(limit)), ha="center", va="bottom", fontsize=7)
    in_percent(ax.xaxis)
    ax.set_xlim(left=0)
    ax.set_xlabel(words.say("axis_defect_rate"))
    return ax


def _rate_texts(words: Words, row: Any) -> list[str]:
    """A supplier's rate in numbers; what the model says of one whose pieces nobody inspected is no number of its own."""
    if not row.inspected > 0:
        return [words.say("zero_inspected"), ABSENT, ABSENT, ABSENT]
    return [
        words.say("x_of_n", x=row.defective, n=row.inspected), words.percent(row.defect_rate),
        words.share_interval(row.defect_rate_low, row.defect_rate_high), words.chance(row.p_over_limit),
    ]  # fmt: skip


def plot_failures(items: pd.DataFrame, language: Language = "en", ax: Axes | None = None) -> Axes:
    """Pieces that failed each checklist item, most first; columns item, failed, inspected, share (of all failures)."""
    words = Words(language)
    ax = _rows(ax, [words.name_of(item) for item in items["item"]])
    ax.barh(np.arange(len(items)), items["failed"], color=BLUE, height=0.62)
    for place, row in enumerate(items.itertuples()):
        label = words.say("failures_label", failed=words.number(row.failed), share=words.percent(row.share, 0))
        ax.annotate(label, (row.failed, place), (4, 0), textcoords="offset points", va="center", fontsize=7.5)
    ax.set_xlabel(words.say("axis_failures"))
    ax.margins(x=0.25)
    ax.set_xlim(left=0)
    return ax


def plot_reliability(curve: pd.DataFrame, language: Language = "en", ax: Axes | None = None) -> Axes:
    """Share that came to pass against the probability that was said, a dot a step, its area by the number of forecasts.

    `curve` has said, came, honest_from, honest_to (shares) and n. The band is an honest forecaster's; a step outside it is orange.
    """
    ax, words = ax or new_axes(3.2, 2.1), Words(language)
    said, came = curve["said"].to_numpy(float), curve["came"].to_numpy(float)
    low, high = curve["honest_from"].to_numpy(float), curve["honest_to"].to_numpy(float)
    ax.plot([0, 1], [0, 1], color=QUIET, lw=0.8, ls="--")
    ax.fill_between(said, low, high, color=SKY, alpha=0.25, lw=0)
    ax.plot(said, came, color=BLUE, lw=1.0)
    colours = np.where((came < low) | (came > high), ORANGE, BLUE)
    ax.scatter(said, came, s=8 + 1.2 * curve["observations"].to_numpy(float).clip(max=60), c=colours, zorder=3)
    for axis in (ax.xaxis, ax.yaxis):
        in_percent(axis)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.02)
    ax.set_xlabel(words.say("col_said"))
    ax.set_ylabel(words.say("col_came"))
    ax.grid(True)
    return ax


def plot_lead_times(times: pd.DataFrame, language: Language = "en", ax: Axes | None = None) -> Axes:
    """Median (circle) and 90 % quantile (bar end) of each supplier's lead time with intervals, and what it promised (tick).

    `times` has supplier, received, open, lead_time_median and lead_time_p90 with `_low` and `_high`, promised_days; days.
    """
    ax, words = _rows(ax, times["supplier"]), Words(language)
    places = np.arange(len(times))
    _spans(ax, times, "lead_time_p90", places + 0.16, ORANGE, "D", words.say("axis_p90"))
    _spans(ax, times, "lead_time_median", places - 0.16, BLUE, "o", words.say("axis_median"))
    if "promised_days" in times and times["promised_days"].notna().any():
        ax.plot(times["promised_days"].astype(float), places, "|", color=INK, ms=11, mew=1.3, label=words.say("axis_promised"))  # fmt: skip
    heads = [words.say(f"col_{name}") for name in ("received", "open", "median", "p90", "interval", "p_late")]
    _columns_beside(ax, heads, [_time_texts(words, row) for row in times.itertuples()])
    ax.set_xlim(left=0)
    ax.set_xlabel(words.say("axis_days"))
    legend_over(ax)
    return ax


def _time_texts(words: Words, row: Any) -> list[str]:
    days = [words.number(value) for value in (row.received, row.open, row.lead_time_median, row.lead_time_p90)]
    interval = words.interval(row.lead_time_p90_low, row.lead_time_p90_high)
    return [*days, interval, words.chance(getattr(row, "late_probability", None))]


def plot_survival(survival: pd.DataFrame, fit: pd.DataFrame | None = None, language: Language = "en", ax: Axes | None = None) -> Axes:  # fmt: skip
    """Share of lines not yet received by day: what was seen (Kaplan-Meier, step and band) and what the model says (diamonds).

    `survival` has days, survival, low, high; `fit` has days with `days_low` and `days_high`, and the share still out.
    """
    ax, words = ax or new_axes(3.2, 2.1), Words(language)
    days = survival["days"].to_numpy(float)
    ax.fill_between(days, survival["low"].to_numpy(float), survival["high"].to_numpy(float), step="post", color=SKY, alpha=0.25, lw=0)  # fmt: skip
    ax.step(days, survival["survival"].to_numpy(float), where="post", color=BLUE, lw=1.3, label=words.say("axis_seen"))
    if fit is not None and len(fit):
        ax.hlines(fit["share"], fit["days_low"], fit["days_high"], color=ORANGE, lw=1.2)
        ax.plot(fit["days"], fit["share"], "D", color=ORANGE, ms=4, label=words.say("axis_fitted"))
    ax.set_ylim(0, 1.02)
    ax.set_xlim(left=0)
    in_percent(ax.yaxis)
    ax.set_xlabel(words.say("axis_days_since_order"))
    ax.grid(True, axis="y")
    return ax


def plot_ratings(scorecard: pd.DataFrame, language: Language = "en", ax: Axes | None = None) -> Axes:
    """Rating of each supplier with its 90 % interval; the grade by letter, colour and marker."""
    ax, words = _rows(ax, scorecard["supplier"]), Words(language)
    for place, row in enumerate(scorecard.itertuples()):
        colour = GRADE_COLOURS.get(row.grade, QUIET)
        ax.plot([row.rating_low, row.rating_high], [place, place], color=colour, lw=2, alpha=0.75)
        ax.plot(row.rating, place, GRADE_MARKERS.get(row.grade, "o"), color=colour, ms=4.5)
        _beside(ax, place, str(row.grade))
    ax.set_xlabel(words.say("axis_rating"))
    return ax


def plot_best_chances(scorecard: pd.DataFrame, language: Language = "en", ax: Axes | None = None) -> Axes:
    """Chance of each supplier to be the best and to be among the best three, as nested bars."""
    ax, words = _rows(ax, scorecard["supplier"]), Words(language)
    places = np.arange(len(scorecard))
    ax.barh(places, scorecard["p_top3"], color="#b9d6ea", height=0.62, label=words.say("axis_top3"))
    ax.barh(places, scorecard["p_best"], color=BLUE, height=0.3, label=words.say("axis_best"))
    ax.set_xlim(0, 1)
    in_percent(ax.xaxis)
    ax.set_xlabel(words.say("axis_chance"))
    _legend(ax, 2)
    return ax


def plot_weights(weights: pd.DataFrame, language: Language = "en", ax: Axes | None = None) -> Axes:
    """Weight of each criterion with its interval, and last month's (hollow)."""
    words = Words(language)
    ax = _rows(ax, [words.name_of(criterion) for criterion in weights["criterion"]])
    places = np.arange(len(weights))
    ax.hlines(places, weights["weight_low"].astype(float), weights["weight_high"].astype(float), color=BLUE, lw=2, alpha=0.6)  # fmt: skip
    ax.plot(weights["weight"].astype(float), places, "o", color=BLUE, ms=4.5, label=words.say("axis_weight_now"))
    ax.plot(weights["previous"].astype(float), places, "o", color=QUIET, mfc="none", ms=7, label=words.say("axis_weight_before"))  # fmt: skip
    ax.set_xlim(left=0)
    in_percent(ax.xaxis)
    _legend(ax, 2)
    return ax


def plot_waterfall(bars: pd.DataFrame, title: str = "", language: Language = "en", ax: Axes | None = None) -> Axes:
    """From list price to the cost of a good piece: each step as a bar where the one before it ended; the total at the end.

    `bars` has component, per_good_piece and running (the sum so far), money a good piece; the last row is the total. A step that
    nobody knows says so. The axis begins near the lowest point of the steps, not at 0.
    """
    words = Words(language)
    ax = _rows(ax, [words.name_of(step, "cost") for step in bars["component"]])
    steps, total = bars.iloc[:-1], bars.iloc[-1]
    for place, row in enumerate(steps.itertuples()):
        amount = 0.0 if row.missing else row.per_good_piece
        ax.barh(place, amount, left=row.running - amount, color=ORANGE if amount > 0 else GREEN, height=0.62)
        _beside(ax, place, words.say("axis_not_known") if row.missing else words.number(amount, 2))
    ax.barh(len(steps), total["per_good_piece"], color=BLUE, height=0.62)
    _beside(ax, len(steps), words.number(total["per_good_piece"], 2))
    ax.set_title(printable(title), loc="left", fontsize=8)
    ax.set_xlabel(words.say("axis_money_a_piece"))
    reached = steps["running"].to_numpy(float)
    if len(reached) and reached.min() > 0:  # begin near the lowest point, or the steps are too small to be seen
        ax.set_xlim(left=max(reached.min() - (reached.max() - reached.min()), 0.0))
    return ax


def plot_operating_curves(curves: pd.DataFrame, defect_rate: float | None = None, language: Language = "en", ax: Axes | None = None) -> Axes:  # fmt: skip
    """Chance of each plan to accept a lot, by the lot's share of defective pieces; dotted: the supplier's expected rate.

    `curves` has plan (its name), defect_rate and p_accept; the first plan is drawn solid, the others dashed. The axis ends where
    every plan accepts less than one lot in a hundred.
    """
    ax, words = ax or new_axes(5.2, 2.0), Words(language)
    for place, (plan, curve) in enumerate(curves.groupby("plan", sort=False)):
        colour, line = ((BLUE, "-"), (ORANGE, "--"), (GREEN, ":"))[min(place, 2)]
        ax.plot(curve["defect_rate"], curve["p_accept"], line, color=colour, lw=1.5, label=printable(str(plan)))
    if defect_rate is not None:
        ax.axvline(defect_rate, color=QUIET, lw=0.9, ls=":", label=words.say("axis_expected_rate"))
    ax.set_xlim(0, max(curves.loc[curves["p_accept"] >= 0.01, "defect_rate"].max(), 0.05))
    ax.set_ylim(0, 1.02)
    for axis in (ax.xaxis, ax.yaxis):
        in_percent(axis)
    ax.set_xlabel(words.say("axis_defects_in_lot"))
    ax.set_ylabel(words.say("axis_lot_accepted"))
    ax.grid(True, axis="y")
    _legend(ax, 2)
    return ax


def plot_arrivals(orders: pd.DataFrame, as_of: pd.Timestamp, language: Language = "en", ax: Axes | None = None) -> Axes:
    """When each open order line is expected: from the expected day to the day by which it is here with 80 %; promise as tick."""
    ax, words = _rows(ax, orders["label"]), Words(language)
    for place, row in enumerate(orders.itertuples()):
        ax.plot([row.expected_on, row.arrives_by_80], [place, place], color=BLUE, lw=2, alpha=0.75)
        ax.plot([row.expected_on], [place], "o", color=BLUE, ms=4)
        if pd.notna(row.promised_on):
            ax.plot([row.promised_on], [place], "|", color=INK, ms=10, mew=1.3)
        _beside(ax, place, words.chance(row.late_probability))
    ax.axvline(as_of, color=ORANGE, lw=0.9, ls="--")
    ax.text(as_of, -0.75, words.date(as_of), ha="center", va="bottom", fontsize=7, color=ORANGE)
    ax.tick_params(axis="x", rotation=0)
    return ax


def _rows(ax: Axes | None, names: Sequence[str] | pd.Series) -> Axes:
    """An Axes with one row a name, the first on top."""
    labels = [shortened(printable(str(name))) for name in names]
    ax = ax or new_axes(height=0.75 + 0.235 * max(len(labels), 1))
    ax.set_yticks(np.arange(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    return ax


def legend_over(ax: Axes) -> None:
    """What is drawn on `ax`, told in one row above all plots of its figure, where no curve runs."""
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=3, handletextpad=0.4, columnspacing=1.2)  # fmt: skip


def _legend(ax: Axes, columns: int) -> None:
    """The legend in one row above the plot."""
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0.1, handletextpad=0.4, columnspacing=1.2)  # fmt: skip


def _spans(ax: Axes, table: pd.DataFrame, stem: str, places: np.ndarray, colour: str, marker: str, label: str) -> None:
    low, high = table[f"{stem}_low"].astype(float), table[f"{stem}_high"].astype(float)
    ax.hlines(places, low, high, color=colour, lw=1.8, alpha=0.6)
    ax.plot(table[stem].astype(float), places, marker, color=colour, ms=4, label=label, ls="none")


def _beside(ax: Axes, place: float, words: str) -> None:
    """Write `words` right of the plot in the row at `place`."""
    ax.annotate(words, (1, place), (4, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center", fontsize=7.5, color=QUIET)  # fmt: skip


def _columns_beside(ax: Axes, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table right of the plot, a line beside each row, so that the same numbers need no second table."""
    edge = 2.0
    for head, *texts in zip(heads, *rows):
        edge += 8 + max(_width(text) for text in (head, *texts))
        for place, text in enumerate(texts):
            _right_aligned(ax, place, edge, text, INK)
        _right_aligned(ax, -0.75, edge, head, QUIET, va="bottom")


def _right_aligned(ax: Axes, place: float, edge: float, text: str, colour: str, va: str = "center") -> None:
    ax.annotate(text, (1, place), (edge, 0), xycoords=("axes fraction", "data"), textcoords="offset points", ha="right", va=va, fontsize=7, color=colour)  # fmt: skip


def _width(text: str) -> float:
    """Points that a text of 7 points is wide, about: a Chinese character is as wide as high, a Latin one half of it."""
    return sum(7.0 if ord(character) > 0x2E7F else 3.9 for character in text)
