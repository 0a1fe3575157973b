"""The month in six numbers, each with its count and, where it is an estimate, its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.estimates.lead_time import jeffreys_interval
from analysis.reporting.report_context import ReportContext
from analysis.reporting.trend_pages import written
from analysis.reporting.words import missing

Tile = dict[str, Any]
SURE = 0.95


def headline(m: ReportContext) -> list[Tile]:
    """Six tiles: label, value, detail, the change against last month and the line of the last twelve."""
    tiles = [_grades(m), _defects(m), _over_limit(m), _on_time(m), _lead_time(m), _activity(m)]
    return [tile | _history(m, tile["measure"]) for tile in tiles]


def _tile(label: str, value: str, detail: str, tone: str = "", measure: str = "") -> Tile:
    return {"label": label, "value": value, "detail": detail, "tone": tone, "measure": measure}


def _history(m: ReportContext, measure: str) -> dict[str, Any]:
    """`change`: this month against the last, and whether it is more than noise; `line`: the last twelve months, empty where unknown."""
    if measure == "orders":
        return _orders_history(m)
    if measure == "grades":
        return {"change": _grades_changed(m), "line": []}
    trends, changes = m.table("trends"), m.table("trend_changes")
    if not measure or trends.empty:
        return {"change": "", "line": []}
    own = trends[(trends["supplier"] == "") & (trends["measure"] == measure)].set_index("month")["value"]
    moved = changes[(changes["supplier"] == "") & (changes["measure"] == measure) & (changes["span"] == "month")]
    return {"change": _moved(m, measure, moved.iloc[0]) if len(moved) else "", "line": _twelve(m, own)}


def _moved(m: ReportContext, measure: str, row: pd.Series) -> str:
    sure = max(row["p_worse"], 1 - row["p_worse"])
    key = "change_noise" if sure < SURE else "change_worse" if row["p_worse"] > 0.5 else "change_better"
    return m.say(key, before=written(m, measure, row["before"]), now=written(m, measure, row["now"]))


def _twelve(m: ReportContext, values: pd.Series) -> list[float | None]:
    months = pd.date_range(end=m.facts.first_day, periods=12, freq="MS")
    told = [None if missing(value) else round(float(value), 6) for value in values.reindex(months)]
    return told if sum(value is not None for value in told) > 2 else []


def _orders_history(m: ReportContext) -> dict[str, Any]:
    orders = m.table("orders")
    if orders.empty:
        return {"change": "", "line": []}
    counts = orders["ordered_on"].dt.to_period("M").dt.to_timestamp().value_counts()
    months = pd.date_range(end=m.facts.first_day, periods=12, freq="MS")
    line = counts.reindex(months[months >= counts.index.min()]).fillna(0)
    if len(line) < 2:
        return {"change": "", "line": []}
    return {"change": m.say("change_count", before=m.words.number(line.iloc[-2])), "line": _twelve(m, line)}


def _grades_changed(m: ReportContext) -> str:
    before = m.table("previous_scorecard")
    if before.empty:
        return ""
    counts = before["grade"].value_counts()
    return m.say(
        "change_grades", before=m.say("grades_counted", **{grade: int(counts.get(grade, 0)) for grade in "ABC"})
    )


def _absent(m: ReportContext, label: str, why: str) -> Tile:
    return _tile(m.say(label), m.say("not_assessed"), m.say(why), "quiet")


def _grades(m: ReportContext) -> Tile:
    if not m.has("scorecard"):
        return _absent(m, "tile_suppliers", "why_no_scorecard")
    counts = m.table("scorecard")["grade"].value_counts()
    value = m.say("grades_counted", **{grade: int(counts.get(grade, 0)) for grade in "ABC"})
    return _tile(
        m.say("tile_suppliers"),
        value,
        m.say("tile_suppliers_detail", count=len(m.table("scorecard"))),
        measure="grades",
    )


def _defects(m: ReportContext) -> Tile:
    rates = m.supplier_rates()
    inspected = 0 if rates.empty else int(rates["inspected"].sum())
    if inspected == 0:
        return _absent(m, "tile_defects", "why_no_inspections")
    defective = int(rates["defective"].sum())
    interval = _share_interval(m, defective, inspected)
    detail = m.say("tile_defects_detail", defective=f"{defective:,}", inspected=f"{inspected:,}", interval=interval)
    return _tile(m.say("tile_defects"), m.words.percent(defective / inspected), detail, measure="defect_rate")


def _over_limit(m: ReportContext) -> Tile:
    rates = m.supplier_rates()
    if rates.empty or not rates["assessed"].any():
        return _absent(m, "tile_over", "why_no_inspections")
    assessed = rates[rates["assessed"]]
    over = int((assessed["p_over_limit"] > 0.5).sum())
    limit = m.words.percent(m.limit())
    detail = m.say("tile_over_detail", limit=limit, not_assessed=int((~rates["assessed"]).sum()))
    value = m.say("x_of_n", x=over, n=len(assessed))
    return _tile(m.say("tile_over"), value, detail, "alert" if over else "")


def _on_time(m: ReportContext) -> Tile:
    due = m.table("on_time")
    rows = due[due["supplier"] != ""] if len(due) else due
    lines = 0 if rows.empty else int(rows["due"].sum())
    if lines == 0:
        return _absent(m, "tile_on_time", "why_no_promises")
    kept = int(rows["on_time_in_full"].sum())
    interval = _share_interval(m, kept, lines, 0)
    detail = m.say("tile_on_time_detail", kept=f"{kept:,}", due=f"{lines:,}", interval=interval)
    return _tile(m.say("tile_on_time"), m.words.percent(kept / lines, 0), detail, measure="on_time")


def _lead_time(m: ReportContext) -> Tile:
    curve = m.table("survival")
    curve = curve[curve["supplier"] == ""] if len(curve) else curve
    if curve.empty or curve["survival"].min() > 0.5:
        return _absent(m, "tile_lead_time", "why_few_arrivals")
    middle, low, high = (_first_day(curve, part) for part in ("survival", "low", "high"))
    times = m.table("lead_times")
    count, still_open = (int(times[name].sum()) if len(times) else 0 for name in ("received", "open"))
    interval = m.words.interval(low, high) if not missing(high) else m.say("from_days", days=m.words.number(low))
    detail = m.say("tile_lead_time_detail", interval=interval, received=f"{count:,}", open=f"{still_open:,}")
    return _tile(m.say("tile_lead_time"), m.say("days", days=m.words.number(middle)), detail, measure="days")


def _first_day(curve: pd.DataFrame, part: str) -> float | None:
    """The day on which the curve `part` first falls to one half; None when it never does."""
    reached = curve.loc[curve[part] <= 0.5, "days"]
    return float(reached.min()) if len(reached) else None


def _activity(m: ReportContext) -> Tile:
    orders = m.table("orders")
    if orders.empty:
        return _absent(m, "tile_orders", "why_no_orders")
    new = orders[m.facts.in_month(orders["ordered_on"])]
    paid = new["paid_amount"].sum(min_count=1) if "paid_amount" in new else None
    pieces = m.words.number(new["quantity"].sum())
    detail = m.say("tile_orders_detail", pieces=pieces, suppliers=new["supplier"].nunique())
    if not missing(paid):
        detail = m.say("tile_orders_paid", detail=detail, paid=m.words.money(paid, m.facts.currency))
    return _tile(m.say("tile_orders"), m.words.number(len(new)), detail, measure="orders")


def _share_interval(m: ReportContext, count: int, total: int, digits: int = 1) -> str:
    """The 90 % Jeffreys interval of a share over all suppliers, in these proportions: that they differ makes it no wider."""
    low, high = jeffreys_interval(np.array(count), np.array(total), 0.90)
    return m.words.share_interval(float(low), float(high), digits)
