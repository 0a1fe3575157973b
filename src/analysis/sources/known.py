"""What a source tells as of a day: canonical tables, the rows refused, and the account of every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.sources.accounting import LABEL, RowAccount
from analysis.sources.as_of import hide_later, newest_versions, risk_status_as_of, row_days, status_as_of
from analysis.sources.beside_orders import Lines, impossible_inspections, impossible_returns, lines_of, second_looks
from analysis.sources.conform import drop_duplicates
from analysis.sources.order_lines import combine
from analysis.sources.parts import Part
from analysis.sources.quarantine import COLUMNS, all_notes, no_notes, note, notes
from analysis.sources.source_map import SourceInfo
from analysis.sources.tables import TABLES, empty

Label = tuple[str, str, int]
"""file, sheet, row."""
OF_ORDERS = ("inspections", "returns")
"""Tables whose rows are about a line of `orders`."""


@dataclass(frozen=True)
class Known:
    """All that was known of a source at the end of `as_of`.

    `tables`: every canonical table, empty when absent, in the order of its key. `quarantine` and `remarks` (odd rows that
    were kept): table file sheet row column code reason remedy reason_zh remedy_zh. `accounting`: file sheet table rows_in
    kept quarantined merged later.
    """

    tables: dict[str, pd.DataFrame]
    quarantine: pd.DataFrame
    remarks: pd.DataFrame
    accounting: pd.DataFrame
    as_of: pd.Timestamp
    info: SourceInfo


@dataclass(frozen=True)
class Intake:
    """All that was read of a source. `refused`: rows that a reader or map refused, with the column `day`; `arrivals`: see
    `receipts`; `complete` is False when single files are looked at, whose orders may stand in others."""

    parts: list[Part]
    arrivals: pd.DataFrame
    refused: pd.DataFrame
    remarks: pd.DataFrame
    complete: bool = True

    def known(self, as_of: pd.Timestamp, info: SourceInfo) -> Known:
        """The tables, refused rows and account of every row as of the end of the day `as_of`."""
        return _Knowing(self, as_of).result(info)


class _Knowing:
    """One pass over an intake for one day, collecting what becomes of each row."""

    def __init__(self, intake: Intake, as_of: pd.Timestamp):
        self.intake, self.as_of = intake, as_of
        self.account = RowAccount()
        self.lines: Lines  # of the orders, once these are known
        self.refused: list[pd.DataFrame] = []
        self.remarks: list[pd.DataFrame] = [intake.remarks]
        self._refuse(intake.refused[COLUMNS], intake.refused["day"])

    def result(self, info: SourceInfo) -> Known:
        present = {part.raw.table for part in self.intake.parts}
        found = {name: self._rows(name) for name in TABLES if name != "orders" and name in present}
        orders = self._orders()
        rows = {name: self._finished(name, table, orders) for name, table in found.items()}
        if "inspections" in rows:
            rows["inspections"] = self._with_second_looks(rows["inspections"], rows.get("returns", empty("returns")))
        tables = {name: empty(name) for name in TABLES if name not in present}
        for name, table in {"orders": orders, **rows}.items():
            self.account.add(name, "kept", table.index)
            tables[name] = _sorted(name, table)
        quarantine = all_notes(self.refused)
        tables = {name: tables[name] for name in TABLES}
        return Known(tables, _in_order(quarantine), self._known_remarks(), self.account.table(), self.as_of, info)

    # --- tables that stand alone ---

    def _rows(self, name: str, ledger: bool = False) -> pd.DataFrame:
        """The rows of one table that existed, dates not hidden, with `known_on`; the others are accounted for."""
        parts = [part for part in self.intake.parts if part.raw.table == name and part.ledger == ledger]
        gathered = [self._part_rows(part) for part in parts]
        rows = pd.concat(gathered) if gathered else _no_rows(name)
        later = row_days(name, rows) > self.as_of
        self.account.add(name, "later", rows.index[later])
        return rows[~later]

    def _part_rows(self, part: Part) -> pd.DataFrame:
        seen = part.as_of(self.as_of)
        self._refuse(seen.quarantine, part.held_days)
        self.remarks.append(seen.remarks)
        rows = seen.table
        if "known_on" not in rows:
            rows = rows.assign(known_on=pd.Series(part.raw.known_on, index=rows.index, dtype="datetime64[us]"))
        if part.ledger:
            whole = part.raw.frame["whole_order"].reindex(rows.index.get_level_values("row"))
            rows = rows.assign(whole_order=whole.to_numpy(bool))
        return rows

    def _newest(self, name: str, rows: pd.DataFrame) -> pd.DataFrame:
        """Of several versions and repetitions of one thing the one that counts; dates not hidden."""
        versions = newest_versions(rows, list(TABLES[name].key), self.as_of)
        self.account.add(name, "merged", versions.superseded)
        self.account.add(name, "later", versions.later)
        compared = hide_later(name, versions.current, self.as_of).drop(columns="whole_order", errors="ignore")
        distinct = drop_duplicates(name, compared)
        self._refuse(distinct.quarantine)
        told = versions.current.index.difference(distinct.table.index.union(_labels(distinct.quarantine)), sort=False)
        self.account.add(name, "merged", told)
        return versions.current.loc[distinct.table.index]

    def _finished(self, name: str, rows: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
        if name in OF_ORDERS:
            rows = self._of_known_lines(name, rows, orders)
        rows = hide_later(name, self._newest(name, rows), self.as_of)
        if name == "risks":
            rows = rows.assign(status=risk_status_as_of(rows, self.as_of))
        if name in OF_ORDERS:
            impossible = impossible_inspections if name == "inspections" else impossible_returns
            bad = impossible(rows, self.lines)
            self._refuse(bad)
            rows = rows[~rows.index.isin(_labels(bad))]
        return rows

    def _with_second_looks(self, rows: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
        """Inspections with `reinspection` filled in, and a remark on each that nobody had marked."""
        again = second_looks(rows, returns, self.lines)
        found = rows.index[again & rows["reinspection"].isna()]
        self.remarks.append(notes(note("inspections", *label, "inspected", "inspected_again") for label in found))
        return rows.assign(reinspection=again.astype("boolean"))

    # --- orders and what is about them ---

    def _orders(self) -> pd.DataFrame:
        """One row a line, status and dates as of the day."""
        own = self._newest("orders", self._rows("orders"))
        ledger = self._rows("orders", ledger=True).pipe(_with_whole_order)
        ledger = ledger if ledger.empty else self._newest("orders", ledger)
        lines = combine(own, ledger, self.as_of)
        self.account.add("orders", "merged", lines.merged)
        self._refuse(lines.quarantine)
        self.remarks.append(lines.remarks)
        arrived = self._with_arrivals(lines.table)
        self.lines = lines_of(arrived, self._first_arrival(lines.table), pd.Series(float("nan"), index=arrived.index))
        status = status_as_of(arrived, self.as_of)
        table = hide_later("orders", arrived, self.as_of).assign(status=status)
        table["known_on"] = table["known_on"].mask(table["known_on"] > self.as_of)
        self.remarks.append(_alike_lines(table))
        return table

    def _with_arrivals(self, lines: pd.DataFrame) -> pd.DataFrame:
        """`lines` with the arrival of the last batch known by now; batches that belong to no line are refused."""
        arrivals = self.intake.arrivals
        if arrivals.empty:
            return lines
        later = arrivals["received_on"] > self.as_of
        self.account.add("receipts", "later", arrivals.index[later & arrivals["alone"]])
        arrivals = arrivals[~later & ~arrivals.index.isin(self._refused_batches())]
        pairs = _lines_of(arrivals, lines)
        if self.intake.complete:
            lost = arrivals[arrivals["alone"] & ~arrivals.index.isin(pairs["label"])]
            self._refuse(notes(_orphan("receipts", label, row) for label, row in zip(lost.index, lost.itertuples())))
        pairs = self._without_early(pairs, lines, arrivals)
        alone = arrivals.index[arrivals["alone"]]
        self.account.add("receipts", "kept", alone[~alone.isin(self._refused_batches())])
        last = pairs.groupby("line")["received_on"].max()
        known = lines["received_on"].where(lines["received_on"] <= self.as_of)
        arrived = last.reindex(range(len(lines))).set_axis(lines.index)
        latest = pd.concat([known, arrived], axis=1).max(axis=1)
        return lines.assign(received_on=latest.fillna(lines["received_on"]).astype("datetime64[us]"))

    def _first_arrival(self, lines: pd.DataFrame) -> pd.Series:
        """The day on which the first pieces of each line came, NaT where nobody wrote one down."""
        pairs = _lines_of(self.intake.arrivals, lines) if len(self.intake.arrivals) else None
        parcels = None if pairs is None else pairs.groupby("line")["received_on"].min().reindex(range(len(lines)))
        own = lines["received_on"]
        return own if parcels is None else pd.concat([own, parcels.set_axis(lines.index)], axis=1).min(axis=1)

    def _without_early(self, pairs: pd.DataFrame, lines: pd.DataFrame, arrivals: pd.DataFrame) -> pd.DataFrame:
        """`pairs` without arrivals before the order or its dispatch: told of, and refused where the row says nothing else."""
        began = lines[["ordered_on", "shipped_on"]]
        began = began.where(began <= self.as_of).max(axis=1).to_numpy("datetime64[us]")
        early = pairs["received_on"].to_numpy("datetime64[us]") < began[pairs["line"].to_numpy(int)]
        labels = arrivals.index[arrivals.index.isin(pairs.loc[early, "label"])]
        told = [_too_early(label, arrivals.at[label, "received_on"]) for label in labels]  # noqa: PD008 - one label, one cell
        alone = arrivals.loc[labels, "alone"].to_numpy(bool)
        self._refuse(notes(item for item, single in zip(told, alone) if single))
        self.remarks.append(notes({**item, "table": "inspections"} for item, single in zip(told, alone) if not single))
        return pairs[~pairs["label"].isin(labels)]

    def _refused_batches(self) -> pd.MultiIndex:
        told = all_notes(self.refused)
        return _labels(told[told["table"].isin(["inspections", "receipts"])])

    def _of_known_lines(self, name: str, rows: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
        """Rows about a known order line, its number filled in where the order has a single one; the others are refused."""
        numbers = orders.groupby("order_id")["line_no"].agg(["first", "size"])
        size = rows["order_id"].map(numbers["size"]).fillna(0)
        blank = rows["line_no"].isna()
        rows = rows.assign(
            line_no=rows["line_no"].mask(blank & (size == 1), rows["order_id"].map(numbers["first"])).astype("Int64")
        )
        lines = pd.MultiIndex.from_frame(orders[["order_id", "line_no"]])
        unclear = rows["line_no"].isna() & (size > 1)
        orphan = ~pd.MultiIndex.from_frame(rows[["order_id", "line_no"]]).isin(lines) & ~unclear
        if not self.intake.complete:
            return rows
        told = [_orphan(name, label, row) for label, row in zip(rows.index[orphan], rows[orphan].itertuples())]
        told += [
            _orphan(name, label, row, "line_not_said")
            for label, row in zip(rows.index[unclear], rows[unclear].itertuples())
        ]
        self._refuse(notes(told))
        return rows[~orphan & ~unclear]

    # --- what is told of them ---

    def _refuse(self, quarantine: pd.DataFrame, days: pd.Series | None = None) -> None:
        """Adds refused rows, but those about things after the day only to the account."""
        if quarantine.empty:
            return
        labels = _labels(quarantine)
        later = pd.Series(False, index=quarantine.index)
        if days is not None:
            found = days if isinstance(days.index, pd.MultiIndex) else days.set_axis(labels)
            later = pd.Series((found.reindex(labels) > self.as_of).to_numpy(), index=quarantine.index)
        for table, rows in quarantine[~later].groupby("table", sort=False):
            self.account.add(str(table), "quarantined", _labels(rows))
        for table, rows in quarantine[later].groupby("table", sort=False):
            self.account.add(str(table), "later", _labels(rows))
        self.refused.append(quarantine[~later])

    def _known_remarks(self) -> pd.DataFrame:
        """Remarks on files, and on rows that were kept or merged."""
        remarks = all_notes(self.remarks)
        gone = [*self.account.labels("later"), *self.account.labels("quarantined")]
        about = pd.Index(zip(remarks["table"], *(remarks[name] for name in LABEL)), tupleize_cols=False)
        return _in_order(remarks[~about.isin(gone) | (remarks["row"] == 0).to_numpy(bool)])


def _lines_of(arrivals: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """label, line (place), received_on: each batch with its order line, or with all lines when it names none."""
    places = pd.DataFrame({"order_id": lines["order_id"], "line_no": lines["line_no"], "line": range(len(lines))})
    told = arrivals[["order_id", "line_no", "received_on"]].assign(label=arrivals.index.to_flat_index())
    named = told[told["line_no"].notna()].merge(places, on=["order_id", "line_no"])
    whole = told[told["line_no"].isna()].drop(columns="line_no").merge(places, on="order_id")
    return pd.concat([named, whole], ignore_index=True)[["label", "line", "received_on"]]


def _orphan(table: str, label: Label, row: Any, code: str = "order_not_known") -> dict[str, object]:
    line = "" if pd.isna(row.line_no) or code == "line_not_said" else f" / {row.line_no}"
    file, sheet, number = label
    return note(table, file, sheet, number, "order_id", code, value=f"{row.order_id}{line}")


def _too_early(label: Label, day: pd.Timestamp) -> dict[str, object]:
    file, sheet, number = label
    return note("receipts", file, sheet, number, "received_on", "received_before_ordered", value=f"{day:%Y-%m-%d}")


def _alike_lines(orders: pd.DataFrame) -> pd.DataFrame:
    """Remarks on lines that differ from an earlier line of their order in nothing but the line number."""
    same = orders.drop(columns=["line_no", "known_on"])
    alike = same.duplicated(keep="first")
    if not alike.any():
        return no_notes()
    first = (
        orders["line_no"]
        .groupby(same.groupby(list(same.columns), dropna=False, sort=False).ngroup())
        .transform("first")
    )
    told = zip(orders.index[alike], first[alike])
    return notes(
        note("orders", file, sheet, row, "line_no", "alike_line", value=number) for (file, sheet, row), number in told
    )


def _with_whole_order(rows: pd.DataFrame) -> pd.DataFrame:
    return rows if "whole_order" in rows else rows.assign(whole_order=pd.Series(False, index=rows.index, dtype=bool))


def _no_rows(name: str) -> pd.DataFrame:
    index = pd.MultiIndex.from_arrays([[], [], pd.Index([], dtype="int64")], names=LABEL)
    rows = empty(name).set_axis(index)
    return rows if "known_on" in rows else rows.assign(known_on=pd.Series(dtype="datetime64[us]"))


def _labels(told: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([told["file"].astype(object), told["sheet"].astype(object), told["row"].astype("int64")], names=LABEL)  # fmt: skip


def _sorted(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Canonical columns and types, in the order of the key."""
    blank = empty(name)
    rows = rows.rename_axis(LABEL).sort_values([*TABLES[name].key], kind="stable", na_position="first")
    return rows[list(blank.columns)].reset_index(drop=True).astype(blank.dtypes.to_dict())


def _in_order(told: pd.DataFrame) -> pd.DataFrame:
    return told.sort_values(["file", "sheet", "row"], kind="stable", ignore_index=True)
