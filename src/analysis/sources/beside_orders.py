"""What inspections and returns say, held against their order line: what cannot be true beside it, and second looks.

No piece is inspected before its order or its arrival, no more pieces are looked at, sent back or repaired than there are.
The first look at a piece is the supplier's quality. Pieces looked at again (after rework, or more often than the lot holds) are
marked `reinspection`: they cost money and say nothing of what the supplier delivered. A factory or a third party inspects before the
goods leave: what it reports is no look of ours, and stands in a table of its own (`outside_inspections`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.sources.cell_words import OURS
from analysis.sources.quarantine import joined, no_notes, note, notes, quoted

LINE = ["order_id", "line_no"]
HALF_A_FEN = 0.005


@dataclass(frozen=True)
class Lines:
    """By (order_id, line_no): `ordered_on`, `arrived_on` (first parcel; NaT not known), `pieces` that there can be, those `ordered` and the
    `money` that it cost (NaN)."""

    table: pd.DataFrame

    def beside(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The facts of the line of each row, in the rows' order; missing where the line is not known."""
        found = self.table.reindex(pd.MultiIndex.from_frame(rows[LINE].astype({"line_no": "Int64"})))
        return found.set_axis(rows.index)


def lines_of(orders: pd.DataFrame, first_arrival: pd.Series, stated: pd.Series) -> Lines:
    """`first_arrival` and `stated` (pieces that the receipts count, NaN where they do not) in the order of `orders`."""
    ordered = orders["quantity"].astype(float)
    table = pd.DataFrame(
        {
            "ordered_on": orders["ordered_on"].dt.floor("D").to_numpy(),
            "arrived_on": pd.to_datetime(first_arrival).dt.floor("D").to_numpy(),
            "pieces": stated.fillna(ordered).to_numpy(float),
            "ordered": ordered.to_numpy(float),
            "money": _cost_of(orders).to_numpy(float),
        },
        index=pd.MultiIndex.from_frame(orders[LINE].astype({"line_no": "Int64"})),
    )
    return Lines(table[~table.index.duplicated()])


def _cost_of(orders: pd.DataFrame) -> pd.Series:
    """What was paid for each line, or what it was to cost with freight and duty where that is more."""
    return np.fmax(goods_of(orders) + orders["freight"].fillna(0) + orders["duty"].fillna(0), orders["paid_amount"])


def goods_of(orders: pd.DataFrame) -> pd.Series:
    """What the goods of each line cost, before discounts."""
    return orders["goods_amount"].fillna(orders["quantity"].astype(float) * orders["unit_price"])


def impossible_inspections(rows: pd.DataFrame, lines: Lines) -> pd.DataFrame:
    """Quarantine of inspections before the order or, our own, before the arrival, or of more pieces than there are."""
    beside = lines.beside(rows)
    beside["arrived_on"] = beside["arrived_on"].where(by_us(rows))
    faults = inspection_faults(rows.assign(inspected_on=rows["inspected_on"].dt.floor("D")), beside)
    return joined(notes(_told("inspections", rows, faults)))


def by_us(inspections: pd.DataFrame) -> pd.Series:
    """True where the house inspected itself, which a blank says too."""
    return inspections["inspected_by"].fillna(OURS).eq(OURS).astype(bool)


def inspection_faults(rows: pd.DataFrame, line: pd.DataFrame) -> dict[tuple[str, str], tuple[pd.Series, pd.Series]]:
    """(column, code) -> the rows that have this fault, and the fact of their line that they contradict.

    `rows` with `inspected_on inspected`, `line` with `ordered_on arrived_on pieces` in the same order; days are dates or numbers.
    """
    day = rows["inspected_on"]
    return {
        ("inspected_on", "inspected_before_ordered"): (day < line["ordered_on"], line["ordered_on"]),
        ("inspected_on", "inspected_before_arrival"): (
            (day >= line["ordered_on"]) & (day < line["arrived_on"]),
            line["arrived_on"],
        ),
        ("inspected", "more_inspected_than_ordered"): (
            rows["inspected"].astype(float) > line["pieces"],
            line["pieces"],
        ),
    }


def impossible_returns(rows: pd.DataFrame, lines: Lines) -> pd.DataFrame:
    """Quarantine of returns settled before the order, of more pieces (all rows of the line together) than there are, or of more money.

    Pieces that never came are written down as returned, too, when their money came back.
    """
    line = lines.beside(rows)
    most = np.fmax(line["pieces"], line["ordered"])
    returned, complained, refund = (
        rows[told].astype(float).fillna(0).groupby([rows[name] for name in LINE], dropna=False).cumsum()
        for told in ("returned", "complained", "refund")
    )
    opened, settled = (rows[name].dt.floor("D") < line["ordered_on"] for name in ("opened_on", "settled_on"))
    faults = {
        ("returned", "more_returned_than_ordered"): ((returned > most) & (rows["returned"] > 0), most),
        ("complained", "more_complained_than_ordered"): (
            (complained > line["pieces"]) & (rows["complained"] > 0),
            line["pieces"],
        ),
        ("reworked", "more_reworked_than_ordered"): (rows["reworked"].astype(float) > line["pieces"], line["pieces"]),
        ("refund", "more_refunded_than_paid"): (
            (refund > line["money"] + HALF_A_FEN) & (rows["refund"] > 0),
            line["money"],
        ),
        ("opened_on", "settled_before_ordered"): (opened, line["ordered_on"]),
        ("settled_on", "settled_before_ordered"): (settled, line["ordered_on"]),
    }
    return joined(notes(_told("returns", rows, faults)))


