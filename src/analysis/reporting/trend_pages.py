"""The trends chapter: every supplier's months on one scale, and who gets better or worse."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.blocks import Block
from analysis.reporting.figures import MOST_ROWS, as_svg, axes_in_row, drawing
from analysis.reporting.report_context import ReportContext
from analysis.reporting.small_multiples import plot_trends

MEASURES = ("defect_rate", "days", "on_time", "price")
SURE = 0.95
"""Probability from which a change is told: of a hundred comparisons some look like a change by chance."""
MOST_TOLD = 5


def trend_pages(m: ReportContext) -> list[Block]:
    """The chapter; none before anything was seen."""
    if not m.has("trends", "orders"):
        return []
    changes = clear_changes(m)
    shown = changes.head(MOST_TOLD)
    rest = len(changes) - len(shown)
    note = [blocks.text(m.say("trends_rest", count=rest), "note")] if rest else []
    told = [blocks.bullets([_told(m, row) for _, row in shown.iterrows()])] if len(shown) else []
    parts = [blocks.text(m.say("trends_intro")), *told, *note, _figure(m)]
    return [blocks.section(m.say("trends_title"), parts, message=_message(m, changes))]


def clear_changes(m: ReportContext) -> pd.DataFrame:
    """The last three months against the nine before, where a supplier clearly got better or worse; the surest first."""
    changes = m.table("trend_changes")
    if changes.empty:
        return changes
    own = changes[(changes["span"] == "quarter") & (changes["supplier"] != "") & changes["p_worse"].notna()]
    sure = own[["p_worse"]].assign(better=1 - own["p_worse"]).max(axis=1)
    return own.assign(sure=sure)[sure >= SURE].sort_values(
        ["sure", "supplier", "measure"], ascending=[False, True, True]
    )


def _message(m: ReportContext, changes: pd.DataFrame) -> str:
    if changes.empty:
        return m.say("trends_message_none")
    worse = changes.loc[changes["p_worse"] > 0.5, "supplier"].nunique()
    better = changes.loc[changes["p_worse"] < 0.5, "supplier"].nunique()
    return m.say("trends_message", better=better, worse=worse, sure=m.words.percent(SURE, 0))


def _told(m: ReportContext, row: pd.Series) -> tuple[str, str]:
    key = "trend_worse" if row["p_worse"] > 0.5 else "trend_better"
    values = {"before": written(m, row["measure"], row["before"]), "now": written(m, row["measure"], row["now"])}
    values |= {name: m.words.number(row[name]) for name in ("n_before", "n_now")}
    told = m.say(key, measure=m.say(f"measure_{row['measure']}"), p=m.words.chance(row["sure"]), **values)
    return str(row["supplier"]), told


def written(m: ReportContext, measure: str, value: Any) -> str:
    """A value of a measure as a reader writes it."""
    if measure == "days":
        return m.say("days", days=m.words.number(value, 1))
    return m.words.number(value, 2) if measure == "price" else m.words.percent(value)


def _figure(m: ReportContext) -> Block:
    trends = m.table("trends")
    lines = m.table("orders")["supplier"].value_counts()
    known = [name for name in lines.index if name in set(trends["supplier"])]
    suppliers = sorted(known[:MOST_ROWS], key=_rank(m))
    with drawing():
        axes = axes_in_row(len(MEASURES), 0.55 + 0.235 * len(suppliers))
        for ax, measure in zip(axes, MEASURES):
            own = trends[trends["measure"] == measure]
            plot_trends(
                own, suppliers, m.facts.first_day, ax, m.words.language, measure=measure, scale=_scale(measure, own),
                limit=m.limit() if measure == "defect_rate" else None, forecast=_forecast(m, measure), named=ax is axes[0],
            )  # fmt: skip
        svg = as_svg(axes[0])
    shown = pd.DataFrame({"supplier": suppliers})
    caption = m.say("caption_trends") + m.left_out("rule_most_lines", shown, lines)
    return blocks.figure(svg, m.say("alt_trends", count=len(suppliers)), caption)


def _rank(m: ReportContext):
    """The rank of a supplier by its name, those not rated last."""
    ranked = m.ranked()
    places = dict(zip(ranked["supplier"], ranked["rank"])) if len(ranked) else {}
    return lambda name: (places.get(name, len(places) + 1), name)


def _scale(measure: str, own: pd.DataFrame) -> tuple[float, float]:
    """One scale for all suppliers: shares from 0, the price around 1; nearly all that was seen is on it."""
    if measure == "on_time":
        return 0.0, 1.0
    if measure == "price":
        return 0.7, 1.3
    return 0.0, max(float(own["value"].quantile(0.95)), 0.1 if measure == "defect_rate" else 10.0) if len(own) else 1.0


def _forecast(m: ReportContext, measure: str) -> pd.DataFrame | None:
    """What the estimates expect of the next order: the interval of the defect rate, or of the median lead time."""
    table, stem = {"defect_rate": (m.supplier_rates(), "defect_rate"), "days": (m.table("lead_times"), "lead_time_median")}.get(measure, (pd.DataFrame(), ""))  # fmt: skip
    if table.empty or f"{stem}_low" not in table:
        return None
    return pd.DataFrame(
        {"supplier": table["supplier"], "low": table[f"{stem}_low"], "high": table[f"{stem}_high"]}
    ).dropna()
