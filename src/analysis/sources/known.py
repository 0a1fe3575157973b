"""What a source tells as of a day: canonical tables, the rows refused, and the account of every row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from analysis.sources.accounting import labels_of
from analysis.sources.articles import one_category
from analysis.sources.as_of import hide_later, status_as_of, years_since
from analysis.sources.beside_orders import (
    Lines,
    batches_in_parts,
    by_us,
    impossible_inspections,
    impossible_returns,
    impossible_settlements,
    lines_of,
    second_looks,
)
from analysis.sources.candidates import with_candidates
from analysis.sources.demand_months import over_shops
from analysis.sources.known_arrivals import bare_arrivals, counted_short, known_arrivals
from analysis.sources.known_lines import of_known_lines, of_no_line, of_whole_orders, without
from analysis.sources.known_rows import KnownRows, no_rows
from analysis.sources.line_by_sku import lines_by_sku
from analysis.sources.line_identity import without_vanished
from analysis.sources.near_names import told_near
from analysis.sources.odd_rows import (
    above_ordered,
    alike_lines,
    demand_gaps,
    of_several_suppliers,
    prices_of_one_sku,
    year_slips,
)
from analysis.sources.order_lines import combine
from analysis.sources.promises import only_promises, possible_promises
from analysis.sources.quarantine import COLUMNS, note, notes
from analysis.sources.receipts import deliveries, parcels_apart
from analysis.sources.refunds import with_money_back, with_refunds
from analysis.sources.row_fates import RowFates
from analysis.sources.rows_of_lines import numbers_lines, put_together
from analysis.sources.source_map import SourceInfo
from analysis.sources.source_rows import SourceRows
from analysis.sources.stock_counts import without_oversold
from analysis.sources.tables import OF_LINES, TABLES, empty

OF_ORDERS = {
    "inspections": impossible_inspections,
    "returns": impossible_returns,
    "settlements": impossible_settlements,
}
"""Tables whose rows are about a line of `orders`, and what cannot be true of them beside it."""
_TELL_ARRIVALS = ("inspections", "receipts")


@dataclass(frozen=True)
class Snapshot:
    """All that was known of a source at the end of `as_of`.

    `tables`: every canonical table, empty when absent, in the order of its key. `counted`: `order_id line_no pieces` of the order
    lines whose pieces somebody counted, by whatever table. `quarantine` and `remarks` (odd rows that
    were kept): table file sheet row column code reason remedy. `accounting`: file sheet table rows_in
    kept quarantined merged later.
    """

    tables: dict[str, pd.DataFrame]
    counted: pd.DataFrame
    quarantine: pd.DataFrame
    remarks: pd.DataFrame
    accounting: pd.DataFrame
    as_of: pd.Timestamp
    info: SourceInfo


def snapshot_of(
    rows: SourceRows, as_of: pd.Timestamp, info: SourceInfo, entered_by: pd.Timestamp | None = None
) -> Snapshot:
    """The tables, refused rows and account of every row as of the end of the day `as_of`.

    Rows entered after `entered_by` (`as_of` if not given) do not count: with a later day, the tables are those of `as_of` as
    entries made since have corrected them.
    """
    return _SnapshotBuilder(rows, as_of, as_of if entered_by is None else entered_by).result(info)


class _SnapshotBuilder:
    """One pass over an intake for one day, collecting what becomes of each row."""

    def __init__(self, intake: SourceRows, as_of: pd.Timestamp, entered_by: pd.Timestamp):
        self.intake, self.as_of = intake, as_of
        unentered = intake.entered.index[intake.entered > entered_by]
        self.fates = RowFates(as_of, unentered, intake.remarks)
        self.rows = KnownRows(intake, as_of, entered_by, self.fates)
        self.account, self.remarks, self._refuse = self.fates.account, self.fates.remarks, self.fates.refuse
        self.lines: Lines  # of the orders, once these are known
        self.parcels: (
            pd.DataFrame
        )  # by line the days of the first and the last one, and whether the order is called finished
        self.counted: pd.DataFrame  # the order lines whose pieces somebody counted
        self._refuse(intake.refused[COLUMNS], intake.refused["day"])
        self.account.add("receipts", "later", intake.coming)
        not_yet = intake.arrivals.index.isin(unentered)
        self.arrivals = intake.arrivals[~not_yet]
        self.account.add("receipts", "later", intake.arrivals.index[not_yet & intake.arrivals["alone"].to_numpy(bool)])

    def result(self, info: SourceInfo) -> Snapshot:
        present = {part.raw.table for part in self.intake.parts}
        found = {name: self.rows.of_table(name) for name in TABLES if name != "orders" and name in present}
        orders = self._orders(found)
        receipts = found.pop("receipts")
        kept = (
            {"orders": orders}
            | {name: self._finished(name, found[name], orders) for name in found}
            | {"receipts": receipts}
        )
        for name, rows in kept.items():
            self.account.add(name, "kept", rows.index)
        looks = kept.get("inspections", no_rows("inspections"))
        if "inspections" in kept:
            own = looks[by_us(looks)]
            kept["inspections"] = self._with_second_looks(own, kept.get("returns", empty("returns")))
        settled = with_refunds(kept["orders"], kept.get("returns", empty("returns")), looks[by_us(looks)], self.parcels)
        done = kept.get("settlements", no_rows("settlements"))
        kept["orders"], kept["settlements"] = with_money_back(settled.orders, done)
        self.remarks.append(settled.remarks)
        self.remarks.append(told_near(kept, (part.raw.file for part in self.intake.parts if part.raw.export)))
        tables = {name: _sorted(name, kept[name]) if name in kept else empty(name) for name in TABLES}
        tables["outside_inspections"] = _sorted("inspections", looks[~by_us(looks)])
        tables = with_candidates(tables)
        told = self.fates.quarantine(), self.fates.known_remarks()
        return Snapshot(tables, self.counted, *told, self.account.table(), self.as_of, info)

    def _finished(self, name: str, rows: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
        if name in OF_ORDERS:
            rows = self._of_known_lines(name, rows, orders)
        rows = self.rows.added_up(name, rows, self.lines.beside(rows)["pieces"] if name == "inspections" else None)
        rows = hide_later(name, self.rows.newest(name, rows), self.as_of)
        if name == "stock_counts":
            counts = without_oversold(rows)
            self._refuse(counts.refused)
            self.account.add(name, "merged", counts.ended)
            rows = counts.table
        if name == "suppliers":
            rows = rows.assign(years_on_platform=years_since(rows["years_on_platform"], self.as_of))
        if name == "demand":
            months = over_shops(rows)
            rows = months.table
            self.account.add(name, "merged", months.merged)
            self._refuse(months.refused)
            self.remarks += [months.remarks, demand_gaps(rows)]
        if name == "settlements":  # one without a day was settled by the day on which it was written down
            rows = rows.assign(
                settled_on=rows["settled_on"].fillna(rows["known_on"].where(rows["settled"].fillna(False).astype(bool)))
            )
        if name in OF_ORDERS:
            bad = OF_ORDERS[name](rows, self.lines)
            self._refuse(bad)
            rows = without(rows, bad)
        return rows

    def _of_known_lines(self, name: str, rows: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
        """The rows that are about a line of `orders`; of some files alone nobody knows all orders."""
        rows, others = of_known_lines(name, rows, orders, self.rows.refused_orders)
        if not self.intake.complete:
            return rows
        self._refuse(others)
        return without(rows, others)

    def _with_second_looks(self, rows: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
        """Inspections with `reinspection` filled in, and a remark on each that nobody had marked."""
        again = second_looks(rows, returns, self.lines)
        found = rows.index[again & rows["reinspection"].isna()]
        self.remarks.append(
            notes(note("inspections", file, sheet, row, "inspected", "inspected_again") for file, sheet, row in found)
        )
        self.remarks.append(batches_in_parts(rows, again))
        return rows.assign(reinspection=again.astype("boolean"))

    # --- orders and what is about them ---

    def _orders(self, found: dict[str, pd.DataFrame]) -> pd.DataFrame:
        """One row a line, status and dates as of the day; `found` are the rows of the other tables, where those of the
        receipts are then the ones used."""
        own = self.rows.newest("orders", self._lines_of(self.rows.of_table("orders")))
        own, gone = without_vanished(own, self.intake.listed, self.as_of)
        self.remarks.append(gone)
        ledger = self.rows.of_table("orders", ledger=True).pipe(_with_whole_order)
        ledger = ledger if ledger.empty else self.rows.newest("orders", self._lines_of(ledger, own["order_id"]))
        exports = {part.raw.file for part in self.intake.parts if part.raw.export}
        lines = combine(own, ledger, self.as_of, exports, self._articles()["sku"].dropna())
        promised, told = possible_promises(lines.table)
        self.remarks.append(told)
        lines = replace(lines, table=only_promises(promised))
        self.account.add("orders", "merged", lines.merged)
        self._refuse(lines.quarantine)
        self.remarks.append(lines.remarks)
        self._find_lines(found, lines.table)
        parcels = self._parcels(found.get("receipts", no_rows("receipts")), lines.table)
        pairs = self._pairs(parcels, lines.table)
        short = counted_short(lines.table, found.get("inspections", no_rows("inspections")))
        came = deliveries(lines.table, pairs, short, self.as_of)
        self.lines = lines_of(lines.table, came["first_arrival"], came["stated"])
        got = came["received_quantity"].round().astype("Int64")
        arrived = lines.table.assign(received_on=came["received_on"], received_quantity=got)
        status = status_as_of(arrived, self.as_of)
        here = (got > 0).fillna(False).astype(bool) & ~(came["received_on"] <= self.as_of)
        undated = here & (came["stated"] >= arrived["quantity"]).fillna(False) & came["received_on"].isna()
        status = status.mask(undated & status.eq("open"), "unknown")
        partly = here & ~undated
        last = pairs.groupby("line")["received_on"].max().reindex(range(len(arrived)))
        self.parcels = pd.DataFrame({"first": came["first_arrival"], "last": last.to_numpy(), "finished": partly & status.isin(["received", "unknown"])})  # fmt: skip
        status = status.mask(self.parcels["finished"], "open")
        self.remarks += [
            above_ordered(arrived),
            year_slips(arrived, self.as_of),
        ]
        arrived["received_quantity"] = got.mask(got.isna() & status.isin(["open", "unpaid"]), 0)
        receipts = pd.concat([parcels, bare_arrivals(self.arrivals, self.as_of)])
        found["receipts"] = receipts[~receipts.index.isin(self.fates.refused_of(*_TELL_ARRIVALS))]
        counted = lines.table[["order_id", "line_no"]].assign(pieces=came["stated"]).dropna(subset="pieces")
        self.counted = counted.sort_values(["order_id", "line_no"], ignore_index=True)
        table = hide_later("orders", arrived, self.as_of).assign(status=status)
        table["known_on"] = table["known_on"].mask(table["known_on"] > self.as_of)
        self.remarks += [alike_lines(table), prices_of_one_sku(table), of_several_suppliers(table)]
        table, told = one_category(table, lines.category_rows, self._articles())
        self.remarks.append(told)
        return table

    def _lines_of(self, rows: pd.DataFrame, exported: Iterable[str] = ()) -> pd.DataFrame:
        """Rows of orders, those of a list that tell of parcels or payments of one line in one; `exported`: orders told elsewhere."""
        raws = [part.raw for part in self.intake.parts if part.raw.table == "orders"]
        exports, numbered = (
            {(raw.file, raw.sheet) for raw in raws if marked(raw)} for marked in (lambda raw: raw.export, numbers_lines)
        )
        lines = put_together(rows, exports, numbered, {*exported})
        self.account.add("orders", "merged", lines.merged)
        self.remarks.append(lines.remarks)
        return lines.table

    def _find_lines(self, found: dict[str, pd.DataFrame], lines: pd.DataFrame) -> None:
        """Gives rows about order lines, arrivals too, the line whose SKU they name; those whose SKU is none of their order's are refused."""
        for name in (name for name in OF_LINES if name in found):
            found[name] = self._of_their_skus(name, found[name], lines).drop(columns="sku", errors="ignore")
        self.arrivals = self._of_their_skus("receipts", self.arrivals, lines)

    def _of_their_skus(self, name: str, rows: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
        if "sku" not in rows or rows["sku"].isna().all():
            return rows
        by_sku = lines_by_sku(name, rows, lines, self.rows.refused_orders)
        rows = rows.assign(line_no=by_sku.line_no)
        beside = (
            rows.index[~rows["alone"].to_numpy(bool)] if "alone" in rows else rows.index[:0]
        )  # told with its inspection
        others, remarks = (told[~labels_of(told).isin(beside)] for told in (by_sku.others, by_sku.remarks))
        self.remarks.append(remarks)
        if not self.intake.complete:
            return rows
        self._refuse(others)
        return without(rows, others)

    def _articles(self) -> pd.DataFrame:
        """The rows of the sheet of articles, as they stand."""
        tables = [part.conformed.table for part in self.intake.parts if part.raw.table == "articles"]
        return pd.concat(tables) if tables else empty("articles")

    def _parcels(self, rows: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
        """The rows of `receipts` known by now: of known lines, each once."""
        if rows.empty:
            return rows.drop(columns=["entered", "version"], errors="ignore")
        whole = of_whole_orders(rows, lines)
        named = self._of_known_lines("receipts", rows[~whole], lines)
        known = self.rows.added_up("receipts", pd.concat([named, rows[whole]]) if whole.any() else named)
        line = pd.MultiIndex.from_frame(known[["order_id", "line_no"]])
        told = known.rename(columns={"received_quantity": "pieces"}).assign(
            line=line, label=known.index.to_flat_index()
        )
        ordered = lines.set_index(["order_id", "line_no"])["quantity"]
        parcel = parcels_apart(told.reset_index(drop=True), ordered[~ordered.index.duplicated()]).to_numpy()
        return self.rows.newest("receipts", known.assign(parcel=parcel))

    def _pairs(self, parcels: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
        """All arrivals known by now with their lines; those that belong to no line or cannot be true are refused."""
        known = known_arrivals(
            self.arrivals, parcels, lines, self.as_of, self.intake.last_day(), self.fates.refused_of(*_TELL_ARRIVALS)
        )
        self._refuse(known.future)
        self.account.add("receipts", "later", known.later)
        if self.intake.complete:
            self._refuse(of_no_line("receipts", known.lost, self.rows.refused_orders))
        self._refuse(known.early)
        self.remarks += known.remarks
        return known.pairs


def _with_whole_order(rows: pd.DataFrame) -> pd.DataFrame:
    return rows if "whole_order" in rows else rows.assign(whole_order=pd.Series(False, index=rows.index, dtype=bool))


def _sorted(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Canonical columns and types, in the order of the key."""
    blank = empty(name)
    rows = rows[list(blank.columns)].reset_index(drop=True)
    if len(rows) > 1:
        rows = rows.sort_values([*TABLES[name].key], kind="stable", na_position="first", ignore_index=True)
    other = {column: kind for column, kind in blank.dtypes.items() if rows[column].dtype != kind}
    return rows.astype(other) if other else rows
