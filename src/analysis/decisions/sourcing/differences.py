"""What a difference of the reconciliation is: its reasons and columns, below what size nobody asks, and open money by supplier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.allowed import Money, Share, WholeDays
from analysis.reasons import reason
from analysis.rules import Rules

REASONS = ("price", "quantity", "freight", "discount", "duty", "return", "date", "duplicate", "missing", "unexplained")
DIFFERENCE_COLUMNS = [
    "order_id",
    "line_no",
    "supplier",
    "sku",
    "stage",
    "reason",
    "expected",
    "actual",
    "difference",
    "note",
]
"""`stage` of the comparison: "order" (quote against order), "payment" (order against paid), "receipt" (ordered and paid against
received). `difference` in money, positive: to the buyer's loss; 0 for a date. `expected` and `actual` in the unit of the reason:
money, pieces for a short receipt, days for a date."""
LINE = ["order_id", "line_no"]


@dataclass(frozen=True)
class Tolerances:
    """Differences that nobody asks about: `price_share` of a quoted price, `amount` money a line, days of lateness, of waiting
    for goods that were promised (`missing_days`), and between two orders alike (`duplicate_days`)."""

    price_share: Share
    amount: Money
    late_days: WholeDays
    missing_days: WholeDays
    duplicate_days: WholeDays


def tolerances(rules: Rules) -> Tolerances:
    """The tolerances in force: section `reconciliation` of the rates."""
    return rules.read("reconciliation", Tolerances)


def told_in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with their reason, in order."""
    rows = rows.astype(dict.fromkeys(("expected", "actual", "difference"), float))
    rows["difference"] = rows["difference"].round(2)
    rows["note"] = [_note(row) for row in rows.itertuples()]
    order = ["supplier", "order_id", "line_no", "reason", "stage"]
    return rows.sort_values(order, kind="stable", ignore_index=True)[DIFFERENCE_COLUMNS]


def _note(row: Any) -> str:
    values = {"expected": row.expected, "actual": row.actual, "difference": row.difference}
    told = reason(f"costs.difference_{row.told}", **values)
    return reason("costs.difference_less", told=told, less=round(row.less, 2)) if row.less > 0 else told


def open_differences(differences: pd.DataFrame) -> pd.DataFrame:
    """Open money by supplier: `supplier lines` and one column a reason of `REASONS`, then `open`, largest first.

    What was paid too little lowers the sum; what was agreed below a quote is owed by nobody (`_owed`). `lines`: the order lines on which money
    is open, each once, also with several differences; a date has no money.
    """
    differences = differences.assign(difference=_owed(differences))
    table = differences.pivot_table(
        index="supplier", columns="reason", values="difference", aggfunc="sum", fill_value=0.0
    )
    table = table.reindex(columns=list(REASONS), fill_value=0.0)
    money = differences[differences["difference"] != 0]
    lines = money.drop_duplicates(["supplier", *LINE]).groupby("supplier").size()
    table.insert(0, "lines", lines.reindex(table.index, fill_value=0))
    table["open"] = table[list(REASONS)].sum(axis=1)
    money = [*REASONS, "open"]
    table[money] = table[money].round(2)
    return (
        table.reset_index()
        .rename_axis(columns=None)
        .sort_values(["open", "supplier"], ascending=[False, True], ignore_index=True)
    )


def _owed(differences: pd.DataFrame) -> pd.Series:
    """The money of each difference; of an order on better terms than its quote no more than makes up for what else its line was charged or
    paid too much: a good price pays for no goods that were sent back."""
    money, stage = differences["difference"].astype(float), differences["stage"]
    line = [differences[name] for name in LINE]

    def of_line(part: pd.Series) -> pd.Series:
        return money.where(part, 0.0).groupby(line, dropna=False).transform("sum")

    better = stage.eq("order") & (money < 0)
    beyond = (of_line(stage.eq("order")) + of_line(stage.eq("payment")).clip(lower=0)).clip(upper=0)
    return money.mask(better, money * (1 - beyond / of_line(better).where(better, -1.0)))
