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
from analysis.reporting.material import Material
from analysis.reporting.words import missing

MOST_SKUS = 25
"""SKUs in a table of this chapter, those on which most is spent; the workbook lists all."""
MOST_INCOMPLETE = 12
SURE = 0.9


def money_pages(m: Material) -> Block:
    """The chapter on what a good piece costs and where the money goes."""
    claims = [*open_claims(m), *poor_quality(m)]
    if not m.has("costs"):
        parts = [blocks.text(m.say("costs_none"), "quiet"), *claims]
        return blocks.section(m.say("costs_title"), parts, new_page=bool(claims))
    compared = compared_offers(m.table("costs"), present_suppliers(m))
    parts = [
        blocks.text(m.say("costs_intro", currency=m.facts.currency)),
        blocks.bullets(_findings(m, compared)),
        blocks.heading(m.say("compared_heading")),
        _compared_table(m, compared),
        *_incomplete(m),
        *regret_blocks(m),
        *_waterfall(m, compared_offers(m.table("costs"), suppliers_of_plan(m))),
        *_order_sizes(m, compared),
        *_levers(m, compared),
        *claims,
    ]
    return blocks.section(m.say("costs_title"), parts)


def present_suppliers(m: Material) -> pd.Series:
    """Whom each SKU is bought from today, index SKU; where nothing was bought yet, whom the plan buys it from."""
    if not m.has("purchase_plan"):
        return pd.Series(dtype=object, name="supplier")
    plan = m.table("purchase_plan").set_index("sku")
    return plan["present_supplier"].fillna(plan["supplier"]).dropna().rename("supplier")


def suppliers_of_plan(m: Material) -> pd.Series:
    """Whom the plan buys each SKU from, index SKU; where it buys nothing, whom it is bought from today."""
    present = present_suppliers(m)
    if present.empty:
        return present
    planned = m.table("purchase_plan").set_index("sku")["supplier"]
    return planned.fillna(present).dropna().rename("supplier")


def compared_offers(costs: pd.DataFrame, present: pd.Series) -> pd.DataFrame:
    """One row an SKU: the present supplier's offer and, as `cheapest_*`, the complete offer that costs least a good piece.

    Where the present supplier has made no offer its columns are missing; where no offer is complete the cheapest's are. The
    SKU whose month's demand costs most comes first (`month_cost`).
    """
    offers = costs.sort_values("wanted", kind="stable").drop_duplicates(["supplier", "sku"])
    named = pd.DataFrame({"sku": present.index, "supplier": present.to_numpy()})
    complete = offers[offers["complete"]].sort_values(["cost_per_good_piece", "supplier"]).drop_duplicates("sku")
    table = offers[["sku"]].drop_duplicates().merge(named, on="sku", how="left")
    table = table.merge(offers, on=["sku", "supplier"], how="left")
    table = table.merge(complete.add_prefix("cheapest_").rename(columns={"cheapest_sku": "sku"}), on="sku", how="left")
    cost = table["cost_per_good_piece"].fillna(table["cheapest_cost_per_good_piece"])
    table["month_cost"] = cost * offers.groupby("sku")["wanted"].min().reindex(table["sku"]).to_numpy()
    return table.sort_values(["month_cost", "sku"], ascending=[False, True], ignore_index=True)


def _findings(m: Material, compared: pd.DataFrame) -> list[tuple[str, str]]:
    """What the comparison comes to, in sentences."""
    known = compared[compared["cost_per_good_piece"].notna() & compared["complete"].eq(True)]
    same, dear = known["supplier"] == known["cheapest_supplier"], known["p_cheapest"] < 1 - SURE
    found = [("", m.say("compared_found", count=len(known), same=int(same.sum()), dear=int(dear.sum())))]
    found += _most_to_gain(m)
    costs = m.table("costs")
    without = int((~costs["complete"]).sum())
    entry = "compared_incomplete" if without else "compared_complete"
    return [*found, ("", m.say(entry, count=without, offers=len(costs)))]


