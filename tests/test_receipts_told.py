"""Parcels as buyers list them: cumulative counts without a header that says so, counts of whole orders, arrivals without a count;
and inspections that name no order, whatever their file is called."""

import pandas as pd
import pytest
from test_rows_of_lines import HEAD, codes, known, source

ORDERS = "order_id,supplier,sku,ordered_on,quantity\n1,Ada,cup,2026-03-01,240\n2,Ada,cup,2026-03-02,70\n2,Ada,lid,2026-03-02,30\n"
PARCELS = "order_id,sku,received_on,received_quantity\n"


def orders(folder, as_of=None, head=ORDERS, **tables):
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    told = known(source(folder, head), as_of)
    return told, told.tables["orders"][["received_quantity", "status"]].to_numpy().tolist()


NONE = [[0, "open"], [0, "open"]]
RISING = "1,cup,2026-03-10,90\n1,cup,2026-03-14,150\n1,cup,2026-03-20,240\n"


@pytest.mark.parametrize(("as_of", "line"), [(None, [240, "received"]), ("2026-03-16", [150, "open"])])
@pytest.mark.parametrize("name", ["receipts", "inspections"])
def test_counts_that_rise_to_the_pieces_ordered_are_those_of_all_parcels(tmp_path, name, as_of, line):
    told, found = orders(tmp_path, as_of, **{name: PARCELS + RISING})
    assert found == [line, *NONE] and "receipts_rise" in codes(told)
    assert "received_above_ordered" not in codes(told)


def test_they_may_stand_in_the_lists_of_two_months_that_tell_a_parcel_twice(tmp_path):
    march, april = PARCELS + "".join(RISING.splitlines(True)[:2]), PARCELS + "".join(RISING.splitlines(True)[1:])
    _, found = orders(tmp_path, **{"receipts_2026-03": march, "receipts_2026-04": april})
    assert found == [[240, "received"], *NONE]


@pytest.mark.parametrize(
    ("parcels", "line"),
    [
        (("90", "150"), [240, "received"]), (("90", "150", "230"), [470, "received"]), (("150", "90", "240"), [480, "received"]),
        (("60", "80", "100"), [240, "received"]),
    ],
)  # fmt: skip
def test_other_counts_are_those_of_each_parcel(tmp_path, parcels, line):
    text = PARCELS + "".join(f"1,cup,2026-03-{10 + day},{pieces}\n" for day, pieces in enumerate(parcels))
    told, found = orders(tmp_path, receipts=text)
    assert found[0] == line and "receipts_rise" not in codes(told)


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ("2,,2026-03-10,100\n", [[70, "received"], [30, "received"]]),
        ("2,,2026-03-10,60\n2,,2026-03-14,40\n", [[70, "received"], [30, "received"]]),
        ("2,,2026-03-10,95\n", NONE),
        ("2,,2026-03-10,100\n2,cup,2026-03-14,70\n", [[70, "received"], [0, "open"]]),
    ],
)
def test_a_parcel_of_all_pieces_of_an_order_is_each_line_in_full(tmp_path, rows, lines):
    _, found = orders(tmp_path, receipts=PARCELS + rows)
    assert found[1:] == lines


def test_arrivals_without_a_count_stand_for_all(tmp_path):
    text = "订单号,到货日期\n1,2026-03-20\n2,2026-03-12\n1,2026-03-10\n,2026-03-12\n1,在途\n1,2062-03-01\n2,\n"
    told, found = orders(tmp_path, receipts=text)
    assert found == [[240, "received"], [70, "received"], [30, "received"]]
    assert told.tables["orders"]["received_on"].dt.day.tolist() == [20, 12, 12]
    assert dict(zip(told.quarantine["row"], told.quarantine["code"])) == {
        5: "required_missing",
        7: "in_the_future",
        8: "required_missing",
    }


LOOKS = "供应商,货号,检验日期,检验数量,不良数量\nAda,cup,2026-03-12,40,2\n"
BACK = "供应商,货号,登记日期,退货数量,退款金额\nAda,cup,2026-03-14,3,7.5\n"


@pytest.mark.parametrize("name", ["inspections", "验货", "验货记录", "QC 3月"])
def test_inspections_that_name_no_order_are_read_whatever_their_file_is_called(tmp_path, name):
    head = "order_id,supplier,sku,ordered_on,quantity,received_on\n1,Ada,cup,2026-03-01,240,2026-03-10\n"
    told, _ = orders(tmp_path, head=head, **{name: LOOKS})
    assert told.tables["inspections"][["order_id", "inspected"]].to_numpy().tolist() == [["1", 40]]


