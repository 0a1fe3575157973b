"""300 odd but possible months: values nobody would believe, columns left blank, everything open or received at once.

Each is the small company of `subsets.py` with one to three changes to its tables, drawn from the number alone; the notebooks' cells run
on it and the pages are made. It must be reviewed, or refused in the project's own sentence. `python benchmarks/odd_tables.py 0 300`.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import subsets

from analysis.errors import AnalysisError

TABLES = 300
Tables = dict[str, pd.DataFrame]
ODD_NUMBERS = (0, -1, 1, 1e-9, 0.004, 1e6, 1e7, 1e9, 1e12, 1e15, "", "x")
ODD_DAYS = ("1900-01-01", "2026-10-31", "2099-12-31", "2026-13-01", "", "9999-12-31", "0001-01-01", "2026-02-29")


def _value(tables: Tables, chance: np.random.Generator) -> str:
    """One odd number in some or all rows of a column."""
    name, column = _column(tables, chance, "number")
    value = ODD_NUMBERS[int(chance.integers(0, len(ODD_NUMBERS)))]
    return _put(tables, chance, name, column, value)


def _day(tables: Tables, chance: np.random.Generator) -> str:
    """One odd day in some or all rows of a column."""
    name, column = _column(tables, chance, "datetime")
    return _put(tables, chance, name, column, ODD_DAYS[int(chance.integers(0, len(ODD_DAYS)))])


def _blank(tables: Tables, chance: np.random.Generator) -> str:
    """A column is blank."""
    name, column = _column(tables, chance, None)
    tables[name][column] = ""
    return f"{name}.{column} blank"


def _alike(tables: Tables, chance: np.random.Generator) -> str:
    """Every row of a column says the same."""
    name, column = _column(tables, chance, None)
    tables[name][column] = tables[name][column].iloc[0] if len(tables[name]) else ""
    return f"{name}.{column} alike"


def _all_open(tables: Tables, chance: np.random.Generator) -> str:
    tables["orders"] = tables["orders"].assign(received_on="", received_quantity="", status="open")
    tables["inspections"] = tables["inspections"].iloc[:0]
    return "all open"


def _same_day(tables: Tables, chance: np.random.Generator) -> str:
    orders = tables["orders"]
    day = orders["ordered_on"]
    tables["orders"] = orders.assign(paid_on=day, shipped_on=day, received_on=day, status="received", received_quantity=orders["quantity"])  # fmt: skip
    return "all received on the day"


def _one_row(tables: Tables, chance: np.random.Generator) -> str:
    name = str(chance.choice([name for name, table in tables.items() if len(table)]))
    tables[name] = tables[name].iloc[:1]
    return f"{name} of one row"


def _thousandfold(tables: Tables, chance: np.random.Generator) -> str:
    """A whole column in other units."""
    name, column = _column(tables, chance, "number")
    times = float(chance.choice([1e-3, 1e3, 1e5]))
    numbers = pd.to_numeric(tables[name][column], errors="coerce") * times
    tables[name][column] = (
        numbers.round().astype("Int64")
        if pd.api.types.is_integer_dtype(tables[name][column]) and times > 1
        else numbers
    )
    return f"{name}.{column} times {times:g}"


def _names(tables: Tables, chance: np.random.Generator) -> str:
    """All of one supplier, or each row of its own."""
    kind = chance.random() < 0.5
    orders = tables["orders"]
    tables["orders"] = orders.assign(supplier="甲厂" if kind else [f"厂{n}" for n in range(len(orders))])
    return "one supplier" if kind else "a supplier a row"


def _no_skus(tables: Tables, chance: np.random.Generator) -> str:
    for name in ("orders", "quotes", "demand"):
        if "sku" in tables[name]:
            tables[name]["sku"] = ""
    return "no SKU anywhere"


CHANGES: tuple[Callable[[Tables, np.random.Generator], str], ...] = (
    _value, _value, _value, _day, _day, _blank, _blank, _alike, _all_open, _same_day, _one_row, _thousandfold, _thousandfold, _names, _no_skus,
)  # fmt: skip


def _column(tables: Tables, chance: np.random.Generator, kind: str | None) -> tuple[str, str]:
    """A table and column of that kind, drawn by chance; `orders` as often as all others."""
    names = [
        name for name, table in tables.items() if len(table) and list(table.select_dtypes(kind) if kind else table)
    ]
    name = "orders" if chance.random() < 0.5 else str(chance.choice(names))
    table = tables[name]
    columns = list(table.select_dtypes(kind) if kind else table) or list(table)
    return name, str(chance.choice(columns))


def _put(tables: Tables, chance: np.random.Generator, name: str, column: str, value: Any) -> str:
    rows = chance.random(len(tables[name])) < chance.choice([0.2, 1.0])
    tables[name][column] = tables[name][column].astype(object).mask(rows, value)
    return f"{name}.{column} = {value!r} in {int(rows.sum())} rows"


def odd_month(number: int) -> tuple[Tables, str, list[str]]:
    """The tables of case `number`, its month, and what was changed."""
    chance = np.random.default_rng([20261201, number])
    made = subsets.company(subsets.SUPPLIERS[number % len(subsets.SUPPLIERS)])
    tables = {name: table.copy() for name, table in made.known(made.ends_on).items()}
    told = [CHANGES[int(chance.integers(0, len(CHANGES)))](tables, chance) for _ in range(int(chance.integers(1, 4)))]
    return tables, str(made.last_month), told


def outcome(number: int, printed: bool = False) -> dict[str, Any]:
    """What becomes of case `number`: `reviewed`, `refused` with a sentence, or `traceback`."""
    tables, month, told = odd_month(number)
    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stdout(io.StringIO()):
        folder = Path(name) / "raw" / "odd"
        folder.mkdir(parents=True)
        for table, rows in tables.items():
            rows.to_csv(folder / f"{table}.csv", index=False)
        kind, said = "reviewed", ""
        try:
            with warnings.catch_warnings(action="error"):
                subsets.run_review("odd", month, Path(name), printed)
        except AnalysisError as error:
            kind, said = "refused", str(error)
        except Exception:
            kind, said = "traceback", traceback.format_exc(limit=-4)
    return {"number": number, "changes": "; ".join(told), "kind": kind, "said": said}


def run(last: int = 3) -> list[dict[str, Any]]:
    """The first few in `make bench`: all take twenty minutes."""
    failed = sum(outcome(number)["kind"] == "traceback" for number in range(last))
    return [{"what": f"{last} odd months that end in a traceback", "figure": failed, "goal": "0", "met": not failed}]


if __name__ == "__main__":
    os.environ.setdefault("MPLBACKEND", "Agg")
    for case in range(int(sys.argv[1]), int(sys.argv[2])):
        found = outcome(case)
        print(found["number"], found["kind"], found["changes"], found["said"], flush=True)
