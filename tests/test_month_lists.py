"""A plain list for each month beside the last one: the later list tells the later state of what both hold."""

import pandas as pd
import pytest

from analysis.sources.load import load_source

HEAD = "order_id,supplier,sku,ordered_on,promised_on,received_on,quantity,status\n"
OPEN = "A,Bao,cup,2026-03-20,2026-04-05,,50,open\n"
CAME = "A,Bao,cup,2026-03-20,2026-04-09,2026-04-10,50,received\nB,Hui,cup,2026-04-02,,,50,open\n"


def source(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(HEAD + text, encoding="utf-8")
    return load_source(folder)


def status(known):
    told = known.accounting
    assert (told["rows_in"] == told[["kept", "quarantined", "merged"]].sum(axis=1)).all()
    return known.tables["orders"].set_index("order_id")["status"].to_dict()


@pytest.mark.parametrize(
    ("march", "april"),
    [
        ("orders 2026-03", "orders 2026-04"),
        ("orders_202603", "orders_202604"),
        ("orders 2026-04-01", "orders 2026-04-30"),
        ("orders 2026年3月", "orders 2026年4月"),
    ],
)
def test_the_list_of_the_later_month_wins(tmp_path, march, april):
    found = source(tmp_path, **{march: OPEN, april: CAME})
    known = found.known(pd.Timestamp("2026-04-30"))
    assert status(known) == {"A": "received", "B": "open"} and known.quarantine.empty
    [line] = known.tables["orders"].query("order_id == 'A'").to_dict("records")
    assert f"{line['promised_on']:%m-%d} {line['repromised_on']:%m-%d}" == "04-05 04-09"
    assert status(found.known(pd.Timestamp("2026-03-31"))) == {"A": "open"}


@pytest.mark.parametrize("other", ["orders", "orders 2026-04", "orders new"])
def test_of_lists_without_a_month_nobody_knows_the_later(tmp_path, other):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "orders 2026-04.csv").write_text(HEAD + OPEN, encoding="utf-8")
    known = source(tmp_path, **{other: CAME}).known(pd.Timestamp("2026-04-30"))
    assert known.quarantine["code"].tolist() == ["duplicate_contradicts"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0331", "0430"),
        ("旧(3月10日)", "最新(4月20日)"),
        ("3月", "4月"),
        ("3.31", "4.30"),
        ("2026-03", "2026-04"),
        ("03-31", "04-30"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_sheet_of_the_later_day_wins(tmp_path, old, new, turned):
    """Whichever of the two comes first in the workbook."""
    told = {old: OPEN, new: CAME}
    with pd.ExcelWriter(tmp_path / "采购明细.xlsx") as book:
        for name in sorted(told, reverse=turned):
            rows = [line.split(",") for line in told[name].splitlines()]
            pd.DataFrame(rows, columns=HEAD.strip().split(",")).to_excel(book, sheet_name=name, index=False)
    known = load_source(tmp_path).known(pd.Timestamp("2026-04-30"))
    assert status(known) == {"A": "received", "B": "open"} and known.quarantine.empty


def test_the_same_list_under_two_names_counts_once(tmp_path):
    known = source(tmp_path, **{"orders 2026-04": CAME, "orders 2026-04 (1)": CAME}).known(pd.Timestamp("2026-04-30"))
    assert status(known) == {"A": "received", "B": "open"} and known.quarantine.empty


ORDER = "A,Bao,cup,2026-07-02,,2026-07-20,50,received\n"


def lists(folder, name, head, august, september):
    """A list of August and one of September beside the orders."""
    for month, text in (("08", august), ("09", september)):
        (folder / f"{name}_2026-{month}.csv").write_text(f"{head}\n{text}\n", encoding="utf-8")
    known = source(folder, orders=ORDER)
    return known.known(pd.Timestamp("2026-08-31")), known.known(pd.Timestamp("2026-09-30"))


RETURNS = "订单编号,登记日期,退货数量,退款金额,退款日期,批号"


@pytest.mark.parametrize("name", ["退货", "returns"])
@pytest.mark.parametrize(
    ("august", "september", "refund"),
    [
        ("A,2026-08-03,6,,,", "A,2026-08-03,6,30,2026-09-04,", 30),
        ("A,2026-08-03,6,,,", "A,2026-08-03,6,30,2026-09-04,L2", 30),
        ("A,2026-08-03,6,12,2026-08-20,", "A,2026-08-03,6,30,2026-09-04,", 30),
        ("A,2026-08-03,6,12,2026-08-20,", "A,2026-08-03,6,30,2026-08-20,", 30),
    ],
)
def test_a_return_told_again_with_its_settlement_is_one(tmp_path, name, august, september, refund):
    before, after = lists(tmp_path, name, RETURNS, august, september)
    [row] = after.tables["returns"].to_dict("records")
    assert (row["returned"], row["refund"]) == (6, refund) and after.quarantine.empty
    assert status(after) == {"A": "received"} and len(before.tables["returns"]) == 1


@pytest.mark.parametrize(
    ("august", "september"),
    [
        ("A,2026-08-03,6,,,", "A,2026-08-03,4,30,2026-09-04,"),
        ("A,2026-08-03,6,,,", "A,2026-08-05,6,30,2026-09-04,"),
        ("A,2026-08-03,6,30,2026-08-20,", "A,2026-08-03,6,12,2026-09-04,"),
        ("A,2026-08-03,6,30,2026-08-20,L1", "A,2026-08-03,6,30,2026-08-20,L2"),
    ],
)
def test_returns_of_other_pieces_days_or_batches_are_two(tmp_path, august, september):
    _, after = lists(tmp_path, "returns", RETURNS, august, september)
    assert len(after.tables["returns"]) == 2


def test_an_inspection_told_again_with_its_batch_is_one(tmp_path):
    head = "order_id,inspected_on,inspected,defective,batch"
    _, after = lists(tmp_path, "inspections", head, "A,2026-07-22,40,2,", "A,2026-07-22,40,2,L7")
    [row] = after.tables["inspections"].to_dict("records")
    assert (row["inspected"], row["batch"]) == (40, "L7")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("订单", "订单(备份)"),
        ("订单-旧", "订单"),
        ("orders", "orders backup"),
        ("订单", "备份0420"),
        ("old/orders", "orders"),
    ],
)
def test_an_older_copy_tells_nothing_again(tmp_path, one, other):
    """Of order A the copy lists a line more, and an order of its own."""
    copy = OPEN + "A,Bao,lid,2026-03-20,,,5,open\nC,Bao,cup,2026-01-20,,,7,open\n"
    (tmp_path / "old").mkdir()
    texts = {name: copy if name not in ("订单", "orders") else CAME for name in (one, other)}
    known = source(tmp_path, **texts).known(pd.Timestamp("2026-04-30"))
    assert status(known) == {"A": "received", "B": "open", "C": "open"} and len(known.tables["orders"]) == 3
    assert known.quarantine.empty and known.remarks["code"].tolist().count("list_is_older") == 1


def test_a_copy_alone_is_a_list_like_any(tmp_path):
    assert status(source(tmp_path, **{"订单 - 副本": CAME}).known(pd.Timestamp("2026-04-30"))) == {
        "A": "received",
        "B": "open",
    }
