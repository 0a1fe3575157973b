"""`analysis check` says what a review will do: its refusals, causes before effects, equal remarks once."""

import re

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from analysis.check_command import checked
from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.month import open_month
from analysis.sources.ledger import write_ledger
from analysis.sources.pack import SHEETS, title_of

DAYS = pd.date_range("2026-08-03", periods=12, freq="6D")
ORDERS = pd.DataFrame(
    {
        "order_id": [f"{number}" for number in range(1, 13)], "supplier": ["Ada", "Bao", "Chen"] * 4, "sku": "x",
        "ordered_on": DAYS, "received_on": DAYS + pd.Timedelta(days=9), "quantity": 20, "unit_price": 2.0,
    }
)  # fmt: skip
INSPECTIONS = ORDERS[["order_id"]].assign(inspected_on=ORDERS["received_on"], inspected=20, defective=1)


@pytest.fixture
def mine(tmp_path):
    """The folder of a source with a ledger of 12 orders and their inspections, the last arrival on 17 October 2026."""
    folder = tmp_path / "mine"
    folder.mkdir()
    write_ledger(folder / "ledger.xlsx", {"orders": ORDERS, "inspections": INSPECTIONS})
    return folder


def edited(folder, change):
    book = load_workbook(folder / "ledger.xlsx")
    change(book)
    book.save(folder / "ledger.xlsx")


def renamed(sheet, old, new):
    def change(book):
        for cell in book[sheet][2]:
            if str(cell.value).startswith(old):
                cell.value = new

    return change


def check(*words):
    return main(["check", *map(str, words), "--lang", "en"])


def test_a_clean_source_is_all_right(mine, capsys):
    assert check(mine) == 0
    said = capsys.readouterr()
    assert said.out.rstrip().endswith("Every row can be used.") and said.err == ""
    assert check(mine / "ledger.xlsx", "--month", "2026-09") == 0, "all files of a folder are the source"


def test_an_unknown_column_stands_before_the_rows_that_suffer_and_these_are_one_line(mine, capsys):
    edited(mine, renamed("收货验货", "检验数量", "inspectd"))
    assert check(mine) == 1
    said = capsys.readouterr()
    cause = said.out.index("The column inspectd is not known and was not read, and a column inspected is missing.")
    effects = re.findall(r"^  3, 4, 5, 6, 7 \.\.\. \(12 rows\): .*$", said.out, re.M)
    assert len(effects) == 1, "twelve inspections that say nothing, told once"
    assert cause < said.out.index(effects[0])
    assert "only a DRAFT: 12 of 24 rows" in said.err


def test_a_sheet_that_was_not_read_is_not_praised(mine, capsys):
    edited(mine, lambda book: setattr(book["收货验货"], "title", "收货验货表"))
    assert check(mine) == 0
    said = capsys.readouterr().out
    assert "Every row can be used" not in said
    assert "Every row that was read can be used; sheets that were not read (1) are named above." in said
    assert "such as 收货验货." in said
    assert "已读取的行均可使用；另有 1 个工作表未读取" in checked([mine], "zh")[0]


@pytest.mark.parametrize("month", ["2030-01", "2026-07"])
def test_a_month_that_a_review_refuses_is_refused_with_its_sentence(mine, month, capsys):
    with pytest.raises(AnalysisError) as refused:
        open_month("mine", month, mine.parent).load()
    assert check(mine, "--month", month) == 1
    assert capsys.readouterr().err.strip() == refused.value.text("en")


def test_a_source_without_orders_is_refused_with_the_sentence_of_a_review(mine, capsys):
    write_ledger(mine / "ledger.xlsx", {"inspections": INSPECTIONS})
    with pytest.raises(AnalysisError) as refused:
        open_month("mine", "2026-10", mine.parent).load()
    assert check(mine) == 1
    assert capsys.readouterr().err.strip() == refused.value.text("en")


def test_a_currency_without_rate_stops_a_check_as_it_stops_a_review(mine, capsys):
    quotes = pd.DataFrame(
        {"quote_id": ["q"], "supplier": ["Ada"], "sku": ["x"], "quoted_on": [DAYS[0]], "min_quantity": [10], "unit_price": [2.0]}
    )  # fmt: skip
    write_ledger(mine / "ledger.xlsx", {"orders": ORDERS, "inspections": INSPECTIONS, "quotes": quotes})
    (mine / "source.toml").write_text('currency = "ZZZ"\n', encoding="utf-8")
    assert check(mine) == 1
    assert "ZZZ" in capsys.readouterr().err


def test_a_slip_of_the_pen_in_a_far_year_does_not_choose_the_month(mine, capsys):
    late = ORDERS.assign(
        received_on=ORDERS["received_on"].where(ORDERS["order_id"] != "12", pd.Timestamp("2099-05-17"))
    )
    write_ledger(mine / "ledger.xlsx", {"orders": late, "inspections": INSPECTIONS})
    assert check(mine) == 0
    assert capsys.readouterr().err == ""


def test_the_last_month_that_the_source_allows_is_the_one_that_would_be_reviewed(mine, capsys):
    (mine / "source.toml").write_text('last_month = "2026-09"\n', encoding="utf-8")
    assert check(mine) == 0, capsys.readouterr().err


@pytest.mark.parametrize(("language", "said"), [("en", "carried on to the next templates"), ("zh", "由下次模板包沿用")])
def test_a_pack_of_templates_put_back_is_told_of(mine, tmp_path, language, said):
    """Also where nothing was filled in, so that no row of a table tells of it."""
    book = Workbook()
    for sheet in SHEETS:
        book.create_sheet(title_of(sheet))["A1"] = title_of(sheet)
    book.save(tmp_path / "模板包.xlsx")
    text, refused = checked([mine / "ledger.xlsx", tmp_path / "模板包.xlsx"], language)
    assert text.startswith("模板包.xlsx") and said in text and not refused


def test_a_file_that_is_not_there_is_named_whatever_its_folder(tmp_path, monkeypatch):
    def not_to_be_read(folder):
        raise PermissionError(folder)

    monkeypatch.setattr("analysis.check_command.data_files", not_to_be_read)
    text, [error] = checked([tmp_path / "none.xlsx"], "en")
    assert not text and str(error) == "none.xlsx does not exist: check the name and the folder."
    (tmp_path / "orders.csv").write_text(
        "order_id,supplier,ordered_on,quantity\n1,Ada,2026-03-01,5\n", encoding="utf-8"
    )
    assert "Every row can be used" in checked([tmp_path / "orders.csv"], "en")[0]


def test_rows_are_not_called_usable_where_a_review_stops(tmp_path):
    (tmp_path / "orders.csv").write_text(
        "order_id,supplier,ordered_on,quantity\n1,Ada,2026-03-01,5\n", encoding="utf-8"
    )
    (tmp_path / "demand.csv").write_text("sku,price\ncup,5\n", encoding="utf-8")
    text, [error] = checked([tmp_path], "en")
    assert "month" in str(error) and "orders.csv" in text and "Every row can be used" not in text
