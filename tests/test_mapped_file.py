"""Any table file by the map in source.toml."""

import re

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analysis.errors import SourceError
from analysis.reporting.sentences import worded_in_both
from analysis.sources.as_of import END_OF_TIME
from analysis.sources.conform import conform
from analysis.sources.load import check_files, load_source
from analysis.sources.mapped_file import read_mapped
from analysis.sources.opening import Sheet
from analysis.sources.source_map import ColumnMap, FileMap, SharedCharge, read_source_map

MAP = r"""
title_en = "Shipments"
title_zh = "发货"
currency = "USD"
note_en = "a note"

[[file]]
name = "lines*.csv"
table = "orders"
date_formats = ["%d.%m.%Y"]
missing = ["not captured"]

[file.columns]
order_id = "PO"
line_no = "ID"
supplier = ["Maker", "Vendor"]
sku = "Item"
stage = { always = "bulk" }
ordered_on = "Sent"
received_on = "Arrived"
quantity = { header = "Dozens", times = 12 }
goods_amount = "Value"
freight = "Freight"
transport_mode = "Mode"

[file.words.transport_mode]
"Barge" = "sea"

[[file.exclude]]
column = "Via"
values = ["Own store"]
reason_en = "from our own store"
reason_zh = "自有仓库发出"

[file.shared_charge]
column = "freight"
pointer = 'ID (\d+)'
target = "ID"
weights = "goods_amount"
"""
LINES = """Vendor,PO,ID,Item,Sent,Arrived,Dozens,Value,Freight,Mode,Via,Phone
V,P1,1,X,05.01.2026,20.01.2026,2,300,10.00,Barge,Drop,123
V,P1,2,Y,05.01.2026,not captured,1,100,see ID 1,Air,Drop,456
V,P2,3,Y,06.01.2026,21.01.2026,1.5,100,see ID 4,Air,Drop,456
V,P2,4,Y,06.01.2026,21.01.2026,1,100,billed apart,Air,Own store,456
V,P2,5,Y,06.01.2026,21.01.2026,1,100,see ID 99,Air,Own store,456
"""


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "s"
    path.mkdir()
    (path / "source.toml").write_text(MAP, encoding="utf-8")
    (path / "lines.csv").write_text(LINES)
    return path


def test_a_map_is_all_that_a_file_needs(folder):
    known = load_source(folder).known(END_OF_TIME)
    orders = known.tables["orders"].set_index("line_no")
    assert (
        orders.loc[1, "transport_mode"] == "sea" and orders.loc[1, "quantity"] == 24 and orders.loc[3, "quantity"] == 18
    )
    assert set(orders["stage"]) == {"bulk"} and set(orders["supplier"]) == {"V"}
    assert orders.loc[[1, 2], "freight"].tolist() == [7.5, 2.5]  # 10.00 by value 300 : 100
    assert pd.isna(orders.loc[3, "freight"])
    assert orders["status"].tolist() == ["received", "open", "received"]
    assert (known.info.title, known.info.currency, known.info.note["zh"]) == (
        {"en": "Shipments", "zh": "发货"},
        "USD",
        "a note",
    )


def test_excluded_rows_give_the_maps_reason(folder):
    known = load_source(folder).known(END_OF_TIME)
    assert worded_in_both(known.quarantine)[["row", "code", "reason", "reason_zh"]].values.tolist() == [
        [5, "excluded_by_map", "from our own store", "自有仓库发出"],
        [6, "excluded_by_map", "from our own store", "自有仓库发出"],
    ]
    assert known.remarks[["row", "code"]].values.tolist() == [[4, "shared_charge_bare"]]
    assert known.accounting.iloc[0][["rows_in", "kept", "quarantined", "later"]].tolist() == [5, 3, 2, 0]
    early = load_source(folder).known(pd.Timestamp("2026-01-05")).accounting.iloc[0]
    assert early[["rows_in", "kept", "quarantined", "later"]].tolist() == [2, 2, 0, 3]


