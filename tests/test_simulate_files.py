"""The simulated company's files: the same bytes each time, read back to the same tables, every dirty row accounted for."""

import zipfile
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from analysis.paths import PROJECT
from analysis.simulate import read_truth, simulate_company, write_company
from analysis.simulate.exports import CHOSEN_HEADERS, HEADERS, OLD_HEADERS, PERSONAL
from analysis.simulate.known import month_end
from analysis.simulate.ledger_file import LEDGER_FILE, NOT_WRITTEN
from analysis.sources.conform import conform
from analysis.sources.export_1688 import is_export, read_export
from analysis.sources.ledger import is_ledger, read_ledger
from analysis.sources.opening import read_sheets
from analysis.sources.repeated_rows import drop_duplicates
from analysis.sources.tables import TABLES

EXAMPLE = PROJECT / "data" / "raw" / "example"
EXAMPLE_TRUTH = PROJECT / "tests" / "data" / "example_truth"


@pytest.fixture(scope="module")
def company():
    return simulate_company()


@pytest.fixture(scope="module")
def clean(company, tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean") / "company"
    write_company(company, folder, dirty=False)
    return folder


@pytest.fixture(scope="module")
def dirty(company, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dirty") / "company"
    write_company(company, folder)
    return folder


def readings(path: Path):
    """The reading of each file by the reader that recognises it."""
    sheets = read_sheets(path)
    if is_ledger(sheets):
        return read_ledger(path, sheets)
    assert is_export(sheets[0])
    return read_export(path, sheets[0])


@cache
def account(path: Path):
    """(rows in, quarantine, merged rows, kept rows) of each table in a file, without the loader."""
    reading = readings(path)
    quarantine, kept, merged, rows_in = [reading.quarantine], {}, 0, len(reading.quarantine)
    for raw in reading.raws:
        read = conform(raw)
        distinct = drop_duplicates(raw.table, read.table)
        quarantine += [read.quarantine, distinct.quarantine]
        merged += int(distinct.merged.sum())
        kept[raw.table] = distinct.table
        rows_in += read.rows_in
    return rows_in, pd.concat(quarantine), merged, kept


def content(path: Path):
    """Unpacked bytes of a file, so that another zip library's compression makes no difference."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    return path.read_bytes()


# --- the same company, the same bytes ---------------------------------------------------------------------------------


def test_same_seed_same_bytes(tmp_path):
    for folder in ("one", "two"):
        write_company(simulate_company(4, 8, seed=3), tmp_path / folder)
    for kind in ("", "_truth"):
        first, second = (sorted((tmp_path / f"{folder}{kind}").iterdir()) for folder in ("one", "two"))
        assert [path.name for path in first] == [path.name for path in second]
        for left, right in zip(first, second):
            assert left.read_bytes() == right.read_bytes(), left.name


def test_shipped_example_is_what_simulate_writes(dirty):
    """After a change of the simulator: `analysis simulate data/raw/example` and the truth moved to tests/data."""
    for shipped, made in ((EXAMPLE, dirty), (EXAMPLE_TRUTH, dirty.with_name("company_truth"))):
        assert sorted(p.name for p in shipped.iterdir()) == sorted(p.name for p in made.iterdir())
        for path in made.iterdir():
            assert content(shipped / path.name) == content(path), path.name


def test_shipped_example_is_small_and_holds_no_truth():
    assert sum(path.stat().st_size for path in EXAMPLE.rglob("*")) < 1_500_000
    assert not list(EXAMPLE.rglob("*.csv"))
    for path in EXAMPLE.iterdir():
        written = content(path)
        text = b"".join(written.values()) if isinstance(written, dict) else written
        assert b"steady household" not in text
        assert b"defect_rate_bulk" not in text


def test_truth_may_not_lie_where_a_loader_reads(company, tmp_path):
    with pytest.raises(ValueError, match="truth_dir must lie outside the source folder"):
        write_company(company, tmp_path, tmp_path / "truth")


def test_a_shorter_company_leaves_no_months_of_a_longer_one(tmp_path):
    for rounds in (5, 2):
        write_company(simulate_company(rounds, 3, seed=1), tmp_path / "company")
    assert len(list((tmp_path / "company").glob("1688*"))) == 2


# --- the formats ------------------------------------------------------------------------------------------------------


def test_layouts_of_the_exports(dirty):
    headers = {path.name: tuple(read_sheets(path)[0].cells[0]) for path in sorted(dirty.glob("1688*"))}
    assert len(headers) == 12
    assert headers["1688订单_2025-11.xlsx"] == OLD_HEADERS
    assert headers["1688订单_2026-04.xlsx"] == CHOSEN_HEADERS
    assert headers["1688订单_2026-10.xlsx"] == HEADERS
    assert (dirty / "1688订单_2026-02.xls").read_bytes().decode("gb18030").startswith("订单编号,")
    assert (dirty / "1688订单_2026-05.xls").read_bytes().startswith(b"<html>")
    assert b'<dimension ref="A1"' in content(dirty / "1688订单_2026-03.xlsx")["xl/worksheets/sheet1.xml"]
    assert b"<mergeCell " in content(dirty / "1688订单_2026-06.xlsx")["xl/worksheets/sheet1.xml"]


def test_headers_are_the_recorded_ones():
    """tests/data/1688_headers_*.txt: the names as three independent importers of the export list them."""
    recorded = {
        name: (Path(__file__).parent / "data" / f"1688_headers_{name}.txt").read_text("utf-8").split("\n")
        for name in ("49", "31")
    }
    assert tuple(filter(None, recorded["49"])) == HEADERS
    assert tuple(filter(None, recorded["31"])) == OLD_HEADERS


def test_an_export_holds_the_months_orders_and_the_unfinished_ones(company, clean):
    ends = month_end(pd.Period("2026-09"))
    told = account(clean / "1688订单_2026-10.xlsx")[3]["orders"]
    orders = company.known(company.ends_on)["orders"]
    before = company.known(ends)["orders"]
    due = set(before.loc[before["status"].isin(["open", "unpaid", "refunding"]), "order_id"])
    due |= set(orders.loc[orders["ordered_on"] > ends, "order_id"])
    assert set(told["order_id"]) == due


def test_people_are_in_the_exports_and_stay_there(dirty):
    """The canaries are written, and no cell that the readers hand on holds one."""
    exports = sorted(dirty.glob("1688*"))
    for path in exports:
        cells = {str(cell) for row in read_sheets(path)[0].cells for cell in row}
        assert PERSONAL["联系手机"] in cells
        handed_on = {str(cell) for raw in readings(path).raws for cell in raw.frame.to_numpy().ravel()}
        assert not handed_on & set(PERSONAL.values())


# --- there and back ---------------------------------------------------------------------------------------------------

TOLD_BY_EXPORT = ["order_id", "line_no", "supplier", "sku", "ordered_on", "paid_on", "quantity", "unit_price", "goods_amount", "freight", "discount", "paid_amount"]  # fmt: skip


def test_exports_read_back_to_the_orders(company, clean):
    """Each month's file against the tables as they stood at the month's end, status included."""
    for number, path in enumerate(sorted(clean.glob("1688*"))):
        rows_in, quarantine, merged, kept = account(path)
        told = kept["orders"].reset_index(drop=True)
        assert (len(quarantine), merged, rows_in) == (0, 0, len(told))
        truth = company.known(month_end(company.first_month + number))["orders"]
        both = told[["order_id", "line_no"]].merge(truth, on=["order_id", "line_no"])
        pd.testing.assert_frame_equal(told[TOLD_BY_EXPORT], both[TOLD_BY_EXPORT], check_exact=False, rtol=0, atol=1e-9)
        # the platform calls an order finished whose arrival nobody wrote down
        assert told["status"].equals(both["status"].replace("unknown", "received"))


def test_ledger_reads_back_to_the_tables(company, clean):
    rows_in, quarantine, merged, kept = account(clean / LEDGER_FILE)
    truth = company.known(company.ends_on)
    assert (len(quarantine), merged, rows_in) == (0, 0, sum(len(table) for table in truth.values()))
    for name, table in truth.items():
        columns = [column for column in table if name != "orders" or column not in NOT_WRITTEN]
        told = kept[name].reset_index(drop=True)
        pd.testing.assert_frame_equal(told[columns], table[columns], check_exact=False, rtol=0, atol=1e-9)


# --- dirt -------------------------------------------------------------------------------------------------------------


def test_every_kind_of_dirt_is_there(dirty):
    dirt = read_truth(dirty.with_name("company_truth"))["dirt"]
    kinds = {
        "orphan line", "blank row", "damaged id", "hashes for a date", "serial date", "money signs", "repeated row",
        "more defective than inspected", "received before ordered", "negative quantity", "unknown status",
        "text for a number", "emoji in a name", "formula-like text",
    }  # fmt: skip
    assert kinds <= set(dirt["kind"])


def test_dirt_is_accounted_for_row_by_row(dirty):
    """Quarantined are exactly the rows that must be; merged as many; everything else is kept; blank rows do not count."""
    dirt = read_truth(dirty.with_name("company_truth"))["dirt"].fillna({"sheet": ""})
    for path in sorted(dirty.glob("*.xls*")):
        rows_in, quarantine, merged, kept = account(path)
        here = dirt[dirt["file"] == path.name]
        refused = here[here["expected"] == "quarantined"]
        assert set(zip(quarantine["sheet"], quarantine["row"])) == set(zip(refused["sheet"], refused["row"])), path.name
        assert merged == (here["expected"] == "merged").sum()
        assert rows_in == sum(len(table) for table in kept.values()) + merged + len(quarantine)
        for row in here[here["expected"] == "kept"].itertuples():
            assert (row.file, row.sheet, row.row) in kept[row.table].index


def test_dirt_takes_nothing_away(company, clean, dirty):
    """What is kept of the dirty files is what the clean ones hold, but for the two cells that cannot be read."""
    changed = {("orders", "status"), ("risks", "item")}
    for path in sorted(dirty.glob("*.xls*")):
        for name, table in account(path)[3].items():
            other = account(clean / path.name)[3][name]
            columns = [column for column in table if (name, column) not in changed]
            key = list(TABLES[name].key) if name != "risks" else ["supplier", "opened_on", "due_on"]
            left, right = (t[columns].sort_values(key).reset_index(drop=True) for t in (table, other))
            pd.testing.assert_frame_equal(left, right, check_exact=False, rtol=0, atol=1e-9)


# --- the loader -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("month", ["2025-12", "2026-05", "2026-10"])
def test_loaded_source_is_the_company_as_of_each_month(company, clean, month):
    """The loader's cut and the simulator's, written apart, agree."""
    from analysis.sources.load import load_source

    as_of = month_end(pd.Period(month))
    known = load_source(clean).known(as_of)
    assert known.info.simulated
    assert len(known.quarantine) == 0
    for name, truth in company.known(as_of).items():
        told = known.tables[name].drop(columns="known_on", errors="ignore")
        key = [column for column in TABLES[name].key if column in told]
        told = told.sort_values(key).reset_index(drop=True)
        truth = truth[told.columns].sort_values(key).reset_index(drop=True)
        if name == "risks":  # a ledger says only what a risk's status is at the end
            told, truth = told.drop(columns="status"), truth.drop(columns="status")
        pd.testing.assert_frame_equal(told, truth, check_exact=False, rtol=0, atol=1e-9)


def test_loader_accounts_for_the_dirt(dirty):
    """Refused are exactly the rows that must be, and rows in = kept + quarantined + merged in every file and sheet."""
    from analysis.sources.load import load_source

    known = load_source(dirty).known(pd.Timestamp("2026-10-31"))
    dirt = read_truth(dirty.with_name("company_truth"))["dirt"].fillna({"sheet": ""})
    refused = dirt[dirt["expected"] == "quarantined"]
    columns = ["file", "sheet", "row"]
    told = known.quarantine[columns].astype({"row": int}).sort_values(columns, ignore_index=True)
    pd.testing.assert_frame_equal(told, refused[columns].astype(told.dtypes).sort_values(columns, ignore_index=True))
    rows = known.accounting
    assert (rows["rows_in"] == rows["kept"] + rows["quarantined"] + rows["merged"]).all()


@pytest.mark.parametrize(("rounds", "suppliers", "seed"), [(2, 2, 5), (1, 1, 1), (3, 1, 1), (1, 2, 3)])
def test_a_small_company_is_written_and_read(tmp_path, rounds, suppliers, seed):
    """However few rows there are for the dirt: what is to be refused or merged of the orders is, and no more."""
    from analysis.sources.load import END_OF_TIME, load_source

    write_company(simulate_company(rounds, suppliers, seed), tmp_path / "small")
    dirt = read_truth(tmp_path / "small_truth")["dirt"].query("file.str.startswith('1688')")
    orders = load_source(tmp_path / "small").known(END_OF_TIME).quarantine.query("file.str.startswith('1688')")
    assert sorted(orders["row"]) == sorted(dirt.loc[dirt["expected"] == "quarantined", "row"]) and len(orders)
