"""The house's own lists of orders: a row a parcel or a payment, beside an export, and with the money of the whole order in each line."""

from io import StringIO

import pandas as pd
import pytest
from test_cases_identity import export, order

from analysis.reporting.sentences import worded_in_both
from analysis.sources.ledger import write_ledger
from analysis.sources.load import END_OF_TIME, load_source

HEAD = "订单编号,供应商,SKU,下单日期,数量,单价,到货日期,到货数量,付款日期,实付金额"
NUMBER = "360000000000000001"


def source(folder, text, name="orders"):
    (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return load_source(folder)


def rows(*cells, head=HEAD):
    """A list of orders, each row after order 7 of 甲厂, its article and day."""
    return "\n".join([head, *(f"7,甲厂,{of}" for of in cells)]) + "\n"


def known(found, as_of=None):
    told = found.known(END_OF_TIME if as_of is None else pd.Timestamp(as_of))
    sums = told.accounting
    assert (sums["rows_in"] == sums[["kept", "quarantined", "merged"]].sum(axis=1)).all()
    words = worded_in_both(pd.concat([told.remarks, told.quarantine]))
    assert (words[["reason", "remedy", "reason_zh", "remedy_zh"]].map(len) > 3).all(axis=None)
    return told


def codes(told):
    return sorted({*told.remarks["code"], *told.quarantine["code"]})


@pytest.mark.parametrize("paid", [("176", "176"), ("176", ""), ("132", "44"), ("", "")])
def test_parcels_of_a_line_are_one_line_whatever_is_said_of_its_payment(tmp_path, paid):
    """80 pieces at 2.20 that came as 60 and 20."""
    text = rows(f"cup,2026-03-02,80,2.2,2026-03-20,60,,{paid[0]}", f"cup,2026-03-02,80,2.2,2026-03-27,20,,{paid[1]}")
    found = source(tmp_path, text)
    told = known(found)
    [line] = told.tables["orders"].to_dict("records")
    assert (line["quantity"], line["received_quantity"], f"{line['received_on']:%m-%d}") == (80, 80, "03-27")
    assert line["paid_amount"] == pytest.approx(176) if paid[0] else pd.isna(line["paid_amount"])
    assert codes(told) == ["line_in_rows"]
    [early] = known(found, "2026-03-22").tables["orders"].to_dict("records")
    assert (early["status"], early["received_quantity"]) == ("open", 60)


def test_parcels_that_are_not_the_whole_line_leave_it_open(tmp_path):
    text = rows(
        "cup,2026-03-02,80,2.2,2026-03-20,30,,",
        "cup,2026-03-02,80,2.2,2026-03-20,20,,",
        "cup,2026-03-02,80,2.2,2026-03-27,10,,",
    )
    [line] = known(source(tmp_path, text)).tables["orders"].to_dict("records")
    assert (line["status"], line["received_quantity"]) == ("open", 60)


@pytest.mark.parametrize("arrivals", [("", "2026-03-20"), ("2026-03-20", "2026-03-20")])
def test_a_deposit_and_a_balance_are_one_line(tmp_path, arrivals):
    """500 at 1.20: 30 % of 600 at first."""
    text = rows(
        f"cup,2026-03-02,500,1.2,{arrivals[0]},,2026-03-02,180", f"cup,2026-03-02,500,1.2,{arrivals[1]},,2026-03-15,420"
    )
    told = known(source(tmp_path, text))
    [line] = told.tables["orders"].to_dict("records")
    assert (line["quantity"], line["paid_amount"], line["status"]) == (500, 600, "received")
    assert f"{line['paid_on']:%m-%d} {line['received_on']:%m-%d}" == "03-02 03-20" and codes(told) == ["line_in_rows"]


def test_an_orders_only_payment_proves_a_second_row_to_be_a_parcel(tmp_path):
    """50 at 3.00 and 10 at 4.00 with 8 of freight are 198 with the cups counted once."""
    head = "订单编号,供应商,SKU,下单日期,数量,单价,发货日期,运费,实付金额"
    text = rows(
        "cup,2026-03-02,50,3,2026-03-09,8,198",
        "cup,2026-03-02,50,3,2026-03-16,,",
        "lid,2026-03-02,10,4,2026-03-16,,",
        head=head,
    )
    told = known(source(tmp_path, text))
    assert told.tables["orders"]["quantity"].tolist() == [50, 10]
    assert told.tables["orders"]["paid_amount"].sum() == pytest.approx(198) and "line_in_rows" in codes(told)


@pytest.mark.parametrize(
    ("first", "second", "remark"),
    [
        ("2026-03-20,,2026-03-02,176", "2026-03-27,,2026-03-02,176", ["line_or_parcels"]),
        ("2026-03-20,80,2026-03-02,176", "2026-03-27,80,2026-03-02,176", ["line_or_parcels"]),
        ("2026-03-20,70,2026-03-02,", "2026-03-27,50,2026-03-02,", ["line_or_parcels"]),
        ("2026-03-20,,2026-03-02,50", "2026-03-20,,2026-03-09,60", ["line_or_parcels", "paid_amount_differs"]),
    ],
)  # fmt: skip
def test_what_nothing_proves_to_be_one_line_stays_two_and_is_told(tmp_path, first, second, remark):
    told = known(source(tmp_path, rows(f"cup,2026-03-02,80,2.2,{first}", f"cup,2026-03-02,80,2.2,{second}")))
    assert told.tables["orders"]["quantity"].tolist() == [80, 80] and set(remark) <= {*codes(told)}


def test_rows_with_one_line_number_and_a_day_each_are_one_line(tmp_path):
    head = HEAD.replace("SKU", "行号,SKU")
    text = rows(
        "1,cup,2026-03-02,80,2.2,2026-03-20,,,176",
        "1,cup,2026-03-02,80,2.2,2026-03-27,,,176",
        "2,cup,2026-03-02,80,2.2,2026-03-27,,,176",
        head=head,
    )
    told = known(source(tmp_path, text))
    assert told.tables["orders"][["line_no", "quantity", "paid_amount"]].to_numpy().tolist() == [
        [1, 80, 176],
        [2, 80, 176],
    ]


def test_equal_lines_with_numbers_of_their_own_are_no_parcels(tmp_path):
    head = HEAD.replace("SKU", "行号,SKU")
    told = known(
        source(
            tmp_path,
            rows("1,cup,2026-03-02,80,2.2,2026-03-20,60,,", "2,cup,2026-03-02,80,2.2,2026-03-27,20,,", head=head),
        )
    )
    assert told.tables["orders"]["received_quantity"].tolist() == [60, 20] and codes(told) == ["received_in_part"]


@pytest.mark.parametrize(
    ("second", "as_of", "line"),
    [
        ("2026-03-27,20", None, (80, "received")), ("2026-03-27,20", "2026-03-22", (60, "open")),
        ("2026-03-27,20", "2026-03-27", (60, "open")), ("2026-03-20,80", None, (80, "received")), ("2026-03-21,55", None, (55, "open")),
    ],
)  # fmt: skip
def test_a_parcel_entered_later_is_a_parcel_where_it_makes_the_line_full_and_else_corrects(
    tmp_path, second, as_of, line
):
    """60 of 80 entered on 03-21, the other row on 03-28."""
    text = rows(
        "cup,2026-03-02,80,2.2,2026-03-20,60,,,2026-03-21",
        f"cup,2026-03-02,80,2.2,{second},,,2026-03-28",
        head=HEAD + ",录入日期",
    )
    [found] = known(source(tmp_path, text), as_of).tables["orders"].to_dict("records")
    assert (found["received_quantity"], found["status"]) == line


def test_one_list_under_two_names_tells_its_parcels_once(tmp_path):
    text = rows("cup,2026-03-02,80,2.2,2026-03-20,,,176", "cup,2026-03-02,80,2.2,2026-03-27,,,")
    source(tmp_path, text, "orders_2026-03")
    told = known(source(tmp_path, text, "orders_2026-03 (1)"))
    assert told.tables["orders"]["quantity"].tolist() == [80] and told.quarantine.empty


def test_the_lists_of_two_months_number_the_lines_alike(tmp_path):
    """In March one parcel had come, in April the second: the lid stays line 2."""
    march = rows("cup,2026-03-02,80,2.2,2026-03-20,60,,", "lid,2026-03-02,9,1,,,,")
    april = rows(
        "cup,2026-03-02,80,2.2,2026-03-20,60,,",
        "cup,2026-03-02,80,2.2,2026-04-02,20,,",
        "lid,2026-03-02,9,1,2026-04-02,,,",
    )
    source(tmp_path, march, "orders_2026-03")
    told = known(source(tmp_path, april, "orders_2026-04"))
    assert told.tables["orders"][["sku", "quantity", "status"]].to_numpy().tolist() == [
        ["cup", 80, "received"],
        ["lid", 9, "received"],
    ]


# --- beside an export -------------------------------------------------------------------------------------------------


def exported(folder, pieces="90", **cells):
    export(folder, "1688订单_2026-03.xlsx", [order("1", "甲厂", 货号="A100", **{"数量": pieces}, **cells)])


@pytest.mark.parametrize("more", [{}, {"line_no": [1, 1, 1]}, {"sku": ["A100"] * 3}])
@pytest.mark.parametrize(("as_of", "came"), [("2026-03-15", 40), ("2026-03-22", 65), ("2026-03-31", 90)])
def test_parcels_in_a_ledgers_orders_add_up_beside_an_export(tmp_path, more, as_of, came):
    exported(tmp_path)
    days = pd.to_datetime(["2026-03-10", "2026-03-20", "2026-03-30"])
    orders = pd.DataFrame({"order_id": [NUMBER] * 3, "received_on": days, "received_quantity": [40, 25, 25], **more})
    write_ledger(tmp_path / "台账.xlsx", {"orders": orders, "risks": pd.DataFrame()})
    told = known(load_source(tmp_path), as_of)
    [line] = told.tables["orders"].to_dict("records")
    assert (line["received_quantity"], line["status"]) == (came, "received" if came == 90 else "open")


LIST = "订单编号,供应商,SKU,类别,下单日期,数量,单价,承诺到货日期,到货日期,到货数量\n"
OTHER = "K9,乙厂,pan,锅,2026-03-05,20,8,2026-03-20,2026-03-19,20\n"


@pytest.mark.parametrize("entered", [None, "2026-03-22"])
@pytest.mark.parametrize("ledger", [False, True])
def test_an_own_list_completes_the_export_of_its_orders(tmp_path, ledger, entered):
    exported(tmp_path, **{"实付款(元)": "171", "涨价或折扣(元)": "-9"})
    text = LIST + f"{NUMBER},甲厂,A100,杯,2026-03-02,90,2,2026-03-18,2026-03-21,90\n" + OTHER
    if entered:
        text = "\n".join(
            line + ("," + ("录入日期" if place == 0 else entered)) for place, line in enumerate(text.splitlines())
        )
    source(tmp_path, text)
    if ledger:
        write_ledger(tmp_path / "台账.xlsx", {"risks": pd.DataFrame(), "demand": pd.DataFrame()})
    told = known(load_source(tmp_path))
    line, other = told.tables["orders"].sort_values("order_id").to_dict("records")
    assert (line["category"], line["discount"], line["paid_amount"], line["status"]) == ("杯", 9, 171, "received")
    assert f"{line['promised_on']:%m-%d} {line['received_on']:%m-%d}" == "03-18 03-21"
    assert (other["order_id"], other["quantity"], other["status"]) == ("K9", 20, "received")


@pytest.mark.parametrize("book", [False, True])
def test_an_own_list_need_not_repeat_what_the_export_tells(tmp_path, book):
    exported(tmp_path)
    text = f"订单编号,到货日期,类别\n{NUMBER},2026-03-21,杯\n"
    if book:
        pd.read_csv(StringIO(text), dtype=str).to_excel(tmp_path / "跟单.xlsx", sheet_name="订单", index=False)
    else:
        source(tmp_path, text)
    [line] = known(load_source(tmp_path)).tables["orders"].to_dict("records")
    assert (line["quantity"], line["category"], line["status"]) == (90, "杯", "received")


@pytest.mark.parametrize("sheet", ["订单", "到货"])
def test_nor_need_a_ledgers_sheet(tmp_path, sheet):
    exported(tmp_path)
    with pd.ExcelWriter(tmp_path / "台账.xlsx") as book:
        pd.DataFrame({"订单编号": [NUMBER], "到货日期": ["2026-03-21"]}).to_excel(book, sheet_name=sheet, index=False)
        pd.DataFrame({"供应商": ["甲厂"], "风险项": ["x"], "登记日期": ["2026-03-21"]}).to_excel(
            book, sheet_name="风控清单", index=False
        )
    [line] = known(load_source(tmp_path)).tables["orders"].to_dict("records")
    assert (line["quantity"], line["received_quantity"], line["status"]) == (90, 90, "received")


def test_a_list_of_other_orders_is_a_source_of_its_own_beside_an_export(tmp_path):
    exported(tmp_path)
    told = known(source(tmp_path, LIST + OTHER))
    assert sorted(told.tables["orders"]["order_id"]) == [NUMBER, "K9"] and codes(told) == []


# --- money of whole orders --------------------------------------------------------------------------------------------

MONEY = "订单编号,供应商,SKU,下单日期,数量,单价,货款,运费,优惠金额,实付金额"


def money(folder, *cells):
    told = known(source(folder, rows(*cells, head=MONEY)))
    return told, told.tables["orders"].set_index("sku")[["goods_amount", "freight", "discount", "paid_amount"]]


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("goods", [("", ""), ("300", "100"), ("400", "400")])
def test_money_of_the_whole_order_in_each_line_counts_once(tmp_path, goods, sign):
    """100 at 3.00 and 50 at 2.00 with 12 of freight and 20 off are 392."""
    told, lines = money(
        tmp_path, f"cup,2026-03-02,100,3,{goods[0]},12,{sign}20,392", f"lid,2026-03-02,50,2,{goods[1]},12,{sign}20,392"
    )
    assert lines["freight"].tolist() == [9, 3] and lines["discount"].tolist() == [15, 5]
    assert lines["paid_amount"].tolist() == [294, 98] and codes(told) == ["order_money_shared"]
    assert lines["goods_amount"].tolist() == [300, 100] or goods == ("", "")


def test_a_total_of_the_goods_in_each_line_counts_once_where_no_payment_is_told(tmp_path):
    _, lines = money(tmp_path, "cup,2026-03-02,100,3,400,,,", "lid,2026-03-02,50,2,400,,,")
    assert lines["goods_amount"].tolist() == [300, 100]


@pytest.mark.parametrize(
    ("first", "second"), [(("12", "312"), ("12", "112")), (("12", "400"), ("12", "400")), (("12", ""), ("12", ""))]
)
def test_money_that_is_each_lines_own_or_proves_nothing_stays(tmp_path, first, second):
    told, lines = money(
        tmp_path, f"cup,2026-03-02,100,3,,{first[0]},,{first[1]}", f"lid,2026-03-02,50,2,,{second[0]},,{second[1]}"
    )
    assert lines["freight"].tolist() == [12, 12] and "order_money_shared" not in codes(told)
    assert lines["paid_amount"].fillna(0).tolist() == [float(first[1] or 0), float(second[1] or 0)]


@pytest.mark.parametrize(
    ("cells", "discount", "remark"),
    [
        ("-25,475", 25, ["discount_taken_off"]), ("25,475", 25, []), ("-25,525", -25, []), ("-25,", -25, ["discount_added"]),
        ("-25,700", -25, ["discount_added", "paid_amount_differs"]),
    ],
)  # fmt: skip
def test_the_payment_tells_the_sign_of_a_discount(tmp_path, cells, discount, remark):
    """200 at 2.50 are 500."""
    told, lines = money(tmp_path, f"cup,2026-03-02,200,2.5,,,{cells}")
    assert lines["discount"].tolist() == [discount] and codes(told) == remark


@pytest.mark.parametrize("header", ["涨价或折扣(元)", "涨价或折扣"])
def test_the_platforms_column_has_the_platforms_sign(tmp_path, header):
    text = rows(
        "cup,2026-03-02,200,2.5,,,-25,475", "lid,2026-03-02,10,2,,,5,25", head=MONEY.replace("优惠金额", header)
    )
    told = known(source(tmp_path, text))
    assert told.tables["orders"]["discount"].tolist() == [25, -5] and codes(told) == []


@pytest.mark.parametrize(
    ("paid", "told"), [("300", True), ("250", False), ("282.5", False), ("252", False), ("", False)]
)
def test_a_payment_far_from_quantity_times_price_is_told(tmp_path, paid, told):
    """100 at 2.50; 282.50 is with tax."""
    found, _ = money(tmp_path, f"cup,2026-03-02,100,2.5,,,,{paid}")
    assert codes(found) == (["paid_amount_differs"] if told else [])
