"""`analysis history`: the defect rates, lead times and spend of an order history of any length, from one pass over its files."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.estimates.defect_rate import FoundShare, defect_rates_by_block
from analysis.estimates.lead_time import LeadTimes, fit_lead_times, lead_time_table
from analysis.rules import Limits, rules_in_force
from analysis.sources.history import HistoryCounts, count_history, history_files
from analysis.store import MonthStore
from analysis.wording import Language, say
from analysis.workers import pool_of

MONEY = ("goods_amount", "freight", "duty", "discount", "paid_amount")
PARTS_A_WORKER = 4
"""Parts of a history for each worker: the last to finish is then waited for only a little, and a lost one costs little."""


def history(options: argparse.Namespace, tell: Callable[[str], None]) -> str:
    """Counts the history, writes its tables, and says what became of its rows; `tell` hears how far it is."""
    if options.out.exists() and any(options.out.iterdir()):
        raise AnalysisError("cli.history_out_in_use", folder=options.out)
    language: Language = options.lang
    pool = pool_of(options.workers, options.cluster)

    def told(done: int, parts: int) -> None:
        if parts > 1:
            tell(say("run.history_part", language, done=done, parts=parts))

    files = history_files(options.folder)
    parts = min(max(options.workers, 2) * PARTS_A_WORKER, len(files)) if pool else 1
    counts = count_history(files, pd.Timestamp(options.month) + pd.offsets.MonthEnd(0), pool, parts, told)
    tell(say("run.history_counted", language, lines=f"{counts.accounting['rows_in'].sum():,}"))
    rules = rules_in_force(options.folder.name, options.month)
    limits, found = rules.read("limits", Limits), rules.read("missed_defects", FoundShare)
    store = MonthStore(options.month, options.out, options.out)
    for name, table in history_tables(counts, limits, found).items():
        store.write(name, table)
    return _report(counts, options.out, language)


def history_tables(counts: HistoryCounts, limits: Limits, found: FoundShare) -> dict[str, pd.DataFrame]:
    """The tables of a history by name."""
    return {
        "lead_times": _lead_times(counts, limits.interval_level),
        "defect_rates": defect_rates_by_block(
            counts.lots, counts.ordered, limits.defect_rate, limits.interval_level, found
        ),
        "spend": spend(counts),
        "quarantine": counts.quarantine,
        "accounting": counts.accounting,
    }


def _lead_times(counts: HistoryCounts, level: float) -> pd.DataFrame:
    """Their evidence is let go before the next table takes its memory."""
    times = LeadTimes.counted(counts.deliveries, counts.promises, counts.categories())
    return lead_time_table(times, fit_lead_times(times), level=level)


def spend(counts: HistoryCounts) -> pd.DataFrame:
    """Lines and pieces bought of each supplier, and what they cost, added up in fen; missing where no line states it."""
    sums = counts.sums
    told = {name: (sums[name] / 100).where(sums[f"{name}_told"] > 0, np.nan) for name in MONEY}
    return sums[["supplier", "lines", "quantity"]].assign(**told)


def _report(counts: HistoryCounts, folder: Path, language: Language) -> str:
    """The account of rows, then each kind of fault with how many rows have it and where the first stands."""
    total = counts.accounting.groupby("table")[["rows_in", "kept", "quarantined", "merged", "later"]].sum()
    lines = [
        say("cli.history_rows", language, table=name, **{key: f"{value:,}" for key, value in row.items()})
        for name, row in total.to_dict("index").items()
    ]
    kinds = counts.quarantine.groupby(["table", "column", "code"], as_index=False).agg(
        rows=("row", "size"), file=("file", "first"), row=("row", "first")
    )
    lines += [say("cli.history_fault", language, **kind) for kind in kinds.to_dict("records")]
    return "\n".join([*lines, say("cli.history_written", language, folder=folder)])
