"""The lead time chapter: how long orders take, what is still open, which promises were kept."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from analysis.reporting import blocks, plots
from analysis.reporting.blocks import Block, cell, column
from analysis.reporting.figures import MOST_ROWS, drawn, row_height
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import missing

OUTCOMES = ("on_time_in_full", "late", "short", "undelivered")
"""What became of a due line; `short` is shown where it occurred."""

SLOWEST = 4
"""Factories in the table of legs; `review.html` lists all."""

MOST_OPEN, MOST_LATE = 10, 6
"""Open order lines and suppliers listed; the workbook and `review.html` list all."""


def delivery_pages(m: ReportContext) -> Block:
    """The chapter on lead times, open orders and kept promises."""
    if not m.has("lead_times"):
        return blocks.section(m.say("delivery_title"), [blocks.text(m.say("delivery_none"), "quiet")])
    times = m.table("lead_times").sort_values(
        ["lead_time_p90", "supplier"], ascending=[False, True], na_position="last"
    )
    parts = [
        blocks.text(m.say("delivery_intro")),
        *_shutdowns(m),
        *_legs(m),
        _times_figure(m, times),
        *_not_drawn(m, times),
        *_open_lines(m),
        *_on_time(m),
    ]
    return blocks.section(m.say("delivery_title"), parts)


def _shutdowns(m: ReportContext) -> list[Block]:
    """When factories are taken to stand still next, and what that rests on."""
    if not m.has("shutdowns"):
        return []
    told = [_shutdown_sentence(m, row) for _, row in m.table("shutdowns").iterrows() if not missing(row["closed_from"])]
    return [blocks.text(m.say("shutdowns_intro")), blocks.bullets(told)] if told else []


def _shutdown_sentence(m: ReportContext, row: pd.Series) -> tuple[str, str]:
    w = m.words
    stated = m.say("shutdown_stated", count=row["stated"]) if row["stated"] else ""
    name = m.say(f"festival_{row['festival']}")
    if row["work_left"] == 1:
        return name, w.sentences(m.say("shutdown_none"), stated)
    work = (
        m.say("shutdown_part", share=w.percent(row["work_left"], 0)) if row["work_left"] > 0 else m.say("shutdown_full")
    )
    days = row["days_before"], row["days_after"]
    learned = days != (row["expected_before"], row["expected_after"])
    told = [
        m.say("shutdown_when", first=w.date(row["closed_from"]), last=w.date(row["closed_until"]), work=work),
        m.say("shutdown_learned" if learned else "shutdown_expected"),
        stated,
    ]
    return name, w.sentences(*told)


def _times_figure(m: ReportContext, times: pd.DataFrame) -> Block | None:
    known = times[times["lead_time_p90"].notna()]
    if known.empty:
        return None
    kept = set(known.assign(lines=known["received"] + known["open"]).nlargest(MOST_ROWS, "lines")["supplier"])
    shown = known[known["supplier"].isin(kept)]
    svg = drawn(partial(plots.plot_lead_times, shown, m.words.language), row_height(len(shown)) + 0.2)
    slow = shown.iloc[0]
    alt = m.say("alt_times", count=len(shown), supplier=slow["supplier"], days=m.words.number(slow["lead_time_p90"]))
    return blocks.figure(svg, alt, m.say("caption_times") + m.left_out("rule_most_lines", shown, known), floats=True)


def _not_drawn(m: ReportContext, times: pd.DataFrame) -> list[Block]:
    """How many suppliers the figure has no room for, and of how many nothing is known."""
    known = int(times["lead_time_p90"].notna().sum())
    unknown = m.say("times_unknown", count=len(times) - known)
    return [*m.rest("lead_times", known - MOST_ROWS), *([blocks.text(unknown, "note")] if known < len(times) else [])]


# ---- whose time it is ----


def _legs(m: ReportContext) -> list[Block]:
    """The factory's slowest and every carrier mode, where dispatch dates are known."""
    if not m.has("factory_leg", "carrier_leg"):
        return []
    slowest = m.table("factory_leg").nlargest(SLOWEST, "lead_time_p90").rename(columns={"supplier": "who"})
    modes = m.table("carrier_leg").rename(columns={"transport_mode": "who"}).sort_values("lead_time_p90")
    modes = modes.assign(who=[m.words.name_of(mode) for mode in modes["who"]])
    rows = [[m.say(leg), *_leg_row(m, row)] for leg, table in (("leg_factory", slowest), ("leg_carrier", modes)) for _, row in table.iterrows()]  # fmt: skip
    heads = [
        column(m.say("col_leg"), "left"), column(m.say("col_who"), "left", 1), column(m.say("col_received")),
        column(m.say("col_open")), column(m.say("col_median")), column(m.say("col_interval")), column(m.say("col_p90")),
        column(m.say("col_interval")),
    ]  # fmt: skip
    return [
        blocks.heading(m.say("legs_heading")),
        blocks.text(m.say("legs_intro", count=len(slowest))),
        blocks.table(heads, rows, size=7.6),
        *m.rest("factory_leg", len(m.table("factory_leg")) - len(slowest)),
    ]


