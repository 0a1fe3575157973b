"""Offers side by side, whom to try first and whom to ask what, and how suppliers reply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.reporting import blocks
from analysis.reporting.around_words import words
from analysis.reporting.blocks import Block, cell, column, name_column
from analysis.reporting.codes import code_name
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import ABSENT, missing

MOST_OFFERS, MOST_ASKED, MOST_CONTACTS = 45, 25, 25
FEW, FEW_CONTACTS = 5, 4
"""Rows of a table once orders tell more than offers: the plan then says what they come to."""


def offer_pages(m: ReportContext) -> list[Block]:
    """The chapter; none where nobody offers anything and nobody was asked."""
    parts = [*_offers(m), *_odd(m), *_first(m), *_questions(m), *_contacts(m)]
    return [blocks.section(words(m, "offers_title"), parts, new_page=not m.has("orders"))] if parts else []


def _offers(m: ReportContext) -> list[Block]:
    if not m.has("offer_comparison"):
        return []
    offers = m.table("offer_comparison")
    shown = _shown(m, offers)
    heads = [
        name_column(words(m, "col_sku"), shown["sku"]), name_column(m.say("col_supplier"), shown["supplier"]), column(words(m, "col_pieces")),
        column(words(m, "col_price")), column(words(m, "col_below")), column(words(m, "col_days")), column(words(m, "col_terms"), "left"),
        column(words(m, "col_tax"), "left"), column(words(m, "col_pay")), column(words(m, "col_note"), "left", 2),
    ]  # fmt: skip
    lines = [_offer(m, row) for _, row in shown.iterrows()]
    if all(line[-3] == ABSENT for line in lines):  # nobody said whether tax is included
        heads, lines = [*heads[:-3], *heads[-2:]], [[*line[:-3], *line[-2:]] for line in lines]
    if not any(line[-1] for line in lines):  # nothing to know of any: the suppliers' names take its place
        heads, lines = heads[:-1], [line[:-1] for line in lines]
    intro = blocks.text(words(m, "offers_intro"))
    return [intro, blocks.table(heads, lines, size=7), *m.rest("offer_comparison", len(offers) - len(shown))]


ROUTINE = ("never_quoted", "expired", "expired_last_order", "minimum_above_demand", "terms_missing")
"""Remarks on offers that other pages say, or that hold of every quote in time."""


def _odd(m: ReportContext) -> list[Block]:
    """Offers that are left out for what their quote says, and those that are reckoned otherwise than they stand."""
    if not m.has("offer_remarks"):
        return []
    odd = m.table("offer_remarks")
    odd = odd[~odd["code"].isin(ROUTINE)].sort_values(["refused", "sku", "supplier"], ascending=[False, True, True])
    shown = odd.head(FEW)
    told = [(f"{row['supplier']}, {row['sku']}:", m.words.own(row, "note")) for _, row in shown.iterrows()]
    if not told:
        return []
    return [
        blocks.heading(words(m, "remarks_heading")),
        blocks.bullets(told),
        *m.rest("offer_remarks", len(odd) - len(shown)),
    ]


def _shown(m: ReportContext, offers: pd.DataFrame) -> pd.DataFrame:
    """Before any order, and of few offers, all that fit; else what looks like a trap and the cheapest of each SKU."""
    if not m.has("orders") or len(offers) <= FEW:
        return offers.head(MOST_OFFERS)
    cheapest = ~offers.sort_values(["sku", "unit_price"], kind="stable").duplicated("sku").reindex(offers.index)
    return offers[cheapest | offers["trap"]].sort_values("trap", ascending=False, kind="stable").head(FEW)


def _offer(m: ReportContext, row: pd.Series) -> list[Any]:
    w = m.words
    tax = ABSENT if missing(row["tax_included"]) else words(m, "yes" if row["tax_included"] else "no")
    against = ABSENT if missing(row["below_market"]) else f"{-100 * row['below_market']:+.0f}%"
    unstated = missing(row["deposit_share"]) and missing(row["credit_days"])
    terms = {"share": w.percent(row["deposit_share"], 0), "days": w.number(row["credit_days"])}
    said = w.own(row, "payment_terms")
    pay = said if unstated or said != ABSENT else words(m, "pay_terms", **terms)
    concluded = code_name("offer_comparison", "conclusion", w.own(row, "conclusion"), w.language)
    notes = [part for part in (w.own(row, "note"), concluded) if part != ABSENT]
    return [
        row["sku"], row["supplier"], w.number(row["quantity"]), w.price(row["unit_price"]),
        cell(against, tone="alert" if row["trap"] else ""), w.number(row["lead_time_days"]), w.own(row, "freight_terms"), tax, pay,
        " ".join(notes) or "",
    ]  # fmt: skip


def _first(m: ReportContext) -> list[Block]:
    """Before any order: of each SKU whom to try first. With orders the trial plan says it."""
    if m.has("orders") or not m.has("offer_comparison"):
        return []
    return [blocks.heading(words(m, "first_heading")), blocks.bullets(("", told) for told in _to_try(m))]


MOST_ON_FRONT = 6


def before_first_order(m: ReportContext) -> list[Block]:
    """The first page where nothing was ordered yet: that it says nothing of quality, and whom to try first."""
    if m.has("orders") or not (m.has("offer_comparison") or m.has("open_questions")):
        return []
    said = [("", told) for told in _to_try(m)][:MOST_ON_FRONT] if m.has("offer_comparison") else []
    bullets = [blocks.heading(words(m, "first_heading")), blocks.bullets(said)] if said else []
    return [blocks.text(words(m, "no_orders_front"), "alert"), *bullets]


def _to_try(m: ReportContext) -> Iterator[str]:
    asked = m.table("open_questions")
    missing_items = asked.set_index(["supplier", "sku"])["complete"].to_dict() if len(asked) else {}
    plan = m.table("purchase_plan").set_index("sku") if m.has("purchase_plan") else pd.DataFrame()
    for sku, rows in m.table("offer_comparison").groupby("sku", sort=True):
        if sku in plan.index and plan.loc[sku, "pieces"] > 0:  # the plan has weighed freight and minimum too
            row = plan.loc[sku]
            values = {"supplier": row["supplier"], "price": m.words.price(row["unit_price"])}
            pieces = m.words.number(row["pieces"])
            yield words(m, "first_one", sku=sku, why=words(m, "first_plan"), pieces=pieces, **values)
            continue
        sound = rows[~rows["trap"]]
        if sound.empty:
            yield words(m, "first_none", sku=sku)
            continue
        complete = [int(missing_items.get((name, sku), 5)) for name in sound["supplier"]]
        best = sound.assign(complete=complete).sort_values(["unit_price", "supplier"]).iloc[0]
        alone = len(rows) == 1
        why = words(m, "first_alone") if alone else words(m, "first_why", complete=best["complete"])
        values = {
            "supplier": best["supplier"],
            "price": m.words.price(best["unit_price"]),
            "pieces": m.words.number(best["quantity"]),
        }
        yield words(m, "first_one", sku=sku, why=why, **values)


def _questions(m: ReportContext) -> list[Block]:
    if not m.has("open_questions"):
        return []
    asked = m.table("open_questions").sort_values(["complete", "supplier", "sku"])
    shown = asked.head(FEW if m.has("orders") else MOST_ASKED)
    heads = [
        column(m.say("col_supplier"), "left", 1), column(words(m, "col_sku"), "left", 1), column(words(m, "col_complete")),
        column(words(m, "col_missing"), "left", 2), column(words(m, "col_waiting")),
    ]  # fmt: skip
    lines = [
        [
            row["supplier"], row["sku"], words(m, "of_five", count=row["complete"]), m.words.own(row, "missing"),
            m.words.number(row["waiting_days"]),
        ]
        for _, row in shown.iterrows()
    ]  # fmt: skip
    return _listed(m, "ask", "open_questions", blocks.table(heads, lines, size=7.4), shown, asked)


def _contacts(m: ReportContext) -> list[Block]:
    if not m.has("contacts"):
        return []
    rows = m.table("contacts").sort_values(["service_trap", "hours_after", "supplier"], ascending=[False, False, True])
    shown = rows.head(max(FEW_CONTACTS, int(rows["service_trap"].sum())) if m.has("orders") else MOST_CONTACTS)
    heads = [
        column(m.say("col_supplier"), "left", 1), column(words(m, "col_before"), "left"), column(words(m, "col_after"), "left"),
        column(words(m, "col_flag"), "left", 2),
    ]  # fmt: skip
    lines = [
        [row["supplier"], _hours(m, row, "before"), _hours(m, row, "after"), cell(m.words.own(row, "note"), tone="alert" if row["service_trap"] else "")]
        for _, row in shown.iterrows()
    ]  # fmt: skip
    return _listed(m, "contacts", "contacts", blocks.table(heads, lines, size=7.4), shown, rows)


def _listed(
    m: ReportContext, name: str, source: str, table: Block, shown: pd.DataFrame, every: pd.DataFrame
) -> list[Block]:
    """The table under its heading and introduction, with the note on the rows that it leaves out."""
    told = [blocks.heading(words(m, f"{name}_heading")), blocks.text(words(m, f"{name}_intro"))]
    return [*told, table, *m.rest(source, len(every) - len(shown))]


def _hours(m: ReportContext, row: pd.Series, side: str) -> str:
    if missing(row[f"hours_{side}"]):
        return ABSENT
    counts = {"asked": row[f"asked_{side}"], "answered": row[f"answered_{side}"]}
    return words(m, "hours", hours=m.words.number(row[f"hours_{side}"], 1), **counts)