@pytest.mark.parametrize("name", ["returns", "退货", "售后"])
def test_so_are_returns(tmp_path, name):
    head = (
        "order_id,supplier,sku,ordered_on,quantity,received_on,paid_amount\n1,Ada,cup,2026-03-01,240,2026-03-10,600\n"
    )
    told, _ = orders(tmp_path, head=head, **{name: BACK})
    assert told.tables["returns"][["order_id", "returned"]].to_numpy().tolist() == [["1", 3]]


def test_orders_of_the_same_columns_stay_orders(tmp_path):
    told = known(source(tmp_path, HEAD + "\n7,甲厂,cup,2026-03-02,80,2.2,2026-03-20,80,,176\n", "采购"))
    assert told.tables["orders"]["quantity"].tolist() == [80] and told.tables["returns"].empty


@pytest.mark.parametrize(
    ("rows", "line"),
    [("1,cup,90", [90, "open"]), ("1,cup,240", [240, "unknown"]), ("1,cup,90\n1,cup,150", [240, "unknown"]), ("1,cup,", [0, "open"])],
)  # fmt: skip
def test_parcels_of_a_list_without_days_came_on_days_that_nobody_knows(tmp_path, rows, line):
    told, found = orders(tmp_path, receipts=f"订单号,货号,到货数量\n{rows}\n")
    assert found[0] == line and told.tables["orders"]["received_on"].isna().all()
    assert ("came_sometime" in codes(told)) == (line[0] > 0)


def test_so_did_one_of_which_a_word_says_so_beside_others(tmp_path):
    _, found = orders(tmp_path, receipts=f"{PARCELS}1,cup,2026-03-10,90\n1,cup,已到,100\n2,,,70\n")
    assert found[0] == [190, "open"] and found[1:] == NONE  # of a blank nobody knows what it says


OWN = "订单号,供应商,货号,下单日期,数量,单价,"


@pytest.mark.parametrize(
    ("head", "row", "line", "told"),
    [
        ("到货日期,状态", "2026-03-20,部分入库", (None, "open"), ["part_uncounted"]),
        ("到货日期,状态", "2026-03-20,Partially delivered", (None, "open"), ["part_uncounted"]),
        ("到货日期,到货数量,状态", "2026-03-20,30,部分到货", (30, "open"), ["received_in_part"]),
        ("到货日期,到货数量,状态", "2026-03-20,80,部分到货", (80, "received"), []),
        ("到货日期,欠交数量", "2026-03-20,50", (30, "open"), ["received_in_part"]),
        ("Date received,Outstanding", "2026-03-20,0", (80, "received"), []),
        ("最后到货日期,已收数量,未收数量", "2026-03-20,80,0", (80, "received"), []),
        ("到货日期,欠数", "2026-03-20,", (80, "received"), []),
        ("到货日期,欠数", "2026-03-20,90", (80, "received"), []),
        ("到货日期,欠数", ",80", (0, "open"), []),
        ("已收数量", "80", (None, "unknown"), ["came_sometime"]),
        ("已收数量,状态", "80,待收货", (0, "open"), []),
        ("已收数量", "30", (30, "open"), ["part_came_sometime", "received_in_part"]),
        ("到货日期,已收数量", ",30", (30, "open"), ["part_came_sometime", "received_in_part"]),
        ("到货日期,已收数量", ",80", (None, "unknown"), ["came_sometime"]),
        ("已收数量,状态", "30,已取消", (30, "cancelled"), []),
        ("到货日期", "当天", (80, "received"), []),
    ],
)
def test_a_list_of_orders_tells_what_came_and_what_did_not(tmp_path, head, row, line, told):
    """80 pieces ordered."""
    found = known(source(tmp_path, f"{OWN}{head}\n7,甲厂,cup,2026-03-02,80,2,{row}\n"))
    [[came, status]] = found.tables["orders"][["received_quantity", "status"]].astype(object).to_numpy().tolist()
    assert (None if pd.isna(came) or (line[0] is None and came == 0) else came, status) == line and codes(found) == told


@pytest.mark.parametrize(
    "head", ["订单号,送货日期,送货数量", "PO,Delivery date,Qty delivered", "order no,Delivered on,交货数量"]
)
def test_what_a_supplier_delivered_is_a_parcel(tmp_path, head):
    _, found = orders(tmp_path, **{"送货记录": f"{head}\n1,2026-03-10,90\n1,2026-03-18,150\n2,2026-03-19,70\n"})
    assert found == [[240, "received"], *NONE]