def _most_to_gain(m: Material) -> list[tuple[str, str]]:
    """The SKU where the purchase plan's move to another supplier saves most in a month, by the plan's own figures."""
    plan = m.table("purchase_plan")
    moves = plan[plan["saving_per_month"].fillna(0) > 0] if len(plan) else plan
    if moves.empty:
        return []
    row = moves.loc[moves["saving_per_month"].idxmax()]
    saving = m.say("with_interval", value=m.words.money(row["saving_per_month"], m.facts.currency), interval=m.words.interval(row["saving_low"], row["saving_high"]))  # fmt: skip
    told = m.say("compared_most", now=row["present_supplier"], chosen=row["supplier"], saving=saving)
    return [(str(row["sku"]), told)]


def _grades(m: Material) -> dict[str, str]:
    return m.table("scorecard").set_index("supplier")["grade"].to_dict() if m.has("scorecard") else {}


def _compared_table(m: Material, compared: pd.DataFrame) -> Block:
    cost = column(m.say("col_good_piece_interval"))
    heads = [
        name_column(m.say("col_sku"), compared["sku"]), column(m.say("col_present"), "left", 1), cost, column(m.say("col_p_cheapest")),
        column(m.say("col_cheapest"), "left", 1.2), cost, column(m.say("col_p_cheapest")),
    ]  # fmt: skip
    grades = _grades(m)
    rows = [_compared_row(m, row, grades) for _, row in compared.head(MOST_SKUS).iterrows()]
    return blocks.table(heads, rows, size=7.4)


def _compared_row(m: Material, row: pd.Series, grades: dict[str, str]) -> list[Any]:
    now = [m.words.own(row, "supplier"), *_cost_cells(m, row, "")]
    if missing(row["cheapest_supplier"]):
        return [row["sku"], *now, cell(m.say("no_complete_offer"), tone="quiet"), "—", "—"]
    if row["cheapest_supplier"] == row["supplier"]:
        return [row["sku"], *now, cell(m.say("the_same"), tone="quiet"), "", ""]
    name, grade = row["cheapest_supplier"], grades.get(row["cheapest_supplier"])
    graded = m.say("supplier_graded", supplier=name, grade=grade) if grade else name
    named = cell(graded, tone="alert") if grade == "C" else graded
    return [row["sku"], *now, named, *_cost_cells(m, row, "cheapest_")]


def _cost_cells(m: Material, row: pd.Series, prefix: str) -> list[Any]:
    """Cost a good piece with its interval, and its chance of being cheapest; a cost with a part missing is marked in words."""
    w, stem = m.words, f"{prefix}cost_per_good_piece"
    if missing(row[stem]):
        return ["—", "—"]
    cost = m.say("with_interval", value=w.number(row[stem], 2), interval=w.interval(row[f"{stem}_low"], row[f"{stem}_high"], 2))  # fmt: skip
    if not row[f"{prefix}complete"]:
        return [cost, cell(_lack(m, row[f"{prefix}missing"]), tone="alert")]
    return [cost, w.chance(row[f"{prefix}p_cheapest"])]


def _lack(m: Material, names: str) -> str:
    """`without freight`: what nobody knows and the cost therefore lacks."""
    return m.say("cost_without", names=m.words.listed([m.words.name_of(name, "cost") for name in str(names).split()]))


def _incomplete(m: Material) -> list[Block]:
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
    rest = len(lacking) - len(rows)
    note = [blocks.text(m.say("plain_rest", count=rest), "note")] if rest else []
    return [blocks.heading(m.say("incomplete_heading")), blocks.table(heads, rows, size=7.4), *note]


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


def _waterfall(m: Material, compared: pd.DataFrame) -> list[Block]:
    known = compared[compared["cost_per_good_piece"].notna()]
    if known.empty:
        return []
    row = known.iloc[0]
    bars = waterfall_bars(row)
    title = f"{row['supplier']} {row['sku']}"
    svg = drawn(partial(plots.plot_waterfall, bars, title, m.words.language), 0.6 + 0.165 * len(bars))
    first, total = m.words.number(row["list_price"], 2), m.words.number(row["cost_per_good_piece"], 2)
    alt = m.say("alt_waterfall", sku=row["sku"], supplier=row["supplier"], first=first, total=total)
    caption = m.say("caption_waterfall", sku=row["sku"], supplier=row["supplier"], quantity=m.words.number(row["quantity"]))  # fmt: skip
    return [blocks.heading(m.say("waterfall_heading")), blocks.figure(svg, alt, caption)]


# ---- how much at once, and what to ask for ----


