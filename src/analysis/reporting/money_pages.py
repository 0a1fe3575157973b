"""The money chapter: what a good piece costs, how much to order at once, what a negotiation is worth, what is still open."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from analysis.decisions.landed_cost import COMPONENTS, YIELD_LOSS, rounded_bars
from analysis.decisions.sourcing import LEVERS
from analysis.reporting import blocks, plots
from analysis.reporting.blocks import Block, cell, column, name_column
from analysis.reporting.choice_blocks import regret_blocks
from analysis.reporting.claim_pages import open_claims, poor_quality
from analysis.reporting.figures import drawn
from analysis.reporting.report_context import ReportContext
from analysis.reporting.words import ABSENT, missing

MOST_SKUS = 25
"""SKUs in a table of this chapter, those on which most is spent; the workbook lists all."""
FEW_SKUS = 6
"""SKUs of which the best order size and each concession's worth are printed, the same order; the workbook lists all."""
MOST_INCOMPLETE = 12
HALF_A_FEN = 0.005


def money_pages(m: ReportContext) -> Block:
    """The chapter on what a good piece costs and where the money goes."""
    claims = [*open_claims(m), *poor_quality(m)]
    if not m.has("costs"):
        parts = [blocks.text(m.say("costs_none"), "quiet"), *claims]
        return blocks.section(m.say("costs_title"), parts, new_page=bool(claims))
    lines = planned_lines(m)
    parts = [
        blocks.text(m.say("costs_intro", currency=m.facts.currency)),
        blocks.bullets(_findings(m, lines)),
        *_compared(m, lines),
        *_incomplete(m),
        *regret_blocks(m),
        *_waterfall(m, lines),
        *_order_sizes(m, lines),
        *_levers(m, lines),
        *claims,
    ]
    return blocks.section(m.say("costs_title"), parts)


def planned_lines(m: ReportContext) -> pd.DataFrame:
    """The plan's rows of the SKUs that it buys of somebody, a month's money first; what today's supplier costs is `present_cost`."""
    plan = m.table("purchase_plan")
    if plan.empty:
        return pd.DataFrame(columns=["sku", "supplier", "present_supplier"])
    bought = plan[plan["supplier"].notna()]
    cost, monthly = bought["cost_per_good_piece"], bought["demand_per_month"]
    saved = bought["saving_per_month"].mask(
        bought["rest_supplier"].notna()
    )  # beside a trial it is not the row's supplier that saves
    known = m.table("costs").drop_duplicates(["supplier", "sku"]).set_index(["supplier", "sku"])["cost_per_good_piece"]
    today = known.reindex(pd.MultiIndex.from_frame(bought[["present_supplier", "sku"]])).set_axis(bought.index)
    lines = bought.assign(month_cost=cost * monthly, present_cost=(cost + saved / monthly).fillna(today))
    return lines.sort_values(["month_cost", "sku"], ascending=[False, True], na_position="last", ignore_index=True)


def _findings(m: ReportContext, lines: pd.DataFrame) -> list[tuple[str, str]]:
    """What the comparison comes to, in sentences."""
    found = []
    if lines["present_supplier"].notna().any():
        same = int((lines["supplier"] == lines["present_supplier"]).sum())
        found.append(("", m.say("compared_found", count=len(lines), same=same)))
    found += _most_to_gain(m)
    costs = m.table("costs")
    without = int((~costs["complete"]).sum())
    entry = "compared_incomplete" if without else "compared_complete"
    return [*found, ("", m.say(entry, count=without, offers=len(costs)))]


def _most_to_gain(m: ReportContext) -> list[tuple[str, str]]:
    """The SKU where the purchase plan's move to another supplier saves most in a month, by the plan's own figures."""
    plan = m.table("purchase_plan")
    moves = plan[plan["saving_per_month"].fillna(0) > 0] if len(plan) else plan
    if moves.empty:
        return []
    row = moves.loc[moves["saving_per_month"].idxmax()]
    saving = m.say("with_interval", value=m.words.money(row["saving_per_month"], m.facts.currency), interval=m.words.interval(row["saving_low"], row["saving_high"]))  # fmt: skip
    chosen = row["supplier"] if missing(row["rest_supplier"]) else row["rest_supplier"]
    told = m.say("compared_most", now=row["present_supplier"], chosen=chosen, saving=saving)
    return [(str(row["sku"]), told)]


def _grades(m: ReportContext) -> dict[str, str]:
    return m.table("scorecard").set_index("supplier")["grade"].to_dict() if m.has("scorecard") else {}


def _compared(m: ReportContext, lines: pd.DataFrame) -> list[Block]:
    """Both suppliers side by side; nothing where the plan buys nothing or nobody supplies anything today."""
    if lines["present_supplier"].isna().all():
        return []
    return [blocks.heading(m.say("compared_heading")), _compared_table(m, lines)]


