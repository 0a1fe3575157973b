"""Who, what and which line: the cases of `data/cases` about identity and status words, each with its right answer by hand, and
other inputs of the same kinds."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.assessment import supplier_categories
from analysis.decisions.sourcing import reconcile, tolerances
from analysis.estimates.lead_time import fit_lead_times, lead_time_table, on_time_table, time_orders
from analysis.reporting.refused import RefusedRule, refused_rows
from analysis.reporting.sentences import worded, worded_in_both
from analysis.rules import rules_in_force
from analysis.sources.folding import fold, skeleton
from analysis.sources.ledger import write_ledger
from analysis.sources.line_identity import number_lines
from analysis.sources.load import END_OF_TIME, Snapshot, check_files, load_source
from analysis.sources.near_names import near_pairs
from analysis.sources.table_types import RawTable

CASES = Path(__file__).parent / "data" / "cases"


def known(folder: Path | str, as_of: str | None = None) -> Snapshot:
    """What the source in `folder` (of `CASES` when relative) tells at the end of a day."""
    return load_source(CASES / folder).known(END_OF_TIME if as_of is None else pd.Timestamp(as_of))


# --- status words (case 11) -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["known", "taobao"])
def test_case_11_a_shipped_order_is_open_in_whatever_words(words):
    told = known(f"11-status-words/{words}", "2026-04-30")
    orders = told.tables["orders"]
    assert orders.groupby("supplier")["status"].value_counts().to_dict() == {
        ("甲厂", "received"): 4, ("乙厂", "received"): 4, ("乙厂", "open"): 4,
    }  # fmt: skip
    assert told.remarks.query("code == 'status_not_known'").empty
    otif = on_time_table(orders, told.as_of).set_index("supplier").loc["乙厂"]
    assert (otif["due"], otif["on_time_in_full"], otif["undelivered"]) == (8, 4, 4)
    times = time_orders(orders, told.as_of)
    posterior = fit_lead_times(times)
    table = lead_time_table(times, posterior).set_index("supplier").loc[posterior.suppliers]
    by_lead_times = posterior.late_probability(table["promised_days"], 0.9)["estimate"]["乙厂"]
    late = table.loc["乙厂"]
    assert by_lead_times == pytest.approx(0.70, abs=0.05)
    assert late["late_probability"] == pytest.approx(
        0.70, abs=0.05
    )  # drawn a little to the record, which broke 4 promises of 8
    assert late["late_probability"] < by_lead_times


OFFICIAL = {
    "open": ["等待物流公司揽件", "等待卖家确认订单", "签收失败", "已发货未到账", "卖家已发货，等待买家确认", "卖家已发货,等待买家确认"],
    "unpaid": ["等待买家付款", "WAIT_BUYER_PAY"],
    "unknown": ["买家已签收", "已收货，未到账", "confirm_goods", "signinsuccess"],  # received by the platform, on no known day
    "cancelled": ["交易取消", "交易终止", "cancel", "terminated", "交易关闭"],
}  # fmt: skip


@pytest.mark.parametrize(("status", "word"), [(status, word) for status, words in OFFICIAL.items() for word in words])
def test_official_words_of_the_platform(tmp_path, status, word):
    told = orders_of(tmp_path, [{"status": word}])
    assert told.tables["orders"]["status"].tolist() == [status] and told.remarks.empty


@pytest.mark.parametrize(("arrived", "status"), [("", "open"), ("2026-03-09", "received")])
def test_a_word_nobody_knows_leaves_a_line_without_arrival_open(tmp_path, arrived, status):
    told = orders_of(tmp_path, [{"status": "等待月亮升起", "received_on": arrived}])
    assert told.tables["orders"]["status"].tolist() == [status]
    assert told.remarks[["row", "column", "code"]].to_numpy().tolist() == [[2, "status", "status_not_known"]]


def orders_of(folder: Path, rows: list[dict[str, object]]) -> Snapshot:
    """A source of plain orders: `rows` beside what every order needs."""
    usual = {"order_id": "PO-1", "supplier": "甲厂", "ordered_on": "2026-03-02", "quantity": 10}
    write_table(folder, "orders", [usual | row for row in rows])
    return known(folder.resolve())


def write_table(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False)


# --- names (cases 09 and 44) ------------------------------------------------------------------------------------------


def test_case_09_one_factory_in_four_spellings():
    told = known("09-name-brackets/names", "2026-04-30")
    assert supplier_categories(told.tables).index.tolist() == [
        "义乌市(晨星)日用品厂",
        "乙厂",
    ]  # as the export writes it
    tables = told.tables
    mine = tables["orders"].query("supplier == '义乌市(晨星)日用品厂'")
    inspected = tables["inspections"].merge(mine[["order_id", "line_no"]])["inspected"].sum()
    assert (len(mine), inspected) == (4, 200)
    assert tables["risks"].query("supplier == '义乌市(晨星)日用品厂'")["status"].tolist() == ["open"]
    spelled = told.remarks.query("code == 'name_spelled'")
    assert spelled[["table", "row"]].to_numpy().tolist() == [["orders", 6], ["orders", 8], ["quotes", 3], ["risks", 3]]


def test_case_44_eight_suppliers_under_the_names_of_the_export():
    told = known("44-names-in-two-widths/widths", "2026-10-31")
    suppliers = supplier_categories(told.tables).index
    assert len(suppliers) == 8 and set(suppliers) == set(told.tables["orders"]["supplier"]) | {
        "义乌市恒美日用品有限公司"
    }
    assert {"永康市铭锐五金制品厂（普通合伙）", "宁波慈溪卓能电器(集团)有限公司", "金华市金东区竹语工艺品厂"} <= set(
        suppliers
    )
    remarks = worded_in_both(told.remarks)
    house_name = remarks[remarks["reason_zh"].str.contains("金华竹语工艺品厂 按")]  # stands beside six orders
    assert house_name[["sheet", "row"]].to_numpy().tolist() == [
        ["供应商", 10],
        *(["订单", row] for row in (7, 8, 11, 26, 58, 59)),
    ]


SAME = [
    ("深圳市（一） 电器厂", "深圳市(一)电器厂"), ("義烏市晨星日用品廠", "义乌市晨星日用品厂"), ("ＡＢＣ Trading", "abc  trading"),
    ("Cup-350ml", "CUP－350ML"), ("[新]保温杯", "【新】保温杯"), ("A\u200b1", "a1"), ("杯 350 ml", "杯350ml"),
]  # fmt: skip
OTHER = [("M3 10", "M31 0"), ("深圳一厂", "深圳二厂"), ("A-1", "A-2"), ("SKU 1", "SKU 11")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("長沙廚衛閥門廠", "长沙厨卫阀门厂"), ("強勝彈簧鋼絲繩", "强胜弹簧钢丝绳"), ("鵬輝乾電池", "鹏辉干电池"), ("純棉褲子補貨專用", "纯棉裤子补货专用"),
        ("餅乾盒", "饼干盒"), ("寵物飼料盆", "宠物饲料盆"), ("顯示器掛鉤", "显示器挂钩"), ("魯東鑄鐵鍋", "鲁东铸铁锅"),
    ],
)  # fmt: skip
def test_traditional_characters_of_ordinary_names(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_names_of_two(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text) and skeleton(fold(text)) == skeleton(text)


@given(st.text(alphabet="义乌市晨星（）() 　ＡaＢb12厂", min_size=1), st.data())
def test_width_case_and_blanks_beside_characters_never_tell_names_apart(text, data):
    wide = "".join(chr(ord(ch) + 0xFEE0) if "!" <= ch <= "~" and data.draw(st.booleans()) else ch for ch in text)
    assert fold(wide.upper()) == fold(text.lower())


def test_spellings_are_one_sku_order_and_category_in_every_table(tmp_path):
    write_table(tmp_path, "orders", [{"order_id": "po-１", "supplier": "甲厂", "sku": "Cup（350）", "category": "Ｃup",
                                      "ordered_on": "2026-03-02", "received_on": "2026-03-05", "quantity": 10}])  # fmt: skip
    write_table(tmp_path, "demand", [{"sku": "CUP (350)", "month": "2026-03", "units": 5}])
    write_table(
        tmp_path, "inspections", [{"order_id": "PO-1", "inspected_on": "2026-03-06", "inspected": 10, "defective": 1}]
    )
    told = known(tmp_path.resolve())
    assert told.quarantine.empty
    (order,) = told.tables["orders"][["order_id", "sku"]].to_numpy().tolist()
    assert told.tables["demand"]["sku"].tolist() == [order[1]]
    assert told.tables["inspections"]["order_id"].tolist() == [order[0]]


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("义乌市晨星日用品厂", "义乌市(晨星)日用品厂", True), ("晨星日用品有限公司", "晨星日用品厂", True),
        ("慈溪海蓝电器商行", "慈溪海蓝电器经营部", True), ("海蓝厂", "海蓝商行", False), ("慈溪海蓝电器厂", "慈溪海蓝塑料厂", False),
        ("义乌市晨星日用品厂", "义乌市晨兴日用品厂", True), ("深圳市第一电器厂", "深圳市第二电器厂", False),
        ("金华竹语工艺品厂", "金华市金东区竹语工艺品厂", True), ("甲厂", "乙厂", False), ("供应商A公司", "供应商B公司", False),
    ],
)  # fmt: skip
def test_near_names_of_companies(one, other, near):
    assert bool(near_pairs([fold(one), fold(other)], slips=True)) is near


def test_near_names_are_told_with_their_rows_and_stay_two(tmp_path):
    told = orders_of(
        tmp_path,
        [
            {"supplier": "义乌市晨星日用品厂", "sku": "A-100"},
            {"supplier": "义乌市晨兴日用品厂", "sku": "A100", "order_id": "PO-2"},
            {"supplier": "义乌市晨兴日用品厂", "sku": "B-7", "order_id": "PO-3"},
        ],
    )
    assert told.tables["orders"]["supplier"].nunique() == 2
    near = worded_in_both(told.remarks).set_index("code")
    assert near.loc["supplier_near", "row"] == 3 and "(rows 3, 4)" in near.loc["supplier_near", "reason"]
    assert "(orders.csv, row 2)" in near.loc["supplier_near", "reason"]
    assert near.loc["sku_near", "row"] == 3 and "A-100" in near.loc["sku_near", "reason"]


def test_a_company_under_another_name_in_a_later_export_is_told_once_and_stays_two(tmp_path):
    export(tmp_path, "1688订单_2026-03.xlsx", [order(n, "宁波远航电器厂") for n in "123"] + [order("9", "丙厂")])
    export(tmp_path, "1688订单_2026-04.xlsx", [order(n, "宁波新航科技有限公司") for n in "234"] + [order("9", "丙厂")])
    told = known(tmp_path.resolve())
    (renamed,) = worded_in_both(told.remarks).query("code == 'supplier_renamed'").to_dict("records")
    assert (renamed["file"], renamed["row"]) == ("1688订单_2026-04.xlsx", 2)
    assert "宁波远航电器厂" in renamed["reason"] and "宁波新航科技有限公司" in renamed["reason"]
    assert set(told.tables["orders"]["supplier"]) == {"宁波远航电器厂", "宁波新航科技有限公司", "丙厂"}
    aliases = pd.DataFrame({"name": ["宁波远航电器厂"], "known_as": ["宁波新航科技有限公司"]})
    write_ledger(tmp_path / "台账.xlsx", {"aliases": aliases, "risks": pd.DataFrame()})
    assert "supplier_renamed" not in set(known(tmp_path.resolve()).remarks["code"])


def test_a_renamed_company_with_a_near_name_is_told_once(tmp_path):
    export(
        tmp_path,
        "1688订单_2026-03.xlsx",
        [order(n, "义乌市晨星日用品厂") for n in "12"] + [order("8", "宁波竹语工艺品厂")],
    )
    export(
        tmp_path,
        "1688订单_2026-04.xlsx",
        [order("2", "义乌市晨星日用品有限公司"), order("9", "宁波竹语工艺品有限公司")],
    )
    told = worded_in_both(known(tmp_path.resolve()).remarks)
    told = told[told["code"].str.startswith("supplier_")]
    assert told["code"].tolist() == ["supplier_renamed", "supplier_near"]  # nothing ties the second pair together
    assert "晨星" in told["reason"].iloc[0] and "竹语" in told["reason"].iloc[1]


# --- aliases and articles ---------------------------------------------------------------------------------------------


def test_a_renamed_company_is_one_by_the_sheet_of_aliases(tmp_path):
    orders_of(
        tmp_path,
        [
            {"order_id": "PO-1", "supplier": "宁波远航电器厂", "ordered_on": "2025-05-02"},
            {"order_id": "PO-2", "supplier": "宁波新航科技有限公司"},
            {"order_id": "PO-3", "supplier": "老远航"},
        ],
    )
    aliases = {
        "name": ["宁波远航电器厂", "老远航", "x", "y"],
        "known_as": ["宁波新航科技有限公司", "宁波远航电器厂", "y", "x"],
    }
    write_ledger(tmp_path / "台账.xlsx", {"aliases": pd.DataFrame(aliases), "risks": pd.DataFrame()})
    told = known(tmp_path.resolve())
    assert told.tables["orders"]["supplier"].tolist() == ["宁波新航科技有限公司"] * 3
    circles = told.remarks.query("code == 'alias_circle'")
    assert circles["row"].tolist() == [5, 6]  # x is y and y is x: neither is used


def test_articles_tie_the_numbers_of_the_platform_to_the_skus_of_the_house(tmp_path):
    export(tmp_path, "1688订单_2026-03.xlsx", [
        order("1", "甲厂", **{"货号": "A100", "SKU ID": "5001", "型号": "小号"}), line(**{"货号": "A100", "SKU ID": "5002", "型号": "大号"}),
        order("2", "乙厂", **{"Offer ID": "61", "SKU ID": "7001"}),
    ])  # fmt: skip
    articles = {"sku": ["CUP-S", "CUP-L", "CUP-S", "CUP-L"], "platform_id": ["5001", "5002", "61", "5001"]}
    demand = pd.DataFrame({"sku": ["5002", "cup-s"], "month": [pd.Timestamp("2026-03-01")] * 2, "units": [5, 7]})
    write_ledger(tmp_path / "台账.xlsx", {"articles": pd.DataFrame(articles), "demand": demand})
    told = known(tmp_path.resolve())
    assert told.tables["orders"]["sku"].tolist() == ["CUP-S", "CUP-L", "CUP-S"]
    assert told.tables["demand"].set_index("sku")["units"].to_dict() == {"CUP-L": 5, "CUP-S": 7}
    assert (
        told.tables["articles"]["platform_id"].tolist() == ["5001", "5002", "5001", "61"]
        or len(told.tables["articles"]) == 4
    )
    twice = worded_in_both(told.remarks).query("code == 'platform_id_twice'")
    assert twice["row"].tolist() == [6] and "CUP-S" in twice["reason"].iloc[0]


# --- variants (case 15) -----------------------------------------------------------------------------------------------


def test_case_15_variants_under_one_number_stay_apart():
    told = known("15-variants-share-one-货号/variants")
    orders = told.tables["orders"]
    assert orders.groupby("sku")["unit_price"].agg(["size", "min", "max"]).to_numpy().tolist() == [
        [3, 5, 5],
        [3, 12, 12],
    ]
    assert orders["sku"].unique().tolist() == ["5100000000001", "5100000000002"]
    assert told.remarks["code"].tolist() == ["variants_share_number"] * 6


@pytest.mark.parametrize(
    ("one", "other", "skus"),
    [
        # the variant's own number comes first
        ({"货号": "A100", "单品货号": "A100-S", "SKU ID": "1"}, {"货号": "A100", "单品货号": "A100-L", "SKU ID": "2"}, ["A100-S", "A100-L"]),
        ({"货号": "A100", "型号": "小号"}, {"货号": "A100", "型号": "大号"}, ["A100 小号", "A100 大号"]),  # no SKU ID exported
        ({"货号": "A100", "物料编号": "5001"}, {"货号": "A100", "物料编号": "5002"}, ["A100 5001", "A100 5002"]),
        ({"货号": "A100", "型号": "小号", "物料编号": "1"}, {"货号": "A100", "型号": "小号", "物料编号": "2"}, ["A100", "A100"]),
        ({"货号": "待定", "Offer ID": "61"}, {"货号": "?", "Offer ID": "62"}, ["61", "62"]),  # no number at all
        ({"货号": "A100", "SKU ID": "1"}, {"货号": "B200", "SKU ID": "2"}, ["A100", "B200"]),
        ({"货号": "A100", "SKU ID": "1"}, {"货号": "A100", "SKU ID": "1"}, ["A100", "A100"]),  # one variant: its 货号
    ],
)  # fmt: skip
def test_what_makes_an_article(tmp_path, one, other, skus):
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂", **one), line(**other, 数量="7")])
    assert known(tmp_path.resolve()).tables["orders"]["sku"].tolist() == skus


@pytest.mark.parametrize("header", ["卖家公司名称", "供应商名称", "卖家公司"])
def test_an_export_may_call_the_company_and_the_variant_by_other_names(tmp_path, header):
    lines = [order("1", "甲厂", 货号="A100", 物料编号="1"), line(货号="A100", 物料编号="2", 数量="7")]
    table = pd.DataFrame(lines).assign(卖家会员名="jia123", 货品种类="")
    table = table.rename(columns={"卖家公司名": header, "物料编号": "规格编码"})
    table.to_excel(tmp_path / "1688订单_2026-03.xlsx", index=False)
    orders = known(tmp_path.resolve()).tables["orders"]
    assert orders["supplier"].tolist() == ["甲厂"] * 2 and orders["sku"].tolist() == ["A100 1", "A100 2"]


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ({"SKU ID": "1", "Offer ID": "61"}, {"SKU ID": "2", "Offer ID": "61"}, True),  # one offer, two variants
        ({"SKU ID": "1"}, {"SKU ID": "2"}, True),
        ({"SKU ID": "1", "Offer ID": "61", "型号": "大"}, {"SKU ID": "2", "Offer ID": "62", "型号": "小"}, True),
        ({"SKU ID": "1", "Offer ID": "61", "型号": "大"}, {"SKU ID": "2", "Offer ID": "62", "型号": "大"}, False),
    ],
)
def test_variants_in_different_orders(tmp_path, one, other, apart):
    export(
        tmp_path,
        "1688订单_2026-03.xlsx",
        [order("1", "甲厂", 货号="A100", **one), order("2", "甲厂", 货号="A100", **other)],
    )
    skus = known(tmp_path.resolve()).tables["orders"]["sku"].tolist()
    assert skus == (["1", "2"] if apart else ["A100", "A100"])


@pytest.mark.parametrize(
    ("own", "price", "skus"),
    [
        ("A100", "2.50", ["A100", "A100"]), ("a100 ", "2.60", ["A100", "A100"]),  # the house counts its colours as one
        ("A100", "9.00", ["1", "2"]), ("2", "2.50", ["1", "2"]), ("B200", "2.50", ["1", "2"]), (None, "2.50", ["1", "2"]),
    ],
)  # fmt: skip
def test_variants_at_one_price_are_the_article_that_the_house_names(tmp_path, own, price, skus):
    lines = [order("1", "甲厂", 货号="A100", **{"SKU ID": "1", "单价(元)": "2.50"}), line(货号="A100", 数量="7", **{"SKU ID": "2", "单价(元)": price})]  # fmt: skip
    export(tmp_path, "1688订单_2026-03.xlsx", lines)
    if own is not None:
        pd.DataFrame({"sku": [own], "month": ["2026-03"], "units": [40]}).to_csv(tmp_path / "demand.csv", index=False)
    told = known(tmp_path.resolve())
    assert told.tables["orders"]["sku"].tolist() == skus
    codes = worded_in_both(told.remarks)["code"].tolist()
    assert codes.count("variants_are_one") == (skus[0] == "A100") and ("variants_share_number" in codes) == (
        skus[0] == "1"
    )


def test_an_article_listed_anew_keeps_its_number(tmp_path):
    lists = [{"货号": "A100", "SKU ID": "1", "Offer ID": "61"}, {"货号": "A100", "SKU ID": "2", "Offer ID": "62"}]
    export(tmp_path, "1688订单_2026-03.xlsx", [order(str(n), "甲厂", **listed) for n, listed in enumerate(lists)])
    assert known(tmp_path.resolve()).tables["orders"]["sku"].tolist() == ["A100", "A100"]


@pytest.mark.parametrize(
    ("one", "other", "skus", "codes"),
    [
        ({"货号": "见详情"}, {"货号": "0", "货品标题": "壶"}, ["杯", "壶"], set()),
        ({"单品货号": "N/A", "SKU ID": "0"}, {"单品货号": "无", "货品标题": "壶"}, ["杯", "壶"], set()),
        ({"型号": "大"}, {"型号": "小"}, ["杯 大", "杯 小"], {"variants_share_number"}),
        ({"型号": "大", "Offer ID": "61"}, {"型号": "小", "Offer ID": "61"}, ["61 大", "61 小"], {"variants_share_number"}),
        ({"型号": "大"}, {"型号": "小", "单价(元)": "2.20"}, ["杯", "杯"], set()),  # a price that moved a little
        ({"单品货号": "K7", "SKU ID": "1"}, {"单品货号": "K7", "SKU ID": "2"}, ["K7", "K7"], {"sku_prices_differ"}),
        ({"货号": "K7", "货品标题": "杯 大"}, {"货号": "K7", "货品标题": "杯 小"}, ["K7", "K7"], {"sku_prices_differ"}),
        ({"货号": "K7"}, {"货号": "K7", "单价(元)": "0"}, ["K7", "K7"], set()),  # a gift
    ],
)  # fmt: skip
def test_two_prices_of_one_order_are_two_articles_or_told(tmp_path, one, other, skus, codes):
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂", **one), line(**{"单价(元)": "9.00"} | other)])
    told = known(tmp_path.resolve())
    assert told.tables["orders"]["sku"].tolist() == skus and set(told.remarks["code"]) == codes


@pytest.mark.parametrize(
    ("title", "price", "told"), [("锅", "6.00", 1), ("锅", "2.50", 0), ("保温杯", "6.00", 0), ("杯", "6.00", 0)]
)
def test_one_number_of_two_suppliers_with_other_goods_is_told(tmp_path, title, price, told):
    other = {"货号": "A-1", "货品标题": title, "单价(元)": price}
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂", 货号="A-1"), order("2", "乙厂", **other)])
    remarks = worded_in_both(known(tmp_path.resolve()).remarks).query("code == 'number_of_other_goods'")
    assert remarks["row"].tolist() == [3] * told


# --- totals (cases 10 and 30) -----------------------------------------------------------------------------------------


def test_case_10_a_totals_row_joins_no_order():
    told = known("10-totals-row-joins-last-order/totals", "2026-04-30")
    orders = told.tables["orders"]
    assert (len(orders), orders["quantity"].sum(), sorted(orders["supplier"].unique())) == (9, 450, ["乙厂", "甲厂"])
    assert orders["paid_amount"].sum() == 1285  # what the row itself says
    assert told.quarantine[["row", "code"]].to_numpy().tolist() == [[11, "totals_row"]] and told.remarks.empty


def test_case_30_totals_and_a_second_table_are_set_apart_in_every_sheet():
    told = known("30-ledger-totals-rows", "2026-04-30")
    assert told.tables["orders"]["order_id"].tolist() == ["PO-1", "PO-2"]
    assert told.tables["demand"]["sku"].tolist() == ["CUP"] and told.tables["demand"]["units"].tolist() == [100]
    assert told.tables["inspections"]["inspected"].tolist() == [10]
    totals = told.quarantine.query("code == 'totals_row'").groupby("sheet")["row"].apply(list).to_dict()
    assert totals == {"订单": [5, 6], "收货验货": [4], "月需求": [4, 5]}


TOTALS = [
    "合计",
    "合 计",
    "小计：",
    "总计(元)",
    "合计：1,105.00",
    "本页小计",
    "總計",
    "Total",
    "SUBTOTAL",
    "Grand total:",
    "Sub-total",
]


@pytest.mark.parametrize("word", TOTALS)
@pytest.mark.parametrize("column", ["买家公司名", "货品标题", "卖家公司名", "订单编号"])
def test_a_total_in_any_column_of_an_export_is_no_data(tmp_path, column, word):
    rows = [
        order("1", "甲厂"),
        line(货品标题="碗"),
        {column: word, "数量": "20", "货品总价(元)": "40.00"},
        order("2", "乙厂"),
    ]
    export(tmp_path, "1688订单_2026-03.xlsx", rows)
    told = known(tmp_path.resolve())
    assert told.tables["orders"]["quantity"].tolist() == [10, 10, 10]
    assert told.quarantine[["row", "code"]].to_numpy().tolist() == [[4, "totals_row"]]
    counts = told.accounting[["rows_in", "kept", "quarantined", "merged"]].sum()
    assert counts.tolist() == [4, 3, 1, 0]


OF_NAMES = ["5月合计", "BOWL小计", "丙厂 小计：", "二季度累计", "总数", "总和：", "总量", "Sum", "共 3 款", "共12家", "以上共计", "6月平均", "May total", "丁厂合计（元）"]  # fmt: skip


@pytest.mark.parametrize("word", OF_NAMES)
@pytest.mark.parametrize("column", ["month", "sku"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_total_with_a_name_in_front_is_no_data(tmp_path, column, word, ending):
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂"), {"卖家公司名": word, "数量": "10"}])
    sales = [{"month": "2026-03", "sku": "CUP", "units": 100}] * 2
    sales[1] = sales[1] | {column: word}
    if ending == "csv":
        write_table(tmp_path, "demand", sales)
    else:
        pd.DataFrame(sales).to_excel(tmp_path / "demand.xlsx", index=False)
    told = known(tmp_path.resolve())
    assert told.quarantine["code"].tolist() == ["totals_row"] * 2
    assert (len(told.tables["orders"]), told.tables["demand"]["units"].tolist()) == (1, [100])


@pytest.mark.parametrize("word", ["大容量合计后下单", "与上单合计"])
def test_a_remark_that_ends_like_a_total_leaves_its_row(tmp_path, word):
    told = orders_of(tmp_path, [{"supplier": "甲厂", "sku": "CUP", "need": word}])
    assert len(told.tables["orders"]) == 1 and told.quarantine.empty


@pytest.mark.parametrize("name", ["合计厂", "Total Tools", "统计仪", "小计算器", "合计划", "Totalis", "sum cup", "总数据线", "平均分配器", "合计算器", "共享2款杯", "SUM-3", "总和堂"])  # fmt: skip
def test_names_that_only_begin_like_a_total_are_data(tmp_path, name):
    told = orders_of(tmp_path, [{"supplier": name, "sku": name}])
    assert told.tables["orders"]["supplier"].tolist() == [name] and told.quarantine.empty


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ({"货品总价(元)": "60.00", "数量": "30"}, ["order_number_missing"]),  # numbers that sum up nothing
        ({"数量": "30"}, ["order_number_missing"]),
        ({"货品总价(元)": "60.00", "数量": "20"}, ["sums_row"]),  # sums without a word
        ({"货品标题": "碗", "卖家公司名": "丙厂", "数量": "5", "单价(元)": "1"}, ["order_number_missing", "orphan_line"]),
        ({"货品标题": "碗", "订单创建时间": "2026-03-04 09:00:00", "数量": "5", "单价(元)": "1"}, ["order_number_missing", "orphan_line"]),
    ],
)  # fmt: skip
def test_a_row_with_cells_of_an_order_and_no_number_continues_none(tmp_path, row, codes):
    below = [line(货品标题="盘")] if len(codes) == 2 else []  # the second line of an order that lost its number
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂"), line(货品标题="杯盖"), row, *below])
    told = known(tmp_path.resolve())
    assert told.tables["orders"]["quantity"].tolist() == [10, 10]
    assert told.quarantine["code"].tolist() == codes


PAGES = {
    "again": ["货号", "月份", "销量"],
    "in English": ["SKU*", "Month*", "Units"],
    "with the rest left blank": ["货号*", "月份", ""],
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_headers_again_are_no_data(tmp_path, page, ending):
    rows = [["CUP", "2026-02", "5"], ["月份", "2026-02", "7"], page, ["CUP", "2026-03", "6"]]
    told = sales(tmp_path, ending, rows)
    assert told.tables["demand"]["units"].tolist() == [5, 6, 7]
    assert told.quarantine[["row", "code"]].to_numpy().tolist() == [[4, "header_again"]]


SUMS = {
    "sums at the end": (["", "", "23"], "sums_row"),
    "any number at the end": (["", "", "1,100"], "required_missing"),
    "a lost name": (["", "2026-04", "12"], "required_missing"),
    "with a word": (["", "", "12", "see above"], "required_missing"),
}


@pytest.mark.parametrize(("row", "code"), SUMS.values(), ids=SUMS)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_numbers_that_nothing_names_are_sums(tmp_path, row, code, ending):
    """A row is one only where it sums up those above it, also one that lost its name."""
    rows = [["CUP", "2026-02", "5"], ["CUP", "2026-03", "7"], ["", "", "12"], ["PAN", "2026-02", "3"], ["", "", "4"], ["PAN", "2026-03", "4"], row]  # fmt: skip
    told = sales(tmp_path, ending, rows)
    assert told.tables["demand"]["units"].sum() == 19
    assert told.quarantine[["row", "code"]].to_numpy().tolist() == [[4, "sums_row"], [6, "required_missing"], [8, code]]
    refused = refused_rows(told.accounting, told.quarantine, RefusedRule(0.01, 0.1))
    assert refused.refused == told.quarantine["code"].eq("required_missing").sum()


def sales(folder: Path, ending: str, rows: list[list[str]]) -> Snapshot:
    """Months of sales, with a column that nobody reads."""
    page = pd.DataFrame([[*row, *[""] * (4 - len(row))] for row in rows], columns=["货号", "月份", "销量", "仓"])
    write = page.to_csv if ending == "csv" else page.to_excel
    write(folder / f"月需求.{ending}", index=False)
    return check_files([folder / f"月需求.{ending}"])


@pytest.mark.parametrize("name", ["总销量", "总库存", "Total units", "全店", "總需求量"])
def test_a_total_in_place_of_an_article_is_no_article(tmp_path, name):
    """总成 and 总统杯 are goods."""
    write_table(tmp_path, "demand", [{"sku": sku, "month": "2026-03", "units": 9} for sku in ("总成", "总统杯", name)])
    write_table(tmp_path, "orders", [{"order_id": 1, "supplier": "甲厂", "ordered_on": "2026-03-02", "quantity": 10}])
    told = known(tmp_path.resolve())
    assert told.tables["demand"]["sku"].tolist() == ["总成", "总统杯"] and told.quarantine["code"].tolist() == [
        "totals_row"
    ]


def test_a_further_line_that_repeats_its_orders_cells_is_a_line(tmp_path):
    again = {"卖家公司名": "甲厂", "订单状态": "等待买家收货", "订单创建时间": "2026-03-02 10:00:00"}
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂"), line(货品标题="碗", **again)])
    told = known(tmp_path.resolve())
    assert told.tables["orders"]["line_no"].tolist() == [1, 2] and told.quarantine.empty


def test_a_charge_among_the_lines_is_no_article(tmp_path):
    """A link for freight is the freight of its order; the goods beside it cost what they cost."""
    told = {"货品总价(元)": "40.00", "实付款(元)": "40.00"}
    fee = line(货品标题="邮费补差价专用链接", **{"单价(元)": "1.00", "Offer ID": "6100"}, 数量="20")
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂", 货号="CUP", **told), fee])
    rows = [{"order_id": "PO-1", "sku": "运费", "quantity": 1}, {"order_id": "PO-2", "sku": "Shipping fee"}, {"order_id": "PO-3", "sku": "运费险贴纸"}]  # fmt: skip
    found = orders_of(tmp_path, rows)
    assert found.quarantine["code"].tolist() == ["freight_line", "charge_line", "charge_line"]
    orders = found.tables["orders"].set_index("sku")
    assert set(orders.index) == {"CUP", "运费险贴纸"} and orders.loc["CUP", ["goods_amount", "freight", "paid_amount"]].tolist() == [20, 20, 40]  # fmt: skip
    assert worded_in_both(found.quarantine)["remedy"].iloc[1:].str.contains("freight").all()


# --- money of an export in another currency (case 04) -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "column", "rows"),
    [
        ("单价(USD)", "unit_price", 1), ("货品总价($)", "goods_amount", 2), ("实付款(美元)", "paid_amount", 2), ("运费（欧元）", "freight", 2),
        ("美元单价", "unit_price", 1), ("涨价或折扣(US$)", "discount", 2),
    ],
)  # fmt: skip
def test_money_of_an_export_below_a_foreign_currency_is_refused(tmp_path, header, column, rows):
    cells = {"货品总价(元)": "40.00", "实付款(元)": "42.00", "运费(元)": "3.00", "涨价或折扣(元)": "-1.00"}
    lines = [
        order("1", "甲厂", **cells),
        line(货品标题="盘"),
        order("2", "甲厂", **cells | {"运费(元)": "", "涨价或折扣(元)": ""}),
    ]
    bare = header.translate({ord("（"): "(", ord("）"): ")"}).split("(")[0].removeprefix("美元") + "(元)"
    table = pd.DataFrame(lines)
    moved = table.rename(columns={bare: header})
    moved.loc[moved.index > 0 if rows == 1 else moved.index == 2, header] = ""
    moved.to_excel(tmp_path / "1688订单_2026-03.xlsx", index=False)
    told = known(tmp_path.resolve())
    codes = told.quarantine.query("code == 'foreign_currency'")
    assert codes["column"].tolist() == [column] * rows and codes["row"].tolist() == [2, 3][:rows]
    beside = table.assign(**{header: "9.99"})  # the column in yuan is the one that is read
    beside.to_excel(tmp_path / "1688订单_2026-03.xlsx", index=False)
    assert known(tmp_path.resolve()).quarantine.empty


# --- lines of an order (cases 16 and 17) ------------------------------------------------------------------------------


def test_case_16_a_second_parcel_is_no_second_line():
    told = known("16-second-parcel-row-doubles-line/split")
    assert told.tables["orders"][["quantity", "goods_amount", "paid_amount"]].to_numpy().tolist() == [[100, 250, 270]]
    assert told.accounting[["kept", "merged"]].to_numpy().tolist() == [[1, 1]] and told.remarks.empty


@pytest.mark.parametrize(
    ("total", "lines"),
    [("20.00", 1), ("40.00", 2), ("", 2), ("33.00", 2)],  # unless the total says one, two rows are two lines
)
def test_the_goods_total_decides_whether_a_repeated_row_is_a_parcel(tmp_path, total, lines):
    export(
        tmp_path,
        "1688订单_2026-03.xlsx",
        [order("1", "甲厂", 运单号="78", **{"货品总价(元)": total}), line(运单号="79")],
    )
    assert len(known(tmp_path.resolve()).tables["orders"]) == lines


@pytest.mark.parametrize(
    ("paid", "freight", "changed", "lines"),
    [("20.00", "", "", 1), ("23.00", "5.00", "-2.00", 1), ("40.00", "", "", 2), ("45.00", "5.00", "", 2), ("33.00", "", "", 2), ("", "", "", 2)],
)  # fmt: skip
def test_without_a_goods_total_the_payment_decides_whether_a_repeated_row_is_a_parcel(
    tmp_path, paid, freight, changed, lines
):
    told = {"货品总价(元)": "", "实付款(元)": paid, "运费(元)": freight, "涨价或折扣(元)": changed}
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂", 运单号="78", **told), line(运单号="79")])
    found = known(tmp_path.resolve()).tables["orders"]
    assert len(found) == lines and found["goods_amount"].sum() == 20 * lines


@pytest.mark.parametrize("day", ["2026-05-31", "2026-06-30"])
def test_case_17_an_inspection_stays_with_its_article_when_lines_change_places(day):
    told = known("17-line-order-changes-between-exports/swap", day)
    orders = told.tables["orders"].set_index("sku")
    assert orders["line_no"].to_dict() == {"A": 1, "B": 2} and orders["quantity"].to_dict() == {"A": 50, "B": 20}
    assert told.tables["inspections"][["line_no", "inspected", "defective"]].to_numpy().tolist() == [[1, 50, 10]]


def test_case_17_a_line_that_vanished_is_told_and_no_other_takes_its_place():
    may, june = (known("17-line-order-changes-between-exports/gone", day) for day in ("2026-05-31", "2026-06-30"))
    assert may.tables["orders"][["sku", "status"]].to_numpy().tolist() == [["A", "open"], ["B", "open"]]
    assert may.remarks.empty
    orders = june.tables["orders"]
    assert orders[["sku", "quantity", "status"]].to_numpy().tolist() == [["A", 50, "cancelled"], ["B", 20, "open"]]
    assert orders.loc[orders["status"] == "open", "goods_amount"].tolist() == [240]
    (gone,) = worded_in_both(june.remarks).to_dict("records")
    assert (gone["code"], gone["file"], gone["row"]) == ("line_vanished", "1688订单_2026-05.xlsx", 2)
    assert "(A)" in gone["reason"] and "1688订单_2026-06.xlsx" in gone["reason"]


def test_a_line_that_a_later_export_tells_wrongly_has_not_vanished(tmp_path):
    boxes = {"货号": "B", "数量": "2", "单价(元)": "9.00"}
    export(tmp_path, "1688订单_2026-05.xlsx", [order("1", "甲厂", 货号="A"), line(**boxes)])
    export(
        tmp_path, "1688订单_2026-06.xlsx", [order("1", "甲厂", 货号="A"), line(**boxes, 单位="箩筐")]
    )  # no known unit: refused
    told = known(tmp_path.resolve())
    assert told.tables["orders"]["status"].tolist() == ["open", "open"] and len(told.quarantine) == 1
    assert told.remarks.query("code == 'line_vanished'").empty


LINES = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=5)


@given(LINES, st.data())
def test_lines_keep_their_numbers_however_later_exports_list_them(lines, data):
    first = raw_export(lines, "2026-05-31")
    again = data.draw(st.permutations(lines))
    left_out = data.draw(st.integers(0, len(again) - 1))
    later = raw_export([*again[left_out:], ("NEW", 9, 9)], "2026-06-30")
    numbered = number_lines([later, first])  # files may come in any order
    one, other = numbered[1].frame, numbered[0].frame
    assert one["line_no"].tolist() == list(range(1, len(lines) + 1))
    assert other["line_no"].is_unique and other["line_no"].iloc[-1] == len(lines) + 1
    article = one.set_index("line_no")[["sku", "unit_price", "quantity"]]
    told = other.iloc[:-1].set_index("line_no")[["sku", "unit_price", "quantity"]]
    pd.testing.assert_frame_equal(article.loc[told.index], told)


def test_a_line_whose_price_was_negotiated_keeps_its_number():
    first, later = (
        raw_export([("A", 5, 50), ("B", 12, 20)], "2026-05-31"),
        raw_export([("B", 11, 20), ("A", 5, 50)], "2026-06-30"),
    )
    assert number_lines([first, later])[1].frame["line_no"].tolist() == [2, 1]


def two_lines() -> list[dict[str, str]]:
    return [order("1", "甲厂", 单品货号="盘", **{"单价(元)": "3.00", "数量": "40"}), line(单品货号="勺", **{"单价(元)": "8.00", "数量": "15"})]  # fmt: skip


def with_ledger(folder: Path, rows: list[dict[str, object]], listed: list[dict[str, str]], **sheets) -> Snapshot:
    """What an export of one order and a ledger of its rows tell."""
    export(folder, "1688订单_2026-03.xlsx", listed)
    same = {"order_id": listed[0]["订单编号"], "received_on": pd.NaT, "sku": None, "quantity": None}
    ledger = pd.DataFrame([same | row for row in rows])
    tables = {
        name: pd.DataFrame([{"order_id": same["order_id"]} | row for row in made]) for name, made in sheets.items()
    }
    write_ledger(folder / "台账.xlsx", {"orders": ledger, **tables})
    return known(folder.resolve())


@pytest.mark.parametrize(
    ("rows", "days"),
    [
        ([(1, "勺", 15, 9), (2, "盘", 40, 7)], {"盘": 7, "勺": 9}),
        ([(1, "勺", None, 9), (2, "盘", None, 7)], {"盘": 7, "勺": 9}),
        ([(1, None, 15, 9), (2, None, 40, 7)], {"盘": 7, "勺": 9}),
        ([(2, "盘", None, 7)], {"盘": 7}),
        ([(1, "勺", None, 9), (2, None, None, 7)], {"盘": 7, "勺": 9}),  # what is left
        ([(1, "盘", 40, 7), (2, "勺", 15, 9)], {"盘": 7, "勺": 9}),
        ([(1, "盘", 15, 7), (2, "勺", 15, 9)], {"盘": 7, "勺": 9}),  # a quantity that is wrong
        ([(1, None, None, 7), (2, None, None, 9)], {"盘": 7, "勺": 9}),
    ],
)
def test_a_ledgers_row_is_of_the_line_with_its_article_whatever_its_number(tmp_path, rows, days):
    told = with_ledger(
        tmp_path,
        [{"line_no": n, "sku": s, "quantity": q, "received_on": pd.Timestamp(2026, 4, d)} for n, s, q, d in rows],
        two_lines(),
    )
    orders = told.tables["orders"].set_index("sku")
    assert orders[["quantity", "unit_price"]].to_numpy().tolist() == [[40, 3.0], [15, 8.0]]
    assert orders["received_on"].dropna().dt.day.to_dict() == days
    moved = told.remarks.query("code == 'line_as_exported'")
    assert len(moved) == sum((("盘", "勺")[number - 1], day) not in days.items() for number, *_, day in rows)


def test_a_ledgers_article_that_no_line_has_names_its_line(tmp_path):
    listed = [order("1", "甲厂", 货品标题="花盘"), line(货品标题="长勺", 数量="15")]
    rows = [{"line_no": 1, "sku": "P-1", "quantity": 10}, {"line_no": 2, "sku": "S-1", "quantity": 15}]
    assert with_ledger(tmp_path, rows, listed).tables["orders"]["sku"].tolist() == ["P-1", "S-1"]


@pytest.mark.parametrize(
    ("number", "sku", "told"),
    [
        ("花盘", "P-1", []), ("P-1", "P-1", []), ("P-1", "", []),  # the platform's name gives way; the same; nothing said
        ("S-1", "P-1", ["ledger_sku_taken"]),  # the SKU of another article of the house
    ],
)  # fmt: skip
def test_a_ledger_that_gives_another_article_to_a_line_is_told(tmp_path, number, sku, told):
    listed = [order("1", "甲厂", 货号=number), order("2", "甲厂", 货号="别的", 数量="15")]
    export(tmp_path, "1688订单_2026-03.xlsx", listed)
    rows = [{"order_id": listed[0]["订单编号"], "sku": sku}, {"order_id": listed[1]["订单编号"], "sku": "S-1"}]
    write_ledger(
        tmp_path / "台账.xlsx", {"orders": pd.DataFrame(rows).assign(supplier=None, ordered_on=pd.NaT, quantity=None)}
    )
    found = known(tmp_path.resolve())
    assert found.tables["orders"]["sku"].tolist() == [sku or number, "S-1"]
    assert [code for code in found.remarks["code"] if code.startswith("ledger")] == told


def test_a_ledger_that_contradicts_the_sku_of_the_houses_own_list_is_told(tmp_path):
    write_table(
        tmp_path,
        "orders",
        [{"order_id": "PO-1", "supplier": "甲厂", "sku": "CUP", "ordered_on": "2026-03-01", "quantity": 5}],
    )
    rows = pd.DataFrame(
        {
            "order_id": ["PO-1"],
            "sku": ["PAN"],
            "supplier": ["甲厂"],
            "ordered_on": [pd.Timestamp("2026-03-01")],
            "quantity": [5],
        }
    )
    write_ledger(tmp_path / "台账.xlsx", {"orders": rows})
    told = worded_in_both(known(tmp_path.resolve()).remarks).query("code == 'ledger_sku_taken'")
    assert "PAN" in told["reason"].item() and "CUP" in told["reason_zh"].item()


def test_other_sheets_follow_a_ledger_that_lists_the_lines_in_another_order(tmp_path):
    rows = [{"line_no": 1, "sku": "勺", "quantity": 15}, {"line_no": 2, "sku": "盘", "quantity": 40}]
    came = [{"line_no": 1, "received_on": pd.Timestamp("2026-04-02"), "received_quantity": 15}]
    orders = with_ledger(tmp_path, rows, two_lines(), receipts=came).tables["orders"].set_index("sku")
    assert orders["status"].to_dict() == {"盘": "open", "勺": "received"}


@pytest.mark.parametrize("named", [{"line_no": 2}, {"sku": "勺"}])
def test_a_blank_quantity_of_the_ledger_is_that_of_its_own_line(tmp_path, named):
    told = with_ledger(tmp_path, [{"need": "X", **named}], two_lines())
    assert told.remarks.query("code == 'ledger_differs'").empty and told.quarantine.empty
    assert told.tables["orders"]["quantity"].tolist() == [40, 15]


def raw_export(lines: list[tuple[str, int, int]], day: str) -> RawTable:
    """An export of one order: (SKU, price, quantity) of each line."""
    frame = pd.DataFrame(lines, columns=["sku", "unit_price", "quantity"], dtype=object)
    frame = frame.assign(order_id="1", line_no=range(1, len(lines) + 1))
    return RawTable("orders", frame, f"{day}.xlsx", known_on=pd.Timestamp(day), export=True)


# --- categories (case 42) and hidden sheets (case 29) -----------------------------------------------------------------


def test_case_42_a_sku_is_in_the_newest_category_and_the_rows_that_differ_are_named():
    told = known("42-category-spelled-two-ways/spelled", "2026-10-31")
    orders = told.tables["orders"]
    assert len(orders[["sku", "category"]].drop_duplicates()) == orders["sku"].nunique()
    assert orders.query("sku == 'CJ-漏勺-304'")["category"].unique().tolist() == ["厨具"]
    odd = worded_in_both(told.remarks).query("code == 'category_differs'")
    assert set(odd["sheet"]) == {"订单"} and len(odd) == 7  # the rows of the ledger, where the word stands
    (spoon,) = odd[odd["reason_zh"].str.contains("漏勺")]["reason_zh"]
    assert "厨房用具" in spoon and "“厨具”" in spoon and "采购台账.xlsx 第" in spoon


def test_case_42_a_category_told_once_holds_for_all_orders_of_the_sku():
    told = known("42-category-spelled-two-ways/smallest", "2026-10-31")
    assert told.tables["orders"]["category"].tolist() == ["kitchen", "kitchen"] and told.remarks.empty


@pytest.mark.parametrize("word", ["待定", "未定", "TBD", "?", "？", "-", "n/a", "未分类", "to be confirmed"])
def test_a_name_nobody_knows_yet_is_blank(tmp_path, word):
    rows = [
        {"order_id": "PO-1", "supplier": "甲厂", "sku": "CUP", "category": "杯", "ordered_on": "2026-03-01"},
        {"order_id": "PO-2", "supplier": "甲厂", "sku": "CUP", "category": word, "ordered_on": "2026-03-05"},
        {"order_id": "PO-3", "supplier": "甲厂", "sku": word, "category": word, "ordered_on": "2026-03-06"},
        {"order_id": "PO-4", "supplier": word, "sku": "CUP", "category": "杯", "ordered_on": "2026-03-07"},
    ]
    told = orders_of(tmp_path, rows)
    orders = told.tables["orders"].set_index("order_id")
    assert orders["category"].fillna("").to_dict() == {"PO-1": "杯", "PO-2": "杯", "PO-3": ""}
    assert orders["sku"].fillna("").tolist() == ["CUP", "CUP", ""] and told.remarks.empty
    assert told.quarantine[["row", "column", "code"]].to_numpy().tolist() == [[5, "supplier", "required_missing"]]


def test_a_supplier_nobody_knew_yet_is_that_of_the_export(tmp_path):
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂", 货号="A100")])
    number = order("1", "")["订单编号"]
    write_ledger(tmp_path / "台账.xlsx", {"orders": pd.DataFrame({"order_id": [number], "supplier": ["待定"], "sku": ["待定"], "category": ["杯"], "ordered_on": [pd.NaT], "quantity": [None]})})  # fmt: skip
    told = known(tmp_path.resolve())
    (row,) = told.tables["orders"][["supplier", "sku", "category"]].to_numpy().tolist()
    assert row == ["甲厂", "A100", "杯"] and told.quarantine.empty


def test_the_category_of_the_sheet_of_articles_counts_before_the_orders(tmp_path):
    orders_of(tmp_path, [{"sku": "K1", "category": "厨具"}, {"sku": "K1", "order_id": "PO-2"}])
    articles = pd.DataFrame({"sku": ["K1"], "category": ["厨房"]})
    write_ledger(tmp_path / "台账.xlsx", {"articles": articles, "risks": pd.DataFrame()})
    told = known(tmp_path.resolve())
    assert told.tables["orders"]["category"].tolist() == ["厨房", "厨房"]
    assert told.remarks.query("code == 'category_of_article'")["row"].tolist() == [2]


def test_case_29_a_hidden_older_sheet_does_not_count():
    told = known("29-wrong-hidden-older-sheet-first", "2026-06-30")
    assert told.tables["orders"]["quantity"].tolist() == [50, 20, 50]
    assert set(told.accounting["sheet"]) == {"sheet1"}
    assert told.remarks[["sheet", "code"]].to_numpy().tolist() == [["旧", "sheet_hidden"]]


@pytest.mark.parametrize(("hidden", "pieces"), [((), [50, 7]), (("旧",), [50]), (("旧", "新"), [50, 7])])
def test_a_hidden_sheet_is_read_when_no_visible_one_tells_the_same(tmp_path, hidden, pieces):
    old = pd.DataFrame(
        [["1", "甲厂", "2026-03-02", 40], ["2", "甲厂", "2026-03-02", 7]],
        columns=["订单编号", "供应商", "下单日期", "数量"],
    )
    with pd.ExcelWriter(tmp_path / "采购.xlsx") as book:
        old.to_excel(book, sheet_name="旧", index=False)
        old.head(1).replace(40, 50).to_excel(book, sheet_name="新", index=False)
        pd.DataFrame({"备注": ["x"]}).to_excel(book, sheet_name="说明", index=False)
        for name in hidden:
            book.sheets[name].sheet_state = "hidden"
    told = check_files([tmp_path / "采购.xlsx"])
    assert sorted(told.tables["orders"]["quantity"]) == sorted(pieces)


# --- cells that hold something and no value (case 12) -----------------------------------------------------------------


def test_case_12_unread_arrivals_are_told_by_cell_and_nothing_is_concluded_from_them():
    told = known("12-error-cells-and-uncached-formulas/errors", "2026-04-30")
    orders = told.tables["orders"]
    mine = orders[orders["supplier"] == "甲厂"]
    assert mine["status"].tolist() == ["unknown"] * 4 and mine["received_on"].isna().all()
    cells = told.remarks[["row", "column", "code"]].to_numpy().tolist()
    assert cells == [
        [row, "received_on", code]
        for row, code in ((3, "cell_error"), (5, "cell_error"), (7, "formula_not_stored"), (9, "formula_not_stored"))
    ]
    words = worded_in_both(told.remarks)
    for row, reason, zh in zip((3, 5, 7, 9), words["reason"], words["reason_zh"]):
        assert f"Cell L{row} " in reason and f"L{row}" in zh
    assert told.accounting[["kept", "quarantined", "merged"]].sum().tolist() == [8 + 8 + 4, 0, 8]
    limits = tolerances(rules_in_force("example", "2026-04"))
    claims = reconcile(told.tables, told.as_of, limits)
    assert claims[(claims["supplier"] == "甲厂") & (claims["difference"] > 0)].empty  # it delivered everything


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"])
def test_an_error_is_no_blank_in_any_column_of_a_text(tmp_path, error):
    told = orders_of(
        tmp_path,
        [
            {"order_id": f"PO-{name}", name: error}
            for name in ("paid_amount", "received_on", "category", "status", "sku")
        ],
    )
    assert len(told.tables["orders"]) == 5 and told.quarantine.empty
    assert told.remarks["code"].tolist() == ["cell_error"] * 5
    assert told.tables["orders"].set_index("order_id")["status"].to_dict()["PO-received_on"] == "unknown"
    assert told.tables["orders"].set_index("order_id")["status"].to_dict()["PO-paid_amount"] == "open"


@pytest.mark.parametrize(
    "error", ["#NV", "#WERT!", "#BEZUG!", "#VALEUR!", "#¡VALOR!", "#N/D", "#名称?", "Err:508", "Error 2015", "#REF!"]
)
def test_an_error_of_a_spreadsheet_in_any_language_is_no_day(tmp_path, error):
    """A code that only looks like one is none."""
    told = orders_of(
        tmp_path,
        [{"received_on": error, "sku": "Err"}, {"order_id": "PO-2", "sku": "#12A", "received_on": "2026-03-09"}],
    )
    assert told.tables["orders"][["sku", "status"]].to_numpy().tolist() == [["Err", "unknown"], ["#12A", "received"]]
    assert told.remarks["code"].tolist() == ["cell_error"]


def test_an_error_in_a_cell_that_must_be_filled_refuses_the_row_by_its_address(tmp_path):
    book = openpyxl.Workbook()
    page = book.active
    page.append(["订单编号", "供应商", "下单日期", "数量"])
    for number, quantity in enumerate(["=1/0", "=5*2", 10], start=1):
        page.append([f"PO-{number}", "甲厂", "2026-03-02", quantity])
    page.append(["=A9", "=B9", "=C9", "=D9"])  # copied down below the data
    book.save(tmp_path / "采购.xlsx")
    told = known(tmp_path.resolve())
    assert told.tables["orders"]["order_id"].tolist() == ["PO-3"]
    assert told.quarantine[["row", "code"]].to_numpy().tolist() == [
        [2, "formula_not_stored"],
        [3, "formula_not_stored"],
    ]
    words = worded_in_both(told.quarantine)
    assert "D2" in words["reason"].iloc[0] and "D3" in words["reason_zh"].iloc[1]


def test_a_status_is_believed_before_an_arrival_nobody_can_read(tmp_path):
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂"), order("2", "甲厂")])
    rows = pd.DataFrame({"order_id": ["360000000000000001", "360000000000000002"], "category": ["cup", "cup"]})
    write_ledger(tmp_path / "台账.xlsx", {"orders": rows.assign(received_on=["#N/A", None]), "risks": pd.DataFrame()})
    assert known(tmp_path.resolve()).tables["orders"]["status"].tolist() == ["unknown", "open"]


def test_an_error_where_an_article_is_named_gives_way_to_the_next_number(tmp_path):
    export(tmp_path, "1688订单_2026-03.xlsx", [order("1", "甲厂", 单品货号="#N/A", 货号="T-1")])
    told = known(tmp_path.resolve())
    assert told.tables["orders"]["sku"].tolist() == ["T-1"]
    assert told.remarks[["column", "code"]].to_numpy().tolist() == [["sku", "cell_error"]] and "AB2" in worded(
        told.remarks["reason"].iloc[0]
    )


HEADERS = (Path(__file__).parent / "data" / "1688_headers_49.txt").read_text(encoding="utf-8").split("\n")


def order(number: str, company: str, **cells: str) -> dict[str, str]:
    """The first row of an order of an export, 10 pieces at 2.00."""
    told = {
        "订单编号": f"36000000000000{number:0>4}",
        "卖家公司名": company,
        "订单状态": "等待买家收货",
        "订单创建时间": "2026-03-02 10:00:00",
    }
    return line(**told | cells)


def line(**cells: str) -> dict[str, str]:
    """A further product line of the order above."""
    return {"货品标题": "杯", "单价(元)": "2.00", "数量": "10"} | cells


def export(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    headers = [header for header in HEADERS if header]
    pd.DataFrame([[row.get(header, "") for header in headers] for row in rows], columns=headers).to_excel(
        folder / name, index=False
    )
