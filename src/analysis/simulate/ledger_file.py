"""The ledger workbook of a simulated company: what the buyer itself wrote down, and the slips in it."""

from __future__ import annotations

import pandas as pd

from analysis.simulate.company import Company
from analysis.simulate.dirt import Dirt
from analysis.sources.tables import TABLES

LEDGER_FILE = "采购台账.xlsx"
FIRST_ROW = 3
"""Row of the first data row in every sheet of the ledger."""
NOT_WRITTEN = ("paid_on", "unit_price", "goods_amount", "freight", "discount", "paid_amount", "status", "known_on")
"""Columns of orders that the platform's export holds and the buyer does not copy."""

Tables = dict[str, pd.DataFrame]


def ledger_tables(company: Company) -> Tables:
    """The canonical tables as the buyer has them on the company's last day."""
    tables = company.known(company.ends_on)
    return tables | {"orders": tables["orders"].drop(columns=list(NOT_WRITTEN))}


def spoil_ledger(tables: Tables) -> tuple[Tables, list[Dirt]]:
    """`tables` with a slip of each kind, and where they stand. Tables too short for a slip stay as they are."""
    spoilt = {name: table.astype(object) for name, table in tables.items()}
    dirt: list[Dirt] = []
    for name, kind, expected, detail, place, cells in _slips(tables):
        table = spoilt[name]
        if place >= len(table):
            continue
        if expected == "kept":
            row = place
        else:
            row = len(table)
            spoilt[name] = table = pd.concat([table, table.iloc[[place]]], ignore_index=True)
        for column, cell in cells.items():
            table.loc[row, column] = cell
        dirt.append(Dirt(LEDGER_FILE, TABLES[name].zh, row + FIRST_ROW, name, kind, expected, detail))
    return spoilt, dirt


def _slips(tables: Tables) -> list[tuple[str, str, str, str, int, dict[str, object]]]:
    """(table, kind, expected, detail, place of the row changed or copied, cells changed)."""
    orders, checks, quotes = tables["orders"], tables["inspections"], tables["quotes"]
    early = orders["ordered_on"].iloc[0] - pd.Timedelta(days=3)
    promised = f"{orders['promised_on'].iloc[5 % len(orders)]:%Y年%m月%d日}"
    asked = f"{tables['inquiries']['asked_at'].iloc[0]:%Y/%m/%d %H:%M}"
    slips: list[tuple[str, str, str, str, int, dict[str, object]]] = [
        ("orders", "received before ordered", "quarantined", "arrival three days before the order", 0, {"order_id": "3199000000271828182", "received_on": early}),
        ("orders", "date in words", "kept", "a promise written 2026年03月05日", 5 % len(orders), {"promised_on": promised}),
        ("quotes", "money signs", "kept", "¥ before a price", 0, {"unit_price": f"¥{quotes['unit_price'].iloc[0]:.2f}"}),
        ("quotes", "days with unit", "kept", "a lead time followed by 天", 1, {"lead_time_days": f"{quotes['lead_time_days'].iloc[1]}天"}),
        ("inquiries", "date with slashes", "kept", "a moment written 2026/03/05 10:00", 0, {"asked_at": asked}),
        ("suppliers", "rate in per cent", "kept", "a dispute rate as text with %", 0, {"dispute_rate_90d": f"{tables['suppliers']['dispute_rate_90d'].iloc[0] * 100:.3f}%"}),
        ("demand", "negative quantity", "quarantined", "units below zero", 0, {"units": -5}),
        ("risks", "formula-like text", "kept", "text that begins with =", 0, {"item": "=1+1"}),
    ]  # fmt: skip
    if checks["inspected"].notna().any():
        slips += _inspection_slips(checks)
    return slips


def _inspection_slips(checks: pd.DataFrame) -> list[tuple[str, str, str, str, int, dict[str, object]]]:
    place = int(checks["inspected"].notna().to_numpy().argmax())
    inspected = int(checks["inspected"].iloc[place])
    return [
        ("inspections", "more defective than inspected", "quarantined", "counts that contradict each other", place, {"batch": "B000000-901-1", "defective": inspected + 3}),
        ("inspections", "hashes for a date", "quarantined", "##### where a date was too wide for its cell", place, {"batch": "B000000-902-1", "inspected_on": "#####"}),
        ("inspections", "text for a number", "quarantined", "若干 (some) for a count", place, {"batch": "B000000-903-1", "defective": "若干"}),
        ("inspections", "repeated row", "merged", "an inspection written down twice", place, {}),
    ]  # fmt: skip


def emoji_rows(tables: Tables) -> list[Dirt]:
    """Suppliers whose name holds an emoji: nothing is wrong with them."""
    names = tables["suppliers"]["supplier"].tolist()
    odd = [row for row, name in enumerate(names) if any(ord(character) > 0xFFFF for character in name)]
    return [
        Dirt(LEDGER_FILE, TABLES["suppliers"].zh, row + FIRST_ROW, "suppliers", "emoji in a name", "kept", "a name as the platform has it")
        for row in odd
    ]  # fmt: skip
