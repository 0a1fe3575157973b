"""What a review must fulfil before it is published: files whole, numbers possible."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.errors import AnalysisError
from analysis.review.agreement import agreement_note, contradictions

__all__ = ["GateError", "agreement_note", "check_report", "check_review", "check_table", "contradictions"]

REPORTS = ("review.zh.pdf", "review.en.pdf", "review.xlsx", "review.html")
TABLES = ("orders", "inspections", "quarantine", "defect_rates", "lead_times", "scorecard", "weights")
"""What every review makes, whatever its source holds; a table without rows is a table."""

ONCE = {
    "defect_rates": ["supplier", "sku", "level"],
    "lead_times": ["supplier"],
    "on_time": ["supplier"],
    "scorecard": ["supplier"],
    "criteria_values": ["supplier", "criterion"],
    "grade_changes": ["supplier"],
    "weights": ["month", "criterion"],
}
"""The columns that name a row: no two rows of a table have them in common."""

SHARES = ("_rate", "_probability", "_weight")
SHARE_NAMES = {"rate", "otif", "survival", "weight", "p_best", "p_top3", "p_over_limit", "p_worse", "worth"}
TOLERANCE = 1e-9


class GateError(AnalysisError):
    """The review was made, but must not be published."""


def check_review(
    report_folder: Path, processed_folder: Path, reports: Iterable[str] = REPORTS, tables: Iterable[str] = TABLES
) -> None:
    """`GateError` for the first thing wrong with a staged review."""
    for name in reports:
        check_report(report_folder / name)
    for name in tables:
        if not (processed_folder / f"{name}.parquet").exists():
            raise GateError("run.gate_no_file", file=f"{name}.parquet")
    for path in sorted(processed_folder.glob("*.parquet")):
        if not path.stem.endswith("_draws"):
            check_table(path.stem, _readable(path))


def check_report(path: Path) -> Path:
    """`path` itself if the file is there, is not empty and begins as its kind begins."""
    if not path.is_file():
        raise GateError("run.gate_no_file", file=path.name)
    begins = {".pdf": b"%PDF", ".xlsx": b"PK", ".html": b"<!do"}.get(path.suffix, b"")
    with path.open("rb") as file:
        head = file.read(4)
    if not head or not head.startswith(begins):
        raise GateError("run.gate_broken_file", file=path.name)
    return path


def check_table(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """`table` itself if its shares lie in [0, 1], its intervals hold their estimates and no row is there twice."""
    for column in table.columns:
        if _is_share(column) and pd.api.types.is_numeric_dtype(table[column]):
            values = _numbers(table[column])
            _refuse(name, column, (values < -TOLERANCE) | (values > 1 + TOLERANCE), "run.gate_share")
        if f"{column}_low" in table and f"{column}_high" in table:
            _refuse(name, column, _outside_interval(table, column), "run.gate_interval")
    key = ONCE.get(name)
    if key and set(key) <= set(table.columns):
        _refuse(name, ", ".join(key), table.duplicated(key).to_numpy(), "run.gate_twice")
    if name == "weights" and len(table):
        sums = table.groupby("month")["weight"].sum()
        _refuse(name, "weight", (sums - 1).abs().to_numpy() > 1e-6, "run.gate_weights")
    return table


def _outside_interval(table: pd.DataFrame, column: str) -> np.ndarray:
    low, middle, high = (_numbers(table[f"{column}{end}"]) for end in ("_low", "", "_high"))
    slack = TOLERANCE * (1 + np.abs(middle))
    return (low > middle + slack) | (middle > high + slack) | (low > high + slack)


def _is_share(column: str) -> bool:
    stem = column.removesuffix("_low").removesuffix("_high")
    return stem in SHARE_NAMES or stem.endswith(SHARES)


def _numbers(column: pd.Series) -> np.ndarray:
    """Missing is NaN, which no comparison finds wrong."""
    return column.to_numpy(dtype=float, na_value=np.nan)


def _refuse(name: str, column: str, wrong: np.ndarray, key: str) -> None:
    if wrong.any():
        raise GateError(key, table=name, column=column, rows=int(wrong.sum()), row=int(np.argmax(wrong)) + 1)


def _readable(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, pa.ArrowException) as error:
        raise GateError("run.gate_broken_file", file=path.name) from error
