"""Days as people write them, each alone and by what the rest of their column says; words where a day would stand."""

import pandas as pd
import pytest
from given_files import read

from analysis.sources.cell_dates import read_dates

HEAD = ["order_id", "supplier", "sku", "ordered_on", "received_on", "quantity", "unit_price"]


def orders(folder, days, column="ordered_on"):
    """Orders with these days in one column."""
    made = [{"ordered_on": "2026-03-02", "received_on": ""} | {column: day} for day in days]
    rows = [[f"A{n}", "Bao", "cup", row["ordered_on"], row["received_on"], 10, 2.5] for n, row in enumerate(made)]
    return read(folder, orders=(HEAD, *rows))


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("2026年3月5号", "2026-03-05 00:00"), ("2026.03.05号", "2026-03-05 00:00"), ("2026-3-5（星期四）", "2026-03-05 00:00"), ("2026/3/5 周四 14:30", "2026-03-05 14:30"),
        ("Thursday 2026-03-05", "2026-03-05 00:00"), ("2026-03-05 上午9点", "2026-03-05 09:00"), ("2026年3月5日 晚上", None), ("2026-03-05 21时", "2026-03-05 21:00"),
        ("2026年3月份", "2026-03-01 00:00"), ("26年3月5日", "2026-03-05 00:00"), ("126年3月5日", None), ("2026-03-05 25点", None), ("周四", None),
    ],
)  # fmt: skip
def test_a_day_is_read_with_what_people_write_beside_it(cell, found):
    [moment] = read_dates(pd.Series([cell], dtype=object), moments=True, months=True).values
    assert (f"{moment:%Y-%m-%d %H:%M}" if pd.notna(moment) else None) == found


@pytest.mark.parametrize(
    ("cells", "days", "told"),
    [
        (["5/3/2026", "25/3/2026"], ["03-05", "03-25"], "days_first"), (["3-5-2026", "3-25-2026"], ["03-05", "03-25"], "months_first"),
        (["05.03.2026", "31.03.2026 10:30", "2026-04-01"], ["03-05", "03-31", "04-01"], "days_first"),
        (["26-3-5", "26-3-25"], ["03-05", "03-25"], "years_short"), (["26.3.5", "26.03.09"], ["03-05", "03-09"], "years_short"),
        (["5/3/2026", "6/3/2026"], [], None), (["25/3/2026", "3/25/2026"], [], None), (["26-3-25", "26-3-28"], [], None), (["26-3-5", "5-3-26"], [], None),
    ],
)  # fmt: skip
def test_a_column_of_days_is_read_in_the_order_that_one_of_them_tells(tmp_path, cells, days, told):
    """5 March may be 3 May: where nothing else says which, the row is refused and told how to name the order."""
    known = orders(tmp_path, cells)
    assert [f"{day:%m-%d}" for day in known.tables["orders"]["ordered_on"]] == days
    assert known.remarks["code"].tolist() == ([told] if told else [])
    assert set(known.quarantine["code"]) == (set() if told else {"not_a_date"})
    assert told or "date_formats" in known.quarantine["remedy"].iloc[0] or known.quarantine["remedy"].iloc[0]


@pytest.mark.parametrize(
    ("cell", "status", "told"),
    [
        ("预计4月中旬到", "open", "still_to_come"), ("预计2026-04-05", "open", "still_to_come"), ("包裹丢失", "open", "still_to_come"), ("ETA 4/20", "open", "still_to_come"),
        (0, "open", "still_to_come"), ("1900-01-00", "open", "still_to_come"), ("派送中", "open", None), ("在路上", "open", None),
        ("已签收", "unknown", "came_sometime"), ("收到", "unknown", "came_sometime"), ("Received", "unknown", "came_sometime"), ("2026-03-05", "received", None),
    ],
)  # fmt: skip
def test_words_in_place_of_an_arrival_keep_their_order(tmp_path, cell, status, told):
    known = orders(tmp_path, [cell, "2026-03-09"], "received_on")
    assert known.tables["orders"]["status"].tolist() == [status, "received"] and known.quarantine.empty
    assert known.remarks["code"].tolist() == ([told] if told else [])


def test_what_is_as_above_is_what_stands_there(tmp_path):
    rows = [["A1", "Bao", "cup", "2026-03-02", "2026-03-09", 10, 2.5], ["A2", "同上", "pan", "〃", "同上", 20, "同上"], ["A3", "Hui", "lid", "2026-03-04", "", 5, 1]]  # fmt: skip
    known = read(tmp_path, orders=(HEAD, *rows))
    line = known.tables["orders"].set_index("order_id").loc["A2"]
    assert [line["supplier"], f"{line['ordered_on']:%m-%d}", f"{line['received_on']:%m-%d}", line["unit_price"]] == ["Bao", "03-02", "03-09", 2.5]  # fmt: skip
    assert known.remarks["code"].tolist() == ["as_above"] and known.quarantine.empty


@pytest.mark.parametrize("word", ["没有回复", "待回复", "No answer", "暂未回复", ""])
def test_an_inquiry_that_nobody_answered_is_unanswered(tmp_path, word):
    head = ["supplier", "询价时间", "回复时间"]
    known = read(
        tmp_path, inquiries=(head, ["Bao", "2026-03-02 09:00", word], ["Hui", "2026-03-02 09:00", "2026-03-02 10:00"])
    )
    assert known.tables["inquiries"]["replied_at"].isna().tolist() == [True, False] and known.quarantine.empty