def _compared_table(m: ReportContext, lines: pd.DataFrame) -> Block:
    heads = [
        name_column(m.say("col_sku"), lines["sku"]), column(m.say("col_present"), "left", 1), column(m.say("col_good_piece")),
        column(m.say("col_plan_buys_from"), "left", 1.2), column(m.say("col_good_piece_interval")), column(m.say("col_p_cheapest")),
    ]  # fmt: skip
    chances = m.table("costs").drop_duplicates(["supplier", "sku"]).set_index(["supplier", "sku"])["p_cheapest"]
    grades = _grades(m)
    rows = [_compared_row(m, row, grades, chances) for _, row in lines.head(MOST_SKUS).iterrows()]
    return blocks.table(heads, rows, size=7.4)


def _compared_row(m: ReportContext, row: pd.Series, grades: dict[str, str], chances: pd.Series) -> list[Any]:
    """Today's supplier and the plan's, each with the plan's own figures, and the chance that no offer costs less."""
    w, same = m.words, row["supplier"] == row["present_supplier"]
    grade = grades.get(row["supplier"])
    named = m.say("supplier_graded", supplier=row["supplier"], grade=grade) if grade else row["supplier"]
    cost = "—" if missing(row["cost_per_good_piece"]) else m.say("with_interval", value=w.number(row["cost_per_good_piece"], 2), interval=w.interval(row["cost_low"], row["cost_high"], 2))  # fmt: skip
    return [
        row["sku"], w.own(row, "present_supplier"), w.number(row["present_cost"], 2),
        cell(m.say("the_same"), tone="quiet") if same else named, cost,
        w.chance(chances.get((row["supplier"], row["sku"]))),
    ]  # fmt: skip


def _cost_cells(m: ReportContext, row: pd.Series, prefix: str) -> list[Any]:
    """Cost a good piece with its interval, and its chance of being cheapest; a cost with a part missing is marked in words."""
    w, stem = m.words, f"{prefix}cost_per_good_piece"
    if missing(row[stem]):
        return ["—", "—"]
    cost = m.say("with_interval", value=w.number(row[stem], 2), interval=w.interval(row[f"{stem}_low"], row[f"{stem}_high"], 2))  # fmt: skip
    if not row[f"{prefix}complete"]:
        return [cost, cell(_lack(m, row[f"{prefix}missing"]), tone="alert")]
    return [cost, w.chance(row[f"{prefix}p_cheapest"])]


def _lack(m: ReportContext, names: str) -> str:
    """`without freight`: what nobody knows and the cost therefore lacks."""
    return m.say("cost_without", names=m.words.listed([m.words.name_of(name, "cost") for name in str(names).split()]))


def _incomplete(m: ReportContext) -> list[Block]:
    """The offers of which something is not known, each with its cost without it."""
    costs = m.table("costs")
    lacking = costs[~costs["complete"]].sort_values(["sku", "cost_per_good_piece"])
    if lacking.empty:
        return []
    heads = [
        name_column(m.say("col_sku"), lacking["sku"]), column(m.say("col_supplier"), "left", 1), column(m.say("col_at_least")),
        column(m.say("col_lacks"), "left", 1),
    ]  # fmt: skip
    rows = [
        [row["sku"], row["supplier"], _cost_cells(m, row, "")[0], cell(_lack(m, row["missing"]), tone="alert")]
        for _, row in lacking.head(MOST_INCOMPLETE).iterrows()
    ]
    rest = m.rest("costs", len(lacking) - len(rows))
    return [blocks.heading(m.say("incomplete_heading")), blocks.table(heads, rows, size=7.4), *rest]


# ---- one cost taken apart ----


def waterfall_bars(row: pd.Series) -> pd.DataFrame:
    """`component per_good_piece running missing` of one row of the cost sheet, last row `total`.

    Bars are whole fen that add up to the total exactly; a part that comes to no fen has none.
    """
    parts = row[[*COMPONENTS, YIELD_LOSS]].astype(float)
    amounts = pd.Series(rounded_bars(parts.dropna()), parts.dropna().index)
    amounts = amounts[amounts != 0]
    parts = parts[parts.isna() | parts.index.isin(amounts.index)]
    table = pd.DataFrame({"component": parts.index, "per_good_piece": amounts.reindex(parts.index).to_numpy()})
    table["running"] = table["per_good_piece"].fillna(0).cumsum().round(6)
    table["missing"] = table["per_good_piece"].isna()
    total = round(float(amounts.sum()), 6)
    table.loc[len(table)] = ["total", total, total, bool(parts.isna().any())]
    return table


def _waterfall(m: ReportContext, lines: pd.DataFrame) -> list[Block]:
    """The cost of the SKU on which most is spent, taken apart; only one that adds up to what the plan says of it."""
    costs = lines[["sku", "supplier"]].assign(planned=lines.get("cost_per_good_piece")).merge(m.table("costs"), on=["sku", "supplier"])  # fmt: skip
    known = costs[(costs["cost_per_good_piece"] - costs["planned"]).abs() < HALF_A_FEN]
    if known.empty:
        return []
    row = known.iloc[0]
    bars = waterfall_bars(row)
    title = f"{row['supplier']} {row['sku']}"
    svg = drawn(partial(plots.plot_waterfall, bars, title, m.words.language), 0.55 + 0.14 * len(bars))
    first, total = m.words.number(row["list_price"], 2), m.words.number(row["cost_per_good_piece"], 2)
    alt = m.say("alt_waterfall", sku=row["sku"], supplier=row["supplier"], first=first, total=total)
    caption = m.say("caption_waterfall", sku=row["sku"], supplier=row["supplier"], quantity=m.words.number(row["quantity"]))  # fmt: skip
    return [blocks.figure(svg, alt, caption, floats=True)]