def _leg_row(m: ReportContext, row: pd.Series) -> list[Any]:
    w = m.words
    return [
        row["who"], w.number(row["received"]), w.number(row["open"]),
        w.number(row["lead_time_median"]), w.interval(row["lead_time_median_low"], row["lead_time_median_high"]),
        w.number(row["lead_time_p90"]), w.interval(row["lead_time_p90_low"], row["lead_time_p90_high"]),
    ]  # fmt: skip


def fitted_shares(times: pd.DataFrame, supplier: str) -> pd.DataFrame:
    """The fitted days at which a half and a tenth of the lines are still out, with their intervals; none for a stranger."""
    own = times[times["supplier"] == supplier]
    stems = {"lead_time_median": 0.5, "lead_time_p90": 0.1}
    rows = [
        (*of, share) for stem, share in stems.items() for of in zip(own[stem], own[f"{stem}_low"], own[f"{stem}_high"])
    ]
    return pd.DataFrame(rows, columns=["days", "days_low", "days_high", "share"]).dropna()


# ---- open orders and kept promises ----


def _open_lines(m: ReportContext) -> list[Block]:
    title = blocks.heading(m.say("open_heading"))
    if not m.has("open_orders"):
        return [title, blocks.text(m.say("open_none"))]
    waiting = m.table("open_orders")
    if "ordered_on" not in waiting:  # the clock may start at the payment; the day it started is then told
        waiting = waiting.assign(ordered_on=m.facts.as_of - pd.to_timedelta(waiting["days_open"], unit="D"))
    overdue = waiting["promised_on"] < m.facts.as_of
    order = ["overdue", "late_probability", "days_open"]
    waiting = waiting.assign(overdue=overdue).sort_values(order, ascending=False, na_position="last")
    heads = [
        column(m.say("col_order"), "left"), column(m.say("col_supplier"), "left", 1), column(m.say("col_ordered_on")),
        column(m.say("col_promised_on")), column(m.say("col_days_open")), column(m.say("col_expected_on")),
        column(m.say("col_by_80")), column(m.say("col_p_late")),
    ]  # fmt: skip
    shown = waiting.head(MOST_OPEN)
    rest = len(waiting) - len(shown)
    note = [blocks.text(m.say("open_rest", count=rest, shown=MOST_OPEN), "note")] if rest else []
    table = blocks.table(heads, [_open_row(m, row) for _, row in shown.iterrows()], size=7.6)
    told = m.say("open_intro", count=len(waiting)) + _late_together(m) + _arrive_together(m)
    return [title, blocks.text(told), table, *note, *_moved_promises(m, waiting)]


def _moved_promises(m: ReportContext, waiting: pd.DataFrame) -> list[Block]:
    """Which open lines the supplier promised anew, and for when; what is called late is so by the first promise."""
    moved = waiting.dropna(subset="repromised_on") if "repromised_on" in waiting else waiting.iloc[:0]
    if moved.empty:
        return []
    lines = [m.say("open_moved_line", order=_order(row), supplier=row["supplier"], day=m.words.date(row["repromised_on"])) for _, row in moved.iterrows()]  # fmt: skip
    return [blocks.text(m.say("open_moved", count=len(lines), lines=m.words.listed(lines)), "note")]


def _order(row: pd.Series) -> str:
    return row["order_id"] if missing(row["line_no"]) else f"{row['order_id']}-{row['line_no']}"