def impossible_settlements(rows: pd.DataFrame, lines: Lines) -> pd.DataFrame:
    """Quarantine of lines settled before their order."""
    ordered = lines.beside(rows)["ordered_on"]
    faults = {("settled_on", "settled_before_ordered"): (rows["settled_on"].dt.floor("D") < ordered, ordered)}
    return joined(notes(_told("settlements", rows, faults)))


def _told(table: str, rows: pd.DataFrame, faults: dict) -> Iterator[dict[str, object]]:
    for (column, code), (bad, against) in faults.items():
        for place in np.flatnonzero(bad.fillna(False).to_numpy(bool)):
            file, sheet, row = rows.index[place]
            values = {"value": _shown(rows[column].iloc[place]), "other": _shown(against.iloc[place])}
            yield note(table, file, sheet, row, column, code, **values)


def _shown(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else quoted(f"{value:g}")


def second_looks(rows: pd.DataFrame, returns: pd.DataFrame, lines: Lines) -> pd.Series:
    """True where a row tells of pieces that were inspected before: the buyer says so; the lot was repaired between two looks;
    or the looks together are of more pieces than there are. In the order of days, then of the file."""
    if (
        not rows.duplicated(LINE).any() and not rows["reinspection"].any()
    ):  # a single look, of no more pieces than there are
        return pd.Series(False, index=rows.index)
    key = [*LINE, "batch", "inspected_on"]
    ordered = rows.sort_values(["inspected_on", "batch"], kind="stable")
    looks = ordered.drop_duplicates(key)[[*key, "inspected", "reinspection"]]
    said = looks["reinspection"].fillna(False).astype(bool)
    counted = looks["inspected"].astype(float).fillna(0).where(~said, 0.0)
    so_far = counted.groupby([looks[name] for name in LINE], dropna=False).cumsum()
    pieces = lines.beside(looks)["pieces"]
    lots = [looks[name] for name in (*LINE, "batch")]
    first_day = looks["inspected_on"].groupby(lots, dropna=False).transform("min")
    repaired = _repaired_between(looks, first_day, returns)
    again = said | (looks["reinspection"].isna() & ((so_far > pieces) | repaired))
    marks = pd.Series(again.to_numpy(bool), index=pd.MultiIndex.from_frame(looks[key]))
    return pd.Series(marks.reindex(pd.MultiIndex.from_frame(rows[key])).to_numpy(bool), index=rows.index)


def batches_in_parts(rows: pd.DataFrame, again: pd.Series) -> pd.DataFrame:
    """A remark on each further look at a batch that has a number, whose pieces are added to those of the first: nothing says whether
    they are others. `again` marks the looks that do not count (`second_looks`)."""
    key = [*LINE, "batch"]
    if not rows.duplicated(key).any():
        return no_notes()
    looks = rows[~again.to_numpy(bool) & rows["batch"].notna().to_numpy() & rows["inspected"].notna().to_numpy()]
    looks = looks.sort_values("inspected_on", kind="stable").drop_duplicates([*key, "inspected_on"])
    looks = looks.assign(first=looks.groupby(key)["inspected_on"].transform("min"))
    further = looks[looks["reinspection"].isna() & (looks["inspected_on"] > looks["first"])]
    told = zip(further.index, further["batch"], further["inspected"], further["first"])
    return notes(
        note(
            "inspections",
            file,
            sheet,
            row,
            "inspected",
            "batch_in_parts",
            batch=batch,
            value=pieces,
            day=f"{day:%Y-%m-%d}",
        )
        for (file, sheet, row), batch, pieces, day in told
    )


def _repaired_between(looks: pd.DataFrame, first_day: pd.Series, returns: pd.DataFrame) -> pd.Series:
    """True for a look after pieces of the line were repaired that an earlier look at the same lot had found."""
    repaired = returns[(returns["reworked"].fillna(0) > 0) & returns["settled_on"].notna()]
    days = looks[[*LINE, "inspected_on"]].assign(first_day=first_day, place=np.arange(len(looks)))
    pairs = days.merge(repaired[[*LINE, "settled_on"]], on=LINE)
    between = (pairs["first_day"] <= pairs["settled_on"]) & (pairs["settled_on"] <= pairs["inspected_on"])
    between &= pairs["first_day"] < pairs["inspected_on"]
    return pd.Series(np.isin(np.arange(len(looks)), pairs.loc[between, "place"].to_numpy()), index=looks.index)
