"""Any sheet of the ledger and any canonical table but `orders` may be missing: a whole review of every subset must stand.

A small simulated company of 1, 2, 3 or 8 suppliers; the cells of the notebooks run here, one after the other, without a kernel
each (a review in seconds); the pages are made in both languages, but printed only where asked. `python benchmarks/subsets.py` runs
every subset; `--share 3/8` the third eighth of them.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterable, Iterator
from functools import cache, partial
from itertools import chain, combinations
from pathlib import Path
from unittest import mock

import matplotlib
import matplotlib.pyplot as plt
import nbformat
import openpyxl
import pandas as pd

from analysis.month import open_month
from analysis.paths import NOTEBOOKS
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.sections import report_content
from analysis.review.agreement import contradictions
from analysis.simulate import Company, simulate_company, write_company
from analysis.simulate.ledger_file import LEDGER_FILE, ledger_tables
from analysis.sources.ledger import write_ledger
from analysis.sources.ledger_sheets import SHEETS
from analysis.sources.tables import TABLES
from analysis.store import MonthStore
from analysis.wording import LANGUAGES

SUPPLIERS = (1, 2, 3, 8)
EXPLORE = "08_explore"
LEDGER = tuple(sheet.name for sheet in SHEETS)
CANONICAL = tuple(name for name in TABLES if name != "orders")


@cache
def company(suppliers: int) -> Company:
    """Three small rounds; the last month is still under way for half of its orders."""
    return simulate_company(rounds=3, suppliers=suppliers, seed=3, story=False)


def write_source(folder: Path, kind: str, absent: frozenset[str], suppliers: int, empty: bool = False) -> None:
    """The company as an export and a ledger (`kind` "ledger") or as plain tables ("canonical"), without those `absent`.

    `empty`: what is absent has its sheet or file, but no row.
    """
    made, folder = company(suppliers), Path(folder)
    folder.mkdir(parents=True)
    if kind == "canonical":
        for name, table in made.known(made.ends_on).items():
            if name not in absent or empty:
                (table.iloc[:0] if name in absent else table).to_csv(folder / f"{name}.csv", index=False)
        return
    with tempfile.TemporaryDirectory() as whole:
        write_company(made, Path(whole) / "source", Path(whole) / "truth", dirty=False)
        shutil.copytree(Path(whole) / "source", folder, dirs_exist_ok=True)
    hidden = {sheet.table.name for sheet in SHEETS if sheet.name in absent}
    write_ledger(folder / LEDGER_FILE, {k: v for k, v in ledger_tables(made).items() if k not in hidden}, "zh")
    if not empty:
        workbook = openpyxl.load_workbook(folder / LEDGER_FILE)
        for sheet in SHEETS:
            if sheet.name in absent and sheet.zh in workbook.sheetnames:  # optional ones are written only when filled
                del workbook[sheet.zh]
        workbook.save(folder / LEDGER_FILE)


@cache
def cells() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The code cells of each notebook but its parameters, which are the first."""
    found = []
    for path in sorted(NOTEBOOKS.glob("0*.ipynb")):
        code = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        found.append((path.stem, tuple(code)))
    return tuple(found)


def make_pages(
    tables: dict[str, pd.DataFrame], facts: ReviewFacts, folder: Path, languages: Iterable[str] = LANGUAGES
) -> list[Path]:
    """The report as `write_review` lays it out, without printing it."""
    for language in languages:
        report_content(tables, facts, language)
    return []


def run_review(
    source: str,
    month: str,
    folder: Path,
    printed: bool = True,
    explored: bool = True,
    languages: Iterable[str] = LANGUAGES,
) -> MonthStore:
    """Runs the notebooks' cells for `folder/raw/<source>`; what they write stands in `folder/processed` and `folder/reports`.

    Not `printed`: pages are made in the `languages`, without a file. Not `explored`: without notebook 08, which is no part of a review
    and changes nothing of it.
    Forecasts are kept as by a review, which notebooks run by hand do not: later months are compared with them.
    """
    matplotlib.use("Agg")
    asked = {"source": source, "month": month, "data_dir": str(folder / "raw")}
    asked |= {"processed_dir": str(folder / "processed"), "output_dir": str(folder / "reports")}
    with mock.patch.object(MonthStore, "keep", MonthStore.keep_first):
        for notebook, code in cells():
            if notebook == EXPLORE and not explored:
                continue
            names: dict = {"__name__": "__main__"}
            for number, cell in enumerate(code, start=1):
                try:
                    exec(compile(cell, f"{notebook}, cell {number}", "exec"), names)
                finally:
                    plt.close("all")
                if number == 1:
                    names |= asked
                if not printed and "write_review" in names:
                    names["write_review"] = partial(make_pages, languages=languages)
    return open_month(**asked).store


def subsets(names: tuple[str, ...]) -> Iterator[frozenset[str]]:
    """Every set of absent ones, the fewest first."""
    return map(frozenset, chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)))


def every_case() -> list[tuple[str, frozenset[str], int]]:
    """Every subset once before any comes again with another number of suppliers; first those where hardly anything or almost
    everything is missing."""
    kinds = {"ledger": LEDGER, "canonical": CANONICAL}
    each = [
        (min(len(absent), len(names) - len(absent)), kind, absent)
        for kind, names in kinds.items()
        for absent in subsets(names)
    ]
    each.sort(key=lambda case: case[0])
    turns = range(len(SUPPLIERS))
    return [
        (*case[1:], SUPPLIERS[(place + turn) % len(SUPPLIERS)]) for turn in turns for place, case in enumerate(each)
    ]


def failure(kind: str, absent: frozenset[str], suppliers: int, empty: bool = False, printed: bool = False) -> str:
    """Why the review of that case does not stand, with the place in the code or what contradicts its plan; "" where it does."""
    folder = Path(tempfile.mkdtemp())
    try:
        write_source(folder / "raw" / "thin", kind, absent, suppliers, empty)
        with warnings.catch_warnings(action="error"):
            store = run_review("thin", str(company(suppliers).last_month), folder, printed)
            return "; ".join(contradictions(store.read_all()))
    except Exception as error:
        return "".join(traceback.format_exception(error)[-3:])
    finally:
        shutil.rmtree(folder)


def run(share: str = "1/200") -> list[dict]:
    """Every 200th case in `make bench`: all take a night."""
    part, parts = map(int, share.split("/"))
    cases, begun = every_case()[part - 1 :: parts], time.perf_counter()
    failed = []
    for number, case in enumerate(cases):
        why = failure(*case, empty=bool(number % 2))
        if why:
            failed.append((case, why))
            print(case[0], sorted(case[1]), case[2], "\n", why, flush=True)
        if number % 20 == 19:
            print(
                f"{number + 1} of {len(cases)}: {len(failed)} failed, {time.perf_counter() - begun:.0f} s", flush=True
            )
    figure = f"{len(failed)} of {len(cases)}"
    return [{"what": "reviews that do not stand, any sheets missing", "figure": figure, "goal": "0", "met": not failed}]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", default="1/1")
    print(pd.DataFrame(run(parser.parse_args().share)).to_string(index=False))
