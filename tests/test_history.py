"""Order history as Parquet: counted in one pass, it gives the tables of the path that holds all lines in memory."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from history import write_history
from history_small import as_small_files, in_memory

from analysis.cli import main
from analysis.errors import AnalysisError, SourceError
from analysis.estimates.defect_rate import FoundShare, defect_rates_by_block, fit_defect_rates
from analysis.estimates.defect_rate.lot_evidence import lot_evidence
from analysis.estimates.defect_rate.posterior import rates_by_block
from analysis.estimates.lead_time import LeadTimes, fit_lead_times, lead_time_table
from analysis.history_command import history_tables, spend
from analysis.rules import Limits
from analysis.sources.history import batches as batches_of
from analysis.sources.history import count_history, history_files
from analysis.sources.history.packing import LotKinds
from analysis.sources.history.tables import _packed
from analysis.sources.history.tally import Tally
from analysis.workers import finished

AS_OF = pd.Timestamp("2026-10-31")
LIMITS = Limits(defect_rate=0.05, interval_level=0.9)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six files with 5,000 lines of 10 suppliers, faults and promises that moved included."""
    found = tmp_path_factory.mktemp("history")
    write_history(found, 5000, 10, file_lines=900, bad=0.01)
    for path in history_files(found):
        with_moved_promises(pd.read_parquet(path)).to_parquet(path, index=False)
    return found


def with_moved_promises(lines: pd.DataFrame) -> pd.DataFrame:
    """Of three lines one states where its promise moved to, one that day alone; some are told again with another promise."""
    at = np.arange(len(lines))
    first = pd.to_datetime(lines["promised_on"]) + pd.to_timedelta(at % 7, unit="D")
    moved = (first + pd.Timedelta(days=11)).where(at % 3 > 0)
    lines = lines.assign(repromised_on=moved, promised_on=first.mask(at % 3 == 1))
    told = lines["order_id"].eq(lines["order_id"].shift()) & lines["inspected"].shift().isna()
    again = np.flatnonzero(told)[::3]
    lines.iloc[again] = lines.iloc[again - 1]
    lines.loc[again[::2], "promised_on"] -= pd.Timedelta(days=4)  # a slip of the pen; others move to a later day
    lines.loc[again[1::2], "promised_on"] += pd.Timedelta(days=16)
    return lines


@pytest.fixture(scope="module")
def counts(folder):
    return count_history(history_files(folder), AS_OF)


@pytest.fixture(scope="module")
def small(folder, tmp_path_factory):
    source = tmp_path_factory.mktemp("sources") / "small"
    as_small_files(folder, source)
    return in_memory(source, AS_OF, LIMITS.defect_rate)


def same(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False, rtol=1e-12, atol=1e-12)


def test_every_estimate_is_that_of_the_lines_in_memory(counts, small):
    tables = history_tables(counts, LIMITS, FoundShare(1.0, 1.0))
    assert len(small["lead_times"]) == 10 and len(small["defect_rates"]) == 50
    for name in ("lead_times", "defect_rates"):
        same(tables[name], small[name])


def test_the_same_rows_are_refused_for_the_same_reasons(counts, small):
    found = counts.quarantine.groupby(["table", "column", "code"]).size()
    wanted = small["quarantine"].groupby(["table", "column", "code"]).size()
    assert len(wanted) >= 6
    pd.testing.assert_series_equal(found, wanted)
    account = counts.accounting.groupby("table")[["rows_in", "kept", "quarantined", "merged"]].sum().loc["orders"]
    pd.testing.assert_series_equal(
        account, small["accounting"].set_index("table").loc["orders", account.index], check_names=False
    )


def test_money_is_added_up_in_fen(counts, small):
    orders = small["orders"]
    bought = orders[~orders["status"].isin(["cancelled", "unpaid", "refunding"])]
    fen = (bought["goods_amount"] * 100).round().astype("int64").groupby(bought["supplier"]).sum()
    table = spend(counts).set_index("supplier")
    assert (counts.sums.set_index("supplier")["goods_amount"] == fen).all()
    assert (table["goods_amount"] == fen / 100).all() and table["freight"].isna().all()


def stored(counts, folder: Path) -> list[bytes]:
    names = ("deliveries", "promises", "lots", "ordered", "sums", "quarantine", "accounting")
    return [getattr(counts, name).to_parquet(index=False) for name in names]