# ---- how much at once, and what to ask for ----


def _of_plan(m: ReportContext, name: str, lines: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table `name` on the suppliers that the plan buys from, in the order of `lines`."""
    return lines[["sku", "supplier"]].merge(m.table(name), on=["sku", "supplier"], how="inner")


def _order_sizes(m: ReportContext, lines: pd.DataFrame) -> list[Block]:
    if not m.has("order_sizes") or lines.empty:
        return []
    now = lines[["sku", "supplier", "pieces", "transport_mode"]]
    sizes = now.merge(m.table("order_sizes").drop(columns="transport_mode"), on=["sku", "supplier"], how="inner")
    if sizes.empty:
        return []
    heads = [
        name_column(m.say("col_sku"), sizes["sku"]), column(m.say("col_supplier"), "left", 1), column(m.say("col_minimum")),
        column(m.say("col_orders_now")), column(m.say("col_best_order")), column(m.say("col_price_there")), column(m.say("col_mode"), "left"),
        column(m.say("col_landed")), column(m.say("col_orders_a_year")), column(m.say("col_covers")),
    ]  # fmt: skip
    steps = bool(sizes["next_step"].notna().any())
    heads += [column(m.say("col_next_step"))] if steps else []
    rows = [_size_row(m, row)[: len(heads)] for _, row in sizes.iterrows()]
    none = sizes[sizes["order_quantity"].isna()]
    notes = [blocks.bullets([(str(row["sku"]), m.words.own(row, "note")) for _, row in none.iterrows()])]
    return [
        blocks.heading(m.say("sizes_heading")),
        blocks.text(m.say("sizes_intro")),
        *m.first_rows("order_sizes", heads, rows, FEW_SKUS, size=7.4),
        *(notes if len(none) else []),
    ]


def _size_row(m: ReportContext, row: pd.Series) -> list[Any]:
    w = m.words
    if missing(row["order_quantity"]):
        return [row["sku"], row["supplier"], w.number(row["min_quantity"]), w.number(row["pieces"]), cell(m.say("no_order"), tone="alert"), *["—"] * 6]  # fmt: skip
    price = w.number(row["cost_per_piece"], 2)
    lacks = "without_border" if "costs.without_border" in str(row["note"]) else "without_freight"
    step = "—" if missing(row["next_step"]) else m.say("next_step", quantity=w.number(row["next_step"]), extra=w.number(row["next_step_extra_per_year"]))  # fmt: skip
    return [
        row["sku"], row["supplier"], w.number(row["min_quantity"]), w.number(row["pieces"]), w.number(row["order_quantity"]), w.price(row["unit_price"]),
        "—" if missing(row["transport_mode"]) else w.name_of(row["transport_mode"]),
        price if row["complete"] else cell(m.say(lacks, cost=price), tone="alert"),
        w.number(row["orders_per_year"], 1), w.number(row["days_covered"]), step,
    ]  # fmt: skip


def _levers(m: ReportContext, lines: pd.DataFrame) -> list[Block]:
    if not m.has("negotiation"):
        return []
    levers = _of_plan(m, "negotiation", lines)
    if levers.empty:
        return []
    found = {(row["sku"], row["lever"]): row for _, row in levers.iterrows()}
    heads = [
        name_column(m.say("col_sku"), levers["sku"]),
        column(m.say("col_supplier"), "left", 1),
        column(m.say("col_order_pieces")),
    ]
    heads += [column(m.say(f"lever_{lever}")) for lever in LEVERS] + [column(m.say("col_costs_supplier"))]
    one = levers.drop_duplicates("sku")
    rows = [
        [row["sku"], row["supplier"], m.words.number(row["quantity"]), *(_worth(m, found.get((row["sku"], lever))) for lever in LEVERS), _supplier_pays(m, found, row["sku"])]
        for _, row in one.iterrows()
    ]  # fmt: skip
    return [
        blocks.heading(m.say("levers_heading")),
        blocks.text(m.say("levers_intro", currency=m.facts.currency)),
        *m.first_rows("negotiation", heads, rows, FEW_SKUS, size=7.4),
    ]


def _worth(m: ReportContext, row: pd.Series | None) -> Any:
    if row is None or not row["known"]:
        return cell(m.say("axis_not_known"), tone="quiet")
    if missing(row["worth_per_piece"]):
        return ABSENT
    amount = m.words.number(row["worth_per_piece"], 3)
    return m.say("worth_and_share", worth=amount, share=m.words.percent(row["share_of_price"], 2))


def _supplier_pays(m: ReportContext, found: dict[tuple[str, str], pd.Series], sku: str) -> str:
    """What 30 days of credit cost the supplier by the platform's early payment."""
    row = found.get((sku, "credit_30_days"))
    return "—" if row is None else m.words.number(row["cost_to_supplier"], 3)