def test_columns_that_are_not_mapped_are_never_read(folder):
    how = read_source_map(folder).files[0]
    cells = [row.split(",") for row in LINES.splitlines()]
    reading = read_mapped("lines.csv", [Sheet("", cells)], how)
    frames = [raw.frame for raw in (*reading.raws, *reading.excluded)]
    assert not any(frame.isin(["123", "456"]).any().any() for frame in frames)


def test_a_check_of_the_file_uses_the_map_beside_it(folder):
    assert check_files([folder / "lines.csv"]).accounting.iloc[0]["kept"] == 3


BROKEN = [
    ('currency = "USD"', 'curency = "USD"', r"there is no curency; did you mean currency\?"),
    ('missing = ["not captured"]', 'mising = ["x"]', r"\[\[file\]\]: there is no mising; did you mean missing"),
    ('sku = "Item"', 'skus = "Item"', r"there is no skus; did you mean sku\?"),
    ('table = "orders"', 'table = "order"', r"there is no order; did you mean orders\?"),
    (
        'ordered_on = "Sent"',
        'ordered_on = "Sended"',
        r"lines.csv has no header Sended that source.toml names for ordered_on; nearest: Sent",
    ),
    ('column = "Via"', 'column = "Vai"', "has no header Vai"),
    (
        'name = "lines*.csv"',
        'name = "rows.csv"',
        r'no file in the folder matches the name "rows.csv". Files there: lines.csv',
    ),
    ('table = "orders"', 'table = "orders"\nsheet = "Sheet9"', "has no sheet Sheet9"),
    ("times = 12", 'times = "12"', r"quantity.times is 12; expected: a number above 0"),
    (r"'ID (\d+)'", r"'ID \d+'", "pointer is"),
    ('reason_en = "from our own store"', "", r"\[\[file.exclude\]\]: the entry reason_en is missing"),
    ('title_zh = "发货"', "title_zh = 发货", "source.toml cannot be read"),
    ('currency = "USD"', 'currency = "USD"\nlast_month = "June 2014"', 'last_month is June 2014; expected: "2013-06"'),
    ('order_id = "PO"', "", "lacks the required columns order_id"),
]


@pytest.mark.parametrize(("old", "new", "message"), BROKEN)
def test_a_wrong_map_is_told_in_one_sentence(folder, old, new, message):
    assert old in MAP
    (folder / "source.toml").write_text(MAP.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SourceError, match=message) as told:
        load_source(folder)
    assert told.value.text("zh")


def test_a_source_without_a_map_has_its_folders_name(tmp_path):
    assert read_source_map(tmp_path).info.title["zh"] == tmp_path.name


CHARGES = FileMap("*", "orders", {"order_id": ColumnMap(("id",)), "supplier": ColumnMap(always="S"), "ordered_on": ColumnMap(always="2026-01-05"),
                                  "quantity": ColumnMap(always=1), "goods_amount": ColumnMap(("value",)), "freight": ColumnMap(("freight",))},
                  shared_charge=SharedCharge("freight", re.compile(r"#(\d+)"), "id", "goods_amount"))  # fmt: skip


@settings(max_examples=40, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 500), st.one_of(st.integers(0, 10**6).map(lambda fen: fen / 100), st.integers(0, 12).map(lambda i: f"see #{i}"))), min_size=1, max_size=12))  # fmt: skip
def test_shared_charges_balance_whatever_points_where(rows):
    cells = [["id", "value", "freight"], *([str(place), value, freight] for place, (value, freight) in enumerate(rows))]
    reading = read_mapped("f.csv", [Sheet("", cells)], CHARGES)
    table = conform(reading.raws[0]).table
    held = sum(freight for _, freight in rows if not isinstance(freight, str))
    assert table["freight"].sum() == pytest.approx(held, abs=1e-6)
    pointing = {place: int(freight[5:]) for place, (_, freight) in enumerate(rows) if isinstance(freight, str)}
    bare = {place + 2 for place, to in pointing.items() if to >= len(rows) or to in pointing}
    assert set(reading.remarks["row"]) == bare
