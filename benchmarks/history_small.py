"""The same history told by small files: what the ordinary path makes of it, for comparison."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.estimates.defect_rate import count_lots, defect_rate_table, fit_lots, inspected_lots
from analysis.estimates.lead_time import fit_lead_times, lead_time_table, lead_times
from analysis.sources.load import load_source

ROWS = 100_000
"""Of a file: the reader of small files takes no more than two million cells."""
LOT = ["inspected_on", "inspected", "defective"]


def as_small_files(history: Path, folder: Path) -> None:
    """Files of orders and of inspections as a source has them, from the files of a history."""
    rows = pd.concat([pd.read_parquet(path) for path in sorted(history.glob("*.parquet"))], ignore_index=True)
    folder.mkdir(parents=True, exist_ok=True)
    looked = rows.dropna(subset=LOT, how="all")[["order_id", "line_no", *LOT]]
    for name, table in (("orders", rows.drop(columns=LOT)), ("inspections", looked)):
        for number, first in enumerate(range(0, len(table), ROWS)):
            table.iloc[first : first + ROWS].to_parquet(folder / f"{name}_{number:03d}.parquet", index=False)


def in_memory(folder: Path, as_of: pd.Timestamp, limit: float) -> dict[str, pd.DataFrame]:
    """The tables by the path of small files, all lines in memory."""
    known = load_source(folder).known(as_of)
    orders = known.tables["orders"]
    lots = inspected_lots(orders, known.tables["inspections"])
    times = replace(lead_times(orders, as_of), as_of=None)  # promises that came due are not counted in a history
    return {
        "defect_rates": defect_rate_table(lots, orders, limit, fit=fit_lots(lots, orders)),
        "lead_times": lead_time_table(times, fit_lead_times(times)),
        "lots": count_lots(lots),
        "orders": orders,
        "quarantine": known.quarantine,
        "accounting": known.accounting,
    }