def _arrive_together(m: ReportContext) -> str:
    """How many of the open lines, and of their pieces, are here by the end of next month; and how such ranges held so far."""
    if not m.has("arrivals_together"):
        return ""
    w, row = m.words, m.table("arrivals_together").iloc[0]
    told = {"arrive": _few(m, row["arrive"]), "interval": _range(m, row["arrive_low"], row["arrive_high"])}
    told |= {"open": w.number(row["open"]), "until": w.date(row["until"]), "level": w.percent(row["level"], 0)}
    pieces = ""
    if not missing(row["pieces"]):
        goods = {"arrive": w.number(row["pieces_arrive"]), "pieces": w.number(row["pieces"])}
        pieces = m.say(
            "arrive_pieces", **goods, interval=_range(m, row["pieces_arrive_low"], row["pieces_arrive_high"])
        )
    record = m.say("arrive_record", past=row["past"], held=row["held"]) if row["past"] else ""
    return m.say("arrive_together", pieces=pieces, **told) + record


def _range(m: ReportContext, low: float, high: float) -> str:
    ends = [m.words.number(end) for end in (low, high)]
    return ends[0] if ends[0] == ends[1] else m.words.interval(low, high)


def _late_together(m: ReportContext) -> str:
    """How many of the open lines are or will be late, with the interval of the sum; nothing where no chance is known."""
    if not m.has("late_together"):
        return ""
    w, row = m.words, m.table("late_together").iloc[0]
    told = {name: w.number(row[name]) for name in ("promised", "overdue")} | {"level": w.percent(row["level"], 0)}
    low, high, late = row["late_low"], row["late_high"], row["late"]
    told |= {"late": _few(m, late), "interval": _range(m, low, high)}
    together = "" if low == high or row["promised"] - row["overdue"] < 2 else _wider(m, int(row["months"]))
    return m.say("late_together", **told) + together


def _few(m: ReportContext, count: float) -> str:
    """An expected number of lines: below ten with a decimal, unless it is whole."""
    if 0 < count < 0.05:
        return "<0.1"
    return m.words.number(count, 1 if count < 10 and count != round(count) else 0)


def _wider(m: ReportContext, months: int) -> str:
    """Why the range is wider than that of single orders, and what tells by how much."""
    if months == 1:
        return m.say("late_learned_one")
    return m.say("late_learned", months=months) if months else m.say("late_usual")


def _open_row(m: ReportContext, row: pd.Series) -> list[Any]:
    w = m.words
    promise = cell(w.date(row["promised_on"]), tone="alert") if row["overdue"] else w.date(row["promised_on"])
    late = cell(m.say("overdue"), tone="alert") if row["overdue"] else w.chance(row["late_probability"])
    return [
        _order(row), row["supplier"], w.date(row["ordered_on"]), promise, w.number(row["days_open"]),
        w.date(row["expected_on"]), w.date(row["arrives_by_80"]), late,
    ]  # fmt: skip


def _on_time(m: ReportContext) -> list[Block]:
    title = blocks.heading(m.say("on_time_heading"))
    due = m.table("on_time")
    due = due[(due["due"] > 0) & (due["supplier"] != "")] if len(due) else due
    if due.empty:
        return [title, blocks.text(m.say("on_time_none"), "quiet")]
    outcomes = [name for name in OUTCOMES if name in due and (name != "short" or due[name].any())]
    heads = [column(m.say("col_supplier"), "left", 1), column(m.say("col_due"))]
    heads += [column(m.say(f"col_{name}")) for name in outcomes]
    heads += [column(m.say("col_otif")), column(m.say("col_interval"))]
    rows = [_on_time_row(m, row, outcomes) for _, row in due.sort_values(["otif", "due", "supplier"]).iterrows()]
    moved = int(due["moved"].sum()) if "moved" in due else 0
    told = m.say("on_time_moved", moved=m.words.number(moved), suppliers=int((due["moved"] > 0).sum())) if moved else ""
    return [title, blocks.text(m.say("on_time_intro") + told), *m.first_rows("on_time", heads, rows, MOST_LATE)]


def _on_time_row(m: ReportContext, row: pd.Series, outcomes: list[str]) -> list[Any]:
    w = m.words
    counts = [w.number(row[name]) for name in ("due", *outcomes)]
    return [row["supplier"], *counts, w.percent(row["otif"], 0), w.share_interval(row["otif_low"], row["otif_high"], 0)]
