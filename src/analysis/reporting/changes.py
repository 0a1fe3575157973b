"""What changed since last month: grades, ranks, orders, arrivals, first inspections, and what sells otherwise than expected."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.months import later
from analysis.reporting.learning_pages import reason_of_move
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import missing

MOST_MOVES = 3
"""Changes of grade named on the first page."""
MOST_SELLING = 2
"""SKUs that sell otherwise than expected, named on the first page; the stock page names more."""
Item = tuple[str, str]
"""A bold lead (may be empty) and the rest of the sentence."""


def what_changed(m: ReportContext) -> list[Item]:
    """Moves of grade and rank since last month, the month's orders, arrivals and first inspections, and what sells otherwise."""
    return [*_moves(m), *_orders_placed(m), *_first_inspections(m), *_selling(m)]


def _moves(m: ReportContext) -> Iterator[Item]:
    before, now = m.table("previous_scorecard"), m.table("scorecard")
    if before.empty or now.empty:
        yield "", m.say("changed_first_review")
        return
    yield from _corrections(m)
    both = now.merge(before[["supplier", "grade", "rank"]], on="supplier", how="left", suffixes=("", "_before"))
    moved = both[both["grade_before"].notna() & (both["grade"] != both["grade_before"])].sort_values("rank")
    for row in moved.head(MOST_MOVES).itertuples():
        told = m.say("changed_grade", before=row.grade_before, now=row.grade, old=int(row.rank_before), new=int(row.rank))  # fmt: skip
        yield (
            str(row.supplier),
            _because(m, told, _cause_of_grade(m, row.supplier) or reason_of_move(m, str(row.supplier))),
        )
    if len(moved) > MOST_MOVES:
        yield "", m.say("changed_more_grades", count=len(moved) - MOST_MOVES)
    if moved.empty:
        yield "", m.say("changed_no_grade")
    yield from _leader_change(m, both[~both["supplier"].isin(moved["supplier"])])
    new = both.loc[both["grade_before"].isna(), "supplier"].tolist()
    if new:
        yield "", m.say("changed_new_suppliers", count=len(new), names=m.words.listed(new))


def _corrections(m: ReportContext) -> Iterator[Item]:
    """What last month's review said against what it would say with the entries made since, where the grades differ."""
    changes = m.table("grade_changes")
    if changes.empty:
        return
    corrected = changes[changes["grade_corrected"] != changes["grade_before"]]
    if len(corrected):
        before, now = (
            grades_counted(corrected_from) for corrected_from in (changes["grade_before"], changes["grade_corrected"])
        )
        month = m.words.month(later(m.facts.month, -1))
        names = m.words.listed(corrected["supplier"].tolist())
        yield "", m.say("changed_corrected", month=month, before=before, now=now, names=names)


def grades_counted(grades: pd.Series) -> str:
    """`8 A, 13 B, 4 C`."""
    return ", ".join(f"{count} {grade}" for grade, count in grades.value_counts().sort_index().items())


def _cause_of_grade(m: ReportContext, supplier: object) -> str:
    """What made the supplier's change of grade; empty where nobody compared."""
    changes = m.table("grade_changes")
    own = changes[changes["supplier"] == supplier] if len(changes) else changes
    return "" if own.empty or missing(own.iloc[0]["reason"]) else m.words.own(own.iloc[0], "reason")


def _leader_change(m: ReportContext, both: pd.DataFrame) -> Iterator[Item]:
    for leader in both[(both["rank"] == 1) & both["rank_before"].gt(1)].itertuples():
        told = m.say("changed_leader", old=int(leader.rank_before))
        yield str(leader.supplier), _because(m, told, reason_of_move(m, str(leader.supplier)))


def _because(m: ReportContext, told: str, *reasons: str) -> str:
    """`told` with its reasons, as far as any is known."""
    for reason in filter(None, reasons):
        told = m.say("changed_because", told=told.rstrip(".。"), reason=reason)
    return told


def _orders_placed(m: ReportContext) -> Iterator[Item]:
    orders = m.table("orders")
    if orders.empty:
        return
    new = orders[m.facts.in_month(orders["ordered_on"])]
    arrived = orders[m.facts.in_month(orders["received_on"])]
    first = orders.groupby("supplier")["ordered_on"].min()
    first_time = first[m.facts.in_month(first)].index.tolist()
    yield "", m.say("changed_orders", orders=len(new), suppliers=new["supplier"].nunique(), arrivals=len(arrived))
    if first_time:
        yield "", m.say("changed_first_orders", count=len(first_time), names=m.words.listed(first_time))


def _first_inspections(m: ReportContext) -> Iterator[Item]:
    if not m.has("inspections", "orders"):
        return
    sold_by = m.table("orders")[["order_id", "line_no", "supplier"]].drop_duplicates(["order_id", "line_no"])
    seen = m.table("inspections").merge(sold_by, on=["order_id", "line_no"], how="inner", suffixes=("", "_of_order"))
    first = seen.groupby("supplier")["inspected_on"].min()
    names = first[m.facts.in_month(first)].index.tolist()
    if names:
        yield "", m.say("changed_first_inspections", count=len(names), names=m.words.listed(names))


def _selling(m: ReportContext) -> Iterator[Item]:
    """SKUs of which much more or less was sold of late than was to be expected by the months before, those of the most demand first."""
    if not m.has("stock"):
        return
    rows = m.table("stock")
    rows = rows[rows["note_key"].isin(["sells_more", "sells_less"])].sort_values("demand_per_month", ascending=False)
    yield from ((str(row["sku"]), m.words.own(row, "note")) for _, row in rows.head(MOST_SELLING).iterrows())
