"""Do all tables and pages of a review give one answer? Whom to buy from, who steps in, whom to test and the money are the plan's.

`page_contradictions` reads a report's content against the plan; `python benchmarks/agreement.py` makes reviews of
simulated companies, with and without suppliers that get worse, and counts what they find.
"""

from __future__ import annotations

import argparse
import functools
import operator
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from subsets import run_review

from analysis.paths import DATA
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.glyphs import printable
from analysis.reporting.sections import report_content
from analysis.review.agreement import contradictions
from analysis.simulate import simulate_company
from analysis.wording import LANGUAGES, say

Tables = Mapping[str, pd.DataFrame]

# ---- what the pages say ----

RECOMMENDING = ("plan_heading", "compared_heading", "sizes_heading", "levers_heading", "stock_title", "backups_heading", "regret_heading", "plan_title")  # fmt: skip
"""Headings under which a row names whom its SKU is bought from."""
SUPPLIER_HEADS = ("col_supplier", "col_plan_buys_from")
SAYS_BEST = {"en": ("best", "cheapest"), "zh": ("最优", "最省", "最佳")}


def page_contradictions(content: Mapping[str, Any], tables: Tables) -> list[str]:
    """What the content of a report (`report_content`) says against the plan, or twice in different money."""
    language, found, money = content["language"], [], dict[str, set[str]]()
    plan = tables["purchase_plan"]
    chosen = {sku: printable(str(name)) for sku, name in plan.dropna(subset="supplier").set_index("sku")["supplier"].items()}  # fmt: skip
    for heading, table in _tables(content):
        heads = [column["label"] for column in table["columns"]]
        for row in table["rows"]:
            cells = [cell if isinstance(cell, str) else cell["text"] for cell in row]
            if heading in _texts(RECOMMENDING, language) and cells[0] in chosen:
                found += _wrong_supplier(heading, heads, cells, chosen[cells[0]], language)
                for head, cell in zip(heads, cells):
                    if head == say("report.col_good_piece_interval", language):
                        money.setdefault(cells[0], set()).add(cell)
        found += _bests(heads, table["rows"], set(chosen.values()), tables, language)
    found += [
        f"{sku} costs {' and '.join(sorted(costs))} on different pages"
        for sku, costs in money.items()
        if len(costs) > 1
    ]
    return [*found, *_bought_and_stopped(content, tables, language)]


def _tables(content: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every table of the report under its heading."""
    pages = [{"title": content["front"]["title"], "blocks": content["front"]["blocks"]}, *content["sections"]]
    for page in pages:
        heading = page["title"]
        for block in page["blocks"]:
            heading = block["text"] if block["kind"] == "heading" else heading
            if block["kind"] == "table":
                yield heading, block


def _texts(keys: tuple[str, ...], language: Any) -> set[str]:
    return {say(f"report.{key}", language) for key in keys}


def _wrong_supplier(heading: str, heads: list[str], cells: list[str], chosen: str, language: Any) -> list[str]:
    same, none = say("report.the_same", language), "—"
    for head, cell in zip(heads, cells):
        if head in _texts(SUPPLIER_HEADS, language) and cell not in (same, none) and not cell.startswith(chosen):
            return [f"under {heading!r} {cells[0]} is bought from {cell}, in the plan from {chosen}"]
    return []


def _bests(heads: list[str], rows: list[Any], chosen: set[str], tables: Tables, language: Any) -> Iterator[str]:
    """A column that calls a supplier best or cheapest names nobody whom the plan passes over."""
    suppliers = {printable(str(name)) for name in tables["scorecard"]["supplier"]}
    for place, head in enumerate(heads):
        if any(word in head.lower() for word in SAYS_BEST[language]):
            named = {row[place] if isinstance(row[place], str) else row[place]["text"] for row in rows}
            for name in (named & suppliers) - chosen:
                yield f"the column {head!r} names {name}, from whom the plan buys nothing"


def _bought_and_stopped(content: Mapping[str, Any], tables: Tables, language: Any) -> Iterator[str]:
    """Nobody stands under "stop ordering" and under an order, on any page."""
    card = tables["scorecard"]
    watched = {printable(str(name)) for name in card.loc[card["grade"] == "C", "supplier"]}
    for heading, table in _tables(content):
        if heading in _texts(RECOMMENDING, language):
            for place, column in enumerate(table["columns"]):
                cells = [row[place] if isinstance(row[place], str) else row[place]["text"] for row in table["rows"]]
                if column["label"] in _texts((*SUPPLIER_HEADS, "col_rival", "col_backup"), language):
                    yield from (f"under {heading!r} stands {name}, which is grade C" for name in watched & set(cells))


def found_in(tables: Tables, facts: ReviewFacts) -> list[str]:
    """Everything found in the tables and in the pages of both languages."""
    pages = [page_contradictions(report_content(tables, facts, language), tables) for language in LANGUAGES]
    return [*contradictions(tables), *functools.reduce(operator.iadd, pages, [])]


# ---- companies ----

COMPANIES = [(suppliers, rounds, seed) for seed in range(10) for suppliers, rounds in ((6, 4), (12, 6))]


def review_of(source: Path, month: str) -> tuple[dict[str, pd.DataFrame], ReviewFacts]:
    """The tables of a review of the folder `source`, made here without printing, and its facts."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        shutil.copytree(source, folder / "raw" / source.name)
        store = run_review(source.name, month, folder, printed=False)
        as_of = pd.Period(month, "M").end_time.normalize()
        title = {"en": source.name, "zh": source.name}
        return store.read_all(), ReviewFacts(source.name, month, as_of, title)


def of_company(suppliers: int, rounds: int, seed: int) -> list[str]:
    """What is found in the review of a simulated company's last month; every other one has a story of suppliers that get worse."""
    made = simulate_company(rounds=rounds, suppliers=suppliers, seed=seed, story=bool(seed % 2))
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "company"
        source.mkdir()
        for name, table in made.known(made.ends_on).items():
            table.to_csv(source / f"{name}.csv", index=False)
        return found_in(*review_of(source, str(made.last_month)))


def run(most: int = len(COMPANIES)) -> list[dict]:
    found = [(name, found_in(*review_of(DATA / name, month))) for name, month in SHIPPED.items()]
    found += [(f"company {case}", of_company(*case)) for case in COMPANIES[:most]]
    for name, told in found:
        print(name, *told, sep="\n    ", file=sys.stderr, flush=True)
    count = sum(len(told) for _, told in found)
    return [
        {
            "what": f"contradictions between pages, {len(found)} reviews",
            "figure": str(count),
            "goal": "0",
            "met": not count,
        }
    ]


SHIPPED = {"case-tool-sets": "2025-06", "case-bags": "2025-06", "example": "2026-10"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=len(COMPANIES))
    print(pd.DataFrame(run(parser.parse_args().most)).to_string(index=False))
