"""The month in six numbers, each with its count and, where it is an estimate, its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.estimates.lead_time import jeffreys_interval
from analysis.reporting.material import Material
from analysis.reporting.words import missing


def headline(m: Material) -> list[dict[str, str]]:
    """Six tiles: label, value, detail."""
    return [_grades(m), _defects(m), _over_limit(m), _on_time(m), _lead_time(m), _activity(m)]


def _tile(label: str, value: str, detail: str, tone: str = "") -> dict[str, str]:
    return {"label": label, "value": value, "detail": detail, "tone": tone}


def _absent(m: Material, label: str, why: str) -> dict[str, str]:
    return _tile(m.say(label), m.say("not_assessed"), m.say(why), "quiet")


def _grades(m: Material) -> dict[str, str]:
    if not m.has("scorecard"):
        return _absent(m, "tile_suppliers", "why_no_scorecard")
    counts = m.table("scorecard")["grade"].value_counts()
    value = m.say("grades_counted", **{grade: int(counts.get(grade, 0)) for grade in "ABC"})
    return _tile(m.say("tile_suppliers"), value, m.say("tile_suppliers_detail", count=len(m.table("scorecard"))))


def _defects(m: Material) -> dict[str, str]:
    rates = m.supplier_rates()
    inspected = 0 if rates.empty else int(rates["inspected"].sum())
    if inspected == 0:
        return _absent(m, "tile_defects", "why_no_inspections")
    defective = int(rates["defective"].sum())
    interval = _share_interval(m, defective, inspected)
    detail = m.say("tile_defects_detail", defective=f"{defective:,}", inspected=f"{inspected:,}", interval=interval)
    return _tile(m.say("tile_defects"), m.words.percent(defective / inspected), detail)


def _over_limit(m: Material) -> dict[str, str]:
    rates = m.supplier_rates()
    if rates.empty or not rates["assessed"].any():
        return _absent(m, "tile_over", "why_no_inspections")
    assessed = rates[rates["assessed"]]
    over = int((assessed["p_over_limit"] > 0.5).sum())
    limit = m.words.percent(m.limit())
    detail = m.say("tile_over_detail", limit=limit, not_assessed=int((~rates["assessed"]).sum()))
    value = m.say("x_of_n", x=over, n=len(assessed))
    return _tile(m.say("tile_over"), value, detail, "alert" if over else "")


def _on_time(m: Material) -> dict[str, str]:
    due = m.table("on_time")
    rows = due[due["supplier"] != ""] if len(due) else due
    lines = 0 if rows.empty else int(rows["due"].sum())
    if lines == 0:
        return _absent(m, "tile_on_time", "why_no_promises")
    kept = int(rows["on_time_in_full"].sum())
    interval = _share_interval(m, kept, lines, 0)
    detail = m.say("tile_on_time_detail", kept=f"{kept:,}", due=f"{lines:,}", interval=interval)
    return _tile(m.say("tile_on_time"), m.words.percent(kept / lines, 0), detail)


def _lead_time(m: Material) -> dict[str, str]:
    curve = m.table("survival")
    curve = curve[curve["supplier"] == ""] if len(curve) else curve
    if curve.empty or curve["survival"].min() > 0.5:
        return _absent(m, "tile_lead_time", "why_few_arrivals")
    middle, low, high = (_first_day(curve, part) for part in ("survival", "low", "high"))
    times = m.table("lead_times")
    count, still_open = (int(times[name].sum()) if len(times) else 0 for name in ("received", "open"))
    interval = m.words.interval(low, high) if not missing(high) else m.say("from_days", days=m.words.number(low))
    detail = m.say("tile_lead_time_detail", interval=interval, received=f"{count:,}", open=f"{still_open:,}")
    return _tile(m.say("tile_lead_time"), m.say("days", days=m.words.number(middle)), detail)


def _first_day(curve: pd.DataFrame, part: str) -> float | None:
    """The day on which the curve `part` first falls to one half; None when it never does."""
    reached = curve.loc[curve[part] <= 0.5, "days"]
    return float(reached.min()) if len(reached) else None


def _activity(m: Material) -> dict[str, str]:
    orders = m.table("orders")
    if orders.empty:
        return _absent(m, "tile_orders", "why_no_orders")
    new = orders[m.facts.in_month(orders["ordered_on"])]
    paid = new["paid_amount"].sum(min_count=1) if "paid_amount" in new else None
    pieces = m.words.number(new["quantity"].sum())
    detail = m.say("tile_orders_detail", pieces=pieces, suppliers=new["supplier"].nunique())
    if not missing(paid):
        detail = m.say("tile_orders_paid", detail=detail, paid=m.words.money(paid, m.facts.currency))
    return _tile(m.say("tile_orders"), m.words.number(len(new)), detail)


def _share_interval(m: Material, count: int, total: int, digits: int = 1) -> str:
    """The 90 % Jeffreys interval of a share over all suppliers, in these proportions: that they differ makes it no wider."""
    low, high = jeffreys_interval(np.array(count), np.array(total), 0.90)
    return m.words.share_interval(float(low), float(high), digits)