def _of_plan(m: Material, name: str, compared: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table `name` on the suppliers that the plan buys from, in the order of `compared`."""
    chosen = compared[["sku"]].assign(supplier=compared["sku"].map(suppliers_of_plan(m))).dropna()
    return chosen.merge(m.table(name), on=["sku", "supplier"], how="inner")


def _order_sizes(m: Material, compared: pd.DataFrame) -> list[Block]:
    sizes = _of_plan(m, "order_sizes", compared) if m.has("order_sizes") else pd.DataFrame()
    if sizes.empty:
        return []
    heads = [
        name_column(m.say("col_sku"), sizes["sku"]), column(m.say("col_supplier"), "left", 1), column(m.say("col_minimum")),
        column(m.say("col_best_order")), column(m.say("col_price_there")), column(m.say("col_mode"), "left"),
        column(m.say("col_landed")), column(m.say("col_orders_a_year")), column(m.say("col_covers")),
    ]  # fmt: skip
    steps = bool(sizes["next_step"].notna().any())
    heads += [column(m.say("col_next_step"))] if steps else []
    rows = [_size_row(m, row)[: len(heads)] for _, row in sizes.head(MOST_SKUS).iterrows()]
    none = sizes[sizes["order_quantity"].isna()]
    notes = [blocks.bullets([(str(row["sku"]), m.words.own(row, "note")) for _, row in none.iterrows()])]
    return [
        blocks.heading(m.say("sizes_heading")),
        blocks.text(m.say("sizes_intro")),
        blocks.table(heads, rows, size=7.4),
        *(notes if len(none) else []),
    ]


def _size_row(m: Material, row: pd.Series) -> list[Any]:
    w = m.words
    if missing(row["order_quantity"]):
        return [row["sku"], row["supplier"], w.number(row["min_quantity"]), cell(m.say("no_order"), tone="alert"), *["—"] * 6]  # fmt: skip
    price = w.number(row["cost_per_piece"], 2)
    lacks = "without_border" if "costs.without_border" in str(row["note"]) else "without_freight"
    step = "—" if missing(row["next_step"]) else m.say("next_step", quantity=w.number(row["next_step"]), extra=w.number(row["next_step_extra_per_year"]))  # fmt: skip
    return [
        row["sku"], row["supplier"], w.number(row["min_quantity"]), w.number(row["order_quantity"]), w.number(row["unit_price"], 2),
        "—" if missing(row["transport_mode"]) else w.name_of(row["transport_mode"]),
        price if row["complete"] else cell(m.say(lacks, cost=price), tone="alert"),
        w.number(row["orders_per_year"], 1), w.number(row["days_covered"]), step,
    ]  # fmt: skip


def _levers(m: Material, compared: pd.DataFrame) -> list[Block]:
    if not m.has("negotiation"):
        return []
    levers = _of_plan(m, "negotiation", compared)
    found = {(row["sku"], row["lever"]): row for _, row in levers.iterrows()}
    heads = [
        name_column(m.say("col_sku"), levers["sku"]),
        column(m.say("col_supplier"), "left", 1),
        column(m.say("col_order_pieces")),
    ]
    heads += [column(m.say(f"lever_{lever}")) for lever in LEVERS] + [column(m.say("col_costs_supplier"))]
    one = levers.drop_duplicates("sku").head(MOST_SKUS)
    rows = [
        [row["sku"], row["supplier"], m.words.number(row["quantity"]), *(_worth(m, found.get((row["sku"], lever))) for lever in LEVERS), _supplier_pays(m, found, row["sku"])]
        for _, row in one.iterrows()
    ]  # fmt: skip
    return [
        blocks.heading(m.say("levers_heading")),
        blocks.text(m.say("levers_intro", currency=m.facts.currency)),
        blocks.table(heads, rows, size=7.4),
    ]


def _worth(m: Material, row: pd.Series | None) -> Any:
    if row is None or not row["known"]:
        return cell(m.say("axis_not_known"), tone="quiet")
    amount = m.words.number(row["worth_per_piece"], 3)
    return m.say("worth_and_share", worth=amount, share=m.words.percent(row["share_of_price"], 2))


def _supplier_pays(m: Material, found: dict[tuple[str, str], pd.Series], sku: str) -> str:
    """What 30 days of credit cost the supplier by the platform's early payment."""
    row = found.get((sku, "credit_30_days"))
    return "—" if row is None else m.words.number(row["cost_to_supplier"], 3)