class Late(ThreadPoolExecutor):
    """Its tasks end in another order than they began."""

    def submit(self, work, task):
        wait = 0.02 * (7 - len(self._threads))
        return super().submit(lambda: (time.sleep(wait), work(task))[1])


@pytest.mark.parametrize("parts", [2, 6])
def test_parts_in_any_order_add_up_to_the_same_bytes(folder, counts, parts, tmp_path):
    found = count_history(history_files(folder), AS_OF, partial(Late, parts), parts)
    assert stored(found, tmp_path) == stored(counts, tmp_path)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Six files with several spellings of a name, lots too large for the small numbers, lines without SKU, categories that change."""
    folder, rng = tmp_path_factory.mktemp("mixed"), np.random.default_rng(3)
    for k in range(6):
        rows = []
        for i in range(60):
            day = pd.Timestamp("2026-01-01") + pd.Timedelta(days=int(rng.integers(0, 200)))
            came = day + pd.Timedelta(days=int(rng.integers(1, 30)))
            row = {
                "order_id": f"{k}{i:04d}", "supplier": rng.choice(["甲厂", "甲 厂", "乙厂", "ADA co", "Ada Co"]), "quantity": 6000,
                "ordered_on": day, "received_on": came, "sku": rng.choice(["K1", "k1", "K2", None]),
                "category": rng.choice(["箱包", "饰品", "玩具"]), "stage": "大货",
            }  # fmt: skip
            if rng.random() < 0.5:
                seen = {"inspected": int(rng.integers(1024, 5000)), "defective": int(rng.integers(0, 30))}
                row |= {"inspected_on": came + pd.Timedelta(days=1), **seen}
            rows.append(row)
        history(rows, folder, f"{k}.parquet")
    return history_files(folder)


@pytest.mark.parametrize("parts", [2, 3, 6])
def test_parts_with_other_spellings_lots_and_categories_add_up_to_the_same_bytes(mixed, parts, tmp_path):
    whole = count_history(mixed, AS_OF)
    assert whole.lots["inspected"].sum() > 100_000 and len(whole.sums) == 3
    for pool in (None, partial(Late, parts)):
        assert stored(count_history(mixed, AS_OF, pool, parts), tmp_path) == stored(whole, tmp_path)


@pytest.mark.parametrize("parts", [1, 2])
def test_more_names_than_have_a_number_are_told_of_one_file_or_of_all(mixed, parts, monkeypatch):
    monkeypatch.setattr("analysis.sources.history.packing.SUPPLIERS", 3)
    with pytest.raises(SourceError, match="supplier"):
        count_history(mixed[:2], AS_OF, parts=parts)


@pytest.mark.parametrize("rows", [2, 3, 4, 100])
@pytest.mark.parametrize(
    ("lines", "row"),  # row 1 has the heads
    [
        ([("A", 1), ("A2", 1), ("B", 1), ("B", 2), ("A", 1), ("A2", 1)], 6),
        ([("A", 1), ("A", 2), ("A", 3), ("A", 4), ("A", 6), ("A", 5)], 7),
        ([("A", 1), ("B", 1), (None, 1), ("A", 1)], 5),
    ],
    ids=["orders", "lines", "after a blank"],
)
def test_lines_out_of_order_are_told_wherever_a_batch_ends(lines, row, rows, tmp_path, monkeypatch):
    monkeypatch.setattr(batches_of, "ROWS", rows)
    file = history(
        [{"order_id": order, "line_no": line, "ordered_on": "2026-01-05"} for order, line in lines], tmp_path
    )
    with pytest.raises(
        SourceError, match=rf"row {row} comes before its predecessor in the order of order_id and line_no"
    ):
        count_history([file], AS_OF)


def test_a_blank_order_number_hides_no_overlap(tmp_path):
    lines = [{"order_id": order, "ordered_on": "2026-01-05"} for order in ("A", "B", None)]
    files = [history(lines, tmp_path, name) for name in ("a.parquet", "b.parquet")]
    with pytest.raises(SourceError, match=r"a\.parquet"):
        count_history(files, AS_OF)


def test_a_date_that_nobody_can_mean_is_told_and_not_waited_for(tmp_path):
    days = ("2026-01-05", "2206-01-05")
    found = count_history(
        [history([{"order_id": f"{n}", "ordered_on": day} for n, day in enumerate(days)], tmp_path)], AS_OF
    )
    assert found.quarantine["code"].tolist() == ["not_a_date"] and found.accounting["later"].sum() == 0


def test_order_numbers_are_checked_however_the_file_codes_them(tmp_path):
    lines = [{"order_id": order, "ordered_on": "2026-01-05"} for order in ("1", "2", "nan")]
    plain = count_history([history(lines, tmp_path, "plain.parquet")], AS_OF)
    table = pq.read_table(tmp_path / "plain.parquet")
    at = table.schema.get_field_index("order_id")
    coded = table.set_column(at, "order_id", table["order_id"].dictionary_encode())
    pq.write_table(coded, tmp_path / "coded.parquet")
    found = count_history([tmp_path / "coded.parquet"], AS_OF)
    assert found.accounting["kept"].tolist() == plain.accounting["kept"].tolist()
    assert found.quarantine["code"].tolist() == plain.quarantine["code"].tolist() and len(found.quarantine)


def test_no_order_is_torn_by_the_end_of_a_batch(folder, counts, monkeypatch, tmp_path):
    monkeypatch.setattr(batches_of, "ROWS", 25)
    found = count_history(history_files(folder)[:1], AS_OF)
    monkeypatch.undo()
    assert stored(found, tmp_path) == stored(count_history(history_files(folder)[:1], AS_OF), tmp_path)


def die_once(task: tuple[Path, int]) -> int:
    """Kills its own process the first time that task 3 is asked for."""
    marker, number = task
    if number == 3 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def test_a_worker_that_is_killed_loses_nothing(tmp_path):
    tasks = [(tmp_path / "died", number) for number in range(8)]
    found = list(finished(die_once, tasks, partial(ProcessPoolExecutor, 2)))
    assert (tmp_path / "died").exists() and sorted(found) == [n * n for n in range(8)]


def always_die(task: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return task


def test_workers_that_are_always_killed_are_told_of():
    with pytest.raises(AnalysisError, match="three times in a row, with 2 parts") as told:
        list(finished(always_die, [1, 2], partial(ProcessPoolExecutor, 1)))
    assert "工作进程" in told.value.text("zh")


# ---- a small history by hand ----


def history(rows: list[dict], folder: Path, name: str = "a.parquet") -> Path:
    usual = {"line_no": 1, "supplier": "甲厂", "quantity": 10, "goods_amount": 1.1}
    frame = pd.DataFrame([usual | row for row in rows])
    for column in ("ordered_on", "promised_on", "received_on", "inspected_on"):
        if column in frame:
            frame[column] = pd.to_datetime(frame[column])
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / name)
    return folder / name


BY_HAND = [
    # two lines that came together are one delivery
    {"order_id": "1", "ordered_on": "2026-10-01", "received_on": "2026-10-11", "promised_on": "2026-10-09", "sku": "K1", "category": "箱包"},
    {"order_id": "1", "line_no": 2, "ordered_on": "2026-10-01", "received_on": "2026-10-11", "promised_on": "2026-10-09", "sku": "k1", "category": "饰品"},
    # two that came apart, and a third with the first
    {"order_id": "2", "ordered_on": "2026-10-02", "received_on": "2026-10-12", "promised_on": "2026-10-08"},
    {"order_id": "2", "line_no": 2, "ordered_on": "2026-10-02", "received_on": "2026-10-14"},
    {"order_id": "2", "line_no": 3, "ordered_on": "2026-10-02", "received_on": "2026-10-12"},
    # open on the day: it arrives a day after it
    {"order_id": "3", "ordered_on": "2026-10-20", "received_on": "2026-11-01", "inspected_on": "2026-11-02", "inspected": 5, "defective": 1},
    # nobody knew of it
    {"order_id": "4", "ordered_on": "2026-11-01"},
    {"order_id": "5", "ordered_on": "2026-10-03", "status": "交易关闭", "goods_amount": 7.0},
    # the same company in another spelling, its lots
    {"order_id": "6", "supplier": "甲 厂", "ordered_on": "2026-10-05", "received_on": "2026-10-06", "inspected_on": "2026-10-07", "inspected": 5, "defective": 1, "sku": "K1", "category": "箱包", "stage": "试单"},
    # told twice, then otherwise
    {"order_id": "7", "ordered_on": "2026-10-04", "received_on": "2026-10-05", "promised_on": "2026-10-10"},
    {"order_id": "7", "ordered_on": "2026-10-04", "received_on": "2026-10-05", "promised_on": "2026-10-10"},
    {"order_id": "7", "ordered_on": "2026-10-04", "received_on": "2026-10-06"},
]  # fmt: skip


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory):
    return count_history([history(BY_HAND, tmp_path_factory.mktemp("hand"))], AS_OF)


def test_lines_that_came_together_are_one_delivery(by_hand):
    assert set(by_hand.deliveries["supplier"]) == {"甲厂"}
    rows = by_hand.deliveries.set_index(["status", "days"])[["lines", "deliveries"]].to_numpy().tolist()
    keys = by_hand.deliveries[["status", "days"]].to_numpy().tolist()
    found = dict(zip(map(tuple, keys), map(tuple, rows)))
    assert found == {("received", 1): (2, 2), ("received", 10): (4, 2), ("received", 12): (1, 1), ("open", 11): (1, 1), ("cancelled", 0): (1, 0)}  # fmt: skip


def test_what_comes_of_each_row(by_hand):
    account = by_hand.accounting.set_index("table").loc["orders"]
    assert account[["rows_in", "kept", "quarantined", "merged", "later"]].tolist() == [11, 9, 1, 1, 1]
    assert by_hand.quarantine[["row", "code"]].to_numpy().tolist() == [[13, "duplicate_contradicts"]]


def test_a_sku_has_the_category_of_its_newest_order(by_hand):
    assert by_hand.lots.to_numpy().tolist() == [["甲厂", "K1", "箱包", "trial", 5, 1, 1]]
    named = by_hand.ordered.dropna(subset="sku")
    assert named.to_numpy().tolist() == [["甲厂", "K1", "箱包", 3]]


def test_money_of_cancelled_orders_was_not_spent(by_hand):
    assert by_hand.sums.loc[0, ["lines", "goods_amount"]].tolist() == [8, 880]


def test_the_usual_promise_is_the_median_of_the_lines(by_hand):
    times = LeadTimes.counted(by_hand.deliveries, by_hand.promises, by_hand.categories())
    assert times.promised["甲厂"] == np.median([8, 8, 6, 6])
    assert times.suppliers.loc["甲厂", ["received", "open", "deliveries"]].tolist() == [7, 1, 5]
    assert lead_time_table(times, fit_lead_times(times))["promised_days"].tolist() == [7.0]


@pytest.mark.parametrize(
    ("change", "told", "in_chinese"),
    [
        (lambda rows: rows.iloc[::-1], "row 5 comes before its predecessor", "第 5 行"),
        (lambda rows: rows.drop(columns="quantity"), "lacks the columns quantity", "数量"),
        (lambda rows: rows.assign(ordered_on=rows["ordered_on"].astype(str)), "ordered_on holds .*string.* a date is needed", "ordered_on"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_counted_says_why(tmp_path, change, told, in_chinese):
    path = history(BY_HAND, tmp_path)
    change(pd.read_parquet(path)).to_parquet(path, index=False)
    with pytest.raises(SourceError, match=told) as error:
        count_history([path], AS_OF)
    assert in_chinese in error.value.text("zh")


def test_two_files_may_not_tell_of_one_order(tmp_path):
    files = [history(BY_HAND, tmp_path, name) for name in ("a.parquet", "b.parquet")]
    with pytest.raises(SourceError, match="may both tell of the order 1"):
        count_history(files, AS_OF, parts=2)


def test_a_damaged_file_is_told_of(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 cut off")
    with pytest.raises(SourceError, match="is damaged"):
        count_history([path], AS_OF)


def test_the_command_writes_the_tables_and_counts_the_faults(folder, tmp_path, capsys):
    asked = ["history", str(folder), "--month", "2026-10", "--out", str(tmp_path / "out"), "--lang", "en"]
    assert main(asked) == 0
    said = capsys.readouterr()
    assert "5,000 rows" in said.out and "inspections.defective: " in said.out
    assert len(pd.read_parquet(tmp_path / "out" / "lead_times.parquet")) == 10
    assert main(asked) == 1 and "holds files already" in capsys.readouterr().err


# ---- the parts ----


def test_a_tally_counts_as_sorting_does():
    rng, tally = np.random.default_rng(1), Tally()
    keys = rng.integers(0, 500, 10_000)
    for part in np.array_split(keys, 7):
        tally.add(part)
    tally.add_counts(np.array([7, 3, 7]), np.array([2, 1, 5]))
    found, counts = tally.settled()
    wanted, many = np.unique(np.concatenate([keys, [7] * 7, [3]]), return_counts=True)
    assert (found == wanted).all() and (counts == many).all()


@pytest.mark.parametrize("span", [10, 10**9])
def test_rows_are_packed_into_one_number_in_the_order_of_their_facts(span):
    """Three facts of up to 10^9 each do not go into 63 bits as they are."""
    facts = np.random.default_rng(4).integers(-1, span, (3, 200))
    key = _packed({str(place): fact for place, fact in enumerate(facts)})
    assert (np.argsort(key, kind="stable") == np.lexsort(facts[::-1])).all()


def test_the_kinds_of_lots_come_back_out_of_their_numbers():
    kinds, rng = LotKinds(), np.random.default_rng(2)
    inspected = np.concatenate([np.arange(1, 1024), rng.integers(1024, 10**7, 50)])
    defective = (inspected * rng.random(inspected.size)).astype(np.int64)
    numbers = kinds.of(inspected, defective)
    back = kinds.pieces(numbers)
    assert (back[0] == inspected).all() and (back[1] == defective).all() and numbers.min() > 0


def test_alike_lots_may_be_counted_first():
    rng = np.random.default_rng(3)
    supplier, sku = rng.integers(0, 6, 200), rng.integers(0, 3, 200)
    inspected = rng.choice([3, 5, 8], 200)
    defective = rng.binomial(inspected, 0.02 * (1 + supplier))
    rows = pd.DataFrame({"supplier": supplier, "sku": sku, "n": inspected, "x": defective})
    counted = rows.groupby(list(rows)).size().rename("lots").reset_index()
    assert len(counted) < 150
    each, few = (
        fit_defect_rates(table["x"], table["n"], table["supplier"], sku=table["sku"], lots=table.get("lots"))
        for table in (rows, counted)
    )
    assert np.abs(each.suppliers.masses - few.suppliers.masses).max() < 1e-12
    assert (
        few.suppliers.lot_size == np.median(inspected) and (each.counts["inspected"] == few.counts["inspected"]).all()
    )


def test_blocks_of_suppliers_give_the_whole_table(counts, monkeypatch):
    whole = defect_rates_by_block(counts.lots, counts.ordered, 0.05)
    monkeypatch.setattr("analysis.estimates.defect_rate.tables.AT_ONCE", 5)
    same(defect_rates_by_block(counts.lots, counts.ordered, 0.05), whole)


def test_blocks_beside_a_very_large_supplier_are_those_of_all_at_once():
    """One has 6,000 pieces inspected, for which the usual grid is too coarse: all stand on its finer one, in every block."""
    rng = np.random.default_rng(5)
    supplier = np.repeat(np.arange(8), 40)
    inspected = np.where(supplier == 3, 150, 8)
    defective = rng.binomial(inspected, 0.01 * (1 + supplier))
    whole = fit_defect_rates(defective, inspected, supplier, sku=supplier).suppliers
    fits = list(rates_by_block(lot_evidence(defective, inspected, supplier, supplier), 3))
    assert whole.grid.size > 200 and [len(fit.suppliers.labels) for fit in fits] == [3, 3, 2]
    np.testing.assert_allclose(np.vstack([fit.suppliers.masses for fit in fits]), whole.masses, atol=1e-12)


def test_looks_of_factories_and_third_parties_are_no_lots_of_ours(tmp_path):
    """Five lines: a blank and 我方 are ours; the factory's (before the arrival) and a firm's are left out and told, and so is a word for nobody."""
    day = pd.Timestamp("2026-08-01")
    lines = pd.DataFrame(
        {"order_id": list("12345"), "line_no": 1, "supplier": "A厂", "sku": "P", "ordered_on": day, "quantity": 100}
    )
    lines = lines.assign(
        received_on=day + pd.Timedelta(days=19), inspected_on=day + pd.Timedelta(days=20), inspected=40
    )
    lines = lines.assign(defective=[1, 2, 30, 31, 32], inspected_by=[None, "我方", "工厂", "第三方（SGS）", "自检"])
    lines.loc[2, "inspected_on"] = day + pd.Timedelta(days=5)
    lines.to_parquet(tmp_path / "history.parquet")
    found = count_history([tmp_path / "history.parquet"], AS_OF)
    assert found.lots["defective"].tolist() == [1, 2] and found.ordered["lines"].sum() == 5
    assert found.quarantine[["row", "code"]].to_numpy().tolist() == [
        [4, "not_ours"],
        [5, "not_ours"],
        [6, "not_a_word"],
    ]
    account = found.accounting.set_index("table").loc["inspections"]
    assert account[["rows_in", "kept", "quarantined"]].tolist() == [5, 2, 3]
